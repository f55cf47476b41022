"""Deletions: an account is taken out of every collection, for good, whatever happens meanwhile.

A deletion is a job. It begins with the end of the account itself and, where nobody else is in it, of its
company. From then on nobody can log in to it, and its address is free. The rest goes in parts, as a company
may have tens of thousands of results. Processes that hold its feeds in memory may still write some for
moments; so a job for each of the two sweeps again and again, ever less often, for some minutes.

What stays of a feed is that there was one: its id, whose it was, and that it is deleted. Processes learn
of a deletion by reading such documents, and one that was away for days has to. The audit stays: it says which
account, by id alone, read whose contact.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from bson import ObjectId

from store.accounts.allowances import keys_of
from store.accounts.members import Members, sweep_of
from store.accounts.revocations import Revocations
from store.accounts.sessions import pages_of
from store.by_ids import chunks, delete_by_ids
from store.jobs.jobs import Job, Jobs
from store.jobs.kinds import OF_ACCOUNTS
from store.mongo import Collection, Database
from store.paging import pages
from store.redis.events import Event, Events
from store.transactions import again_after_conflict

_SOON, _LATE = timedelta(seconds=5), timedelta(minutes=10)
"""How long after an end its first sweep is, and the last: each waits for twice as long as the one before."""

_PART = 500
"""Documents whose ids are read in one go. More would take longer than the driver waits, on the embedded
store."""

BLANK = {
    "$set": {"deleted": True, "form": {"title": ""}},
    "$currentDate": {"updated_at": True},
}
"""The change that leaves nothing of a feed but that it was there."""


def next_look(since: int) -> datetime | None:
    """When to look again for what late writers left behind of what ended at a time, in Unix seconds.

    None where nothing comes any more.
    """
    now = datetime.now(UTC)
    age = now - datetime.fromtimestamp(since, UTC)
    return None if age >= _LATE else now + max(age, _SOON)


class Deletions:
    """The deletions in all collections."""

    def __init__(
        self, database: Database, members: Members, revocations: Revocations, events: Events, jobs: Jobs
    ) -> None:
        self._database = database
        self._members = members
        self._revocations = revocations
        self._events = events
        self._jobs = jobs

    async def delete(self, user_id: str) -> None:
        """Delete an account; on return nothing of it is left, late writers apart.

        Deleting again is harmless, also an account that never was. One that is interrupted is finished by
        some process within seconds.
        """
        await self._jobs.ask("deletion", user_id)
        ours = await self._jobs.claim("deletion", user_id)
        # Also where another process was first, which may not be through yet.
        await self._delete_all(ObjectId(user_id))
        for job in ours:
            await self._jobs.done(job)

    async def finish(self, job: Job) -> datetime | None:
        """Delete an account whose deletion was interrupted, or sweep; gives when to sweep again."""
        id_, _, since = job.key.partition(":")
        if not since:
            await self._delete_all(ObjectId(id_))
            return None
        await self._sweep(ObjectId(id_))
        return next_look(int(since))

    async def _delete_all(self, user: ObjectId) -> None:
        async with self._revocations.of(str(user)):
            gone = await self._bury(user)
            await self._delete_sessions(user)
        for id_ in gone:
            await self._sweep(id_)

    @again_after_conflict
    async def _bury(self, user: ObjectId) -> set[ObjectId]:
        """Delete an account itself; gives its id, and that of a company that went with it."""
        gone = {user}
        async with self._database.transaction() as t:
            if company := await self._members.delete(user, t):
                gone.add(company)
            for id_ in gone:
                await self._jobs.ask("deletion", sweep_of(id_), datetime.now(UTC) + _SOON)
        return gone

    async def _sweep(self, id_: ObjectId) -> None:
        """Delete what there is of an account and of a company with an id, as far as they are gone."""
        database = self._database
        if await database.companies.find_one({"_id": id_}, {"_id": 1}) is None:
            await self._sweep_company(id_)
        if await database.accounts.find_one({"_id": id_}, {"_id": 1}) is not None:
            return
        await self._delete_sessions(id_)
        await self._delete(database.identities, {"user": id_}, "user")
        await database.notices.delete_one({"_id": id_})
        await delete_by_ids(database.allowances, keys_of(str(id_)))
        await self._jobs.drop(OF_ACCOUNTS, str(id_))

    async def _sweep_company(self, company: ObjectId) -> None:
        database = self._database
        feeds, own = database.feeds, {"company": company}
        # Deleted first: whoever scores stops then, and what is written later is found by a later sweep.
        fresh = await feeds.find({**own, "form.title": {"$ne": ""}}, {"_id": 1}).to_list(None)
        for part in chunks([feed["_id"] for feed in fresh]):
            await self._blank(part, own)
        await self._tell(company, [feed["_id"] for feed in fresh])
        every = [feed["_id"] for feed in await feeds.find(own, {"_id": 1}).to_list(None)]
        for feed in every:
            await self._delete(database.results, {**own, "feed": feed})
        await delete_by_ids(database.feedback, every)
        await self._delete(database.candidate_records, own)
        await self._delete(database.person_decisions, own)
        await self._delete(database.handovers, own)
        await self._delete(database.invitations, own)
        await database.counters.delete_one({"_id": company})

    @again_after_conflict
    async def _blank(self, ids: Sequence[ObjectId], own: Mapping[str, Any]) -> None:
        async with self._database.transaction():
            await self._database.feeds.update_many({"_id": {"$in": ids}, **own}, BLANK)
            await self._jobs.drop(["backfill"], *map(str, ids))

    async def _tell(self, company: ObjectId, feeds: Sequence[ObjectId]) -> None:
        kinds: tuple[Any, ...] = ("feed", "removed")
        await self._events.publish(
            *(Event(kind, company=str(company), feed=str(feed)) for feed in feeds for kind in kinds)
        )

    async def _delete_sessions(self, user: ObjectId) -> None:
        sessions = self._database.sessions
        async for rows in pages_of(sessions, user, fields={"_id": 1}):
            await delete_by_ids(sessions, [row["_id"] for row in rows])

    async def _delete(self, collection: Collection, which: dict[str, Any], key: str = "company") -> None:
        """Delete documents some at a time: one command for thousands would take too long."""
        async for rows in pages(collection.find(which, {"_id": 1}), _PART):
            await delete_by_ids(collection, [row["_id"] for row in rows], where={key: which[key]})
