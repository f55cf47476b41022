"""What one feed has learned from its recruiter's clicks, and what that does to a match.

    match = with_lesson(score(query, profile), lesson, profile)

A lesson adds one row to the evidence, field `learned`, after all points of a pair are known. It moves a
match up or down among the others and never into the list or off it. Everything is whole numbers, so every
process comes to the same points. How clicks become a lesson is in `rocchio`.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterator
from functools import lru_cache
from typing import NamedTuple

import msgspec

from engine.matching.lexicon.experience import DEGREE_NAMES, LEVEL_NAMES
from engine.matching.lexicon.salary import MAX_YUAN, is_open
from engine.matching.resume_profile import ResumeProfile
from engine.matching.score.reasons import Match, Reason
from engine.matching.score.rules import FULL, MIN_POINTS

BOUND = 1500
"""Hundredths that a lesson may add or take, whatever was clicked."""
PAY_STEP = 500
"""Yuan a month below which two salaries are the same."""
PRESENT = 50
"""Weight, in hundredths, from which on a title's occupation or word is the person's."""
SHOWN_SHARE = 75
"""Percent that an occupation counts which the duties alone bear out."""
MAX_KEPT = 512
"""Lessons that a process keeps decoded, some ten kilobytes each."""
MAX_VOICES = 3
"""Parts of a lesson that the row names, the loudest first."""
MAX_SHOWN_CHARS = 40
HALF_LIKENESS = 2_000
"""Likeness, in ten thousandths, that earns a bit more than half of what likeness can."""

LABELS = {
    "title": "职位不符",
    "degree_low": "学历偏低",
    "degree_high": "学历偏高",
    "salary_low": "薪资偏低",
    "salary_high": "薪资偏高",
    "level_low": "级别偏低",
    "level_high": "级别偏高",
    "industry": "行业不符",
    "area": "地区不符",
}
"""The reasons of a deletion, as the recruiter reads them."""


class Step(msgspec.Struct, array_like=True, frozen=True):
    """From `value` on, `points` hundredths are taken, as `times` deletions say."""

    value: int
    points: int
    times: int


class Verdict(msgspec.Struct, array_like=True, frozen=True):
    """`points` hundredths are taken, as `times` deletions say."""

    points: int = 0
    times: int = 0


class Unwanted(msgspec.Struct, array_like=True, frozen=True):
    """Titles, places or industries that deletions named.

    Attributes:
        named: What was deleted -> what it costs.
        elsewhere: What it costs to be at none of those that the feed asks for.
        asked: Those, where `elsewhere` costs anything.
    """

    named: dict[str, Verdict] = {}
    elsewhere: Verdict = Verdict()
    asked: tuple[str, ...] = ()


class Preference(msgspec.Struct, array_like=True, frozen=True):
    """What some clicked people have in common beyond what the feed asks for.

    Attributes:
        points: Hundredths for complete likeness; negative for people who were deleted.
        says: Who they are, as the recruiter reads it.
        features: Feature -> weight, the heaviest first.
    """

    points: int = 0
    says: str = ""
    features: dict[str, int] = {}


class FeedbackModel(msgspec.Struct, array_like=True, frozen=True):
    """A feed's lesson; the same clicks give the same bytes.

    Attributes:
        thresholds: Reason -> steps by value, for what can be too high or too low.
        unwanted: Reason -> what was deleted for it, for what can be the wrong one.
        tastes: Likings and dislikings.
    """

    thresholds: dict[str, tuple[Step, ...]] = {}
    unwanted: dict[str, Unwanted] = {}
    tastes: tuple[Preference, ...] = ()

    def encode(self) -> bytes:
        """MessagePack; empty where nothing was learned."""
        return b"" if self == FeedbackModel() else _ENCODER.encode(self)

    @staticmethod
    def decode(data: bytes) -> FeedbackModel:
        """A lesson from `encode`'s bytes, or the same object as the last time.

        Raises:
            msgspec.DecodeError: The bytes are not a lesson of this shape.
        """
        return _decode(data)


_ENCODER = msgspec.msgpack.Encoder()
_DECODER = msgspec.msgpack.Decoder(FeedbackModel)


@lru_cache(MAX_KEPT)
def _decode(data: bytes) -> FeedbackModel:
    return _DECODER.decode(data) if data else FeedbackModel()


class Adjustment(NamedTuple):
    """One part of a lesson that has something to say of a resume: hundredths, why, the resume's own value."""

    points: int
    says: str
    matched: str


def with_feedback(match: Match, lesson: FeedbackModel, profile: ResumeProfile) -> Match:
    """A match as the lesson leaves it: with one row more, or the same where the lesson says nothing.

    The score stays between `MIN_POINTS` and `FULL`, so a match remains one.
    """
    voices = sorted(_voices(lesson, profile), key=lambda voice: (-abs(voice.points), voice.says))
    total = round(100 * match.score)
    points = _within(sum(voice.points for voice in voices), BOUND)
    points = max(min(points, FULL - total), MIN_POINTS - total)
    if not points:
        return match
    loudest = voices[:MAX_VOICES]
    row = Reason(
        "learned",
        "，".join(voice.says for voice in loudest),
        "，".join(dict.fromkeys(voice.matched for voice in loudest if voice.matched)),
        points / 100,
    )
    why = sorted([*match.why, row], key=lambda row: (-row.points, row.field, row.term))
    return msgspec.structs.replace(match, score=(total + points) / 100, why=why)


def learned(lesson: FeedbackModel, profile: ResumeProfile) -> int:
    """What a lesson says of a resume, in hundredths, -`BOUND`..`BOUND`."""
    return _within(sum(voice.points for voice in _voices(lesson, profile)), BOUND)


def _within(points: int, bound: int) -> int:
    return max(-bound, min(bound, points))


def _voices(lesson: FeedbackModel, profile: ResumeProfile) -> Iterator[Adjustment]:
    for reason, steps in lesson.thresholds.items():
        value = measured(reason, profile)
        if value is None:
            continue
        place = bisect_right(steps, value, key=lambda step: step.value)
        if place and (step := steps[place - 1]).points:
            yield Adjustment(-step.points, _times(reason, step.times), _shown(reason, profile))
    for reason, unwanted in lesson.unwanted.items():
        name, verdict = _judged(reason, unwanted, profile)
        if verdict.points:
            shown = profile.title_of.get(name, profile.title) if reason == "title" else name.lstrip("@")
            yield Adjustment(-verdict.points, _times(reason, verdict.times), shown[:MAX_SHOWN_CHARS])
    for taste in lesson.tastes:
        if voice := _likeness(taste, profile):
            yield voice


def _times(reason: str, times: int) -> str:
    return f"{LABELS[reason]} {times}次"


def _judged(reason: str, unwanted: Unwanted, profile: ResumeProfile) -> tuple[str, Verdict]:
    """What speaks against a resume: its worst title, but its best place and its best industry."""
    verdicts = [(name, _verdict(unwanted, name)) for name in NAMES[reason](profile)]
    if not verdicts:
        return "", Verdict()
    choose = max if reason == "title" else min
    return choose(verdicts, key=lambda one: (one[1].points, one[0]))


def _verdict(unwanted: Unwanted, name: str) -> Verdict:
    verdict = unwanted.named.get(name, Verdict())
    if unwanted.elsewhere.points > verdict.points and name not in unwanted.asked:
        return unwanted.elsewhere
    return verdict


def _likeness(taste: Preference, profile: ResumeProfile) -> Adjustment | None:
    """How much of a taste a resume meets: the share of its weight, saturated so that a part counts most."""
    met = {
        feature: weight * found
        for feature, weight in taste.features.items()
        if (found := strength(feature, profile))
    }
    if not met:
        return None
    share = sum(met.values()) * FULL // (100 * sum(taste.features.values()))
    points = abs(taste.points) * share * (FULL + HALF_LIKENESS) // ((share + HALF_LIKENESS) * FULL)
    if not points:
        return None
    best = sorted(met, key=lambda feature: (-met[feature], feature))[:MAX_VOICES]
    shown = dict.fromkeys(feature[2:] for feature in best)
    return Adjustment(points if taste.points > 0 else -points, taste.says, " ".join(shown)[:MAX_SHOWN_CHARS])


def strength(feature: str, profile: ResumeProfile) -> int:
    """How strong an occupation `o:`, title word `w:`, term `t:` or domain `d:` is in a resume, 0..100."""
    kind, name = feature[0], feature[2:]
    if kind == "t":
        return min(profile.terms.get(name, 0), 100)
    if kind == "w":
        return min(profile.title_words.get(name, 0), 100)
    if kind == "o":
        return occupation(name, profile)
    return 100 if name in profile.domains else 0


def occupation(name: str, profile: ResumeProfile) -> int:
    """How much a resume is of an occupation, 0..100: its titles say so, or else its duties."""
    return min(max(profile.titled.get(name, 0), SHOWN_SHARE * profile.shown.get(name, 0) // 100), 100)


def measured(reason: str, profile: ResumeProfile) -> int | None:
    """What a resume has of that which can be too high or too low, greater the more the reason holds.

    Negative for the reasons that say too low; None when it is unknown.
    """
    value = _MEASURES[reason.rpartition("_")[0]](profile)
    return value if value is None or reason.endswith("_high") else -value


def pay(profile: ResumeProfile) -> int | None:
    """The pay that a resume expects, yuan a month in whole steps; of an open range its one end."""
    low, high = profile.salary_low, profile.salary_high
    if is_open(low, high):
        return None
    middle = low if high >= MAX_YUAN else high if low <= 0 else (low + high) // 2
    return middle // PAY_STEP * PAY_STEP


_MEASURES: dict[str, Callable[[ResumeProfile], int | None]] = {
    "salary": pay,
    "degree": lambda profile: profile.degree or None,
    "level": lambda profile: profile.level,
}


def _shown(reason: str, profile: ResumeProfile) -> str:
    match reason.rpartition("_")[0]:
        case "salary":
            return f"{profile.salary_low}-{profile.salary_high}"
        case "degree":
            return DEGREE_NAMES[profile.degree]
        case _:
            return LEVEL_NAMES[profile.level or 0]


def _titles(profile: ResumeProfile) -> list[str]:
    names = {*profile.titled, *profile.shown}
    occupations = [f"o:{name}" for name in names if occupation(name, profile) >= PRESENT]
    return occupations + [f"w:{word}" for word, weight in profile.title_words.items() if weight >= PRESENT]


def _places(profile: ResumeProfile) -> list[str]:
    """Cities, where the candidate lives or else where he would go; the province where no city is known."""
    keys = profile.home or profile.places
    return [key for key in keys if key[0] != "@"] or list(keys)


NAMES: dict[str, Callable[[ResumeProfile], list[str]]] = {
    "title": _titles,
    "industry": lambda profile: list(profile.domains),
    "area": _places,
}
"""Reason -> what of a resume can be the wrong one."""
