"""Reads the results of one feed that were listed until some day, in queries that nobody has to wait for.

    async for rows in until(results, {"feed": feed, "deleted": False}, {"read": 1}, since, moment):
        ...

Most feeds are read in one query. One that would take long is broken off, and what it asks for is read some
days at a time, and a full day by ranges of scores.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from datetime import datetime, timedelta
from typing import Any

from pymongo.errors import ExecutionTimeout, NetworkTimeout

from runtime.clock import day_of
from store import spans
from store.mongo import Collection

_BAND = 2
"""Points of the score that a query takes where a day has many results."""
_MOST_DAYS = 64
"""Days that a query takes where they have few: a feed may be years old."""


async def until(
    results: Collection,
    which: Mapping[str, Any],
    fields: Mapping[str, int],
    since: datetime,
    moment: datetime,
    *,
    beside: Mapping[str, Any] = {},
) -> AsyncIterator[list[dict[str, Any]]]:
    """Give results listed until the day of a moment, some at a time; a part of a long list may be empty.

    Args:
        results: The collection.
        which: A feed, and whether its deleted results are meant.
        fields: Which fields.
        since: The feed's start; what was listed before comes in one query.
        moment: A time of the last day.
        beside: What else must hold of a result, see `spans.before`.
    """

    async def query(where: Mapping[str, Any], longest_ms: int = 0) -> list[dict[str, Any]] | None:
        """What is found; None where that takes longer than it may. 0 is as long as it takes."""
        try:
            return await spans.read(results, {**which, **where}, beside, fields, longest_ms)
        except (ExecutionTimeout, NetworkTimeout):
            if not longest_ms:
                raise
            return None

    last = day_of(moment)
    rows = await query({"day": {"$lte": last}}, spans.LONGEST_MS)
    if rows is not None:
        if rows:
            yield rows
        return
    # Not `$lt`, for which the embedded store reads all of that day too, see `list_windows`.
    yield await query({"day": {"$lte": day_of(since - timedelta(days=1))}}) or []
    days = 1
    while day_of(since) <= last:
        end = since + timedelta(days=days - 1)
        # Open below: for `$gte` on a descending field in the midst of an index the embedded store leaves out
        # what is equal.
        some = {"$gt": day_of(since - timedelta(days=1)), "$lte": min(day_of(end), last)}
        rows = await query({"day": some}, spans.LONGEST_MS)
        if rows is None and days > 1:
            days = 1
            continue
        if rows is not None:
            yield rows
            days = min(2 * days, _MOST_DAYS)
        else:
            # A new feed may list thousands on its first day.
            for high in range(0, 100 + _BAND, _BAND):
                band = {"day": day_of(since), "score": {"$gt": high - _BAND, "$lte": high}}
                yield await query(band) or []
        since = end + timedelta(days=1)
