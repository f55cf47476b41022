"""What an account keeps of a candidate, as clients see it: the unlocked contact, marks and comments."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Literal

import msgspec

from handlers.api.contract import Moment, Seconds, Shape
from handlers.views.member_names import MemberName
from runtime.clock import clock_text, minute_text, unix_seconds
from runtime.decoding import Id
from store.notes.candidate_records import CandidateRecord, Interview
from store.resumes.contacts import Contact


class ContactInfo(Shape):
    """An unlocked contact; no field at all until it is unlocked, and for a candidate who keeps it secret."""

    name: str | msgspec.UnsetType = msgspec.UNSET
    phone: str | msgspec.UnsetType = msgspec.UNSET
    email: str | msgspec.UnsetType = msgspec.UNSET
    qq: str | msgspec.UnsetType = msgspec.UNSET
    resume_id: Id | msgspec.UnsetType = msgspec.UNSET


InterviewKind = Literal["onsite", "video", "phone"]


class InterviewView(Shape):
    """The date of an interview, as it was given."""

    at: str
    minutes: int
    kind: InterviewKind
    place: str
    note: str


class MarkView(Shape):
    """One mark: how things stand with the candidate.

    Attributes:
        id: The mark's own, by which it is corrected.
        remind_on: The day in China on which to come back to them, `YYYY-MM-DD`; empty for none.
        remind_at: The same with the hour, `YYYY-MM-DD HH:MM`; empty where it is about the whole day.
        interview: When they come for an interview.
        by: Who made it.
        feed_id: For which feed.
    """

    mark_time: Seconds
    good_result: bool
    mark_name: str
    id: Id
    remind_on: str
    remind_at: str
    interview: InterviewView | None
    by: MemberName
    feed_id: Id


class CommentView(Shape):
    """One comment.

    Attributes:
        resume_id: On which of the person's resumes.
        id: The comment's own, by which it is corrected.
        edited: Whether it was corrected.
        by: Who made it.
        by_handover: Whether it was said by a hand-over, which is `by`'s: nobody here corrects it.
    """

    content: str
    comment_time: Moment
    resume_id: Id
    id: Id
    edited: bool
    by: MemberName
    by_handover: bool


def unlocked(kept: Mapping[str, CandidateRecord]) -> list[str]:
    """The resumes whose contact the account has unlocked."""
    return [resume_id for resume_id, candidate in kept.items() if candidate.unlocked_at is not None]


def contact_info(resume_id: str, contact: Contact | None) -> ContactInfo:
    """A contact as lists show it. One that is secret, or not unlocked (None), gives no field at all."""
    if contact is None or contact.status == "secret":
        return ContactInfo()
    return ContactInfo(
        name=contact.name, phone=contact.phone, email=contact.email, qq=contact.qq, resume_id=resume_id
    )


def authors_of(candidates: Iterable[CandidateRecord]) -> set[str]:
    """Who made marks and comments, and who is with the persons."""
    found = set[str]()
    for one in candidates:
        found |= {mark.by for mark in one.marks} | {comment.by for comment in one.comments}
        found |= {one.claim.by} if one.claim else set()
    return found


def mark_log(candidate: CandidateRecord | None, names: Mapping[str, MemberName]) -> list[MarkView]:
    """A company's marks of a person, in the order they were made."""
    marks = candidate.marks if candidate else []
    return [
        MarkView(
            mark_time=unix_seconds(mark.at),
            good_result=mark.good,
            mark_name=mark.name,
            id=mark.id,
            remind_on=mark.remind_on,
            remind_at=mark.remind_at,
            interview=interview_view(mark.interview),
            by=names[mark.by],
            feed_id=mark.feed,
        )
        for mark in marks
    ]


def interview_view(interview: Interview | None) -> InterviewView | None:
    """A date as clients see it."""
    if interview is None:
        return None
    kind: InterviewKind = interview.kind  # type: ignore[assignment]
    return InterviewView(minute_text(interview.at), interview.minutes, kind, interview.place, interview.note)


def comment_log(candidate: CandidateRecord | None, names: Mapping[str, MemberName]) -> list[CommentView]:
    """A company's comments on a person, in the order they were made."""
    if candidate is None:
        return []
    return [
        CommentView(
            one.content, clock_text(one.at), one.resume, one.id, one.edited, names[one.by], one.by_handover
        )
        for one in candidate.comments
    ]
