"""The labels a resume carries in lists: class of school, degree, major, class of company."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from typing import Protocol

from engine.experience import DEGREE_NAMES
from engine.text import as_text, normalise

MAX_TAG_CHARS = 20
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


def tags(
    education: Iterable[Mapping[object, object]],
    kinds: Iterable[str],
    degrees: Iterable[int],
    works: Iterable[Mapping[object, object]],
) -> tuple[str, ...]:
    """The tags of a resume, each once: school classes, the highest degree, its major, company classes.

    Args:
        education: The entries.
        kinds: The class of the school of each.
        degrees: The rank of the degree of each.
        works: Past works.
    """
    found: dict[str, None] = {}
    best, major = 0, ""
    for entry, kind, rank in zip(education, kinds, degrees, strict=True):
        if kind:
            found[kind] = None
        if rank > best or not major:
            best, major = max(rank, best), as_text(entry.get("major")).strip()[:MAX_TAG_CHARS] or major
    if best:
        found[DEGREE_NAMES[best]] = None
    if major and major != "无":
        found[major] = None
    for work in works:
        kind = as_text(work.get("company_category")).strip()[:MAX_TAG_CHARS]
        if kind:
            found[kind] = None
    return tuple(found)
