"""Deletions: an account is taken out of every collection, for good, whatever happens meanwhile.

A deletion is a job. It begins with a tombstone, of ids alone, and the end of the account itself and, where
nobody else is in it, of its company. From then on nobody can log in to it, and its address is free. The rest
goes in parts, as a company may have tens of thousands of results. Processes that hold its feeds in memory may
still write some for moments; so for some minutes every process calls `sweep_recent` again and again.

What stays of a feed is that there was one: its id, whose it was, and that it is deleted. Processes learn
of a deletion by reading such documents, and one that was away for days has to. The audit stays: it says which
account, by id alone, read whose contact.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from bson import ObjectId

from store.accounts.allowances import keys_of
from store.accounts.members import Members
from store.accounts.revocations import Revocations
from store.accounts.sessions import pages_of
from store.by_ids import chunks, delete_by_ids
from store.ends.erasures import LATE
from store.jobs.jobs import Job, Jobs
from store.jobs.kinds import OF_ACCOUNTS
from store.mongo import Collection, Database
from store.paging import pages
from store.redis.events import Event, Events
from store.transactions import again_after_conflict

_PART = 500
"""Documents whose ids are read in one go. More would take longer than the driver waits, on the embedded
store."""

BLANK = {
    "$set": {"deleted": True, "form": {"title": ""}},
    "$currentDate": {"updated_at": True},
}
"""The change that leaves nothing of a feed but that it was there."""


class Deletions:
    """The collection `deletions`, and the deletions in all others."""

    def __init__(
        self, database: Database, members: Members, revocations: Revocations, events: Events, jobs: Jobs
    ) -> None:
        self._database = database
        self._deletions = database.deletions
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

    async def finish(self, job: Job) -> None:
        """Delete an account whose deletion was interrupted."""
        await self._delete_all(ObjectId(job.key))

    async def sweep_recent(self) -> None:
        """Delete what was written after the deletions of the last minutes."""
        recent = {"deleted_at": {"$gt": datetime.now(UTC) - LATE}}
        for tombstone in await self._deletions.find(recent).to_list(None):
            await self._sweep(tombstone)

    async def _delete_all(self, user: ObjectId) -> None:
        async with self._revocations.of(str(user)):
            tombstone = await self._bury(user)
            await self._delete_sessions(user)
        await self._sweep(tombstone)

    @again_after_conflict
    async def _bury(self, user: ObjectId) -> Mapping[str, Any]:
        """Delete an account itself, and write its tombstone, which names a company that went with it."""
        which, fields = {"_id": user}, dict[str, Any](deleted_at=datetime.now(UTC))
        async with self._database.transaction() as t:
            if company := await self._members.delete(user, t):
                fields["company"] = company
            await self._deletions.update_one(which, {"$set": fields, "$unset": {"alone": ""}}, upsert=True)
            tombstone: Mapping[str, Any] = await self._deletions.find_one(which)
        return tombstone

    async def _sweep(self, tombstone: Mapping[str, Any]) -> None:
        """Delete what there is of an account that is gone, and of its company if that is."""
        database, user = self._database, tombstone["_id"]
        if company := tombstone.get("company"):
            await self._sweep_company(company)
        if tombstone.get("alone"):  # its account is in another one
            return
        await self._delete_sessions(user)
        await self._delete(database.identities, {"user": user}, "user")
        await self._delete(database.handovers, {"by": user}, "by")
        await database.notices.delete_one({"_id": user})
        await delete_by_ids(database.allowances, keys_of(str(user)))
        await self._jobs.drop(OF_ACCOUNTS, str(user))

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
