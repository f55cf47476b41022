"""Companies by the short names that people use: found in the names of employers.

Whoever works at a 美团 station knows 美团. Such a name is evidence for a keyword that names the company; it
says nothing of an occupation, as companies have people of all kinds.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from engine.matching.text.latin import is_whole
from engine.matching.text.normalise import normalise

MAX_NAME_CHARS = 60
"""Characters of an employer's name that are read."""


class Companies:
    """Short names of companies. It does not change, so threads may share it."""

    def __init__(self, names: Iterable[str]) -> None:
        # The longest first: 京东方 is not 京东. Without any names it finds nothing.
        ordered = sorted(filter(None, map(normalise, names)), key=lambda name: (-len(name), name))
        self._name = re.compile("|".join(map(re.escape, ordered)) or "(?!)")

    def find(self, employer: object) -> tuple[str, ...]:
        """The short names in the name of an employer, normalised, in its order."""
        text = normalise(employer, MAX_NAME_CHARS)
        return tuple(
            name[0] for name in self._name.finditer(text) if is_whole(text, name.start(), name.end())
        )
