"""How many results the feeds of an account have: what the document says that keeps the numbers.

    {_id: user, seq: 7, unread: {feed: 3}, read: {feed: 12}, marks: {process: since}, stale: true,
     counted_at: …}

A feed that is missing has none. `marks` names the processes that may have changed results of which the
numbers do not know yet; `stale` says that the numbers are wrong. `seq` grows with every write, and no
document is ever deleted, so what is written on condition of a `seq` has missed nothing.

When a document is written is in `result_counters`, when it is believed in `result_counts`. The count of the
results themselves is here.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
from bson import ObjectId
from pymongo import UpdateOne

from store.mongo import Database

DEAD_AFTER = timedelta(seconds=3)
"""The age of a mark from which its process counts as dead. A living one settles its marks within a second.
With less, a process that a busy machine holds up would be taken for dead, and its accounts counted without
need; more would leave the numbers of a killed process wrong for longer."""

DOUBT = "doubt"
"""The mark that nobody settles. It stands for a write whose answer was lost. A store that stood still may yet
do it, so no count is kept until the mark is as old as that of a dead process."""


class Change(msgspec.Struct):
    """By how much the numbers of one feed changed."""

    unread: int = 0
    read: int = 0


class Counts(msgspec.Struct, frozen=True):
    """The results of an account's feeds that are not deleted. Feeds without any may be missing."""

    unread: Mapping[str, int]
    read: Mapping[str, int]

    def unread_of(self, feed_id: str) -> int:
        """The feed's unread results."""
        # What one process added may not be settled yet when another has settled that it took it away.
        return max(0, self.unread.get(feed_id, 0))

    def kept_of(self, feed_id: str) -> int:
        """The feed's results that are not deleted."""
        return max(0, self.unread.get(feed_id, 0) + self.read.get(feed_id, 0))

    def plus(self, changes: Mapping[str, Change]) -> Counts:
        """These numbers with changes by feed on top."""
        if not changes:
            return self
        unread, read = dict(self.unread), dict(self.read)
        for feed_id, change in changes.items():
            unread[feed_id] = unread.get(feed_id, 0) + change.unread
            read[feed_id] = read.get(feed_id, 0) + change.read
        return Counts(unread, read)

    def differing(self, other: Counts) -> set[str]:
        """The feeds that have another number of unread results in `other`."""
        feeds = self.unread.keys() | other.unread.keys()
        return {feed for feed in feeds if self.unread.get(feed, 0) != other.unread.get(feed, 0)}


class CounterDocument(msgspec.Struct, frozen=True):
    """What was read of an account; `marks` are since when which processes write."""

    seq: int
    counts: Counts
    is_stale: bool
    marks: Mapping[str, datetime]
    counted_at: datetime

    @property
    def is_settled(self) -> bool:
        """Whether the numbers must be those of the results."""
        return not (self.is_stale or self.marks)


NEVER = datetime.fromtimestamp(0, UTC)
NEW_COUNTER = CounterDocument(0, Counts({}, {}), is_stale=True, marks={}, counted_at=NEVER)
"""What `new_counter` says."""


def counter_from(document: Mapping[str, Any]) -> CounterDocument:
    """An account's numbers from their document."""
    return CounterDocument(
        seq=document["seq"],
        counts=Counts(document.get("unread", {}), document.get("read", {})),
        is_stale=document.get("stale", False),
        marks=document.get("marks", {}),
        counted_at=document.get("counted_at", NEVER),
    )


def new_counter(user: ObjectId) -> dict[str, Any]:
    """The document of an account whose results nobody has counted."""
    return {"_id": user, "seq": 0, "stale": True}


def marking(process: str, now: datetime) -> dict[str, Any]:
    """The write that comes before a process changes results."""
    return {"$set": {f"marks.{process}": now}, "$inc": {"seq": 1}}


def settling(
    user: ObjectId, process: str, changes: Mapping[str, Change], renewed_at: datetime | None
) -> UpdateOne:
    """The write that adds what a process changed, and takes its mark away or renews it.

    It does nothing where the mark is gone: somebody took the process for dead, and has counted.
    """
    added = {f"unread.{feed}": change.unread for feed, change in changes.items() if change.unread}
    added |= {f"read.{feed}": change.read for feed, change in changes.items() if change.read}
    mark = f"marks.{process}"
    kept = {"$set": {mark: renewed_at}} if renewed_at else {"$unset": {mark: ""}}
    return UpdateOne({"_id": user, mark: {"$exists": True}}, {"$inc": {**added, "seq": 1}, **kept})


def doubting(user: ObjectId, process: str, now: datetime, renewed_at: datetime | None) -> UpdateOne:
    """The write of a process that does not know what it changed: the account has to be counted."""
    change: dict[str, Any] = {"$set": {"stale": True, f"marks.{DOUBT}": now}, "$inc": {"seq": 1}}
    if renewed_at:
        change["$set"][f"marks.{process}"] = renewed_at
    else:
        change["$unset"] = {f"marks.{process}": ""}
    return UpdateOne({"_id": user}, change)


def recounting(counts: Counts, now: datetime) -> dict[str, Any]:
    """The write of numbers that were counted, on condition of the `seq` that was read before."""
    fields = {"unread": dict(counts.unread), "read": dict(counts.read), "counted_at": now}
    return {"$set": fields, "$unset": {"stale": "", "marks": ""}, "$inc": {"seq": 1}}


async def count_results(database: Database, user: ObjectId) -> Counts:
    """Count the results of an account's feeds themselves: the store takes about 40 µs a result.

    A feed at a time, as a query for all of them might take longer than the driver waits.
    """
    unread: Counter[str] = Counter()
    read: Counter[str] = Counter()
    feeds = await database.feeds.find({"user": user, "deleted": False}, {"_id": 1}).to_list(None)
    for feed in feeds:
        which = {"feed": feed["_id"], "deleted": False}
        rows = database.results.aggregate(
            [{"$match": which}, {"$group": {"_id": "$read", "count": {"$sum": 1}}}]
        )
        async for row in rows:
            (read if row["_id"] else unread)[str(feed["_id"])] = row["count"]
    return Counts(unread, read)
