"""Schools by name, and their class: 985, 211, or abroad."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable

from engine.matching.lexicon.rows import SchoolRow
from engine.matching.text.normalise import normalise

ABROAD = "海外"
CLASSES = ("985", "211", ABROAD)
"""The classes that a feed can prefer."""
MAX_NAME_CHARS = 80
"""Characters of a school's name that are read; English names are long."""
_FOREIGN = ("university", "college", "institute", "school")


class Schools:
    """Schools by name.

    Attributes:
        revision: Changes whenever a row does.
    """

    def __init__(self, rows: Iterable[SchoolRow]) -> None:
        self._kinds: dict[str, str] = {}
        for row in rows:
            for name in (row.name, *row.aliases):
                self._kinds.setdefault(normalise(name).replace(" ", ""), row.classes[0])
        self.revision = hashlib.sha256(repr(sorted(self._kinds.items())).encode()).hexdigest()[:16]

    def kind(self, name: object) -> str:
        """The class of a school, or empty. A university with a Latin name is taken to be abroad."""
        text = normalise(name, MAX_NAME_CHARS)
        found = self._kinds.get(text.replace(" ", ""))
        if found:
            return found
        return ABROAD if text.isascii() and any(word in text for word in _FOREIGN) else ""
