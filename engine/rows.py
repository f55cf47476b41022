"""One resume against one feed, as the stores keep it: the score with everything a list shows."""

from __future__ import annotations

from engine.active_feeds import ActiveFeed, FeedKey
from engine.matching.feedback.model import FeedbackModel, with_feedback
from engine.matching.resume_profile import ResumeProfile
from engine.matching.score.match import Match, score
from store.profiles import StoredProfile
from store.result_documents import Reason, ScoredResult
from store.resumes import StoredResume


def score_row(live: ActiveFeed, stored: StoredProfile, profile: ResumeProfile) -> ScoredResult | None:
    """Score a resume for a feed.

    Args:
        live: The feed.
        stored: The resume's profile as it is stored.
        profile: The same, decoded.

    Returns:
        None when it does not match; but a resume that was delivered or recommended to this very
        feed is listed whatever its score.
    """
    return row_of(live.feed, live.model, stored, profile, score(live.query, profile))


def row_of(
    feed: FeedKey, model: bytes, stored: StoredProfile, profile: ResumeProfile, match: Match | None
) -> ScoredResult | None:
    """As `judge`, of a pair that is scored."""
    send, partner = feed.id in stored.send_to, feed.id in stored.partner_for
    if match is not None and model:
        match = with_feedback(match, FeedbackModel.decode(model), profile)
    if match is None and not (send or partner):
        return None
    keywords = match.keywords if match else []
    return ScoredResult(
        feed=feed.id,
        user=feed.user,
        resume=stored.resume,
        feed_rev=feed.rev,
        resume_rev=stored.rev,
        arrived_at=stored.arrived_at,
        score=match.score if match else 0.0,
        title_match=match.title_match if match else False,
        why=[Reason(row.field, row.term, row.matched, row.points) for row in match.why] if match else [],
        missing=list(match.missing) if match else [],
        keywords=list(keywords),
        tags=list(dict.fromkeys([*keywords, *profile.tags])),
        send=send,
        partner=partner,
        address=profile.address,
        salary_low=profile.salary_low,
        salary_high=profile.salary_high,
    )


def stored_profile(resume: StoredResume, profile: ResumeProfile, version: str) -> StoredProfile:
    """A resume's profile as it is stored."""
    return StoredProfile(
        resume=resume.id,
        rev=resume.rev,
        arrived_at=resume.arrived_at,
        send_to=resume.send_to,
        partner_for=resume.partner_for,
        key_terms=list(profile.key_terms),
        data=profile.encode(),
        version=version,
        places=list(profile.places),
    )
