"""News: the strong results of a company that are unread and that nobody was told of, read from the results.

A result carries the time at which its writer listed it, and is seen a little later. So what was told is not a
moment alone: of the last `MARGIN` before it, the results that were told are named.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from typing import Any

import msgspec
from bson import ObjectId

from store.mongo import Database
from store.results.result_filter import listed

MARGIN = timedelta(seconds=30)
"""How much later than its time a result may be seen. A write that takes longer is given up by the driver."""
MAX_NAMED = 2_000
"""Results that are named at most: 24 KB in the company's document. Where more came within the margin, those
who come late among them are not told of; they count in the badge as ever."""


class FeedNews(msgspec.Struct, frozen=True, kw_only=True):
    """What is new in one feed.

    Attributes:
        oldest: When the first of the results was listed.
        results: Their ids, with the time at which each was listed.
    """

    feed: str
    oldest: datetime
    best: float
    results: Mapping[str, datetime]


class News:
    """Reads the collection `results`."""

    def __init__(self, database: Database) -> None:
        self._results = database.results

    async def untold(
        self, company_id: str, feed_ids: Collection[str], told_until: datetime | None, told: Collection[str]
    ) -> list[FeedNews]:
        """What is new in some feeds of a company; those of nothing new are left out.

        Results listed by `told_until` were told (None: none were), and so were those that are named.
        """
        news = []
        for feed_id in feed_ids:
            fresh: dict[str, Any] = {"read": False}
            if told_until is not None:
                fresh["pub_time"] = {"$gt": told_until}
            # A second step: beside the index's own fields the embedded store reads every document.
            steps = [
                {"$match": listed(ObjectId(company_id), ObjectId(feed_id), "strong")},
                {"$match": fresh},
                {"$project": {"pub_time": 1, "score": 1}},
            ]
            rows = [row async for row in self._results.aggregate(steps) if str(row["_id"]) not in told]
            if rows:
                news.append(
                    FeedNews(
                        feed=feed_id,
                        oldest=min(row["pub_time"] for row in rows),
                        best=max(row["score"] for row in rows),
                        results={str(row["_id"]): row["pub_time"] for row in rows},
                    )
                )
        return news


def told_after(read_at: datetime, results: Mapping[str, datetime]) -> tuple[datetime, list[str]]:
    """What to keep of results that are told: until when all of them are, and those listed later.

    They are given as they were read at a time: by id, when each was listed.
    """
    until = read_at - MARGIN
    late = sorted((listed, result) for result, listed in results.items() if listed > until)
    if len(late) > MAX_NAMED:
        until = late[-MAX_NAMED][0]
        late = [one for one in late if one[0] > until]
    return until, [result for _, result in late]
