"""How many results the feeds of an account have: what the document says that keeps the numbers.

    {_id: user, seq: 7, unread: {feed: 3}, read: {feed: 12}, possible_unread: {feed: 1},
     possible_read: {feed: 2}, marks: {process: since}, stale: true, counted_at: …,
     untold: …}

A feed that is missing has none. `unread` and `read` are of both tiers; the others say how many of these are
only possible.

`marks` names the processes that may have changed results of which the numbers do not know yet; `stale` says
that the numbers are wrong. `seq` grows with every write, and no document is ever deleted, so what is written
on condition of a `seq` has missed nothing. `untold` is since when strong results came, or may have come, of
which the account was not told; `notices` takes it away.

When a document is written is in `result_counters`, when it is believed in `result_counts`. The count of the
results themselves is here.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from types import MappingProxyType
from typing import Any

import msgspec
from bson import ObjectId
from pymongo import UpdateOne

from store.mongo import Database
from store.results.result_filter import Listed, is_possible

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
    possible_unread: int = 0
    possible_read: int = 0

    def add(self, result: Mapping[str, Any], by: int) -> None:
        """Note so many more results, or fewer, in the state of a stored one. Deleted ones are not counted."""
        if result["deleted"]:
            return
        state = "read" if result["read"] else "unread"
        for name in (state, f"possible_{state}") if is_possible(result) else (state,):
            setattr(self, name, getattr(self, name) + by)


KINDS = Change.__struct_fields__
"""The numbers of a feed, as they are called in the document."""
_Numbers = Mapping[str, int]
_NO_NUMBERS: _Numbers = MappingProxyType({})


class Counts(msgspec.Struct, frozen=True):
    """The results of an account's feeds that are not deleted. Feeds without any may be missing.

    Attributes:
        unread: By feed, of both tiers.
        read: The same.
        possible_unread: Those of them that are only possible.
        possible_read: The same.
    """

    unread: _Numbers = _NO_NUMBERS
    read: _Numbers = _NO_NUMBERS
    possible_unread: _Numbers = _NO_NUMBERS
    possible_read: _Numbers = _NO_NUMBERS

    def unread_of(self, feed_id: str, tier: Listed = "strong") -> int:
        """The feed's unread results."""
        return _of_tier(self.unread.get(feed_id, 0), self.possible_unread.get(feed_id, 0), tier)

    def kept_of(self, feed_id: str, tier: Listed = "strong") -> int:
        """The feed's results that are not deleted."""
        possible = self.possible_unread.get(feed_id, 0) + self.possible_read.get(feed_id, 0)
        return _of_tier(self.unread.get(feed_id, 0) + self.read.get(feed_id, 0), possible, tier)

    def plus(self, changes: Mapping[str, Change]) -> Counts:
        """These numbers with changes by feed on top."""
        if not changes:
            return self
        numbers = {kind: dict(getattr(self, kind)) for kind in KINDS}
        for feed_id, change in changes.items():
            for kind, of_feeds in numbers.items():
                if by := getattr(change, kind):
                    of_feeds[feed_id] = of_feeds.get(feed_id, 0) + by
        return Counts(**numbers)

    def differing(self, other: Counts) -> set[str]:
        """The feeds that have another number of unread strong results in `other`."""
        feeds = self.unread.keys() | other.unread.keys()
        return {feed for feed in feeds if self.unread_of(feed) != other.unread_of(feed)}


def _of_tier(every: int, possible: int, tier: Listed) -> int:
    # What one process added may not be settled yet when another has settled that it took it away.
    return max(0, {"all": every, "possible": possible, "strong": every - possible}[tier])


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
_STEP = {"seq": 1}
NEW_COUNTER = CounterDocument(0, Counts(), is_stale=True, marks={}, counted_at=NEVER)
"""What `new_counter` says."""


def counter_from(document: Mapping[str, Any]) -> CounterDocument:
    """An account's numbers from their document."""
    return CounterDocument(
        seq=document["seq"],
        counts=Counts(**{kind: document.get(kind, {}) for kind in KINDS}),
        is_stale=document.get("stale", False),
        marks=document.get("marks", {}),
        counted_at=document.get("counted_at", NEVER),
    )


def new_counter(user: ObjectId) -> dict[str, Any]:
    """The document of an account whose results nobody has counted."""
    return {"_id": user, "seq": 0, "stale": True}


def marking(process: str, now: datetime) -> dict[str, Any]:
    """The write that comes before a process changes results.

    Whoever is away may have to be told of them, see `notices`: also where the process dies before it settles.
    """
    return {"$set": {f"marks.{process}": now}, "$min": {"untold": now}, "$inc": _STEP}


def settling(
    user: ObjectId,
    process: str,
    changes: Mapping[str, Change],
    now: datetime,
    renewed_at: datetime | None,
) -> UpdateOne:
    """The write that adds what a process changed, and takes its mark away or renews it.

    It does nothing where the mark is gone: somebody took the process for dead, and has counted.
    """
    added = {
        f"{kind}.{feed}": by
        for feed, change in changes.items()
        for kind in KINDS
        if (by := getattr(change, kind))
    }
    mark = f"marks.{process}"
    write: dict[str, Any] = {"$inc": {**added, **_STEP}}
    if any(change.unread > change.possible_unread for change in changes.values()):
        write["$min"] = {"untold": now}
    if renewed_at:
        write["$set"] = {mark: renewed_at}
    else:
        write["$unset"] = {mark: ""}
    return UpdateOne({"_id": user, mark: {"$exists": True}}, write)


def doubting(user: ObjectId, process: str, now: datetime, renewed_at: datetime | None) -> UpdateOne:
    """The write of a process that does not know what it changed: the account has to be counted."""
    change: dict[str, Any] = {"$set": {"stale": True, f"marks.{DOUBT}": now}, "$inc": _STEP}
    if renewed_at:
        change["$set"][f"marks.{process}"] = renewed_at
    else:
        change["$unset"] = {f"marks.{process}": ""}
    return UpdateOne({"_id": user}, change)


def recounting(counts: Counts, document: CounterDocument, now: datetime) -> dict[str, Any]:
    """The write of numbers that were counted, on condition of the `seq` that was read before.

    Where a process had marked the account, and is gone, what it wrote may have come after it was last told.
    """
    numbers = {kind: dict(getattr(counts, kind)) for kind in KINDS}
    fields = {**numbers, "counted_at": now}
    untold = {"$min": {"untold": now}} if document.marks else {}
    return {"$set": fields, "$unset": {"stale": "", "marks": ""}, "$inc": {"seq": 1}, **untold}


async def count_results(database: Database, user: ObjectId) -> Counts:
    """Count the results of an account's feeds themselves: the store takes about 40 µs a result.

    A feed at a time, as a query for all of them might take longer than the driver waits.
    """
    numbers: dict[str, Change] = {}
    feeds = await database.feeds.find({"user": user, "deleted": False}, {"_id": 1}).to_list(None)
    for feed in feeds:
        which, change = {"user": user, "feed": feed["_id"], "deleted": False}, Change()
        state = {"read": "$read", "possible": "$possible"}
        stages = [{"$match": which}, {"$group": {"_id": state, "count": {"$sum": 1}}}]
        async for row in database.results.aggregate(stages):
            change.add({**row["_id"], "deleted": False}, row["count"])
        numbers[str(feed["_id"])] = change
    return Counts().plus(numbers)
