"""Candidate records: what one company keeps of one person. Favourite, unlocked contact, marks, comments.

And who of it is with them just now, for a look or a call: `claim`, until `claim_until`.

A record without any of these is a trace: the resume was once in a list of the company's. A result that
is removed leaves one, so that the company may go on with a person it has seen.

Favourites are each member's own: `watcher` says whose, and a member other than whoever made the company has
records of their own for them (`store.ids.favourite_id`), which hold nothing else.

Marks and comments say in `by` which account made them; those of release 1.0.0 are of the one that made the
company. They are added here, and changed in `note_changes`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Literal

import msgspec
from bson import ObjectId
from pymongo import UpdateOne

from store.accounts.companies import OWNER, Member
from store.bulk import insert_or
from store.by_ids import find_by_ids, object_ids, update_by_ids
from store.errors import ListFull, NotAllowed, NotFound
from store.feeds.sharing import FeedSharing
from store.ids import candidate_record_id, favourite_id, is_id, new_id, note_id
from store.mongo import Database
from store.redis.events import Event
from store.transactions import Transaction

Kind = Literal["marks", "comments"]
Entry = Mapping[str, Any]

TAKEN_BACK: Mapping[Kind, str] = {"marks": "gone_marks", "comments": "gone_comments"}
"""Where a record keeps what was taken back until it ends, see `note_changes`. It counts nowhere."""

STANDING = ("mark", "marked_at", "marked_by", "remind_on", "remind_at", "marked_of", "remind_of")
"""What a record says of its latest mark. Lists are read by `marked_of` and `remind_of`, which are the member
who made it where the record stands for its person in their lists, and missing elsewhere: so the indexes that
begin with them hold nobody else's."""


class Interview(msgspec.Struct, frozen=True):
    """The date of an interview.

    Attributes:
        kind: `onsite`, `video` or `phone`.
    """

    at: datetime
    minutes: int
    kind: str
    place: str = ""
    note: str = ""


class Mark(msgspec.Struct, frozen=True):
    """One step with a person: its name, whether it went well, and for which feed.

    Attributes:
        remind_on: The day in China, `YYYY-MM-DD`, on which to come back to the person; "" for none.
        remind_at: The same with an hour, `YYYY-MM-DD HH:MM`; "" where it is about a whole day.
        interview: When they come, where that was said.
    """

    name: str
    good: bool
    feed: str
    at: datetime
    id: str = ""
    remind_on: str = ""
    remind_at: str = ""
    interview: Interview | None = None
    by: str = ""


class Comment(msgspec.Struct, frozen=True):
    """One remark, the resume on which it was made, whether it was corrected since, and who made it.

    Attributes:
        by: The account; of what was said by a hand-over its maker.
        by_handover: Whether it was said by a hand-over, of which nobody else corrects it.
    """

    content: str
    at: datetime
    resume: str = ""
    id: str = ""
    edited: bool = False
    by: str = ""
    by_handover: bool = False


def marks_of(record: Mapping[str, Any]) -> list[Mark]:
    """The marks of a stored record, in the order in which they were made."""
    return [
        Mark(
            name=one["name"],
            good=one["good"],
            feed=str(one["feed"]),
            at=one["at"],
            id=str(one["id"]),
            remind_on=one.get("remind_on", ""),
            remind_at=one.get("remind_at", ""),
            interview=Interview(**one["interview"]) if "interview" in one else None,
            by=_author(record, one),
        )
        for one in record.get("marks", ())
    ]


def comments_of(record: Mapping[str, Any]) -> list[Comment]:
    """The comments of a stored record, in the order in which they were made."""
    resume = str(record["resume"])
    return [
        Comment(
            one["content"],
            one["at"],
            resume,
            str(one["id"]),
            one.get("edited", False),
            _author(record, one),
            by_handover="handover" in one,
        )
        for one in record.get("comments", ())
    ]


def _author(record: Mapping[str, Any], entry: Entry) -> str:
    return str(entry.get("by") or record.get("company", ""))


def standing(company: ObjectId, marks: Sequence[Entry]) -> dict[str, Any]:
    """What a record says of its latest mark, as the fields of `STANDING`; none where it has no marks."""
    if not marks:
        return {}
    last = sorted(marks, key=lambda mark: mark["at"])[-1]
    by = last.get("by", company)
    reminder = {name: last[name] for name in ("remind_on", "remind_at") if last.get(name)}
    if reminder:
        reminder["remind_of"] = by
    return {
        "mark": last["name"],
        "marked_at": last["at"],
        "marked_by": by,
        "marked_of": by,
        **reminder,
    }


def stands(company: ObjectId, marks: Sequence[Entry]) -> dict[str, Any]:
    """The part of a change that makes a record say so; that the person is listed once is settled after it."""
    fields = standing(company, marks)
    gone = {name: "" for name in (*STANDING, "marked_under") if name not in fields}
    return {"$set": fields, "$unset": gone} if fields else {"$unset": gone}


MAX_ENTRIES = 200
"""How many marks, and how many comments, a record holds. More are refused."""

MAX_COMMENT_CHARS = 40_000
"""Characters of all comments of a record together. Each page of a list carries the comments of its people,
so a longer one would make pages slow."""

UNWATCHED = dict.fromkeys(("watched", "watcher", "watch_feed", "watched_at", "watch_under"), "")
"""The fields of a record that is no favourite any more."""


def teaching(*feeds: ObjectId) -> dict[str, Any]:
    """The part of a change that says that feeds have to learn of a click; see `store.feeds.feedback`."""
    return {"$addToSet": {"to_teach": {"$each": feeds}}, "$inc": {"clicks": 1}}


UNCLAIMED = dict.fromkeys(("claim", "claim_of", "claim_until"), "")
"""The fields of a record of whose person nobody has a claim any more."""
_CLAIM = dict.fromkeys(("resume", "claim", "claim_until"), 1)

_NEWEST_FIRST = [("watched_at", -1), ("_id", -1)]


class Watch(msgspec.Struct, frozen=True):
    """A favourite: since when, and in which feed's list it was found."""

    feed: str
    at: datetime


ClaimKind = Literal["look", "call"]
CLAIMED_FOR: Mapping[ClaimKind, timedelta] = {"look": timedelta(minutes=2), "call": timedelta(minutes=30)}
"""How long somebody is with a person unless they say so again, or that it is over. Who reads for longer says
so again; a call may take its time."""


class PersonClaim(msgspec.Struct, frozen=True):
    """Who is with a person, on which of their resumes, in which feed's list, and until when."""

    resume: str
    feed: str
    by: str
    kind: ClaimKind
    until: datetime


class CandidateRecord(msgspec.Struct, frozen=True, kw_only=True):
    """What a company keeps of a resume's person; marks and comments in the order in which they were made.

    Attributes:
        watch: The favourite of the member who asks; None where nobody does.
        gone: The ids of notes that were taken back lately.
    """

    company: str
    resume: str
    watch: Watch | None
    unlocked_at: datetime | None
    marks: list[Mark]
    comments: list[Comment]
    claim: PersonClaim | None = None
    gone: frozenset[str] = frozenset()


class CandidateRecords:
    """The collection `candidate_records`. Every method is for one company: nobody sees another's records.

    What writes is called within a transaction that excludes others of the company, see `PersonRecords`. It
    raises `NotFound` where the resume was erased in between.
    """

    def __init__(self, database: Database) -> None:
        self._records = database.candidate_records
        self._results = database.results
        self._resumes = database.resumes
        self._sharing = FeedSharing(database)

    async def find_for(
        self, company_id: str, resume_ids: Sequence[str], *, watcher: str = ""
    ) -> dict[str, CandidateRecord]:
        """The company's records of these resumes, by resume id; those without one are left out.

        The favourites of the `watcher` are asked for too; "" for nobody's.
        """
        ids = {candidate_record_id(company_id, resume_id) for resume_id in resume_ids}
        own = {favourite_id(company_id, id_, watcher) for id_ in resume_ids} - ids if watcher else set()
        where = {"company": ObjectId(company_id)}
        found: dict[str, CandidateRecord] = {}
        # The company's own records first.
        for some in (ids, own):
            for document in await find_by_ids(self._records, object_ids(sorted(some)), where=where):
                record, resume = _record_from(document, watcher), str(document["resume"])
                if some is own and resume in found:
                    record = msgspec.structs.replace(found[resume], watch=record.watch)
                found[resume] = record
        return found

    async def listed(self, company_id: str, resume_ids: Sequence[str]) -> list[str]:
        """Those of some resumes that are or were results of the company's feeds, the newest first."""
        ids = object_ids(resume_ids)
        records = object_ids(candidate_record_id(company_id, resume_id) for resume_id in resume_ids)
        company = {"company": ObjectId(company_id)}
        kept = await find_by_ids(self._records, records, {"resume": 1}, where=company)
        seen = {row["resume"] for row in kept}
        results = await find_by_ids(self._results, ids, {"resume": 1}, key="resume", where=company)
        seen |= {row["resume"] for row in results}
        resumes = await find_by_ids(self._resumes, seen, {"arrived_at": 1})
        resumes.sort(key=lambda row: (row["arrived_at"], row["_id"]), reverse=True)
        return [str(row["_id"]) for row in resumes]

    async def require_listed(
        self, member: Member, resume_id: str, need: Literal["view", "work", "release"]
    ) -> None:
        """Check that a resume is or was a result of a feed that a member is in, deleted ones included.

        Of one that was removed from all lists it may not be known from which; it is every member's then. To
        `release` a claim an owner of the company need be in none of the feeds.

        Raises:
            NotFound: It never was, or it is erased or unknown.
            NotAllowed: The member may look at all of these feeds, and work in none.
        """
        if not is_id(resume_id):
            raise NotFound(f"no resume {resume_id}")
        company_id, fields = member.company, {"ended": 1, "marks.feed": 1}
        record = await self._records.find_one(_key(company_id, resume_id), fields)
        feeds = await self._listing(company_id, resume_id)
        if record is not None:
            feeds |= {*record.get("ended", ()), *(mark["feed"] for mark in record.get("marks", ()))}
        roles = {*(await self._sharing.roles_in(member, feeds)).values()}
        if need == "release" and member.role == OWNER:
            roles = {"own"}
        if not (roles if feeds else record is not None):
            raise NotFound(f"no resume {resume_id}")
        if need != "view" and roles == {"view"}:
            raise NotAllowed
        # This comes last. If it came first, the time of an answer would tell whether there is a resume that
        # the company has never seen.
        await self._require_resume(resume_id)

    async def feeds_of(self, member: Member, resume_id: str) -> list[str]:
        """The feeds that a member is in, and that list a resume now."""
        feeds = await self._listing(member.company, resume_id)
        return sorted(map(str, await self._sharing.roles_in(member, feeds)))

    async def _listing(self, company_id: str, resume_id: str) -> set[ObjectId]:
        which = {"resume": ObjectId(resume_id), "company": ObjectId(company_id)}
        return {row["feed"] for row in await self._results.find(which, {"feed": 1}).to_list(None)}

    async def watch(self, member: Member, resume_id: str, feed_id: str) -> None:
        """Make a resume a member's favourite that is none of theirs, found in a feed's list."""
        feed = ObjectId(feed_id)
        watch = {"watched": True, "watcher": ObjectId(member.user), "watch_feed": feed}
        change = {"$set": {**watch, "watched_at": datetime.now(UTC)}, **teaching(feed)}
        await self._change(_favourite(member, resume_id), resume_id, change)

    async def unwatch(self, member: Member, resume_id: str) -> None:
        """Make a resume no favourite of a member; harmless when it is none."""
        key = _favourite(member, resume_id)
        if feed := (await self._records.find_one(key, {"watch_feed": 1}) or {}).get("watch_feed"):
            await self._records.update_one(key, {"$unset": UNWATCHED, **teaching(feed)})

    async def unlock(self, company_id: str, resume_id: str) -> None:
        """Note that the company has unlocked the contact; the first time stays."""
        change = {"$min": {"unlocked_at": datetime.now(UTC)}}
        await self._change(_key(company_id, resume_id), resume_id, change)

    async def claim(self, member: Member, resume_id: str, feed_id: str, kind: ClaimKind) -> PersonClaim:
        """Note that a member is with the person of a resume, whoever was.

        Raises:
            NotFound: The resume was erased in between, or they work in the feed no more.
        """
        feed = ObjectId(feed_id)
        if (await self._sharing.roles_in(member, [feed])).get(feed, "view") == "view":
            raise NotFound(f"{member.user} does not work in feed {feed_id}")
        until = datetime.now(UTC) + CLAIMED_FOR[kind]
        claim = {"by": ObjectId(member.user), "feed": feed, "kind": kind}
        fields = {"claim": claim, "claim_of": ObjectId(member.company), "claim_until": until}
        await self._change(_key(member.company, resume_id), resume_id, {"$set": fields})
        return PersonClaim(resume_id, feed_id, member.user, kind, until)

    async def tell_claim(self, t: Transaction, claim: PersonClaim, company_id: str) -> None:
        """Tell all who are in a feed that lists the person that a claim began or is over."""
        feeds = {claim.feed, *map(str, await self._listing(company_id, claim.resume))}
        t.tell(*(Event("claim", company=company_id, feed=one, resume=claim.resume) for one in sorted(feeds)))

    async def release(self, company_id: str, resume_ids: Iterable[str]) -> None:
        """Note that nobody is with the persons of these resumes."""
        ids = object_ids(candidate_record_id(company_id, resume_id) for resume_id in resume_ids)
        company = {"company": ObjectId(company_id)}
        await update_by_ids(self._records, ids, {"$unset": UNCLAIMED}, where=company)

    async def claimed(self, company_id: str) -> list[PersonClaim]:
        """Whom somebody of a company is with just now."""
        which = {"claim_of": ObjectId(company_id), "claim_until": {"$gt": datetime.now(UTC)}}
        rows = await self._records.find(which | {"company": ObjectId(company_id)}, _CLAIM).to_list(None)
        return [claim for row in rows if (claim := _claim_of(row))]

    async def judge(self, company_id: str, resume_id: str, entry: Entry) -> bool:
        """Note what somebody said of a resume by a hand-over, see `handovers`, in place of what they said.

        Returns:
            Whether it is something else than before.
        """
        record = await self._records.find_one(_key(company_id, resume_id), {"verdicts": 1}) or {}
        before = record.get("verdicts", [])
        old: Entry = next((one for one in before if one["handover"] == entry["handover"]), {})
        if {**old, "at": None} == {**entry, "at": None}:
            return False
        verdicts = [*(one for one in before if one is not old), {**entry}]
        change = {"$set": {"verdicts": verdicts}, **teaching(entry["feed"])}
        await self._change(_key(company_id, resume_id), resume_id, change)
        return True

    async def watched(self, member: Member, *, skip: int = 0, limit: int = 0) -> list[CandidateRecord]:
        """A member's favourites, newest first, without their marks and comments; 0 is without a limit."""
        cursor = self._records.find(_watched(member), {"marks": 0, "comments": 0}).sort(_NEWEST_FIRST)
        documents = await cursor.skip(skip).limit(limit).to_list(None)
        return [_record_from(document, member.user) for document in documents]

    async def count_watched(self, member: Member) -> int:
        """How many favourites a member has."""
        return int(await self._records.count_documents(_watched(member)))

    async def trace(self, pairs: Iterable[tuple[str, str]]) -> None:
        """Note of (company, resume) that they were results; a record that is there stays as it is."""
        await insert_or(self._records, [_empty(*pair) for pair in dict.fromkeys(pairs)], lambda _: None)

    async def end(self, feed_id: str, pairs: Iterable[tuple[str, str]]) -> None:
        """Note that results of a feed end, as `trace` does; scoring does not list them again."""
        ended = ObjectId(feed_id)
        records = [{**_empty(company_id, resume_id), "ended": [ended]} for company_id, resume_id in pairs]
        change = {"$addToSet": {"ended": ended}}

        def add(position: int) -> UpdateOne:
            record = records[position]
            return UpdateOne({"_id": record["_id"], "company": record["company"]}, change)

        await insert_or(self._records, records, add)

    async def ended(self, results: Iterable[tuple[str, str, str]]) -> set[tuple[str, str]]:
        """Those of (company, resume, feed) whose result has come to its end, as (feed, resume)."""
        asked, companies = set(), {}
        for company, resume, feed in results:
            asked.add((feed, resume))
            companies[ObjectId(candidate_record_id(company, resume))] = ObjectId(company)
        found = await find_by_ids(self._records, companies, {"resume": 1, "ended": 1}, companies=companies)
        return asked & {(str(feed), str(row["resume"])) for row in found for feed in row.get("ended", ())}

    async def favourites_among(self, results: Iterable[tuple[str, str, str]]) -> set[tuple[str, str]]:
        """Those of (company, resume, feed) that are a favourite found in that list, as (feed, resume)."""
        asked, resumes = set(), dict[str, set[ObjectId]]()
        for company, resume, feed in results:
            asked.add((feed, resume))
            resumes.setdefault(company, set()).add(ObjectId(resume))
        fields, found = {"resume": 1, "watch_feed": 1}, list[dict[str, Any]]()
        for company, ids in resumes.items():
            where = {"watched_at": {"$exists": True}, "company": ObjectId(company)}
            found += await find_by_ids(self._records, ids, fields, key="resume", where=where)
        return asked & {(str(row["watch_feed"]), str(row["resume"])) for row in found}

    async def append(
        self,
        company_id: str,
        resume_id: str,
        kind: Kind,
        said: Mapping[str, Any],
        *,
        more: Mapping[str, Any],
        client_id: str,
        others: Iterable[CandidateRecord],
    ) -> CandidateRecord:
        """Add a mark or a comment, where there is room for it, and return the record as it then is.

        From then on a mark says how things stand.

        Args:
            company_id: The company.
            resume_id: The resume on which it is made.
            kind: A mark or a comment.
            said: What it says, as it is stored, and who made it.
            more: What is stored of it besides.
            client_id: What the client calls it; one that it sent before is not added again.
            others: The person's other records.

        Raises:
            ListFull: There are MAX_ENTRIES of them, or with this one more than MAX_COMMENT_CHARS characters.
        """
        key = _key(company_id, resume_id)
        id_ = ObjectId(note_id(str(key["_id"]), kind, client_id) if client_id else new_id())
        entry = {"id": id_, **said, "at": datetime.now(UTC), **more}
        own = (await self.find_for(company_id, [resume_id])).get(resume_id)
        records = [*others, *([own] if own else [])]
        there = [one for record in records for one in (record.marks if kind == "marks" else record.comments)]
        if own and str(id_) in {one.id for one in there} | own.gone:
            return own  # the answer to the request that added it was lost
        chars = sum(len(one.content) for one in there if isinstance(one, Comment))
        chars += len(entry.get("content", ""))
        if len(there) >= MAX_ENTRIES or chars > MAX_COMMENT_CHARS:
            raise ListFull
        stand = stands(key["company"], [entry]) if kind == "marks" else {}
        await self._change(key, resume_id, {"$push": {kind: entry}, **stand})
        return (await self.find_for(company_id, [resume_id]))[resume_id]

    async def _change(self, key: Mapping[str, Any], resume_id: str, change: Mapping[str, Any]) -> None:
        """Change a record, and make it where there is none."""
        if not (await self._records.update_one(key, change)).matched_count:
            await self._require_resume(resume_id)
            new = {"$setOnInsert": {"resume": ObjectId(resume_id)}}
            await self._records.update_one(key, {**change, **new}, upsert=True)

    async def _require_resume(self, resume_id: str) -> None:
        if await self._resumes.find_one({"_id": ObjectId(resume_id)}, {"_id": 1}) is None:
            raise NotFound(f"no resume {resume_id}")


def _claim_of(document: Mapping[str, Any]) -> PersonClaim | None:
    """The claim of a stored record, unless it is over."""
    claim, until = document.get("claim"), document.get("claim_until")
    if claim is None or until is None or until <= datetime.now(UTC):
        return None
    resume, feed, by = (str(one) for one in (document["resume"], claim["feed"], claim["by"]))
    return PersonClaim(resume, feed, by, claim["kind"], until)


def _watched(member: Member) -> dict[str, Any]:
    return {"watcher": ObjectId(member.user), "company": ObjectId(member.company), "watched": True}


def _favourite(member: Member, resume_id: str) -> dict[str, Any]:
    """The query for the record that says whether a resume is a member's favourite."""
    id_ = favourite_id(member.company, resume_id, member.user)
    return {"_id": ObjectId(id_), "company": ObjectId(member.company)}


def _key(company_id: str, resume_id: str) -> dict[str, Any]:
    """The query for one record."""
    return {"_id": ObjectId(candidate_record_id(company_id, resume_id)), "company": ObjectId(company_id)}


def _empty(company_id: str, resume_id: str) -> dict[str, Any]:
    return {**_key(company_id, resume_id), "resume": ObjectId(resume_id)}


def _record_from(document: dict[str, Any], watcher: str) -> CandidateRecord:
    is_theirs = bool(watcher) and str(document.get("watcher")) == watcher
    watched_at = document.get("watched_at") if is_theirs else None
    return CandidateRecord(
        company=str(document["company"]),
        resume=str(document["resume"]),
        watch=Watch(str(document["watch_feed"]), watched_at) if watched_at else None,
        unlocked_at=document.get("unlocked_at"),
        marks=marks_of(document),
        comments=comments_of(document),
        claim=_claim_of(document),
        gone=frozenset(str(one["id"]) for name in TAKEN_BACK.values() for one in document.get(name, ())),
    )
