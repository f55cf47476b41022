"""What a feed's results look like as a whole: counted by MongoDB, from the results alone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

import msgspec
from bson import ObjectId

from store.mongo import Database
from store.results import day_of

BIN_POINTS = 10
_MOST_TERMS = 12


class FeedStatistics(msgspec.Struct, frozen=True, kw_only=True):
    """Counts of one feed's results.

    Attributes:
        arrivals: Results by the day of their listing, deleted ones too; days without any are left out.
        scores: Results that are not deleted by score, a tenth of the range each: 0 for 0 to 10 exclusive, up
            to 9, which has 100 too.
        terms: What of the feed most resumes have, and how many; not of deleted ones.
        missing: What of the feed most resumes lack.
        reasons: Why results were deleted; one may have several reasons.
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

    async def of(self, feed_id: str, *, now: datetime, days: int) -> FeedStatistics:
        """Count a feed's results; the arrivals are those of the last `days` days, today included."""
        feed = ObjectId(feed_id)
        every, kept = {"feed": feed}, {"feed": feed, "deleted": False}
        since = day_of(now - timedelta(days=days - 1))
        tenth = {"$floor": {"$divide": ["$score", BIN_POINTS]}}
        scores: dict[int, int] = {}
        for row in await self._counts(kept, tenth):
            number = min(int(row["_id"]), 100 // BIN_POINTS - 1)
            scores[number] = scores.get(number, 0) + row["count"]
        arrivals = await self._counts({**every, "day": {"$gte": since}}, "$day")
        return FeedStatistics(
            total=await self._results.count_documents(kept),
            read=await self._results.count_documents({**kept, "read": True}),
            deleted=await self._results.count_documents({**every, "deleted": True}),
            arrivals={row["_id"]: row["count"] for row in arrivals},
            scores=scores,
            terms=await self._most(kept, "keywords"),
            missing=await self._most(kept, "missing"),
            reasons=await self._most({**every, "deleted": True}, "reasons"),
        )

    async def _counts(self, which: Mapping[str, Any], by: Any) -> list[dict[str, Any]]:
        pipeline = [{"$match": which}, {"$group": {"_id": by, "count": {"$sum": 1}}}]
        rows: list[dict[str, Any]] = await self._results.aggregate(pipeline).to_list(None)
        return rows

    async def _most(self, which: Mapping[str, Any], name: str) -> list[tuple[str, int]]:
        """The most frequent texts of a list of texts, with their numbers; equal ones by the text."""
        pipeline = [
            {"$match": which},
            {"$unwind": f"${name}"},
            {"$group": {"_id": f"${name}", "count": {"$sum": 1}}},
            {"$sort": {"count": -1, "_id": 1}},
            {"$limit": _MOST_TERMS},
        ]
        rows = await self._results.aggregate(pipeline).to_list(None)
        return [(row["_id"], row["count"]) for row in rows]
