"""What a feed's results look like as a whole. MongoDB counts it, from the results alone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

import msgspec
from bson import ObjectId

from runtime.clock import day_of
from store.mongo import Database

BIN_POINTS = 10
"""Points that one bar of the distribution of scores stands for."""

_MOST_TERMS = 12
"""How many of the most frequent terms, missing terms and reasons are told."""

_NEEDED = ("day", "score", "read", "deleted", "keywords", "missing", "reasons")


class FeedStatistics(msgspec.Struct, frozen=True, kw_only=True):
    """Counts of one feed's results.

    Attributes:
        arrivals: Results by the day of their listing, deleted ones too; days without any are left out.
        total: Results that are not deleted.
        read: Of these, the read ones.
        scores: Results that are not deleted, by the number of their bar: 0 has scores from 0 to below 10,
            and so on up to 9, which has 100 too.
        terms: What of the feed most resumes have, and how many do; deleted results do not count.
        missing: The same of what they lack.
        reasons: Why results were deleted, and how often; a result may have several reasons.
    """

    total: int
    read: int
    deleted: int
    arrivals: Mapping[int, int]
    scores: Mapping[int, int]
    terms: Sequence[tuple[str, int]]
    missing: Sequence[tuple[str, int]]
    reasons: Sequence[tuple[str, int]]


class Statistics:
    """Counts over the collection `results`."""

    def __init__(self, database: Database) -> None:
        self._results = database.results

    async def count_for(self, feed_id: str, *, now: datetime, days: int) -> FeedStatistics:
        """Count a feed's results; of arrivals only those of the last `days` days, today included."""
        since = day_of(now - timedelta(days=days - 1))
        kept, gone = {"$match": {"deleted": False}}, {"$match": {"deleted": True}}
        tenth = {"$floor": {"$divide": ["$score", BIN_POINTS]}}
        # All in one command, which reads the results once: reading is what takes the embedded store time.
        pipeline = [
            {"$match": {"feed": ObjectId(feed_id)}},
            {"$project": dict.fromkeys(_NEEDED, 1)},
            {
                "$facet": {
                    "states": [_counted({"read": "$read", "deleted": "$deleted"})],
                    "arrivals": [{"$match": {"day": {"$gte": since}}}, _counted("$day")],
                    "scores": [kept, _counted(tenth)],
                    "terms": [kept, *_most("keywords")],
                    "missing": [kept, *_most("missing")],
                    "reasons": [gone, *_most("reasons")],
                }
            },
        ]
        (found,) = await self._results.aggregate(pipeline).to_list(None)
        total = read = deleted = 0
        for row in found["states"]:
            state, count = row["_id"], row["count"]
            if state["deleted"]:
                deleted += count
            else:
                total += count
                read += count if state["read"] else 0
        scores: dict[int, int] = {}
        for row in found["scores"]:
            number = min(int(row["_id"]), 100 // BIN_POINTS - 1)
            scores[number] = scores.get(number, 0) + row["count"]
        return FeedStatistics(
            total=total,
            read=read,
            deleted=deleted,
            arrivals={row["_id"]: row["count"] for row in found["arrivals"]},
            scores=scores,
            **{
                name: [(row["_id"], row["count"]) for row in found[name]]
                for name in ("terms", "missing", "reasons")
            },
        )


def _counted(by: Any) -> dict[str, Any]:
    return {"$group": {"_id": by, "count": {"$sum": 1}}}


def _most(name: str) -> list[dict[str, Any]]:
    """The most frequent texts of a field that holds lists of them; equally frequent ones by the text."""
    unwound = [{"$unwind": f"${name}"}, _counted(f"${name}")]
    return [*unwound, {"$sort": {"count": -1, "_id": 1}}, {"$limit": _MOST_TERMS}]
