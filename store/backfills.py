"""Backfills: which feeds wait to be scored against all stored resumes, and which process does it.

A backfill is a lease on the feed's own document: `backfill_due` is when the next process may take
it, `backfill_by` who holds it now. Every change of the feed takes the lease away.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from bson import ObjectId

from store.by_ids import object_ids, update_by_ids
from store.feed_documents import Feed, feed_from, new_revision
from store.mongo import Database

LEASE = timedelta(seconds=10)
"""How long a process that has died holds a backfill up. A living one renews its lease while it works; the
lease must outlast the longest time between two renewals, or two processes do the same work."""


class Backfills:
    """The leases in the collection `feeds`."""

    def __init__(self, database: Database) -> None:
        self._feeds = database.feeds

    async def claim(self, worker: str) -> Feed | None:
        """Take the lease of the feed that waits longest; None where none waits."""
        while True:
            now = datetime.now(UTC)
            which = {"backfill_due": {"$lte": now}, "deleted": False}
            document = await self._feeds.find_one(which, sort=[("backfill_due", 1)])
            if document is None:
                return None
            # A read, and a write on condition that nothing changed: for find-and-modify the embedded store
            # would read every feed.
            outcome = await self._feeds.update_one(
                {name: document[name] for name in ("_id", "rev", "backfill_due", "deleted")},
                {"$set": {"backfill_due": now + LEASE, "backfill_by": worker}},
            )
            if outcome.matched_count:
                return feed_from(document)
            # Another process was first, or the feed changed: look for another one.

    async def keep(self, worker: str, feed: Feed, progress: float) -> bool:
        """Renew the lease and note the progress, 0..1; false when the feed changed or the lease is lost."""
        outcome = await self._feeds.update_one(
            _leased(worker, feed), {"$set": {"backfill_due": datetime.now(UTC) + LEASE, "progress": progress}}
        )
        return bool(outcome.matched_count)

    async def finish(self, worker: str, feed: Feed) -> bool:
        """Note that this revision is scored; false when the feed changed or the lease is lost."""
        outcome = await self._feeds.update_one(
            _leased(worker, feed),
            {"$set": {"progress": 1.0}, "$unset": {"backfill_due": "", "backfill_by": ""}},
        )
        return bool(outcome.matched_count)

    async def release(self, worker: str, feed: Feed) -> None:
        """Give the lease back, so that the next process need not wait for its end."""
        await self._feeds.update_one(_leased(worker, feed), {"$set": {"backfill_due": datetime.now(UTC)}})

    async def request(self, feed_ids: Sequence[str] | None = None) -> int:
        """Have feeds scored against all resumes again.

        Args:
            feed_ids: Which; every active one where it is None.

        Returns:
            How many of them are active.
        """
        change, active = new_revision(datetime.now(UTC)), {"deleted": False}
        if feed_ids is None:
            return int((await self._feeds.update_many(active, change)).matched_count)
        return await update_by_ids(self._feeds, object_ids(feed_ids), change, where=active)

    async def count(self) -> int:
        """How many feeds wait to be scored against the stored resumes, or are being scored now."""
        return int(await self._feeds.count_documents({"backfill_due": {"$exists": True}}))


def _leased(worker: str, feed: Feed) -> dict[str, Any]:
    """The query for a feed that is as it was claimed, and whose lease is still ours."""
    return {"_id": ObjectId(feed.id), "rev": feed.rev, "backfill_by": worker, "deleted": False}
