"""What a company keeps of a person, whichever of their resumes it was noted on.

    await records.watch(member, resume, feed)               # by any resume of the person
    (await records.find_for(company, [other]))[other]       # knows of it

Each resume's record stays its own, so that a part gives everybody back what was noted on theirs: here they
are read together, in the order of time. What a company may keep of one person is bounded as a whole.

A contact is unlocked for the resumes that are one person's by their keys. One that the company itself joined
is unlocked by itself: what it joins is its own word, and would open whatever it likes.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
from bson import ObjectId

from store.accounts.companies import OWNER, Member
from store.errors import NotAllowed, NotFound
from store.ids import candidate_record_id, handover_note, note_id
from store.jobs.jobs import Jobs
from store.notes.candidate_records import CandidateRecord, CandidateRecords, ClaimKind, Kind, PersonClaim
from store.notes.note_changes import NoteChanges
from store.persons.persons import Persons
from store.results.result_counters import ResultCounters
from store.results.results import Results
from store.results.work import outcome_of
from store.transactions import Transaction, again_after_conflict


class Unlock(msgspec.Struct, frozen=True, kw_only=True):
    """Resumes whose contact is unlocked at once: those of a person, as far as keys say that they are theirs.

    Attributes:
        counted_by: What they are counted by, whichever of them is unlocked.
    """

    resume: str
    counted_by: str
    is_done: bool


class PersonRecords:
    """Belongs to one event loop. Every method is for one company.

    What writes raises `NotFound` where the resume was erased in between.
    """

    def __init__(
        self,
        records: CandidateRecords,
        persons: Persons,
        changes: NoteChanges,
        counters: ResultCounters,
        jobs: Jobs,
        results: Results,
    ) -> None:
        self._records = records
        self._persons = persons
        self._noting = counters.noting
        self._changes = changes
        self._jobs = jobs
        self._results = results

    async def find_for(
        self, company_id: str, resume_ids: Sequence[str], *, watcher: str = ""
    ) -> dict[str, CandidateRecord]:
        """What the company keeps of the persons of these resumes; those of nothing are left out.

        For the `watcher` see `CandidateRecords.find_for`.
        """
        groups = await self._persons.groups_for(company_id, resume_ids)
        return await self.find_in(company_id, groups, watcher=watcher)

    async def find_in(
        self, company_id: str, groups: Mapping[str, Sequence[str]], *, watcher: str = ""
    ) -> dict[str, CandidateRecord]:
        """The same where it is known who is one person: by resume, the other resumes of each one's person."""
        ids = {id_ for resume, others in groups.items() for id_ in (resume, *others)}
        found = await self._records.find_for(company_id, sorted(ids), watcher=watcher)
        same = await self._persons.same_by_keys(groups)
        return {
            resume: merged(resume, records, same[resume])
            for resume, others in groups.items()
            if (records := [found[id_] for id_ in (resume, *others) if id_ in found])
        }

    async def newest(self, company_id: str, groups: Mapping[str, Sequence[str]]) -> dict[str, str]:
        """The resume by which each resume's person is shown: the newest that was listed for the company.

        Groups are given as to `find_in`. For those who are alone nothing is read.
        """
        several = {id_ for resume, others in groups.items() if others for id_ in (resume, *others)}
        seen = {id_: at for at, id_ in enumerate(await self._records.listed(company_id, sorted(several)))}
        return {
            resume: min(
                (id_ for id_ in (resume, *others) if id_ in seen), key=lambda id_: seen[id_], default=resume
            )
            for resume, others in groups.items()
        }

    async def unlocks(self, company_id: str, person: Sequence[str]) -> list[Unlock]:
        """What has to be unlocked, or is, so that the contact of a person with these resumes is.

        Returns:
            One of each that counts, in the order of the first of its resumes, which it names.
        """
        same = await self._persons.same_by_keys(
            {id_: [other for other in person if other != id_] for id_ in person}
        )
        found = await self._records.find_for(company_id, person)
        done = {id_ for id_, record in found.items() if record.unlocked_at}
        firsts: dict[str, str] = {}
        for id_ in person:
            firsts.setdefault(min([id_, *same[id_]]), id_)
        return [
            Unlock(resume=id_, counted_by=least, is_done=not done.isdisjoint((id_, *same[id_])))
            for least, id_ in firsts.items()
        ]

    @again_after_conflict
    async def watch(self, member: Member, resume_id: str, feed_id: str) -> None:
        """Make a person a member's favourite, found in a feed's list; who is one stays as they are."""
        async with self._noting(member.company):
            found = await self.find_for(member.company, [resume_id], watcher=member.user)
            if resume_id not in found or found[resume_id].watch is None:
                await self._records.watch(member, resume_id, feed_id)

    @again_after_conflict
    async def unwatch(self, member: Member, resume_id: str) -> None:
        """Make a person no favourite of a member; harmless when they are none."""
        async with self._noting(member.company):
            others = (await self._persons.groups_for(member.company, [resume_id]))[resume_id]
            for id_ in (resume_id, *others):
                await self._records.unwatch(member, id_)

    @again_after_conflict
    async def unlock(self, company_id: str, resume_id: str) -> None:
        """Note that the company has unlocked the contact; the first time stays."""
        async with self._noting(company_id):
            await self._records.unlock(company_id, resume_id)

    @again_after_conflict
    async def claim(
        self, member: Member, resume_id: str, feed_id: str, kind: ClaimKind
    ) -> tuple[PersonClaim, CandidateRecord]:
        """Be with a person for a while, unless a colleague is.

        A call stays one where its holder looks.

        Returns:
            The claim that holds, which may be a colleague's, and what is kept of the person.

        Raises:
            NotFound: The resume was erased in between, or they have left the company.
        """
        async with self._noting(member.company) as transaction:
            found = (await self.find_for(member.company, [resume_id])).get(resume_id)
            before = found.claim if found else None
            keeps_calling = before and before.kind == "call" and kind == "look"
            if found and before and (before.by != member.user or keeps_calling):
                return before, found
            if before and before.resume != resume_id:
                await self._records.release(member.company, [before.resume])
            claim = await self._records.claim(member, resume_id, feed_id, kind)
            await self._records.tell_claim(transaction, claim, member.company)
            return claim, found or (await self.find_for(member.company, [resume_id]))[resume_id]

    @again_after_conflict
    async def release(self, company_id: str, resume_id: str, *, by: Member | None = None) -> None:
        """End whatever claim there is of a person; harmless where there is none.

        `by` is who asks; None where something came of the claim.

        Raises:
            NotAllowed: A colleague of whoever asks has it, and they are no owner of the company.
        """
        if (await self._claim_of(company_id, resume_id)) is None:
            return
        async with self._noting(company_id) as transaction:
            claim = await self._claim_of(company_id, resume_id)
            if claim and by and claim.by != by.user and by.role != OWNER:
                raise NotAllowed
            if claim:
                await self._end_claim(company_id, claim, transaction)

    @again_after_conflict
    async def release_in(self, company_id: str, feed_id: str, *, but: Collection[str]) -> None:
        """End the claims that were made in a feed, but for those of some accounts."""
        async with self._noting(company_id) as transaction:
            for claim in await self._records.claimed(company_id):
                if claim.feed == feed_id and claim.by not in but:
                    await self._end_claim(company_id, claim, transaction)

    async def _claim_of(self, company_id: str, resume_id: str) -> PersonClaim | None:
        found = (await self.find_for(company_id, [resume_id])).get(resume_id)
        return found.claim if found else None

    async def _end_claim(self, company_id: str, claim: PersonClaim, transaction: Transaction) -> None:
        await self._records.release(company_id, [claim.resume])
        await self._records.tell_claim(transaction, claim, company_id)

    @again_after_conflict
    async def mark(
        self,
        member: Member,
        resume_id: str,
        feed_id: str,
        name: str,
        good: bool,
        *,
        more: Mapping[str, Any] = {},
        client_id: str = "",
    ) -> CandidateRecord:
        """Add a mark, and return what is kept of the person then; see `CandidateRecords.append`.

        In the feed's list the person is read from then on. `more` is `remind_on`, `remind_at` and
        `interview`.
        """
        async with self._noting(member.company) as transaction:
            others = await self._others(member.company, resume_id)
            before = (await self._records.find_for(member.company, [resume_id])).get(resume_id)
            said = {"name": name, "good": good, "by": ObjectId(member.user), "feed": ObjectId(feed_id)}
            own = await self._records.append(
                member.company, resume_id, "marks", said, more=more, client_id=client_id, others=others
            )
            kept = [own, *others]
            if before is None or own.marks != before.marks:
                # What is sent again may be of before a colleague's call, and ends nobody's.
                for claim in (one.claim for one in kept if one.claim):
                    await self._end_claim(member.company, claim, transaction)
                kept = [msgspec.structs.replace(one, claim=None) for one in kept]
            await self._note_outcome(own, feed_id)
            with suppress(NotFound):  # the list may have them no more
                # Somebody of whom something came was looked at, wherever that was noted.
                await self._results.mark_read(member.company, feed_id, resume_id)
            if others:
                # Another of the person's records was in the lists by mark until now.
                await self._persons.listed_once.settle([resume_id], member.company)
        return merged(resume_id, kept)

    @again_after_conflict
    async def comment(
        self,
        member: Member,
        resume_id: str,
        content: str,
        *,
        more: Mapping[str, Any] = {},
        client_id: str = "",
        mentions: Collection[str] = (),
    ) -> CandidateRecord:
        """Add a comment, and return what is kept of the person then; see `CandidateRecords.append`.

        The colleagues whom it mentions are told of it, once.
        """
        async with self._noting(member.company):
            others = await self._others(member.company, resume_id)
            began = datetime.now(UTC) - timedelta(milliseconds=1)  # of times MongoDB keeps milliseconds
            said = {"content": content, "by": ObjectId(member.user)}
            own = await self._records.append(
                member.company, resume_id, "comments", said, more=more, client_id=client_id, others=others
            )
            for new in (one for one in own.comments if one.at >= began):
                for user in mentions:
                    await self._jobs.ask("mention", f"{user}:{resume_id}:{new.id}")
        return merged(resume_id, [own, *others])

    @again_after_conflict
    async def say(self, member: Member, resume_id: str, content: str, handover: ObjectId) -> None:
        """Have the comment on a resume by a hand-over say something; it is made, or given back, if need be.

        Raises:
            ListFull: As of a comment.
        """
        name = handover_note(handover)
        id_ = note_id(candidate_record_id(member.company, resume_id), "comments", name)
        said = {"handover": handover}
        fields = {"content": content, "edited": True, **said}
        try:
            await self.change(member, resume_id, "comments", id_, fields, taken_back=False)
        except NotFound:
            await self.comment(member, resume_id, content, more=said, client_id=name)

    @again_after_conflict
    async def change(
        self,
        member: Member,
        resume_id: str,
        kind: Kind,
        id_: str,
        fields: Mapping[str, Any],
        *,
        taken_back: bool | None,
    ) -> CandidateRecord:
        """Change a note of the person, see `NoteChanges.change`, and return what is kept of them then."""
        company_id = member.company
        async with self._noting(company_id):
            others = (await self._persons.groups_for(company_id, [resume_id]))[resume_id]
            changed = await self._changes.change(
                member, [resume_id, *others], kind, id_, fields, taken_back=taken_back
            )
            if kind == "marks":
                resume = str(changed.resume)
                own = await self._records.find_for(company_id, [resume])
                await self._note_outcome(own[resume], str(changed.entry["feed"]))
                await self._persons.listed_once.settle([resume_id, *others], company_id)
            return (await self.find_for(company_id, [resume_id]))[resume_id]

    async def _note_outcome(self, own: CandidateRecord, feed_id: str) -> None:
        """Have the list of a feed say what the marks on a resume say."""
        outcome = outcome_of(own.marks, feed_id)
        await self._persons.lists.note_outcome(own.company, feed_id, own.resume, outcome)

    async def _others(self, company_id: str, resume_id: str) -> list[CandidateRecord]:
        """The records of the person's other resumes."""
        others = (await self._persons.groups_for(company_id, [resume_id]))[resume_id]
        return list((await self._records.find_for(company_id, others)).values())


def regrouped(groups: Mapping[str, Sequence[str]], newest: Mapping[str, str]) -> dict[str, list[str]]:
    """The same persons by the resume that each is shown by, as `find_in` takes them."""
    return {
        newest[resume]: [id_ for id_ in (resume, *others) if id_ != newest[resume]]
        for resume, others in groups.items()
    }


def merged(resume_id: str, records: Iterable[CandidateRecord], same: Collection[str] = ()) -> CandidateRecord:
    """Records of one person, at least one, as one of a resume of theirs; in whatever order they are given.

    A favourite is one since it first was, in the list where it was found then. Marks and comments are in the
    order in which they were made. `same` are the other resumes whose unlocked contact is this one's too, see
    `Persons.same_by_keys`.
    """
    some = sorted(records, key=lambda one: one.resume)
    if not some:
        raise NotFound(f"no record of {resume_id}")
    watches = [one.watch for one in some if one.watch]
    claims = [one.claim for one in some if one.claim]
    times = [one.unlocked_at for one in some if one.unlocked_at and one.resume in {resume_id, *same}]
    return CandidateRecord(
        company=some[0].company,
        resume=resume_id,
        watch=min(watches, key=lambda watch: (watch.at, watch.feed), default=None),
        unlocked_at=min(times, default=None),
        marks=sorted((mark for one in some for mark in one.marks), key=lambda mark: mark.at),
        comments=sorted(
            (comment for one in some for comment in one.comments), key=lambda comment: comment.at
        ),
        claim=max(claims, key=lambda claim: claim.until, default=None),
    )
