"""The titles of a resume, weighed: what he is, what he was, what he only wishes to be."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from engine.matching.analysis.readers import TextReaders, Title
from engine.matching.lexicon.occupations import OccupationScores

RECENCY = (1.0, 0.75, 0.5, 0.4)
"""Weight of the present work's title, the one before it, and so on; the last serves the rest."""
UNTRIED = 0.7
"""Weight of a wish where nothing else is known of the candidate's work."""
MAX_WISHES = 2
"""Who wishes for more occupations than this at once means each of them less."""
UNLIVED = 0.35
"""Weight of a wish that titles and duties do not bear out."""
BORNE = 0.25
"""Support by the duties from which on an occupation counts as lived."""
OPEN_TITLE = 0.5
"""What is left of an open title where the duties show something else."""
CONTEXT = 0.6
"""What the words of a title tell of the work beside the occupation that it names."""
MEANT = 0.9
"""Trust in the special occupation that an open title means by the duties."""
OTHER = 0.5
"""Share of another occupation in the duties from which on an open title is believed less."""
NEAR = 0.45
"""Relation to something lived from which on a wish is borne out."""


class Career(msgspec.Struct):
    """Weighed titles.

    Attributes:
        titled: Occupation -> 0..1.
        title_of: Key term of an occupation or a word -> the title that gave it its weight, as written.
        words: Word of the titles -> 0..1.
        titles: The titles that say something, with the weight of their words.
        shown: The title that stands for the resume, as written.
        level: Rank of the highest level named; None when none is.
    """

    titled: dict[str, float] = {}
    title_of: dict[str, str] = {}
    words: dict[str, float] = {}
    titles: list[tuple[Title, float]] = []
    shown: str = ""
    level: int | None = None


def weigh(
    readers: TextReaders, wish: object, works: Sequence[Mapping[Any, Any]], scores: OccupationScores
) -> Career:
    """The career that titles tell, latest first.

    A wish costs nothing to write: one that neither a past title nor the duties bear out weighs little.

    Args:
        readers: The readers.
        wish: The title wished for.
        works: Past works, latest first.
        scores: Scores of the occupations, from the duties alone.
    """
    borne = readers.occupations.shown(scores)
    career = Career(titled={}, title_of={}, words={}, titles=[])
    for i, work in enumerate(works):
        title = readers.title(work.get("position_title"))
        weight = RECENCY[min(i, len(RECENCY) - 1)]
        for name, trust in title.reading.occupations.items():
            _name(career, name, trust * weight, title.shown)
        _add(career, title, weight)
    wished = readers.title(wish)
    lived = {*career.titled, *(name for name, weight in borne.items() if weight >= BORNE)}
    related = readers.occupations.related
    trusts = []
    for name, trust in wished.reading.occupations.items():
        near = max((related[name].get(one, 0.0) for one in lived), default=0.0)
        weight = 1.0 if near >= NEAR else (UNLIVED if lived or works else UNTRIED)
        weight *= min(1.0, MAX_WISHES / len(wished.reading.occupations))
        trusts.append(weight)
        _name(career, name, trust * weight, wished.shown)
    for name in sorted(filter(readers.occupations.is_open, career.titled)):
        meant = readers.occupations.meant(name, scores)
        trust = career.titled[name]
        others = max((share for other, share in borne.items() if other != name), default=0.0)
        if others >= OTHER or max(meant.values(), default=0.0) >= BORNE:
            career.titled[name] = OPEN_TITLE * trust
        for other, share in meant.items():
            if share >= BORNE:
                _name(career, other, MEANT * share * trust, career.title_of[f"o:{name}"])
    weight = max(trusts, default=1.0)
    if weight >= UNTRIED and not wished.reading.vague:
        career.shown = ""
    _add(career, wished, weight)
    career.shown = career.shown or wished.shown
    return career


def _add(career: Career, title: Title, weight: float) -> None:
    """Take the level and the words of a title into account, these unless it says nothing of the work."""
    if title.level is not None and (career.level is None or title.level > career.level):
        career.level = title.level
    if title.reading.vague:
        return
    career.shown = career.shown or title.shown
    career.titles.append((title, weight * (CONTEXT if title.reading.occupations else 1.0)))
    for word in title.words:
        if weight > career.words.get(word, 0.0):
            career.words[word] = weight
            career.title_of[f"w:{word}"] = title.shown


def _name(career: Career, name: str, weight: float, title: str) -> None:
    if weight > career.titled.get(name, 0.0):
        career.titled[name] = weight
        career.title_of[f"o:{name}"] = title
