"""Backfills: which feeds wait to be scored against all stored resumes, and which process does it.

A feed waits from the time `backfill_due` on. Who takes feeds names itself in them as `backfill_by`, and has
one document for all that it took together, the lease:

    {_id: holder, feeds: [id, …], until: …}

A living process renews its leases, one small write each; feeds have large documents, and thousands may be
taken at once. When a lease is over, whoever looks next lets its feeds wait again. Every change of a feed
takes the holder's name away. How a feed is held, by one process or by several that each do a share of it, is
`backfill_holds`; which feeds wait longest is `backfill_looks`.
"""

from __future__ import annotations

import time
from collections import Counter, defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from operator import itemgetter
from typing import Any

from bson import ObjectId

from store.by_ids import chunks, find_by_ids, object_ids, update_by_ids
from store.feeds.backfill_holds import Change, Condition, Hold, Whole, hold_of, holding
from store.feeds.backfill_looks import Looks
from store.feeds.feed_documents import Feed, feed_from, new_revision
from store.mongo import Database
from store.paging import pages
from store.shards.feed_accounts import FeedAccounts
from store.shards.shares import WHOLE, Share

LEASE = timedelta(seconds=10)
"""How long a process that has died holds backfills up. A living one renews its leases while it works; a lease
must outlast the longest time between two renewals, or two processes do the same work."""

_SCORED = {"deleted": False, "paused": {"$ne": True}}

_LOOK_S = 1.0
"""Seconds between two looks of a process for leases that are over."""


class Backfills:
    """Which feeds of the collection `feeds` wait, and the leases in `passes` and `share_passes`.

    Args:
        database: Where they are.
        share: The share of the resumes that this process scores feeds against.
    """

    def __init__(self, database: Database, share: Share = WHOLE) -> None:
        self._database = database
        self._feeds = database.feeds
        self._hold = hold_of(share)
        self._leases = self._hold.leases(database)
        # Who does a share also ends the leases of those that did the whole before the work was divided. They
        # themselves need not look for leases of shares, as they take such feeds at any time.
        self._all_leases = [self._hold] if share.is_all else [self._hold, Whole()]
        self._look_at = 0.0
        self._looks = Looks(database, self._hold)
        self._accounts = FeedAccounts(self._feeds)

    def of(self, share: Share) -> Backfills:
        """The same for a process that does a share."""
        return self if share.is_all else Backfills(self._database, share)

    async def claim(self, holder: str, most: int, *, but: Collection[str] = ()) -> list[Feed]:
        """Take feeds that wait under one lease, those that wait longest first, but of each account in turn.

        Args:
            holder: Under which name; each claim needs another one.
            most: How many at most.
            but: Accounts whose feeds wait on.

        Returns:
            The feeds as they are, fewer than there are where others claim or change some at the same time.
        """
        await self._let_wait_again()
        now = datetime.now(UTC)
        due = [one for one in await self._looks.oldest(now) if str(one["user"]) not in but]
        first = _by_turns(due)[:most]
        ids = [document["_id"] for document in first]
        if not ids:
            return []
        self._accounts.note(first)
        # The lease first: feeds that name a holder without one would be held for a day or longer.
        await self._leases.insert_one({"_id": holder, "feeds": ids, "until": now + LEASE, **self._hold.names})
        # A read, and a write on condition that the time is still past: for find-and-modify the embedded store
        # would read every feed. Whoever takes a feed is named in it, so nobody else takes it too.
        await self._change(ids, self._hold.take(holder, now), self._hold.is_free(now))
        mine = await self._find(ids, self._hold.is_held(holder))
        # A process that stood still may have lost the lease before it took the feeds.
        if not mine or not await self.keep(holder):
            await self.release(holder, [str(id_) for id_ in ids])
            return []
        found = {document["_id"]: feed_from(document) for document in mine}
        return [found[id_] for id_ in ids if id_ in found]

    async def _let_wait_again(self) -> None:
        """Let the feeds of leases that are over wait again."""
        if time.monotonic() < self._look_at:
            return
        over = {"until": {"$lte": datetime.now(UTC)}}
        for hold in self._all_leases:
            leases = hold.leases(self._database)
            for lease in await leases.find(over).to_list(None):
                await self._free(lease["_id"], lease["feeds"], by=holding(lease))
                # Renewed meanwhile, it ends when its holder finds that nothing is left to hold.
                await leases.delete_one({"_id": lease["_id"], **over})
        self._look_at = time.monotonic() + _LOOK_S

    async def _free(self, holder: str, ids: Sequence[ObjectId], *, by: Hold) -> None:
        await self._change(ids, by.give_back(datetime.now(UTC)), by.is_held(holder))

    async def _change(self, ids: Sequence[ObjectId], change: Change, where: Condition) -> int:
        """Change those of some feeds of which a condition is true; returns how many these are."""
        users = await self._accounts.of(ids)
        return await update_by_ids(self._feeds, users, change, where=where, users=users)

    async def _find(
        self, ids: Sequence[ObjectId], where: Condition, fields: Mapping[str, int] | None = None
    ) -> list[dict[str, Any]]:
        """Read those of some feeds of which a condition is true."""
        users = await self._accounts.of(ids)
        return await find_by_ids(self._feeds, users, fields, where=where, users=users)

    async def keep(self, holder: str) -> bool:
        """Renew a lease; false where somebody took its holder for dead."""
        renewed = {"$set": {"until": datetime.now(UTC) + LEASE}}
        return bool((await self._leases.update_one({"_id": holder}, renewed)).matched_count)

    async def note_progress(self, holder: str, feed_ids: Sequence[str], progress: float) -> set[str]:
        """Note how far backfills are, 0..1.

        Returns:
            Those of the feeds that are still as they were claimed; the others changed, or somebody else
            has taken them.
        """
        ids, held = object_ids(feed_ids), self._hold.is_held(holder)
        if await self._change(ids, self._hold.note(progress), held) == len(ids):
            return set(feed_ids)
        return await self._which(ids, held)

    async def _which(self, ids: Sequence[ObjectId], where: Condition) -> set[str]:
        """Those of some feeds of which a condition is true."""
        return {str(one["_id"]) for one in await self._find(ids, where, {"_id": 1})}

    async def leave(self, holder: str, feed_ids: Sequence[str]) -> list[str]:
        """Give those feeds up that others have shares of left, as this holder has done its own.

        Returns:
            The other feeds, of which nothing else is left: the holder ends their backfill. Those that changed
            or that somebody else has taken are not among them.
        """
        if isinstance(self._hold, Whole):
            return list(feed_ids)
        ids, held = object_ids(feed_ids), self._hold.is_held(holder)
        # Of two that do so at once one finds the slots of the other gone, and is the last.
        where = {**held, **self._hold.others_have_work()}
        if await self._change(ids, self._hold.leave(), where) == len(ids):
            return []
        last = await self._which(ids, held)
        return [id_ for id_ in feed_ids if id_ in last]

    async def finish(self, holder: str, feed_ids: Sequence[str]) -> set[str]:
        """Note that these revisions are scored against all stored resumes.

        Returns:
            The feeds of which that is true; the others changed, or somebody else has taken them.
        """
        ids, held = object_ids(feed_ids), self._hold.is_held(holder)
        done = {"$set": {"progress": 1.0}, "$unset": {"backfill_due": "", "backfill_by": ""}}
        if await self._change(ids, done, held) == len(ids):
            return set(feed_ids)
        # The others have been changed since, and wait for their next revision to be scored.
        return set(feed_ids) - await self._which(ids, {"backfill_due": {"$exists": True}})

    async def agree(self, holder: str, models: Mapping[str, bytes], version: str) -> dict[str, bytes]:
        """Have everybody who does a share of these feeds score them by one model of each.

        Args:
            holder: Who has learned.
            models: By feed what it has learned, empty for nothing.
            version: The rules by which the models were learned.

        Returns:
            The models to score by: those that somebody else was first to agree on, or these.
        """
        if isinstance(self._hold, Whole):
            return dict(models)
        by_data: defaultdict[bytes, list[ObjectId]] = defaultdict(list)
        for feed_id, data in models.items():
            by_data[data].append(ObjectId(feed_id))
        held, agreed = self._hold.is_held(holder), 0
        for data, ids in by_data.items():
            change = {"$set": {"backfill_by.model": {"version": version, "data": data}}}
            where = {**held, "backfill_by.model.version": {"$ne": version}}
            agreed += await self._change(ids, change, where)
        if agreed == len(models):
            return dict(models)
        return dict(models) | await self.agreed(list(models), version)

    async def agreed(self, feed_ids: Sequence[str], version: str) -> dict[str, bytes]:
        """The models of these rules that were agreed on; none of a feed that nobody else has begun with."""
        if isinstance(self._hold, Whole):
            return {}
        where = {"backfill_by.model.version": version}
        fields = {"backfill_by.model": 1}
        found = await self._find(object_ids(feed_ids), where, fields)
        return {str(one["_id"]): one["backfill_by"]["model"]["data"] for one in found}

    async def scored_revisions(self, feed_ids: Sequence[str]) -> dict[str, int]:
        """The revisions of those of the feeds that are active, not paused and do not wait to be scored."""
        names = {"rev": 1, "backfill_due": 1}
        documents = await self._find(object_ids(feed_ids), _SCORED, names)
        return {str(one["_id"]): one["rev"] for one in documents if "backfill_due" not in one}

    async def end(self, holder: str) -> None:
        """Give a lease up that no feed needs any more."""
        await self._leases.delete_one({"_id": holder})

    async def release(self, holder: str, feed_ids: Sequence[str]) -> None:
        """Give feeds back with their lease, so that the next process need not wait for its end."""
        await self._free(holder, object_ids(feed_ids), by=self._hold)
        await self.end(holder)

    async def request(self, feed_ids: Sequence[str] | None = None) -> int:
        """Have feeds scored against all resumes again.

        Args:
            feed_ids: Which; every active one where it is None. A paused one is left out, as it is scored
                again once it goes on.

        Returns:
            How many of them are.
        """
        if feed_ids is None:
            found = pages(self._feeds.find({"deleted": False}, {"user": 1}))
            users = {document["_id"]: document["user"] async for page in found for document in page}
        else:
            users = await self._accounts.of(object_ids(feed_ids))
        matched = 0
        for part in chunks(list(users)):
            # Each part waits since another time, by which a claim can part them.
            change = new_revision(datetime.now(UTC))
            matched += await update_by_ids(self._feeds, part, change, where=_SCORED, users=users)
        return matched

    async def count(self) -> int:
        """How many feeds wait to be scored against the stored resumes, or are being scored now."""
        return int(await self._feeds.count_documents({"backfill_due": {"$exists": True}}))


def _by_turns(documents: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """The first of each account, then the second of each, and so on: one's many feeds hold nobody up."""
    turns: Counter[ObjectId] = Counter()
    order = []
    for document in documents:
        order.append(turns[document["user"]])
        turns[document["user"]] += 1
    return [document for _, document in sorted(zip(order, documents, strict=True), key=itemgetter(0))]
