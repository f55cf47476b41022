"""Backfills: which feeds wait to be scored against all stored resumes, and which process does it.

A feed waits from the time `backfill_due` on. Who takes feeds names itself in them as `backfill_by`, moves
the time far on, and has one document for all that it took together, the lease:

    {_id: holder, feeds: [id, …], until: …}

A living process renews its leases, one small write each; feeds have large documents, and thousands may be
taken at once. When a lease is over, whoever looks next lets its feeds wait again. Every change of a feed
takes the holder's name away.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Collection, Sequence
from datetime import UTC, datetime, timedelta
from operator import itemgetter
from typing import Any

from bson import ObjectId
from pymongo.errors import NetworkTimeout

from store.by_ids import chunks, find_by_ids, object_ids, update_by_ids
from store.feed_documents import Feed, feed_from, new_revision
from store.mongo import Database
from store.paging import pages

LEASE = timedelta(seconds=10)
"""How long a process that has died holds backfills up. A living one renews its leases while it works; a lease
must outlast the longest time between two renewals, or two processes do the same work."""

_HELD = timedelta(days=1)
"""After this a feed waits again, whatever became of its lease. No lease gets lost, so it is never needed."""

_SCORED = {"deleted": False, "paused": {"$ne": True}}

_LOOK_S = 1.0
"""Seconds between two looks of a process for leases that are over."""

_EVER = timedelta(days=3650)
"""How far back a process looks at first for feeds that wait."""
_SHORTEST = timedelta(milliseconds=1)
_ENOUGH = 1_000
"""Feeds that one look should find at most; reading so many takes the embedded store a tenth of a second."""
_AFTER_TIMEOUT, _GROWTH = 16, 4
"""How many times shorter a span becomes that took too long, and how many times longer an empty one."""
_CLOCKS_DIFFER = timedelta(minutes=1)
"""By how much the clocks of two machines may differ. With more, a feed could wait until nothing else does."""


class Backfills:
    """Which feeds of the collection `feeds` wait, and the leases in `passes`."""

    def __init__(self, database: Database) -> None:
        self._feeds = database.feeds
        self._leases = database.passes
        self._look_at = 0.0
        # No feed waits since an earlier time, and how long a span of times is read at once.
        self._since: datetime | None = None
        self._span = _EVER

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
        due = [one for one in await self._oldest_due(now) if str(one["user"]) not in but]
        ids = [document["_id"] for document in _by_turns(due)[:most]]
        if not ids:
            return []
        # The lease first: feeds that name a holder without one would wait for a day.
        await self._leases.insert_one({"_id": holder, "feeds": ids, "until": now + LEASE})
        # A read, and a write on condition that the time is still past: for find-and-modify the embedded store
        # would read every feed. Whoever takes a feed moves the time on, so nobody else takes it too.
        taken = {"$set": {"backfill_due": now + _HELD, "backfill_by": holder}}
        free = {"backfill_due": {"$lte": now}, "deleted": False}
        await update_by_ids(self._feeds, ids, taken, where=free)
        mine = await find_by_ids(self._feeds, ids, where=_held_by(holder))
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
        for lease in await self._leases.find(over).to_list(None):
            await self._free(lease["_id"], lease["feeds"])
            # Renewed meanwhile, it ends when its holder finds that nothing is left to hold.
            await self._leases.delete_one({"_id": lease["_id"], **over})
        self._look_at = time.monotonic() + _LOOK_S

    async def _free(self, holder: str, ids: Sequence[ObjectId]) -> None:
        change = {"$set": {"backfill_due": datetime.now(UTC)}, "$unset": {"backfill_by": ""}}
        await update_by_ids(self._feeds, ids, change, where=_held_by(holder))

    async def _oldest_due(self, now: datetime) -> list[dict[str, Any]]:
        """The feeds that wait longest, some of many: whose they are, and since when they wait.

        They are read a span of times after the other. The embedded store reads all that a condition allows
        before it gives the first, and learned relations may make every feed wait at once.
        """
        names = {"user": 1, "backfill_due": 1}
        since = self._since or now - _EVER
        while True:
            until = min(since + self._span, now)
            which = {"backfill_due": {"$gte": since, "$lte": until}, "deleted": False}
            try:
                due = list(await self._feeds.find(which, names).sort("backfill_due", 1).to_list(None))
            except NetworkTimeout:
                if self._span <= _SHORTEST:
                    raise
                self._span = max(self._span / _AFTER_TIMEOUT, _SHORTEST)
                continue
            if due or until == now:
                break
            since, self._span = until, self._span * _GROWTH
        if len(due) > _ENOUGH:
            since, last = (document["backfill_due"] for document in (due[0], due[-1]))
            self._span = max((last - since) * _ENOUGH / len(due), _SHORTEST)
        if len(due) > _ENOUGH or self._span < _EVER:
            # Whatever is made to wait from now on waits since now, by some process's clock.
            self._since = min(since, now - _CLOCKS_DIFFER)
        if not due:
            self._since, self._span = None, _EVER
        return due

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
        ids = object_ids(feed_ids)
        change, held = {"$set": {"progress": progress}}, _held_by(holder)
        if await update_by_ids(self._feeds, ids, change, where=held) == len(ids):
            return set(feed_ids)
        mine = await find_by_ids(self._feeds, ids, {"_id": 1}, where=held)
        return {str(document["_id"]) for document in mine}

    async def finish(self, holder: str, feed_ids: Sequence[str]) -> set[str]:
        """Note that these revisions are scored.

        Returns:
            The feeds of which that is true; the others changed, or somebody else has taken them.
        """
        ids = object_ids(feed_ids)
        done = {"$set": {"progress": 1.0}, "$unset": {"backfill_due": "", "backfill_by": ""}}
        if await update_by_ids(self._feeds, ids, done, where=_held_by(holder)) == len(ids):
            return set(feed_ids)
        # The others have been changed since, and wait for their next revision to be scored.
        waiting = await find_by_ids(self._feeds, ids, {"_id": 1}, where={"backfill_due": {"$exists": True}})
        return set(feed_ids) - {str(document["_id"]) for document in waiting}

    async def scored_revisions(self, feed_ids: Sequence[str]) -> dict[str, int]:
        """The revisions of those of the feeds that are active, not paused and do not wait to be scored."""
        names = {"rev": 1, "backfill_due": 1}
        documents = await find_by_ids(self._feeds, object_ids(feed_ids), names, where=_SCORED)
        return {str(one["_id"]): one["rev"] for one in documents if "backfill_due" not in one}

    async def end(self, holder: str) -> None:
        """Give a lease up that no feed needs any more."""
        await self._leases.delete_one({"_id": holder})

    async def release(self, holder: str, feed_ids: Sequence[str]) -> None:
        """Give feeds back with their lease, so that the next process need not wait for its end."""
        await self._free(holder, object_ids(feed_ids))
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
            found = pages(self._feeds.find({"deleted": False}, {"_id": 1}))
            ids = [document["_id"] async for page in found for document in page]
        else:
            ids = object_ids(feed_ids)
        matched = 0
        for part in chunks(ids):
            # Each part waits since another time, by which a claim can part them.
            change = new_revision(datetime.now(UTC))
            matched += await update_by_ids(self._feeds, part, change, where=_SCORED)
        return matched

    async def count(self) -> int:
        """How many feeds wait to be scored against the stored resumes, or are being scored now."""
        return int(await self._feeds.count_documents({"backfill_due": {"$exists": True}}))


def _held_by(holder: str) -> dict[str, Any]:
    """The condition that a feed is as it was claimed: whatever changes it takes the holder's name away."""
    return {"backfill_by": holder, "deleted": False}


def _by_turns(documents: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """The first of each account, then the second of each, and so on: one's many feeds hold nobody up."""
    turns: Counter[ObjectId] = Counter()
    order = []
    for document in documents:
        order.append(turns[document["user"]])
        turns[document["user"]] += 1
    return [document for _, document in sorted(zip(order, documents, strict=True), key=itemgetter(0))]
