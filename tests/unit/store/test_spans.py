"""Spans of time, over documents that are not stored: what a query finds, and which take too long."""

import asyncio
from datetime import UTC, datetime, timedelta

from pymongo.errors import ExecutionTimeout

from store import spans

NOW = datetime(2026, 6, 1, tzinfo=UTC)
TOO_MANY = 2000


def test_many_documents_behind_an_empty_day_cost_few_queries_that_take_too_long(monkeypatch):
    times = [NOW - timedelta(days=1.3, seconds=n) for n in range(20_000)]
    broken_off = []

    async def read(_collection, which, _beside, _fields, _longest_ms):
        found = [{"at": at} for at in times if which["at"]["$gte"] <= at < which["at"]["$lt"]]
        if len(found) > TOO_MANY:
            broken_off.append(which)
            raise ExecutionTimeout("too long")
        return found

    monkeypatch.setattr(spans, "read", read)

    async def everything():
        return [row["at"] async for rows in spans.before(None, "at", NOW) for row in rows]

    assert sorted(asyncio.run(everything()), reverse=True) == times
    assert len(broken_off) <= 8
