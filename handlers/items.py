"""One entry of a list as clients see it: the result, the resume, and what the account keeps of the person.

The API document's spellings are kept (`compnay_name`, `favStatus`).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

import msgspec

from handlers.api.contract import Moment, Seconds
from runtime.clock import clock_text
from runtime.decoding import Id
from store.candidate_records import CandidateRecord, CandidateRecords, Mark
from store.contacts import Contact, Contacts
from store.result_documents import Result, ScoredResult
from store.resumes import Resumes


class Shape(msgspec.Struct, forbid_unknown_fields=True):
    """A part of an answer: exactly its fields."""


class JobTargetView(Shape):
    """What the candidate looks for; empty texts where nothing is known.

    Attributes:
        salary: As it came: a number, or a text as people write it.
    """

    job_career: str
    salary: int | float | str
    job_category: str
    job_hunting_state: str
    job_industry: str
    enroll_time: str
    expectation_area: str


class EducationView(Shape):
    """One school.

    Attributes:
        start_time: `YYYY-MM`, `YYYY-MM-DD` or `至今`.
        end_time: `YYYY-MM`, `YYYY-MM-DD` or `至今`.
    """

    school: str
    start_time: str
    end_time: str
    degree: str
    major: str


class WorkView(Shape):
    """One job.

    Attributes:
        salary: As it came: a number, or a text as people write it.
        start_time: `YYYY-MM`, `YYYY-MM-DD` or `至今`.
        end_time: `YYYY-MM`, `YYYY-MM-DD` or `至今`.
    """

    salary: int | float | str
    company_category: str
    start_time: str
    position_category: str
    company_scale: str
    compnay_name: str
    industry_category: str
    position_title: str
    job_desc: str
    duration: str
    end_time: str


class ResumeView(Shape):
    """A resume without its contact; empty texts where nothing is known.

    Attributes:
        age: null where it is not known.
        last_contact: `YYYY-MM-DD HH:MM:SS`, in Asia/Shanghai.
    """

    id: Id
    job_target: JobTargetView
    education: list[EducationView]
    works: list[WorkView]
    address: str
    gender: str
    age: int | None
    self_evaluation: str
    work_years: int | float | str
    hr_evaluate: str
    last_contact: str


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

    async def of(self, user_id: str, results: Sequence[Result], request_id: str) -> list[dict[str, Any]]:
        """Results as `Item`s; one whose resume was erased is left out.

        Contacts that the account has unlocked are in it, and every one shown is audited.
        """
        ids = [result.resume for result in results]
        bodies = await self._resumes.bodies(ids)
        records = await self._records.find_for(user_id, ids)
        contacts = await self._contacts.disclose(user_id, unlocked(records), "list", request_id)
        return [
            item(result, bodies[result.resume], records.get(result.resume), contacts.get(result.resume))
            for result in results
            if result.resume in bodies
        ]


def unlocked(records: dict[str, CandidateRecord]) -> list[str]:
    """The resumes whose contact the account has unlocked."""
    return [resume for resume, record in records.items() if record.unlocked_at is not None]


def item(
    result: Result, body: dict[str, Any], record: CandidateRecord | None, contact: Contact | None
) -> dict[str, Any]:
    """One result as an `Item`."""
    return {
        "feed": {"id": result.feed, "keywords": result.keywords},
        "resume": {**body, "id": result.resume},
        "favStatus": record is not None and record.watch is not None,
        "user_read_status": "read" if result.read else "unread",
        "pub_time": clock_text(result.pub_time),
        "calc_time": clock_text(result.calc_time),
        "id": result.id,
        "tags": result.tags,
        "contact_info": contact_info(result.resume, contact),
        "mark_log": mark_log(record),
        "comment_log": comment_log(record),
        **reasons(result),
    }


def reasons(scored: ScoredResult) -> dict[str, Any]:
    """The score with its evidence, best first."""
    return {
        "score": scored.score,
        "title_match": scored.title_match,
        "why": msgspec.to_builtins(scored.why),
        "missing": scored.missing,
    }


def contact_info(resume_id: str, contact: Contact | None) -> dict[str, str]:
    """A contact as lists show it: nothing where there is none to show."""
    if contact is None or contact.status == "secret":
        return {}
    return {
        "name": contact.name,
        "phone": contact.phone,
        "email": contact.email,
        "qq": contact.qq,
        "resume_id": resume_id,
    }


def mark_log(record: CandidateRecord | None) -> list[dict[str, Any]]:
    """An account's marks of a person, in the order they were made."""
    return [_mark(mark) for mark in record.marks] if record else []


def _mark(mark: Mark) -> dict[str, Any]:
    return {"mark_time": int(mark.at.timestamp()), "good_result": mark.good, "mark_name": mark.name}


def comment_log(record: CandidateRecord | None) -> list[dict[str, Any]]:
    """An account's comments on a person, in the order they were made."""
    if record is None:
        return []
    return [
        {"content": comment.content, "comment_time": clock_text(comment.at), "resume_id": record.resume}
        for comment in record.comments
    ]
