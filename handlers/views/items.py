"""One entry of a feed's list as clients see it: the result, the resume, and what the account keeps of it.

The resume and the account's notes have views of their own, in `resume_view` and `candidate_view`. Fields are
spelled as in the API document (`favStatus`).
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from typing import Annotated, Any, Literal

import msgspec

from handlers.api.contract import Moment, OptionalMoment, Seconds, Shape
from handlers.views.candidate_view import (
    CommentView,
    ContactInfo,
    MarkView,
    authors_of,
    comment_log,
    contact_info,
    mark_log,
    unlocked,
)
from handlers.views.member_names import MemberName, Names
from handlers.views.resume_view import ResumeView, resume_view
from handlers.views.summary import summary_of
from runtime.clock import clock_text, unix_seconds
from runtime.decoding import Id
from store.accounts.companies import Member
from store.notes.candidate_records import CandidateRecord, ClaimKind
from store.persons.lookalikes import Lookalikes
from store.persons.person_records import PersonRecords
from store.persons.persons import Persons
from store.results.result_documents import Result, ScoredResult
from store.results.result_filter import Tier
from store.results.work import Work
from store.resumes.contacts import Contact, Contacts
from store.resumes.masked_texts import opener, reveal
from store.resumes.resume_record import Resume
from store.resumes.resume_values import Origin, ShownResume
from store.resumes.resumes import Resumes

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


class RequirementView(Shape):
    """One requirement of the feed, and what the resume says of it.

    Attributes:
        field: Its name in the form.
        asked: What is asked for.
        found: The resume's words; empty where it does not say.
        state: `unknown` where the resume does not say.
    """

    field: str
    asked: str
    found: str
    state: Literal["met", "unmet", "unknown"]


class BesideView(Shape):
    """Another resume that an entry names: of the same person, or of somebody who may be the same.

    Attributes:
        source: Who sent it.
        arrived_time: When it came first.
        feed_id: A feed of the account that lists it.
    """

    id: Id
    source: str
    arrived_time: Moment
    feed_id: Id


class ClaimView(Shape):
    """Who is with a person, for a look or for a call, and until when."""

    by: MemberName
    kind: ClaimKind
    until: Seconds


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
        summary: At most three of them as a recruiter would say them.
        missing: What the feed asks for and the resume lacks.
        requirements: What the feed requires, in the order of its form.
        to_confirm: Whether it was read from a file, without a name or without work: somebody should look.
        others: Older resumes of the same person that this list has under it, newest first.
        beside: What the ids of `others` and `maybe_same` stand for, in this order.
        maybe_same: Resumes in the account's lists that may be the same person's; `join` and `part` decide.
        has_original: Whether there is the file that it was read from.
        feedback: Why it was deleted, as `modify_feed_result` was told; nothing of what is not deleted.
        removed_time: When it was deleted; empty of what is not, or where that is not known.
        work: Where the person stands in the feed, by the latest outcome that was marked for it. Without one
            `rejected` who was removed, `undecided` who was opened or unlocked, `new` who was not.
        claim: Which member is with the person just now.
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
    summary: str
    missing: list[str]
    requirements: list[RequirementView]
    to_confirm: bool
    others: list[Id]
    maybe_same: list[Id]
    beside: list[BesideView]
    has_original: bool
    feedback: list[str]
    removed_time: OptionalMoment
    work: Work
    claim: ClaimView | None


class Items(msgspec.Struct, frozen=True):
    """Makes entries out of results, resumes, candidate records and contacts."""

    _resumes: Resumes
    _records: PersonRecords
    _contacts: Contacts
    _persons: Persons
    _lookalikes: Lookalikes
    _names: Names

    async def list_for(self, member: Member, results: Sequence[Result], request_id: str) -> list[Item]:
        """Results as an account sees them; one whose resume was erased meanwhile is left out.

        They include the contacts that the account has unlocked, and the texts in which these are masked for
        others; each showing of one is audited.
        """
        ids = [result.resume for result in results]
        resumes, persons = await asyncio.gather(
            self._resumes.shown(ids), self._persons.groups_for(member.company, ids)
        )
        kept = await self._records.find_in(member.company, persons, watcher=member.user)
        contacts = await self._contacts.disclose(member, unlocked(kept), "list", request_id)
        alike = {id_: resume.maybe_same for id_, resume in resumes.items()}
        maybe_same = await self._lookalikes.shown_to(member.company, alike, persons)
        named = {other for result in results for other in result.others}
        named |= {other for others in maybe_same.values() for other in others}
        origins = await self._resumes.origins(sorted(named))
        names = await self._names.of(authors_of([*kept.values()]))
        return [
            item(
                result,
                resumes[result.resume],
                kept.get(result.resume),
                contacts.get(result.resume),
                maybe_same.get(result.resume, {}),
                origins,
                names,
            )
            for result in results
            if result.resume in resumes
        ]

    async def masked(self, results: Sequence[Result]) -> list[Item]:
        """Results as somebody sees them for whom nothing is unlocked, and of whose notes nothing is known."""
        resumes = await self._resumes.shown([result.resume for result in results])
        return [
            item(result, resumes[result.resume], None, None, {}, {}, {})
            for result in results
            if result.resume in resumes
        ]


def item(
    result: Result,
    shown: ShownResume,
    candidate: CandidateRecord | None,
    contact: Contact | None,
    maybe_same: Mapping[str, str],
    origins: Mapping[str, Origin],
    names: Mapping[str, MemberName],
) -> Item:
    """One entry, for an account that keeps `candidate` of the person, and has unlocked `contact`, if any.

    Of each resume in `maybe_same` there is a feed that lists it. `origins` say where these and the person's
    other resumes came from; what is missing there was erased meanwhile.
    """
    originals = contact.texts if contact else {}
    opened = opener(shown.body, originals)
    resume = reveal(shown.body, originals)
    listed_in = {**dict.fromkeys(result.others, result.feed), **maybe_same}
    return Item(
        **scored_fields(result, resume, opened),
        feed=ItemFeed(id=result.feed, keywords=result.keywords),
        favStatus=candidate is not None and candidate.watch is not None,
        user_read_status="read" if result.read else "unread",
        pub_time=clock_text(result.pub_time),
        calc_time=clock_text(result.calc_time),
        id=result.id,
        contact_info=contact_info(result.resume, contact),
        mark_log=mark_log(candidate, names),
        comment_log=comment_log(candidate, names),
        to_confirm=shown.to_confirm,
        others=result.others,
        maybe_same=[other for other in maybe_same if other in origins],
        beside=[
            BesideView(other, origins[other].source, clock_text(origins[other].arrived_at), feed_id)
            for other, feed_id in listed_in.items()
            if other in origins
        ],
        has_original=shown.has_original,
        feedback=result.reasons if result.deleted else [],
        removed_time=clock_text(result.removed_at) if result.removed_at else "",
        work=result.work,
        claim=claim_view(candidate, names),
    )


def claim_view(candidate: CandidateRecord | None, names: Mapping[str, MemberName]) -> ClaimView | None:
    """The claim of a person; None where nobody is with them."""
    if candidate is None or candidate.claim is None:
        return None
    claim = candidate.claim
    return ClaimView(names[claim.by], claim.kind, unix_seconds(claim.until))


def scored_fields(scored: ScoredResult, resume: Resume, opened: Callable[[str], str]) -> dict[str, Any]:
    """What an entry says of a resume and its score, with pieces of the resume as `opener` shows them."""
    return {
        "resume": resume_view(scored.resume, resume),
        "tags": [opened(tag) for tag in scored.tags],
        "tier": "strong" if scored.strong else "possible",
        "fit": scored.fit,
        "score": scored.score,
        "title_match": scored.title_match,
        "why": [ReasonView(one.field, one.term, opened(one.matched), one.points) for one in scored.why],
        "summary": summary_of(scored, resume, opened),
        "missing": scored.missing,
        "requirements": [
            RequirementView(one.field, one.asked, opened(one.found), one.state)  # type: ignore[arg-type]
            for one in scored.requirements
        ],
    }
