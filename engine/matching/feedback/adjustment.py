"""A feedback model applied to a match.

    match = with_feedback(score(query, profile), model, profile)

The model adds one row to the reasons, of field `learned`, after all other points of the pair are known. It
moves a match up or down among the others, but never into the list or out of it. So how many matches a feed
has does not depend on its model, and the compiled search need not know of models.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator
from typing import NamedTuple

import msgspec

from engine.matching.feedback.deletion_reasons import DELETION_REASONS
from engine.matching.feedback.features import NAMES_BY_REASON, measure, strength
from engine.matching.feedback.model import FeedbackModel, Penalty, Preference, Unwanted
from engine.matching.learned.topics import NO_PLACE, Located, vector_of
from engine.matching.lexicon.degrees import DEGREE_NAMES
from engine.matching.resume_profile import ResumeProfile
from engine.matching.score import rules
from engine.matching.score.reasons import Match, Reason, level_of, pay_range
from engine.matching.score.rules import FULL, MERELY_POSSIBLE, MIN_POINTS, STRONG
from engine.matching.score.tiers import shifted

MAX_ADJUSTMENT = 1500
"""Hundredths that a model may add or take in all.

It is enough to reorder a list, and too little to put somebody of another trade above a good match.
"""
HALF_LIKENESS = 2_000
"""Likeness, in ten-thousandths, that earns a bit more than half of a preference's points.

Hardly anybody has all of a preference's features, so a part of them must count already.
"""
MAX_SHOWN_ADJUSTMENTS = 3
"""Adjustments that the row names, those with the most points first."""
MAX_SHOWN_FEATURES = 3
"""Features that a preference's adjustment names."""
MAX_SHOWN_CHARS = 40
"""Characters of the resume's own words that one adjustment shows."""


class Adjustment(NamedTuple):
    """What one part of a model does to a match.

    Attributes:
        points: Hundredths, negative where it takes some.
        label: Why, as the recruiter reads it.
        matched: The resume's own value.
    """

    points: int
    label: str
    matched: str


def with_feedback(
    match: Match, model: FeedbackModel, profile: ResumeProfile, place: Located = NO_PLACE
) -> Match:
    """A match as the model leaves it: with one more row, or the same object where the model says nothing.

    The score stays between `MIN_POINTS` and `FULL`, so a match remains a match. A delivered resume may stand
    below that already; then nothing is taken from it. The likelihood moves by as many points, and to the side
    of the cut on which the score then is.
    """
    adjustments = sorted(_adjustments(model, profile, place), key=lambda one: (-abs(one.points), one.label))
    total = round(100 * match.score)
    points = sum(one.points for one in adjustments)
    points = max(-MAX_ADJUSTMENT, min(MAX_ADJUSTMENT, points))
    points = max(min(points, FULL - total), min(MIN_POINTS - total, 0))
    if MERELY_POSSIBLE < total + points < STRONG:
        points = MERELY_POSSIBLE - total
    if not points:
        return match
    logit = shifted(match.logit, points)
    logit = max(logit, match.cut) if total + points >= STRONG else min(logit, match.cut - 1)
    shown = adjustments[:MAX_SHOWN_ADJUSTMENTS]
    row = Reason(
        "learned",
        "，".join(one.label for one in shown),
        "，".join(dict.fromkeys(one.matched for one in shown if one.matched)),
        points / 100,
    )
    why = sorted([*match.why, row], key=lambda row: (-row.points, row.field, row.term))
    return msgspec.structs.replace(match, score=(total + points) / 100, logit=logit, why=why)


def _adjustments(model: FeedbackModel, profile: ResumeProfile, located: Located) -> Iterator[Adjustment]:
    for reason, steps in model.thresholds.items():
        value = measure(reason, profile)
        if value is None:
            continue
        place = bisect_right(steps, value, key=lambda step: step.value)
        if place and (step := steps[place - 1]).points:
            yield Adjustment(-step.points, _label(reason, step.deletions), _measured(reason, profile))
    for reason, unwanted in model.unwanted.items():
        name, penalty = _deciding_name(reason, unwanted, profile)
        if penalty.points:
            shown = profile.title_of.get(name, profile.title) if reason == "title" else name.lstrip("@")
            yield Adjustment(-penalty.points, _label(reason, penalty.deletions), shown[:MAX_SHOWN_CHARS])
    for preference in model.preferences:
        found = (
            _aboutness(preference, profile, located) if preference.table else _likeness(preference, profile)
        )
        if adjustment := found:
            yield adjustment


def _label(reason: str, deletions: int) -> str:
    return f"{DELETION_REASONS[reason]} {deletions}次"


def _measured(reason: str, profile: ResumeProfile) -> str:
    """The resume's value that a threshold was compared with, in words."""
    match reason.rpartition("_")[0]:
        case "salary":
            return pay_range(profile.salary_low, profile.salary_high)
        case "degree":
            return DEGREE_NAMES[profile.degree]
        case _:
            return level_of(profile)


def _deciding_name(reason: str, unwanted: Unwanted, profile: ResumeProfile) -> tuple[str, Penalty]:
    """The name that decides, with its penalty: the worst title, but the best place and the best industry.

    One wrong title is enough to be the wrong person. Somebody with two cities can come to the right one.
    """
    penalties = [(name, _penalty(unwanted, name)) for name in NAMES_BY_REASON[reason](profile)]
    if not penalties:
        return "", Penalty()
    choose = max if reason == "title" else min
    return choose(penalties, key=lambda one: (one[1].points, one[0]))


def _penalty(unwanted: Unwanted, name: str) -> Penalty:
    penalty = unwanted.named.get(name, Penalty())
    if unwanted.elsewhere.points > penalty.points and name not in unwanted.asked:
        return unwanted.elsewhere
    return penalty


def _aboutness(preference: Preference, profile: ResumeProfile, place: Located) -> Adjustment | None:
    """What a resume earns that is about the same; nothing where the model follows another table."""
    if place.table != preference.table:
        return None
    toward = vector_of(preference.topics)
    like = rules.likeness(preference.table, toward, place.table, place.vector)
    points = preference.points * rules.similar_share(like) // FULL
    if not points:
        return None
    words = (profile.wording.get(term, term) for term in place.nearest(toward))
    return Adjustment(points, preference.label, " ".join(words)[:MAX_SHOWN_CHARS])


def _likeness(preference: Preference, profile: ResumeProfile) -> Adjustment | None:
    """What a resume earns by a preference: the share of its weight, saturated so that a part counts most."""
    met = {
        feature: weight * found
        for feature, weight in preference.features.items()
        if (found := strength(feature, profile))
    }
    if not met:
        return None
    share = sum(met.values()) * FULL // (100 * sum(preference.features.values()))
    points = abs(preference.points) * share * (FULL + HALF_LIKENESS) // ((share + HALF_LIKENESS) * FULL)
    if not points:
        return None
    best = sorted(met, key=lambda feature: (-met[feature], feature))[:MAX_SHOWN_FEATURES]
    # Without their kinds two features may have one name, such as `o:java` and `t:java`.
    shown = " ".join(dict.fromkeys(profile.wording.get(feature[2:], feature[2:]) for feature in best))
    return Adjustment(points if preference.points > 0 else -points, preference.label, shown[:MAX_SHOWN_CHARS])
