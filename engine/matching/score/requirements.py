"""What a feed requires, held against what a resume says: met, unmet, or not known.

    judged = judge(query.asks, profile)      # [Judged('degree', '本科', '大专', 'unmet')]
    unmet_musts(query.asks, judged)          # ['degree']: then the match is possible at most

Requirements change no score. What the resume does not say is unknown and bars nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import msgspec

from engine.matching.feed_query import Ask
from engine.matching.lexicon.credentials import DENIED, LICENCE, LICENCES, OTHER, class_in, is_called
from engine.matching.lexicon.degrees import DEGREE, DEGREE_NAMES
from engine.matching.resume_profile import ResumeProfile

State = Literal["met", "unmet", "unknown"]


# The garbage collector need not look at strings, and there are many of them.
class Judged(msgspec.Struct, gc=False, array_like=True):
    """One requirement: what is asked, what the resume says of it, empty where nothing, and which it is."""

    field: str
    asked: str
    found: str
    state: State


def judge(asks: Sequence[Ask], profile: ResumeProfile) -> list[Judged]:
    """Each requirement of a feed, in its order."""
    answers = ((ask, *_answer(ask, profile)) for ask in asks)
    # Texts are read in lower case, and people write CET-6 and C1.
    return [Judged(ask.field, ask.shown, found.upper(), state) for ask, found, state in answers]


def unmet_musts(asks: Sequence[Ask], judged: Sequence[Judged]) -> list[str]:
    """The names of the musts that are not met, each once."""
    failed = [ask.field for ask, one in zip(asks, judged, strict=True) if ask.must and one.state == "unmet"]
    return list(dict.fromkeys(failed))


def _answer(ask: Ask, profile: ResumeProfile) -> tuple[str, State]:
    match ask.field:
        case "degree":
            return _degree(ask, profile)
        case "years_min" | "years_max":
            years = None if profile.months is None else profile.months // 12
            bounds = (ask.least, None) if ask.field == "years_min" else (None, ask.least)
            return "" if years is None else f"{years}年", _state(years, *bounds)
        case _:
            return (_licence if ask.family == LICENCE else _credential)(ask, profile)


def _state(value: int | None, least: int | None, most: int | None) -> State:
    if value is None:
        return "unknown"
    return "met" if (least is None or value >= least) and (most is None or value <= most) else "unmet"


def degree_of(profile: ResumeProfile) -> tuple[int, str]:
    """The rank of the degree that somebody has for certain, and what their highest one is called."""
    for level, words in profile.of_family(DEGREE):
        return int(level), words
    return profile.degree, DEGREE_NAMES[profile.degree]


def _degree(ask: Ask, profile: ResumeProfile) -> tuple[str, State]:
    finished, words = degree_of(profile)
    if finished < ask.least <= profile.degree:
        return words, "unknown"  # they study for it
    return words, _state(profile.degree and finished, ask.least, None) if words else "unknown"


def _licence(ask: Ask, profile: ResumeProfile) -> tuple[str, State]:
    had = profile.of_family(ask.family)
    classes = [level for level, _ in had if level in LICENCES]
    found = " ".join(sorted(classes)) or next((words for _, words in had), "")
    asked = class_in(ask.shown)
    if any(asked in LICENCES[one] for one in classes) or (had and not asked):
        return found, "met"
    if classes:
        return found, "unmet"
    for level, words in profile.of_family(DENIED + ask.family):
        # Who lacks a class lacks those that would let them drive it.
        if level == "0" or (asked and level in LICENCES[asked]):
            return words, "unmet"
    return found, "unknown"


def _credential(ask: Ask, profile: ResumeProfile) -> tuple[str, State]:
    had, denied = profile.of_family(ask.family), profile.of_family(DENIED + ask.family)
    if ask.family == OTHER:
        had = [one for one in had if is_called(ask.shown, one[1])]
        denied = [one for one in denied if is_called(ask.shown, one[1])]
    # A level of which something is said stands before the family named alone.
    level, words = max(((int(level), words) for level, words in had), default=(-1, ""))
    if level >= ask.least:
        return words, "met"
    for lacked, how in denied:
        if int(lacked) <= ask.least:
            return how, "unmet"
    return words, "unmet" if level > 0 else "unknown"
