"""How many results the feeds of a company have: the document that keeps the numbers.

    {_id: company, seq: 7, unread: {feed: 3}, read: {feed: 12}, possible_unread: {feed: 1},
     possible_read: {feed: 2}, undecided: {feed: 4}, untold: …}

A feed that is missing has none. `unread`, `read` and `undecided` are of both tiers; the others say how many
are only possible. `untold` is since when strong results came of which the company was not told; `notices`
takes it away. Each transaction that changes results of the company changes `seq`, so that two exclude each
other.

When a document is written is in `result_counters`. The count of the results themselves is here.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from types import MappingProxyType
from typing import Any

import msgspec
from bson import ObjectId
from pymongo import UpdateOne

from store.mongo import Database
from store.results.result_filter import Listed, is_possible
from store.results.work import UNDECIDED


class Change(msgspec.Struct):
    """By how much the numbers of one feed changed.

    Attributes:
        unread, read, undecided: Of both tiers. Somebody was opened or unlocked, and nothing came of it yet.
        possible_unread, possible_read: Those of them that are only possible.
    """

    unread: int = 0
    read: int = 0
    possible_unread: int = 0
    possible_read: int = 0
    undecided: int = 0

    def add(self, result: Mapping[str, Any], by: int) -> None:
        """Note so many more results, or fewer, in the state of a stored one. Deleted ones are not counted."""
        if result["deleted"]:
            return
        state = "read" if result["read"] else "unread"
        for name in (state, f"possible_{state}") if is_possible(result) else (state,):
            setattr(self, name, getattr(self, name) + by)
        if result.get("work") == UNDECIDED:
            self.undecided += by


KINDS = Change.__struct_fields__
"""The numbers of a feed, as they are called in the document."""
_Numbers = Mapping[str, int]
_NO_NUMBERS: _Numbers = MappingProxyType({})


class Counts(msgspec.Struct, frozen=True):
    """The results of a company's feeds that are not deleted, by feed, as `Change` has them.

    Feeds without any may be missing.
    """

    unread: _Numbers = _NO_NUMBERS
    read: _Numbers = _NO_NUMBERS
    possible_unread: _Numbers = _NO_NUMBERS
    possible_read: _Numbers = _NO_NUMBERS
    undecided: _Numbers = _NO_NUMBERS

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


def _of_tier(every: int, possible: int, tier: Listed) -> int:
    return {"all": every, "possible": possible, "strong": every - possible}[tier]


def counts_from(document: Mapping[str, Any]) -> Counts:
    """A company's numbers from their document."""
    return Counts(**{kind: document.get(kind, {}) for kind in KINDS})


def changing(company: ObjectId, changes: Mapping[str, Change], now: datetime) -> UpdateOne:
    """The write that adds the changes of a company's feeds.

    Whoever is away has to be told of strong results that came, see `notices`.
    """
    added = {
        f"{kind}.{feed}": by
        for feed, change in changes.items()
        for kind in KINDS
        if (by := getattr(change, kind))
    }
    write: dict[str, Any] = {"$inc": {**added, "seq": 1}}
    if any(change.unread > change.possible_unread for change in changes.values()):
        write["$min"] = {"untold": now}
    return UpdateOne({"_id": company}, write, upsert=True)


async def count_results(database: Database, company: ObjectId) -> Counts:
    """Count the results of a company's feeds themselves: the store takes about 40 µs a result.

    A feed at a time, as a query for all of them might take longer than the driver waits.
    """
    numbers: dict[str, Change] = {}
    feeds = await database.feeds.find({"company": company, "deleted": False}, {"_id": 1}).to_list(None)
    for feed in feeds:
        which, change = {"company": company, "feed": feed["_id"], "deleted": False}, Change()
        state = {"read": "$read", "possible": "$possible", "work": "$work"}
        stages = [{"$match": which}, {"$group": {"_id": state, "count": {"$sum": 1}}}]
        async for row in database.results.aggregate(stages):
            change.add({**row["_id"], "deleted": False}, row["count"])
        numbers[str(feed["_id"])] = change
    return Counts().plus(numbers)
