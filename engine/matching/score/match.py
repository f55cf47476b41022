"""One feed against one resume: points with their evidence, or no match.

`points` computes, `evidence` words what was computed; the score is the sum of the rows. Nothing here looks
at a clock, a store or another resume::

    found = score(analyzer.feed(spec), analyzer.resume(body))
    found.score == sum(row.points for row in found.why)
"""

from __future__ import annotations

from engine.matching.feed_query import FeedQuery
from engine.matching.resume_profile import ResumeProfile
from engine.matching.score.points import MIN_POINTS, breakdown_of
from engine.matching.score.reasons import Match, match_of

__all__ = ["MIN_SCORE", "Match", "score"]

MIN_SCORE = MIN_POINTS / 100
"""The lowest score of a match, `points.MIN_POINTS` in whole points."""


def score(query: FeedQuery, profile: ResumeProfile) -> Match | None:
    """The match of a feed and a resume; None when they do not match, see `points.sheet_of`."""
    sheet = breakdown_of(query, profile)
    return match_of(query, profile, sheet) if sheet else None
