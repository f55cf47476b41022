"""The labels of a resume in lists: class of school, degree, major, class of company."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from operator import attrgetter

from engine.matching.lexicon.degrees import Schooling
from engine.matching.text.normalise import as_text

MAX_TAG_CHARS = 20
"""Characters of a major or a company's class that a list shows."""

_RANK = attrgetter("rank")


def tags(
    education: Iterable[Mapping[object, object]],
    kinds: Iterable[str],
    schooling: Iterable[Schooling],
    works: Iterable[Mapping[object, object]],
) -> tuple[str, ...]:
    """The tags of a resume, each once: school classes, the highest degree, its major, company classes."""
    found: dict[str, None] = {}
    best, major = Schooling(0, 0, ""), ""
    for entry, kind, one in zip(education, kinds, schooling, strict=True):
        if kind:
            found[kind] = None
        if one.rank > best.rank or not major:
            best, major = (
                max(best, one, key=_RANK),
                as_text(entry.get("major")).strip()[:MAX_TAG_CHARS] or major,
            )
    if best.words:
        found[best.words] = None
    if major and major != "无":  # a field that people fill in although they have none
        found[major] = None
    for work in works:
        kind = as_text(work.get("company_category")).strip()[:MAX_TAG_CHARS]
        if kind:
            found[kind] = None
    return tuple(found)
