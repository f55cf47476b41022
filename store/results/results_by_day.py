"""Reads the results of one feed that were listed until some day, in queries that nobody has to wait for.

    async for rows in until(results, {"feed": feed, "deleted": False}, {"read": 1}, since, moment):
        ...

Most feeds are read in one query. One that would take long is broken off, and what it asks for is read day by
day, and a full day by ranges of scores.
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


async def until(
    results: Collection,
    which: Mapping[str, Any],
    fields: Mapping[str, int],
    since: datetime,
    moment: datetime,
) -> AsyncIterator[list[dict[str, Any]]]:
    """Give results listed until the day of a moment, some at a time; a part may be empty.

    Args:
        results: The collection.
        which: A feed, and whether its deleted results are meant.
        fields: Which fields.
        since: The feed's start; what was listed before comes in one query.
        moment: A time of the last day.
    """
    last = day_of(moment)
    rows = await _query(results, {**which, "day": {"$lte": last}}, fields, spans.LONGEST_MS)
    if rows is not None:
        yield rows
        return
    # Not `$lt`, for which the embedded store reads all of that day too, see `list_windows`.
    before = {**which, "day": {"$lte": day_of(since - timedelta(days=1))}}
    yield await _query(results, before, fields) or []
    while day_of(since) <= last:
        async for rows in _of_day(results, {**which, "day": day_of(since)}, fields):
            yield rows
        since += timedelta(days=1)


async def _of_day(
    results: Collection, which: Mapping[str, Any], fields: Mapping[str, int]
) -> AsyncIterator[list[dict[str, Any]]]:
    """Results of one day: a new feed may list thousands on its first."""
    if (rows := await _query(results, which, fields, spans.LONGEST_MS)) is not None:
        yield rows
        return
    # Open below: for `$gte` on a descending field in the midst of an index the embedded store leaves out
    # what is equal.
    for high in range(0, 100 + _BAND, _BAND):
        band = {**which, "score": {"$gt": high - _BAND, "$lte": high}}
        yield await _query(results, band, fields) or []


async def _query(
    results: Collection, which: Mapping[str, Any], fields: Mapping[str, int], longest_ms: int = 0
) -> list[dict[str, Any]] | None:
    """What a query finds; None where that takes longer than it may. 0 is as long as it takes."""
    found = results.find(which, fields)
    try:
        return list(await (found.max_time_ms(longest_ms) if longest_ms else found).to_list(None))
    except (ExecutionTimeout, NetworkTimeout):
        if not longest_ms:
            raise
        return None
