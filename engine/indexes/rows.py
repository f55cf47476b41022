"""One resume against one feed, as the stores keep it: the score with everything that a list shows.

The score itself and its reasons are made in `engine.matching`. Here they become the row that is written.
"""

from __future__ import annotations

import msgspec

from engine.indexes.active_feeds import ActiveFeed, FeedKey
from engine.matching.feedback.adjustment import with_feedback
from engine.matching.feedback.model import FeedbackModel
from engine.matching.learned.topics import NO_TOPICS, Topics
from engine.matching.resume_profile import ResumeProfile
from engine.matching.score.breakdown import ScoreBreakdown
from engine.matching.score.match import score, score_delivered
from engine.matching.score.reasons import Match, match_of
from store.results.result_documents import Reason, Requirement, ScoredResult
from store.resumes.hunting_states import hunting_state
from store.resumes.profiles import StoredProfile


def score_row(feed: ActiveFeed, stored: StoredProfile, profile: ResumeProfile) -> ScoredResult | None:
    """Score a resume for a feed.

    Args:
        feed: The feed, with its feedback model.
        stored: The resume's profile as it is stored.
        profile: The same, decoded.

    Returns:
        None when it does not match. But a resume that was delivered or recommended to this very feed is
        judged and listed whether it matches or not.
    """
    is_delivered = feed.key.id in stored.send_to or feed.key.id in stored.partner_for
    match = (score_delivered if is_delivered else score)(feed.query, profile, feed.topics)
    return row_of(feed.key, feed.model, stored, profile, match, feed.topics) if match else None


def found_row(
    feed: ActiveFeed, stored: StoredProfile, profile: ResumeProfile, breakdown: ScoreBreakdown
) -> ScoredResult:
    """The row of a pair whose points a search in the index has found."""
    match = match_of(feed.query, profile, breakdown, feed.topics.locate(profile))
    return row_of(feed.key, feed.model, stored, profile, match, feed.topics)


def kept_row(
    feed: ActiveFeed, stored: StoredProfile, profile: ResumeProfile, *, strong: bool
) -> ScoredResult:
    """Score a resume that does not match, and stays listed as somebody has read it or keeps it.

    It is judged as one that was delivered: score and reasons are of the form and the resume as they are now.
    It stays in the tier in which it is listed, or goes down where it no longer meets what it must.
    """
    match = score_delivered(feed.query, profile, feed.topics)
    row = row_of(feed.key, feed.model, stored, profile, match, feed.topics)
    return msgspec.structs.replace(row, strong=strong and not match.unmet)


def row_of(
    key: FeedKey,
    model: bytes,
    stored: StoredProfile,
    profile: ResumeProfile,
    match: Match,
    topics: Topics = NO_TOPICS,
) -> ScoredResult:
    """The row of a pair whose match is known already, as the index gives it; otherwise as `score_row`.

    Args:
        key: The feed.
        model: The feed's feedback model, encoded; empty for none.
        stored: The resume's profile as it is stored.
        profile: The same, decoded.
        match: What the two have in common, before feedback.
        topics: The learned topics in force.
    """
    send, partner = key.id in stored.send_to, key.id in stored.partner_for
    if model:
        match = with_feedback(match, FeedbackModel.decode(model), profile, topics.locate(profile))
    return ScoredResult(
        feed=key.id,
        company=key.company,
        resume=stored.resume,
        feed_rev=key.rev,
        resume_rev=stored.rev,
        arrived_at=stored.arrived_at,
        score=match.score,
        fit=match.fit,
        strong=match.is_strong or ((send or partner) and not match.unmet),
        title_match=match.title_match,
        why=[Reason(row.field, row.term, row.matched, row.points) for row in match.why],
        missing=list(match.missing),
        keywords=list(match.keywords),
        tags=list(dict.fromkeys([*match.keywords, *profile.tags])),
        send=send,
        partner=partner,
        address=profile.address,
        areas=list(profile.areas),
        salary_low=profile.salary_low,
        salary_high=profile.salary_high,
        degree=profile.degree,
        years=None if profile.months is None else profile.months // 12,
        schools=list(profile.classes),
        hunting=hunting_state(profile.hunting),
        requirements=[Requirement(row.field, row.asked, row.found, row.state) for row in match.requirements],
    )
