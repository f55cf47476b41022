"""One entry of a list as clients see it: the result, the resume, and what the account keeps of the person.

The API document's spellings are kept (`compnay_name`, `favStatus`).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import msgspec

from handlers.api.contract import Moment, Seconds, Shape
from runtime.clock import clock_text
from runtime.decoding import Id
from store.candidate_records import CandidateRecord, CandidateRecords
from store.contacts import Contact, Contacts
from store.results import Result, ScoredResult
from store.resume_record import Education, JobTarget, Resume, ResumeFields, Work
from store.resumes import Resumes


class JobTargetView(JobTarget, Shape):
    """What the candidate looks for; empty texts where nothing is known."""


class EducationView(Education, Shape):
    """One school."""


class WorkView(Work, Shape):
    """One job."""


class ResumeView(ResumeFields[JobTargetView, EducationView, WorkView], Shape, kw_only=True):
    """A resume without its contact; empty texts where nothing is known."""

    id: Id


class ContactInfo(Shape):
    """An unlocked contact; no field at all until it is unlocked, and for a candidate who keeps it secret."""

    name: str | msgspec.UnsetType = msgspec.UNSET
    phone: str | msgspec.UnsetType = msgspec.UNSET
    email: str | msgspec.UnsetType = msgspec.UNSET
    qq: str | msgspec.UnsetType = msgspec.UNSET
    resume_id: Id | msgspec.UnsetType = msgspec.UNSET


class MarkView(Shape):
    """One mark: how things stand with the candidate."""

    mark_time: Seconds
    good_result: bool
    mark_name: str


class CommentView(Shape):
    """One comment."""

    content: str
    comment_time: Moment
    resume_id: Id


class ItemFeed(Shape):
    """The feed that an entry is listed in.

    Attributes:
        keywords: What of it the resume has.
    """

    id: Id
    keywords: list[str]


class ReasonView(Shape):
    """One reason for a score.

    Attributes:
        field: What of the resume it is found in.
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
        score: 0 to 100; the points of `why` add up to it.
        title_match: The title itself agrees.
        why: The reasons, best first.
        missing: What the feed asks for and the resume lacks.
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
    score: float
    title_match: bool
    why: list[ReasonView]
    missing: list[str]


class Items:
    """Puts entries together from where their parts are kept."""

    def __init__(self, resumes: Resumes, records: CandidateRecords, contacts: Contacts) -> None:
        self._resumes = resumes
        self._records = records
        self._contacts = contacts

    async def list_for(self, user_id: str, results: Sequence[Result], request_id: str) -> list[Item]:
        """Results as an account sees them; one whose resume was erased is left out.

        Contacts that the account has unlocked are in it, and every one shown is audited.
        """
        ids = [result.resume for result in results]
        resumes = await self._resumes.bodies(ids)
        kept = await self._records.of(user_id, ids)
        contacts = await self._contacts.disclose(user_id, unlocked(kept), "list", request_id)
        return [
            item(result, resumes[result.resume], kept.get(result.resume), contacts.get(result.resume))
            for result in results
            if result.resume in resumes
        ]


def unlocked(kept: dict[str, CandidateRecord]) -> list[str]:
    """The resumes whose contact the account has unlocked."""
    return [resume_id for resume_id, candidate in kept.items() if candidate.unlocked_at is not None]


def item(result: Result, resume: Resume, candidate: CandidateRecord | None, contact: Contact | None) -> Item:
    """One entry.

    Args:
        result: What the list holds.
        resume: The resume it is about.
        candidate: What the account keeps of the person; None for nothing.
        contact: The contact, where the account has unlocked it.
    """
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
        score=result.score,
        title_match=result.title_match,
        why=reasons(result),
        missing=result.missing,
    )


def resume_view(resume_id: str, resume: Resume) -> ResumeView:
    """A resume with its id."""
    return ResumeView(id=resume_id, **msgspec.structs.asdict(resume))


def reasons(scored: ScoredResult) -> list[ReasonView]:
    """The reasons for a score, best first."""
    return [ReasonView(one.field, one.term, one.matched, one.points) for one in scored.why]


def contact_info(resume_id: str, contact: Contact | None) -> ContactInfo:
    """A contact as lists show it: nothing where there is none to show."""
    if contact is None or contact.status == "secret":
        return ContactInfo()
    return ContactInfo(
        name=contact.name, phone=contact.phone, email=contact.email, qq=contact.qq, resume_id=resume_id
    )


def mark_log(candidate: CandidateRecord | None) -> list[MarkView]:
    """An account's marks of a person, in the order they were made."""
    marks = candidate.marks if candidate else []
    return [MarkView(int(mark.at.timestamp()), mark.good, mark.name) for mark in marks]


def comment_log(candidate: CandidateRecord | None) -> list[CommentView]:
    """An account's comments on a person, in the order they were made."""
    if candidate is None:
        return []
    return [
        CommentView(comment.content, clock_text(comment.at), candidate.resume)
        for comment in candidate.comments
    ]
