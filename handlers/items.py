"""One entry of a feed's list as clients see it: the result, the resume, and what the account keeps of it.

The resume and the account's notes have views of their own, in `resume_view` and `candidate_view`. Fields are
spelled as in the API document (`favStatus`).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Literal

import msgspec

from handlers.api.contract import Moment, Shape
from handlers.candidate_view import (
    CommentView,
    ContactInfo,
    MarkView,
    comment_log,
    contact_info,
    mark_log,
    unlocked,
)
from handlers.resume_view import ResumeView, resume_view
from runtime.clock import clock_text
from runtime.decoding import Id
from store.candidate_records import CandidateRecord, CandidateRecords
from store.contacts import Contact, Contacts
from store.masked_texts import reveal
from store.result_documents import Result, ScoredResult
from store.resumes import Resumes, ShownResume
from store.tiers import Tier

Probability = Annotated[float, msgspec.Meta(ge=0, le=1)]


class ItemFeed(Shape):
    """The feed that an entry is listed in.

    Attributes:
        keywords: Its keywords that the resume has.
    """

    id: Id
    keywords: list[str]


class ReasonView(Shape):
    """One reason for a score.

    Attributes:
        field: Where in the resume it was found.
        term: What the feed asks for.
        matched: The resume's words for it.
    """

    field: str
    term: str
    matched: str
    points: float


class Item(Shape):
    """One entry of a feed's list.

    Attributes:
        favStatus: Whether it is a favourite.
        pub_time: When it was listed.
        calc_time: When it was last scored.
        id: The entry's own.
        tags: What stands out in the resume: terms, kind of school, degree.
        mark_log: In the order they were made.
        comment_log: In the order they were made.
        tier: `strong` for what is worth reading, else `possible`.
        fit: The probability that a recruiter calls it fitting.
        score: 0 to 100; the points of `why` add up to it.
        title_match: Whether the title itself agrees.
        why: The reasons, best first.
        missing: What the feed asks for and the resume lacks.
        to_confirm: Whether it was read from a file, without a name or without work: somebody should look.
        has_original: Whether there is the file that it was read from.
    """

    feed: ItemFeed
    resume: ResumeView
    favStatus: bool
    user_read_status: Literal["read", "unread"]
    pub_time: Moment
    calc_time: Moment
    id: Id
    tags: list[str]
    contact_info: ContactInfo
    mark_log: list[MarkView]
    comment_log: list[CommentView]
    tier: Tier
    fit: Probability
    score: float
    title_match: bool
    why: list[ReasonView]
    missing: list[str]
    to_confirm: bool
    has_original: bool


class Items:
    """Makes entries out of results, resumes, candidate records and contacts."""

    def __init__(self, resumes: Resumes, records: CandidateRecords, contacts: Contacts) -> None:
        self._resumes = resumes
        self._records = records
        self._contacts = contacts

    async def list_for(self, user_id: str, results: Sequence[Result], request_id: str) -> list[Item]:
        """Results as an account sees them; one whose resume was erased meanwhile is left out.

        They include the contacts that the account has unlocked, and the texts in which these are masked for
        others; each showing of one is audited.
        """
        ids = [result.resume for result in results]
        resumes = await self._resumes.shown(ids)
        kept = await self._records.find_for(user_id, ids)
        contacts = await self._contacts.disclose(user_id, unlocked(kept), "list", request_id)
        return [
            item(result, resumes[result.resume], kept.get(result.resume), contacts.get(result.resume))
            for result in results
            if result.resume in resumes
        ]


def item(
    result: Result, shown: ShownResume, candidate: CandidateRecord | None, contact: Contact | None
) -> Item:
    """One entry.

    Args:
        result: What the list holds.
        shown: The resume it is about.
        candidate: What the account keeps of the person; None for nothing.
        contact: The contact, where the account has unlocked it.
    """
    resume = shown.body if contact is None else reveal(shown.body, contact.texts)
    return Item(
        feed=ItemFeed(id=result.feed, keywords=result.keywords),
        resume=resume_view(result.resume, resume),
        favStatus=candidate is not None and candidate.watch is not None,
        user_read_status="read" if result.read else "unread",
        pub_time=clock_text(result.pub_time),
        calc_time=clock_text(result.calc_time),
        id=result.id,
        tags=result.tags,
        contact_info=contact_info(result.resume, contact),
        mark_log=mark_log(candidate),
        comment_log=comment_log(candidate),
        tier=tier_name(result),
        fit=result.fit,
        score=result.score,
        title_match=result.title_match,
        why=reasons(result),
        missing=result.missing,
        to_confirm=shown.to_confirm,
        has_original=shown.has_original,
    )


def tier_name(scored: ScoredResult) -> Tier:
    """The tier as clients see it."""
    return "strong" if scored.strong else "possible"


def reasons(scored: ScoredResult) -> list[ReasonView]:
    """The reasons for a score, best first."""
    return [ReasonView(one.field, one.term, one.matched, one.points) for one in scored.why]
