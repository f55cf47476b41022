"""Reads what is older than a moment, one span of time after the other, newest first.

    async for rows in before(database.contacts, "news_at", moment, fields={"rev": 1}):
        ...

The embedded store finds all that a query asks for before it gives the first of it, and answers nobody
meanwhile. So no query here may take longer than a tenth of a second: one that does is broken off, and the
next one asks for a shorter span.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from pymongo.errors import ExecutionTimeout, NetworkTimeout

from store.mongo import Collection

LONGEST_MS = 100
"""How long one query may take, in milliseconds. The embedded store reads about 2,000 documents in it."""

_AIM = 200
"""Documents that a span should hold."""
_FIRST = timedelta(minutes=1)
"""The first span. It is short, as one upload may have brought everything within minutes."""
_SHORTEST = timedelta(milliseconds=1)
"""What MongoDB can tell apart. What is of one moment is read in one query, however long that takes."""
_GROWTH = 64
"""How many times longer a span may be than the one before: the empty years are crossed in a few queries."""
_SLOW_GROWTH = 4
"""The same, once a query took too long: else each empty span before many documents would be followed by a
query for all of them, and that one broken off."""
BEGINNING = datetime(1970, 1, 1, tzinfo=UTC)
EVER = timedelta(days=365_000)
"""A span that is longer than any time since `BEGINNING`."""


async def before(
    collection: Collection,
    field: str,
    moment: datetime,
    *,
    where: Mapping[str, Any] = {},
    fields: Mapping[str, int] | None = None,
    beside: Mapping[str, Any] = {},
    since: datetime = BEGINNING,
    first: timedelta = _FIRST,
    longest_ms: int = LONGEST_MS,
) -> AsyncGenerator[list[dict[str, Any]], None]:
    """Give the documents whose `field` is a time before `moment`, some at a time; no page is empty.

    Args:
        collection: It has an index of `field`, or of `where` and then `field`.
        field: The field that has the time.
        moment: The documents of this very time are left out.
        where: What else must hold of a document.
        fields: Which fields; all of them where it is None.
        beside: What else must hold, of fields that the index does not have. It is a step of its own, as the
            embedded store uses no index for a query that names more than the index begins with.
        since: The documents before this time are left out.
        first: The first span. `EVER` asks for all at once first, which is good where mostly nothing is found.
        longest_ms: How long one query may take, where the caller cannot wait for many short ones.
    """
    until, span, growth = moment, min(first, max(_SHORTEST, moment - since)), _GROWTH
    while until > since:
        start = max(since, until - span)
        which = {**where, field: {"$gte": start, "$lt": until}}
        bound_ms = longest_ms if span > _SHORTEST else 0
        try:
            rows = await read(collection, which, beside, fields, bound_ms)
        except (ExecutionTimeout, NetworkTimeout):
            if span <= _SHORTEST:
                raise
            span, growth = max(_SHORTEST, span / _GROWTH), _SLOW_GROWTH
            continue
        if rows:
            yield rows
        until = start
        span = max(_SHORTEST, min(span * min(growth, _AIM / max(len(rows), 1)), until - since))


async def read(
    collection: Collection,
    which: Mapping[str, Any],
    beside: Mapping[str, Any],
    fields: Mapping[str, int] | None,
    longest_ms: int,
) -> list[dict[str, Any]]:
    """What one query finds; for the arguments see `before`.

    Raises:
        ExecutionTimeout, NetworkTimeout: It took longer than it may; 0 is as long as it takes.
    """
    if beside:
        stages = [{"$match": which}, {"$match": beside}, *([{"$project": fields}] if fields else [])]
        return list(await collection.aggregate(stages, maxTimeMS=longest_ms).to_list(None))
    return list(await collection.find(which, fields).max_time_ms(longest_ms).to_list(None))
