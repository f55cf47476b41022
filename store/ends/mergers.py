"""Mergers: a company that was registered twice goes into the other one, with all that it has.

    await mergers.merge(company, into)        # who is in it is in the other one from then on

What they have follows by a job, their feeds one after the other, each whole: until its turn is over a feed is
in nobody's list and nothing is scored for it.

    {_id: feed, company: …, moves_to: into, goes_on: true, …}         while its results move
    {_id: feed, company: into, moved_from: company, …}                from then on

Everything keeps its id, but for what has one of its company (`store.ids`). Where both companies keep
something of a person it becomes one record; where they decided otherwise about two resumes, the decision
stands that was there. Processes that have a feed in memory may write results under the old company for
moments; so the job comes again, ever less often, for some minutes, and takes along what it finds, as a
deletion's does.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import AsyncExitStack
from datetime import datetime
from operator import itemgetter
from typing import Any, NamedTuple

from bson import ObjectId
from pymongo import InsertOne

from store.accounts.companies import OWNER, Companies, Member
from store.accounts.invitations import MOST_MEMBERS
from store.accounts.members import sweep_of
from store.accounts.revocations import Revocations
from store.bulk import bulk
from store.by_ids import chunks, delete_by_ids, find_by_ids
from store.ends.deletions import next_look
from store.errors import CompanyFull, MergerUnderWay, NotFound
from store.feeds.feed_documents import CALCED, new_revision
from store.ids import decision_id
from store.jobs.jobs import Job, Jobs
from store.mongo import Collection, Database
from store.notes.moved_records import moved
from store.paging import pages
from store.persons.persons import Persons
from store.redis.events import Event
from store.results.result_counters import ResultCounters
from store.transactions import again_after_conflict

_READ, _PART = 500, 50
"""Documents whose ids are read in one go, and those that move in one transaction."""


class Way(NamedTuple):
    """From which company into which."""

    company: ObjectId
    into: ObjectId


class Mergers:
    """Belongs to one event loop."""

    def __init__(
        self,
        database: Database,
        revocations: Revocations,
        counters: ResultCounters,
        persons: Persons,
        jobs: Jobs,
    ) -> None:
        self._database = database
        self._companies = Companies(database)
        self._revocations = revocations
        self._counters = counters
        self._persons = persons
        self._jobs = jobs

    async def merge(self, company_id: str, into_id: str) -> None:
        """Take everybody who is in a company into another one, in the roles they have; the rest follows.

        Invitations into the company that goes are over.

        Raises:
            NotFound: One of the two is not there, or both are one.
            CompanyFull: Together they have more than `MOST_MEMBERS`.
            MergerUnderWay: One of them had part in a merger of the last minutes.
        """
        way = Way(ObjectId(company_id), ObjectId(into_id))
        members = (await self._companies.members([company_id])).get(company_id, [])
        async with AsyncExitStack() as stack:
            for member in members:
                await stack.enter_async_context(self._revocations.of(member.user))
            await self._take_members(way)

    async def arriving(self, company_id: str) -> int:
        """How many feeds are still on their way into a company."""
        sources = [way.company for way in await self._ways() if str(way.into) == company_id]
        rows = await find_by_ids(self._database.feeds, sources, {"_id": 1}, key="company")
        return len(rows)

    async def finish(self, job: Job) -> datetime | None:
        """Move what there is, and give when to look again."""
        way, since = _way_of(job.key), int(job.key.rpartition(":")[2])
        if await self._database.companies.find_one({"_id": way.into}, {"_id": 1}) is None:
            # It was deleted meanwhile, with all who were in either of the two.
            await self._jobs.ask("deletion", sweep_of(way.company))
            return None
        await self._take_records(way)
        await self._take_feeds(way)
        await self._take_rest(way)
        return next_look(since)

    async def _ways(self) -> list[Way]:
        return [_way_of(job["key"]) for job in await self._jobs.of_kind("merger")]

    @again_after_conflict
    async def _take_members(self, way: Way) -> None:
        accounts, companies = self._database.accounts, self._database.companies
        async with self._database.transaction():
            if {*way} & {company for other in await self._ways() for company in other}:
                raise MergerUnderWay
            there = [await self._companies.touch(company) for company in way]
            if way.company == way.into or not all(there):
                raise NotFound("no two companies")
            members = await self._companies.members(map(str, way))
            if sum(map(len, members.values())) > MOST_MEMBERS:
                raise CompanyFull
            fields = await self._companies.entered(way.into, "recruiter")
            del fields["role"]
            await accounts.update_many({"company_id": way.company}, {"$set": fields})
            before = await companies.find_one({"_id": way.company}) or {}
            await companies.delete_one({"_id": way.company})
            if "corp" in before:
                bound = {name: before[name] for name in ("corp", "kept_out") if name in before}
                await companies.update_one({"_id": way.into, "corp": {"$exists": False}}, {"$set": bound})
            await self._jobs.ask("merger", ":".join(map(str, (*way, int(time.time())))))

    async def _take_feeds(self, way: Way) -> None:
        feeds = self._database.feeds
        for feed in await feeds.find({"company": way.company}, {"_id": 1}).to_list(None):
            await self._stop(way, feed["_id"])
            await self._take_results(way, feed["_id"])
            await self._take_feed(way, feed["_id"])
        # And what was written under the old company since.
        came = await feeds.find({"company": way.into}, {"moved_from": 1}).to_list(None)
        for feed in came:
            if feed.get("moved_from") == way.company:
                await self._take_results(way, feed["_id"])

    @again_after_conflict
    async def _stop(self, way: Way, feed: ObjectId) -> None:
        """Have nothing scored for a feed."""
        own = {"_id": feed, "company": way.company}
        async with self._database.transaction() as t:
            row = await self._database.feeds.find_one({**own, "moves_to": {"$exists": False}})
            if row is None:
                return
            goes_on = not (row["deleted"] or row.get("paused", False))
            fields = {"moves_to": way.into, "goes_on": goes_on, "paused": True, "progress": CALCED}
            change = {"$set": fields, "$currentDate": {"updated_at": True}}
            await self._database.feeds.update_one(own, change)
            await self._jobs.drop(["backfill"], str(feed))
            t.tell(Event("feed", company=str(way.company), feed=str(feed)))

    @again_after_conflict
    async def _take_feed(self, way: Way, feed: ObjectId) -> None:
        """Have a feed whose results have moved be the other company's; it is scored anew if it was scored."""
        feeds, there = self._database.feeds, {"_id": feed, "company": way.into}
        async with self._database.transaction() as t:
            row = await feeds.find_one({"_id": feed, "company": way.company})
            if row is None:
                return
            await feeds.delete_one({"_id": feed, "company": way.company})
            goes_on = row["goes_on"]
            gone = {*there, "moves_to", "goes_on", "updated_at"}
            document = {name: value for name, value in row.items() if name not in gone}
            document |= {"paused": not goes_on, "moved_from": way.company, **await self._whose(way, row)}
            # An upsert, as only an update can set `updated_at` by MongoDB's clock.
            new = {"$setOnInsert": document, "$currentDate": {"updated_at": True}}
            await feeds.update_one(there, new, upsert=True)
            if goes_on:
                await feeds.update_one(there, new_revision())
                owner = Member(str(document["owner"]), str(way.into))
                await self._jobs.ask("backfill", str(feed), of=owner)
            kinds: Sequence[Any] = ("feed", "unread", "removed")
            t.tell(*(Event(kind, company=str(way.into), feed=str(feed)) for kind in kinds))

    async def _whose(self, way: Way, feed: Mapping[str, Any]) -> dict[str, Any]:
        """Who is in a feed that comes, of those who did not leave while it was on its way."""
        members = (await self._companies.members([str(way.into)]))[str(way.into)]
        there, owner = {member.user for member in members}, str(feed["owner"])
        if owner not in there:
            heirs = [member for member in members if owner in member.heir_of]
            owner = (heirs or [member for member in members if member.role == OWNER])[0].user
        shares = [one for one in feed.get("shares", ()) if str(one["user"]) in there - {owner}]
        return {"owner": ObjectId(owner), "shares": shares}

    async def _take_results(self, way: Way, feed: ObjectId) -> None:
        which = {"company": way.company, "feed": feed}
        async for part in _parts(self._database.results, which):
            await self._take_some_results(way, feed, part)

    @again_after_conflict
    async def _take_some_results(self, way: Way, feed: ObjectId, ids: Sequence[ObjectId]) -> None:
        async with self._counters.changing([(str(way.into), str(feed))]) as change:
            for row in await self._take(self._database.results, way, ids):
                change.add(row, 1)

    async def _take_records(self, way: Way) -> None:
        async for part in _parts(self._database.candidate_records, {"company": way.company}):
            await self._take_some_records(way, part)

    @again_after_conflict
    async def _take_some_records(self, way: Way, ids: Sequence[ObjectId]) -> None:
        records, ours = self._database.candidate_records, {"company": way.into}
        async with self._counters.noting(str(way.into)):
            rows = await find_by_ids(records, ids, where={"company": way.company})
            new = moved(rows, way.into)
            there = await find_by_ids(records, new, where=ours)
            new = moved(rows, way.into, {row["_id"]: row for row in there})
            await delete_by_ids(records, [row["_id"] for row in rows], where={"company": way.company})
            await delete_by_ids(records, [row["_id"] for row in there], where=ours)
            await bulk(records, [InsertOne(row) for row in new.values()])
            resumes = {str(row["resume"]) for row in rows}
            await self._persons.listed_once.settle(resumes, str(way.into))

    async def _take_rest(self, way: Way) -> None:
        """Move decisions and hand-overs, and drop what is of the company alone."""
        database, own = self._database, {"company": way.company}
        async for part in _parts(database.person_decisions, own):
            await self._take_decisions(way, part)
        # Results that came stand as the company decided that they came from.
        decided = await database.person_decisions.find({"company": way.into}, {"resumes": 1}).to_list(None)
        resumes = sorted({str(one) for row in decided for one in row["resumes"]})
        for some in chunks(resumes, _PART):
            await self._persons.lists.settle_all(some, str(way.into))
        await database.handovers.update_many(own, {"$set": {"company": way.into}})
        await database.invitations.delete_many(own)
        async with database.transaction():
            await database.counters.delete_one({"_id": way.company})

    @again_after_conflict
    async def _take_decisions(self, way: Way, ids: Sequence[ObjectId]) -> None:
        def its_id(row: Mapping[str, Any]) -> ObjectId:
            return ObjectId(decision_id(str(way.into), *sorted(map(str, row["resumes"]))))

        async with self._counters.noting(str(way.into)):
            await self._take(self._database.person_decisions, way, ids, its_id)

    async def _take(
        self,
        collection: Collection,
        way: Way,
        ids: Sequence[ObjectId],
        its_id: Callable[[Mapping[str, Any]], ObjectId] = itemgetter("_id"),
    ) -> list[dict[str, Any]]:
        """Move documents within a transaction, but for those that the other company has; gives the moved."""
        ours = {"company": way.into}
        rows = await find_by_ids(collection, ids, where={"company": way.company})
        new = {its_id(row): {**row, **ours, "_id": its_id(row)} for row in rows}
        there = {row["_id"] for row in await find_by_ids(collection, new, {"_id": 1}, where=ours)}
        await delete_by_ids(collection, [row["_id"] for row in rows], where={"company": way.company})
        moving = [row for id_, row in new.items() if id_ not in there]
        await bulk(collection, [InsertOne(row) for row in moving])
        return moving


async def _parts(collection: Collection, which: dict[str, Any]) -> Any:
    """The ids of what there is, some at a time."""
    async for rows in pages(collection.find(which, {"_id": 1}), _READ):
        for part in chunks([row["_id"] for row in rows], _PART):
            yield part


def _way_of(key: str) -> Way:
    company, into, _ = key.split(":")
    return Way(ObjectId(company), ObjectId(into))
