"""The titles of a resume, weighed: what he is, what he was, what he only wishes to be."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from engine.parts import Parts
from engine.text import as_text, normalise
from engine.titles import TitleReading

MAX_SHOWN_CHARS = 40
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
"""What is left of a general title where the duties show a special occupation of its trade."""
MEANT = 0.9
"""Trust in the special occupation that a general title means by the duties."""
NEAR = 0.45
"""Relation to something lived from which on a wish is borne out."""


class Career(msgspec.Struct):
    """Weighed titles.

    Attributes:
        titled: Occupation -> 0..1.
        title_of: Key term of an occupation or a word -> the title that gave it its weight, as written.
        words: Word of the titles -> 0..1.
        titles: The titles that say something, with their weight.
        shown: The title that stands for the resume, as written.
        level: Rank of the highest level named; None when none is.
    """

    titled: dict[str, float] = {}
    title_of: dict[str, str] = {}
    words: dict[str, float] = {}
    titles: list[tuple[str, float]] = []
    shown: str = ""
    level: int | None = None


def weigh(
    parts: Parts, wish: object, works: Sequence[Mapping[Any, Any]], evidence: Mapping[str, float]
) -> Career:
    """The career that titles tell, latest first.

    A wish costs nothing to write: one that neither a past title nor the duties bear out weighs little.

    Args:
        parts: The readers.
        wish: The title wished for.
        works: Past works, latest first.
        evidence: Evidence per occupation of the duties alone.
    """
    borne = parts.occupations.shown(evidence)
    career = Career(titled={}, title_of={}, words={}, titles=[])
    for i, work in enumerate(works):
        title = work.get("position_title")
        weight = RECENCY[min(i, len(RECENCY) - 1)]
        _add(parts, career, title, parts.titles.read(title), weight)
    reading = parts.titles.read(wish)
    lived = {*career.titled, *(name for name, weight in borne.items() if weight >= BORNE)}
    related = parts.occupations.related
    trusts = []
    for name, trust in reading.occupations.items():
        near = max((related[name].get(one, 0.0) for one in lived), default=0.0)
        weight = 1.0 if near >= NEAR else (UNLIVED if lived or works else UNTRIED)
        weight *= min(1.0, MAX_WISHES / len(reading.occupations))
        trusts.append(weight)
        _name(career, name, trust * weight, wish)
    for name in parts.occupations.special.keys() & career.titled.keys():
        meant = parts.occupations.meant(name, evidence)
        trust = career.titled[name]
        for other, share in meant.items():
            if share >= BORNE:
                _name(career, other, MEANT * share * trust, career.title_of[f"o:{name}"])
                career.titled[name] = OPEN_TITLE * trust
    weight = max(trusts, default=1.0)
    if weight >= UNTRIED and not reading.vague:
        career.shown = ""
    _add(parts, career, wish, msgspec.structs.replace(reading, occupations={}), weight)
    career.shown = career.shown or as_text(wish).strip()[:MAX_SHOWN_CHARS]
    return career


def _add(parts: Parts, career: Career, title: object, reading: TitleReading, weight: float) -> None:
    """Take a title into account unless it says nothing of the work."""
    text = normalise(title, 60)
    level = parts.level(text)
    if level is not None and (career.level is None or level > career.level):
        career.level = level
    if reading.vague:
        return
    career.shown = career.shown or as_text(title).strip()[:MAX_SHOWN_CHARS]
    career.titles.append((text, weight))
    for name, trust in reading.occupations.items():
        _name(career, name, trust * weight, title)
    for word in parts.title_words(reading):
        if weight > career.words.get(word, 0.0):
            career.words[word] = weight
            career.title_of[f"w:{word}"] = as_text(title).strip()[:MAX_SHOWN_CHARS]


def _name(career: Career, name: str, weight: float, title: object) -> None:
    if weight > career.titled.get(name, 0.0):
        career.titled[name] = weight
        career.title_of[f"o:{name}"] = as_text(title).strip()[:MAX_SHOWN_CHARS]
