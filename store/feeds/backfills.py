"""Backfills: feeds that wait to be scored against all stored resumes, each as a job of kind `backfill`.

Whatever gives a feed a new revision asks for its backfill in the same transaction, which takes it away from
whoever scores the revision before; whatever ends its scoring drops it. What is noted of a backfill names the
revision that was scored, so whoever comes late notes nothing.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from operator import itemgetter
from typing import Any

from bson import ObjectId
from pymongo.errors import NetworkTimeout

from store.accounts.companies import Member
from store.by_ids import chunks, find_by_ids, object_ids, update_by_ids
from store.feeds.feed_documents import CALCED, SCORED, Feed, feed_from, new_revision
from store.jobs.jobs import Job, Jobs
from store.mongo import Database
from store.parts import in_parts
from store.transactions import again_after_conflict

_EVER = timedelta(days=3650)
"""How far back a process looks at first for feeds that wait."""
_SHORTEST = timedelta(milliseconds=1)
_ENOUGH = 1_000
"""Jobs that one query should find at most; reading so many takes the embedded store a tenth of a second."""
_AFTER_TIMEOUT, _GROWTH = 16, 4
"""How many times shorter a span becomes that took too long, and how many times longer an empty one."""
_CLOCKS_DIFFER = timedelta(minutes=1)
"""By how much the clocks of two machines may differ. With more, a feed could wait until nothing else does."""

_JUST, _FEW = timedelta(seconds=10), 2
"""For how long a feed was just submitted: who waits for it after that does something else meanwhile. And how
many feeds of an account may be such: who submits more in this time waits for none at a screen."""

_PAGE = 1_000
"""Feeds whose companies are read in one go."""
_WHOSE = {"company": 1, "owner": 1}

Revisions = Mapping[str, tuple[str, int]]
"""By feed, its company and the revision that is scored."""


class Backfills:
    """The jobs of kind `backfill`, and the progress in `feeds`. Belongs to one event loop."""

    def __init__(self, database: Database, jobs: Jobs) -> None:
        self._database = database
        self._feeds = database.feeds
        self._jobs = jobs
        self._waiting = database.jobs
        # No feed waits since an earlier time, as far as is known, and how long a span is read at once.
        self._since: datetime | None = None
        self._span = _EVER

    async def claim(self, most: int, *, but: Collection[str] = ()) -> tuple[list[Job], list[Feed]]:
        """Take feeds that wait, those that wait longest first, but of each account in turn.

        Up to 100 are given, as jobs and as the feeds are; those of the accounts `but` wait on.
        """

        async def by_turns(now: datetime) -> list[dict[str, Any]]:
            return _by_turns([row for row in await self._oldest(now) if row["owner"] not in but])

        return await self._feeds_of(await self._jobs.claim("backfill", most=most, find=by_turns))

    async def claim_newest(self, most: int, *, but: Collection[str]) -> tuple[list[Job], list[Feed]]:
        """Take feeds that were just submitted, the newest first, of accounts of which few were."""

        async def newest(now: datetime) -> list[dict[str, Any]]:
            which = {"kind": "backfill", "due": {"$gte": now - min(_JUST, self._span), "$lte": now}}
            try:
                rows = await self._waiting.find(which).sort("due", -1).to_list(None)
            except NetworkTimeout:  # all are to be scored again, which nobody waits for
                return []
            of = Counter(row["owner"] for row in rows)
            return [row for row in rows if row["owner"] not in but and of[row["owner"]] <= _FEW]

        return await self._feeds_of(await self._jobs.claim("backfill", most=most, find=newest))

    async def _oldest(self, now: datetime) -> list[dict[str, Any]]:
        """Feeds that wait longest, some of many.

        They are read a span of the times after the other since which they wait. The embedded store reads all
        that a condition allows before it gives the first, and learned relations may make every feed wait at
        once.
        """
        since = self._since or now - _EVER
        while True:
            until = min(since + self._span, now)
            which = {"kind": "backfill", "due": {"$gte": since, "$lte": until}}
            try:
                rows = await self._waiting.find(which).sort("due", 1).to_list(None)
            except NetworkTimeout:
                if self._span <= _SHORTEST:
                    raise
                self._span = max(self._span / _AFTER_TIMEOUT, _SHORTEST)
                continue
            if rows or until == now:
                break
            since, self._span = until, self._span * _GROWTH
        if not rows:
            self._since, self._span = None, _EVER
        elif len(rows) > _ENOUGH or self._span < _EVER:
            first, last = (row["due"] for row in (rows[0], rows[-1]))
            if len(rows) > _ENOUGH:
                self._span = max((last - first) * _ENOUGH / len(rows), _SHORTEST)
            # Whatever is made to wait from now on waits since now, by some process's clock.
            self._since = min(first, now - _CLOCKS_DIFFER)
        return list(rows)

    async def _feeds_of(self, jobs: list[Job]) -> tuple[list[Job], list[Feed]]:
        companies = {ObjectId(job.key): ObjectId(job.company) for job in jobs}
        found = await find_by_ids(self._feeds, companies, where=SCORED, companies=companies)
        feeds = {str(document["_id"]): feed_from(document) for document in found}
        return jobs, [feeds[job.key] for job in jobs if job.key in feeds]

    async def keep(self, jobs: Sequence[Job]) -> set[str]:
        """Hold what was claimed for longer; returns the feeds that nobody took or changed meanwhile."""
        return {job.key for job in await self._jobs.renew(*jobs)}

    async def note_progress(self, feeds: Revisions, progress: float) -> set[str]:
        """Note how far backfills are, 0..1 without the ends.

        Returns:
            Those of the feeds that are still of these revisions and not scored by somebody else.
        """
        return await self._note(feeds, progress, {**SCORED, "progress": {"$lt": CALCED}})

    @again_after_conflict
    async def finish(self, jobs: Sequence[Job], feeds: Revisions) -> set[str]:
        """Note that these revisions are scored against all stored resumes, and end the jobs.

        Returns:
            The feeds of which that is true; the others changed.
        """
        async with self._database.transaction():
            done = await self._note(feeds, CALCED, SCORED)
            await self._jobs.done(*jobs)
        return done

    async def _note(self, feeds: Revisions, progress: float, where: Mapping[str, Any]) -> set[str]:
        by_rev: defaultdict[int, dict[ObjectId, ObjectId]] = defaultdict(dict)
        for feed, (company, rev) in feeds.items():
            by_rev[rev][ObjectId(feed)] = ObjectId(company)
        noted = set[str]()
        for rev, companies in by_rev.items():
            which = {**where, "rev": rev}
            change = {"$set": {"progress": progress}}
            count = await update_by_ids(self._feeds, companies, change, where=which, companies=companies)
            ids = list(companies)
            if count < len(ids):
                found = await find_by_ids(self._feeds, ids, {"_id": 1}, where=which, companies=companies)
                ids = [document["_id"] for document in found]
            noted |= set(map(str, ids))
        return noted

    async def scored_revisions(self, feeds: Revisions) -> dict[str, int]:
        """The revisions of those of the feeds that are active, not paused and do not wait to be scored."""
        companies = {ObjectId(feed): ObjectId(company) for feed, (company, _) in feeds.items()}
        which = {**SCORED, "progress": CALCED}
        found = await find_by_ids(self._feeds, companies, {"rev": 1}, where=which, companies=companies)
        return {str(one["_id"]): one["rev"] for one in found}

    async def release(self, jobs: Sequence[Job]) -> None:
        """Give feeds back, so that the next process need not wait for the end of their leases."""
        await self._jobs.put_off(jobs, datetime.now(UTC))

    async def request(self, feed_ids: Sequence[str] | None = None) -> int:
        """Have some feeds, or every active one, scored against all resumes again; returns how many are.

        A paused one is left out, as it is scored again once it goes on.
        """
        if feed_ids is None:
            found = in_parts(self._feeds, {"deleted": False}, _PAGE, {"company": 1})
            feeds = [document async for page in found for document in page]
        else:
            feeds = await find_by_ids(self._feeds, object_ids(feed_ids), {"company": 1})
        companies = {document["_id"]: document["company"] for document in feeds}
        return sum([await self._request(part, companies) for part in chunks(list(companies))])

    @again_after_conflict
    async def _request(self, ids: Sequence[ObjectId], companies: Mapping[ObjectId, ObjectId]) -> int:
        async with self._database.transaction():
            found = await find_by_ids(self._feeds, ids, _WHOSE, where=SCORED, companies=companies)
            await update_by_ids(
                self._feeds, [one["_id"] for one in found], new_revision(), companies=companies
            )
            of = {str(one["_id"]): Member(str(one["owner"]), str(one["company"])) for one in found}
            # Each part waits since another time, by which a claim can part them.
            await self._jobs.ask_all("backfill", dict.fromkeys(of, datetime.now(UTC)), of=of)
        return len(found)


def _by_turns(rows: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """The first of each account, then the second of each, and so on: one's many feeds hold nobody up."""
    turns: Counter[str] = Counter()
    order = []
    for row in rows:
        order.append(turns[row["owner"]])
        turns[row["owner"]] += 1
    return [row for _, row in sorted(zip(order, rows, strict=True), key=itemgetter(0))]
