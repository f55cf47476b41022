"""One feed against one resume: the points with their reasons, or no match.

    found = score(analyzer.feed(spec), analyzer.resume(body))
    found.score == sum(reason.points for reason in found.why)

`breakdown` computes, `reasons` words what was computed. Nothing here looks at a clock, a store or another
resume.
"""

from __future__ import annotations

from engine.matching.feed_query import FeedQuery
from engine.matching.learned.topics import NO_TOPICS, Topics
from engine.matching.resume_profile import ResumeProfile
from engine.matching.score.breakdown import breakdown_of, judge
from engine.matching.score.reasons import Match, match_of


def score(query: FeedQuery, profile: ResumeProfile, topics: Topics = NO_TOPICS) -> Match | None:
    """The match of a feed and a resume; None when they do not match, see `breakdown_of`."""
    place = topics.locate(profile)
    breakdown = breakdown_of(query, profile, place)
    return match_of(query, profile, breakdown, place) if breakdown else None


def score_delivered(query: FeedQuery, profile: ResumeProfile, topics: Topics = NO_TOPICS) -> Match:
    """The same of a resume that was sent to this very feed: it is judged whether it matches or not."""
    place = topics.locate(profile)
    return match_of(query, profile, judge(query, profile, place), place)
