"""What came of what sources sent, counted by day: accepted, updated, duplicate, rejected and why.

    arrivals.count("51job", "accepted")
    arrivals.count("51job", "rejected", "no_text")
    await arrivals.sources(days)                    # for operators

Counting costs an upload nothing: it goes to memory, and every two seconds into MongoDB, one write for each
source that sent something. So a process that is killed loses the counts of its last seconds, and a write
whose answer is lost may be counted twice. These are figures for people; what was answered to a sender is
stored with each resume. Nothing of a person stands here.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Literal

import msgspec
from pymongo import UpdateOne

from runtime.clock import SHANGHAI
from store.bulk import bulk
from store.documents import read_as
from store.mongo import Database

Arrival = Literal["accepted", "updated", "duplicate", "rejected"]
ARRIVALS: tuple[Arrival, ...] = ("accepted", "updated", "duplicate", "rejected")

EVERY_S = 2.0
"""Seconds between two writes. Less would add to what an upload costs; with more, an operator who just sent a
file would look in vain."""
_MOST_SOURCES = 500
"""Sources that are shown, those that sent last. A company has ten or twenty."""
_MOST_ROWS = 20_000
"""Rows of days that are read for them: a quarter of a year of two hundred sources."""
_EVER = "ever"
"""The day of a source's row that is of no day: it has its last arrival."""


class Day(msgspec.Struct, frozen=True, kw_only=True):
    """What one source sent on one day of Shanghai.

    Attributes:
        day: `2026-11-27`.
        counts: By what came of it.
        reasons: Of what was rejected: how often for which reason.
    """

    source: str
    day: str
    counts: Mapping[str, int] = {}
    reasons: Mapping[str, int] = {}


class Source(msgspec.Struct, frozen=True, kw_only=True):
    """A source that ever sent something.

    Attributes:
        last_arrival: When a resume of it was stored or recognised last; None where none ever was.
    """

    source: str
    last_arrival: datetime | None


class Arrivals:
    """The collection `arrivals`. Belongs to one event loop; counts of this process are in memory at first."""

    def __init__(self, database: Database) -> None:
        self._arrivals = database.arrivals
        self._counted: Counter[tuple[str, str, str]] = Counter()
        self._last: dict[str, datetime] = {}

    def count(self, source: str, arrival: Arrival, reason: str = "") -> None:
        """Count one resume, line or file of a source; "" where it cannot be told whose.

        The reason of what is rejected is one of a few words, which become names of fields.
        """
        now = datetime.now(SHANGHAI)
        day = now.date().isoformat()  # a bad line takes no longer to refuse than to count
        self._counted[source, day, f"counts.{arrival}"] += 1
        if reason:
            self._counted[source, day, f"reasons.{reason}"] += 1
        if arrival != "rejected":
            self._last[source] = now

    async def flush(self) -> None:
        """Write down what was counted.

        Raises:
            One of STORE_FAILURES: MongoDB does not answer; the counts are kept for the next time.
        """
        counted, self._counted = self._counted, Counter()
        last, self._last = self._last, {}
        by_row: dict[tuple[str, str], dict[str, int]] = {}
        for (source, day, field), count in counted.items():
            by_row.setdefault((source, day), {})[field] = count
        writes = []
        for source in {source for source, _ in by_row}:
            change: dict[str, Any] = {"$set": {"source": source, "day": _EVER}}
            if source in last:
                change["$max"] = {"last_at": last[source]}
            writes.append(UpdateOne({"_id": f"{_EVER} {source}"}, change, upsert=True))
        writes += [
            UpdateOne(
                {"_id": f"{day} {source}"},
                {"$inc": fields, "$set": {"source": source, "day": day}},
                upsert=True,
            )
            for (source, day), fields in by_row.items()
        ]
        try:
            await bulk(self._arrivals, writes)
        except BaseException:
            self._counted.update(counted)
            self._last = {**last, **self._last}
            raise

    async def sources(self) -> list[Source]:
        """The sources there are, the one that sent last first."""
        found = await self._arrivals.find({"day": _EVER}).limit(_MOST_ROWS).to_list(None)
        rows = [Source(source=row["source"], last_arrival=row.get("last_at")) for row in found]
        never = datetime.fromtimestamp(0, UTC)
        rows.sort(key=lambda row: (row.last_arrival or never, row.source), reverse=True)
        return rows[:_MOST_SOURCES]

    async def days(self, days: Sequence[str]) -> list[Day]:
        """What was sent on some days."""
        if not days:
            return []
        # Until before `ever`, which sorts behind all days.
        which = {"day": {"$gte": min(days), "$lte": max(days)}}
        found = await self._arrivals.find(which).limit(_MOST_ROWS).to_list(None)
        return [read_as(Day, row) for row in found]

    async def counted_since(self) -> str | None:
        """The first day that anything was counted on."""
        found = (
            await self._arrivals.find({"day": {"$gte": "2"}}, {"day": 1}).sort("day", 1).limit(1).to_list(1)
        )
        day = found[0]["day"] if found else _EVER
        return None if day == _EVER else str(day)


def last_days(count: int, now: datetime) -> list[str]:
    """So many days of Shanghai, the last of them today."""
    today = now.astimezone(SHANGHAI).date()
    return [str(today - timedelta(days=back)) for back in reversed(range(count))]
