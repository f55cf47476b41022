"""Schools by name, and their class."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from typing import Protocol

from engine.matching.text.normalise import normalise

ABROAD = "海外"
CLASSES = ("985", "211", ABROAD)
_FOREIGN = ("university", "college", "institute", "school")


class SchoolRow(Protocol):
    """A school and its class."""

    @property
    def name(self) -> str:
        """Full name."""

    @property
    def aliases(self) -> Iterable[str]:
        """Short names."""

    @property
    def kind(self) -> str:
        """`985`, `211` or `海外`."""


class Schools:
    """Schools by name.

    Attributes:
        revision: Changes whenever a row does.
    """

    def __init__(self, rows: Iterable[SchoolRow]) -> None:
        self._kinds: dict[str, str] = {}
        for row in rows:
            for name in (row.name, *row.aliases):
                self._kinds.setdefault(normalise(name).replace(" ", ""), row.kind)
        self.revision = hashlib.sha256(repr(sorted(self._kinds.items())).encode()).hexdigest()[:16]

    def kind(self, name: object) -> str:
        """`985`, `211`, `海外`, or empty. A name in Latin letters that says it is a university is abroad."""
        text = normalise(name, 80)
        found = self._kinds.get(text.replace(" ", ""))
        if found:
            return found
        return ABROAD if text.isascii() and any(word in text for word in _FOREIGN) else ""
