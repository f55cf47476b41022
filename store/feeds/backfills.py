"""Backfills: which feeds wait to be scored against all stored resumes, and which process does it.

A feed waits from the time `backfill_due` on. Who takes feeds names itself in them as `backfill_by`, moves the
time a day on, and has one document for all that it took together, the lease:

    {_id: holder, feeds: [id, …], until: …}

A living process renews its leases, one small write each; feeds have large documents, and thousands may be
taken at once. When a lease is over, whoever looks next lets its feeds wait again. Every change of a feed
takes the holder's name away.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from operator import itemgetter
from typing import Any

from bson import ObjectId
from pymongo.errors import NetworkTimeout

from store.by_ids import chunks, find_by_ids, object_ids, update_by_ids
from store.feeds.feed_companies import FeedCompanies
from store.feeds.feed_documents import Feed, feed_from, new_revision
from store.mongo import Database
from store.paging import pages

LEASE = timedelta(seconds=10)
"""How long a process that has died holds backfills up. A living one renews its leases while it works; a lease
must outlast the longest time between two renewals, or two processes do the same work."""

_SCORED = {"deleted": False, "paused": {"$ne": True}}

_LOOK_S = 1.0
"""Seconds between two looks of a process for leases that are over."""


_HELD = timedelta(days=1)
"""After this a feed waits again, whatever became of its lease. No lease gets lost, so it is never needed."""

_EVER = timedelta(days=3650)
"""How far back a process looks at first for feeds that wait."""
_SHORTEST = timedelta(milliseconds=1)
_ENOUGH = 1_000
"""Feeds that one query should find at most; reading so many takes the embedded store a tenth of a second."""
_AFTER_TIMEOUT, _GROWTH = 16, 4
"""How many times shorter a span becomes that took too long, and how many times longer an empty one."""
_CLOCKS_DIFFER = timedelta(minutes=1)
"""By how much the clocks of two machines may differ. With more, a feed could wait until nothing else does."""

_JUST, _FEW = timedelta(seconds=10), 2
"""For how long a feed was just submitted: who waits for it after that does something else meanwhile. And how
many feeds of an account may be such: who submits more in this time waits for none at a screen."""

_WAITS = dict.fromkeys(("company", "owner", "backfill_due"), 1)
"""What is read of feeds that wait."""

_Condition = dict[str, Any]


class Backfills:
    """Which feeds of the collection `feeds` wait, and the leases in `passes`. Belongs to one event loop."""

    def __init__(self, database: Database) -> None:
        self._feeds = database.feeds
        self._leases = database.passes
        self._look_at = 0.0
        # No feed waits since an earlier time, as far as is known, and how long a span is read at once.
        self._since: datetime | None = None
        self._span = _EVER
        self._companies = FeedCompanies(self._feeds)

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
        due = [one for one in await self._oldest(now) if str(one["owner"]) not in but]
        return await self._take(holder, _by_turns(due)[:most], now)

    async def claim_newest(self, holder: str, most: int, *, but: Collection[str]) -> list[Feed]:
        """Take feeds that were just submitted, the newest first, of accounts of which few were.

        Args:
            holder: Under which name; each claim needs another one.
            most: How many at most.
            but: Accounts whose feeds wait on.
        """
        now = datetime.now(UTC)
        which = {"backfill_due": {"$gte": now - min(_JUST, self._span), "$lte": now}, "deleted": False}
        try:
            found = self._feeds.find(which, _WAITS).sort("backfill_due", -1)
            due = [one for one in await found.to_list(None) if str(one["owner"]) not in but]
        except NetworkTimeout:  # all are to be scored again, which nobody waits for
            return []
        of = Counter(one["owner"] for one in due)
        return await self._take(holder, [one for one in due if of[one["owner"]] <= _FEW][:most], now)

    async def _take(self, holder: str, first: Sequence[dict[str, Any]], now: datetime) -> list[Feed]:
        ids = [document["_id"] for document in first]
        if not ids:
            return []
        self._companies.note(first)
        # The lease first: feeds that name a holder without one would be held for a day or longer.
        await self._leases.insert_one({"_id": holder, "feeds": ids, "until": now + LEASE})
        # A read, and a write on condition that the time is still past: for find-and-modify the embedded store
        # would read every feed. Whoever takes a feed is named in it, so nobody else takes it too.
        taken = {"$set": {"backfill_due": now + _HELD, "backfill_by": holder}}
        await self._change(ids, taken, {"backfill_due": {"$lte": now}, "deleted": False})
        mine = await self._find(ids, _held_by(holder))
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

    async def _oldest(self, now: datetime) -> list[dict[str, Any]]:
        """The feeds that wait longest, some of many: whose they are, and since when they wait.

        They are read a span of the times after the other since which they wait. The embedded store reads all
        that a condition allows before it gives the first, and learned relations may make every feed wait at
        once.
        """
        since = self._since or now - _EVER
        while True:
            until = min(since + self._span, now)
            which = {"backfill_due": {"$gte": since, "$lte": until}, "deleted": False}
            try:
                found = self._feeds.find(which, _WAITS).sort("backfill_due", 1)
                due: list[dict[str, Any]] = await found.to_list(None)
            except NetworkTimeout:
                if self._span <= _SHORTEST:
                    raise
                self._span = max(self._span / _AFTER_TIMEOUT, _SHORTEST)
                continue
            if due or until == now:
                break
            since, self._span = until, self._span * _GROWTH
        if not due:
            self._since, self._span = None, _EVER
        elif len(due) > _ENOUGH or self._span < _EVER:
            first, last = (document["backfill_due"] for document in (due[0], due[-1]))
            if len(due) > _ENOUGH:
                self._span = max((last - first) * _ENOUGH / len(due), _SHORTEST)
            # Whatever is made to wait from now on waits since now, by some process's clock.
            self._since = min(first, now - _CLOCKS_DIFFER)
        return due

    async def _free(self, holder: str, ids: Sequence[ObjectId]) -> None:
        # It waits since now, so that whoever has looked at those that wait since earlier finds it.
        change = {"$set": {"backfill_due": datetime.now(UTC)}, "$unset": {"backfill_by": ""}}
        await self._change(ids, change, _held_by(holder))

    async def _change(self, ids: Sequence[ObjectId], change: Mapping[str, Any], where: _Condition) -> int:
        """Change those of some feeds of which a condition is true; returns how many these are."""
        companies = await self._companies.of(ids)
        return await update_by_ids(self._feeds, companies, change, where=where, companies=companies)

    async def _find(
        self, ids: Sequence[ObjectId], where: _Condition, fields: Mapping[str, int] | None = None
    ) -> list[dict[str, Any]]:
        """Read those of some feeds of which a condition is true."""
        companies = await self._companies.of(ids)
        return await find_by_ids(self._feeds, companies, fields, where=where, companies=companies)

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
        ids, held = object_ids(feed_ids), _held_by(holder)
        if await self._change(ids, {"$set": {"progress": progress}}, held) == len(ids):
            return set(feed_ids)
        return await self._which(ids, held)

    async def _which(self, ids: Sequence[ObjectId], where: _Condition) -> set[str]:
        """Those of some feeds of which a condition is true."""
        return {str(one["_id"]) for one in await self._find(ids, where, {"_id": 1})}

    async def finish(self, holder: str, feed_ids: Sequence[str]) -> set[str]:
        """Note that these revisions are scored against all stored resumes.

        Returns:
            The feeds of which that is true; the others changed, or somebody else has taken them.
        """
        ids, held = object_ids(feed_ids), _held_by(holder)
        done = {"$set": {"progress": 1.0}, "$unset": {"backfill_due": "", "backfill_by": ""}}
        if await self._change(ids, done, held) == len(ids):
            return set(feed_ids)
        # The others have been changed since, and wait for their next revision to be scored.
        return set(feed_ids) - await self._which(ids, {"backfill_due": {"$exists": True}})

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
            found = pages(self._feeds.find({"deleted": False}, {"company": 1}))
            companies = {document["_id"]: document["company"] async for page in found for document in page}
        else:
            companies = await self._companies.of(object_ids(feed_ids))
        matched = 0
        for part in chunks(list(companies)):
            # Each part waits since another time, by which a claim can part them.
            change = new_revision(datetime.now(UTC))
            matched += await update_by_ids(self._feeds, part, change, where=_SCORED, companies=companies)
        return matched

    async def count(self) -> int:
        """How many feeds wait to be scored against the stored resumes, or are being scored now."""
        return int(await self._feeds.count_documents({"backfill_due": {"$exists": True}}))


def _by_turns(documents: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """The first of each account, then the second of each, and so on: one's many feeds hold nobody up."""
    turns: Counter[ObjectId] = Counter()
    order = []
    for document in documents:
        order.append(turns[document["owner"]])
        turns[document["owner"]] += 1
    return [document for _, document in sorted(zip(order, documents, strict=True), key=itemgetter(0))]


def _held_by(holder: str) -> _Condition:
    """The condition that a feed is as it was taken: whatever changes it takes the holder's name away."""
    return {"backfill_by": holder, "deleted": False}
