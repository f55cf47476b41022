"""The titles of a resume, weighed: what somebody is, what they were, and what they only wish to be.

What the duties say comes in as scores and decides how far titles are believed. The duties themselves are read
in `reading`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec

from engine.matching.analysis.readers import TextReaders, Title
from engine.matching.lexicon.occupations import OccupationScores

RECENCY = (1.0, 0.75, 0.5, 0.4)
"""Weight of the title of the latest work, of the one before it, and so on; the last is for all others."""
UNTRIED = 0.7
"""Weight of a wish where nothing else is known of the candidate's work, as with somebody's first job."""
MAX_WISHES = 2
"""A wish that names n occupations counts each in full up to this number, beyond it each as MAX_WISHES / n."""
UNLIVED = 0.35
"""Weight of a wish that neither titles nor duties support. A wish costs nothing to write."""
BORNE = 0.25
"""Share of the duties at or above which an occupation counts as work that was really done."""
NEAR = 0.45
"""Relation to an occupation that was really done at or above which a wish counts in full."""
OPEN_TITLE = 0.5
"""What is left of an open title where the duties show something else. See `Occupations.is_open`."""
OTHER = 0.5
"""Share of another occupation in the duties at or above which an open title counts as `OPEN_TITLE`."""
MEANT = 0.9
"""Trust in the special occupation that the duties give an open title."""
CONTEXT = 0.6
"""Weight of a title's words as words about the work, where the title names an occupation as well."""

BEGINNER = 1
"""Rank of a level at or below which it is that of somebody who begins."""


class Career(msgspec.Struct):
    """Weighed titles.

    Attributes:
        titled: Occupation -> weight, 0..1.
        meant: Those of `titled` that no title names: the duties say that an open title means them.
        title_of: Key term of an occupation or a word -> the title that gave it its weight, as written.
        words: Word of the titles -> weight, 0..1.
        titles: The titles that are not vague, with the weight of their words as words about the work.
        shown: The title that a list shows for the resume, as written.
        level: Rank of the highest level named; None when none is.
        level_word: The word that names it; "" when none does.
    """

    titled: dict[str, float] = {}
    meant: set[str] = set()
    title_of: dict[str, str] = {}
    words: dict[str, float] = {}
    titles: list[tuple[Title, float]] = []
    shown: str = ""
    level: int | None = None
    level_word: str = ""


def weigh(
    readers: TextReaders,
    wished: Title,
    titles: Sequence[Title],
    by_duties: Mapping[str, float],
    scores: OccupationScores,
    *,
    is_lived: bool,
) -> Career:
    """The career that the titles tell.

    Titles of past works weigh less the older they are. A wish counts in full only where past titles or the
    duties support it. An open title (`软件工程师`) takes its meaning from the duties.

    Args:
        readers: The readers.
        wished: The title wished for.
        titles: Those of past works, latest first.
        by_duties: The share of each occupation that the duties alone show.
        scores: Scores of the occupations, from the duties alone.
        is_lived: Whether past works say anything of the work.
    """
    career = Career(titled={}, meant=set(), title_of={}, words={}, titles=[])
    for i, title in enumerate(titles):
        weight = RECENCY[min(i, len(RECENCY) - 1)]
        for name, trust in title.reading.occupations.items():
            _name(career, name, trust * weight, title.shown)
        _add(career, title, weight)
        _level(career, title, is_past=i > 0)
    if not any(title.text for title in titles):
        _level(career, wished, is_past=False)
    weight = _weigh_wish(readers, wished, career, by_duties, is_lived=is_lived)
    _settle_open_titles(readers, career, by_duties, scores)
    _settle_shared_titles(readers, career, [*titles, wished], scores)
    # A wish that is believed stands for the resume; else the latest title does.
    if weight >= UNTRIED and not wished.reading.vague:
        career.shown = ""
    _add(career, wished, weight)
    career.shown = career.shown or wished.shown
    return career


def _weigh_wish(
    readers: TextReaders, wished: Title, career: Career, by_duties: Mapping[str, float], *, is_lived: bool
) -> float:
    """Take the wished occupations into account.

    Returns:
        The weight of the one that is believed most; 1 for a wish that names none.
    """
    lived = {*career.titled, *(name for name, share in by_duties.items() if share >= BORNE)}
    related = readers.occupations.related
    weights = []
    for name, trust in wished.reading.occupations.items():
        near = max((related[name].get(one, 0.0) for one in lived), default=0.0)
        weight = 1.0 if near >= NEAR else (UNLIVED if lived or is_lived else UNTRIED)
        weight *= min(1.0, MAX_WISHES / len(wished.reading.occupations))
        weights.append(weight)
        _name(career, name, trust * weight, wished.shown)
    return max(weights, default=1.0)


def _settle_open_titles(
    readers: TextReaders, career: Career, by_duties: Mapping[str, float], scores: OccupationScores
) -> None:
    """Believe open titles less where the duties show something else, and add what they mean by the duties."""
    # A sorted copy, because `_name` may add occupations meanwhile.
    for name in sorted(filter(readers.occupations.is_open, career.titled)):
        meant = readers.occupations.meant(name, scores)
        trust = career.titled[name]
        others = max((share for other, share in by_duties.items() if other != name), default=0.0)
        if others >= OTHER or max(meant.values(), default=0.0) >= BORNE:
            career.titled[name] = OPEN_TITLE * trust
        for other, share in meant.items():
            weight = MEANT * share * trust
            if share >= BORNE and weight > career.titled.get(other, 0.0):
                _name(career, other, weight, career.title_of[f"o:{name}"])
                career.meant.add(other)


def _settle_shared_titles(
    readers: TextReaders, career: Career, titles: Sequence[Title], scores: OccupationScores
) -> None:
    """Have titles that trades share (`测试`) mean what the duties show, where that is another's work."""
    for title in titles:
        meant = readers.occupations.meant_elsewhere(title.reading.text, scores)
        for name in title.reading.occupations if meant else ():
            trust = career.titled.get(name, 0.0)
            if career.title_of.get(f"o:{name}") == title.shown:
                career.titled[name] = OPEN_TITLE * trust
            for other, share in meant.items():
                if MEANT * share * trust > career.titled.get(other, 0.0):
                    _name(career, other, MEANT * share * trust, title.shown)
                    career.meant.add(other)


def _add(career: Career, title: Title, weight: float) -> None:
    """Take the words of a title into account, unless it is vague."""
    if title.reading.vague:
        return
    career.shown = career.shown or title.shown
    career.titles.append((title, weight * (CONTEXT if title.reading.occupations else 1.0)))
    for word in title.words:
        if weight > career.words.get(word, 0.0):
            career.words[word] = weight
            career.title_of[f"w:{word}"] = title.shown


def _level(career: Career, title: Title, *, is_past: bool) -> None:
    """Take the level of a title into account; whoever began in an older job is no beginner by that."""
    if title.level is None or (is_past and title.level <= BEGINNER):
        return
    if career.level is None or title.level > career.level:
        career.level, career.level_word = title.level, title.level_word


def _name(career: Career, name: str, weight: float, title: str) -> None:
    """Take an occupation into account; of several weights the greatest counts."""
    if weight > career.titled.get(name, 0.0):
        career.titled[name] = weight
        career.title_of[f"o:{name}"] = title
