"""A million feeds over four parts: what a resume costs, what a feed takes, how soon a start is ready.

The indexes by themselves, as scorers hold them, and then real servers over real stores;
`bench.shares.indexes` and `bench.shares.served` measure both.
"""

from __future__ import annotations

import asyncio

import msgspec

from bench.harness.table import Row
from bench.shares.indexes import measure as measure_indexes
from bench.shares.served import measure_servers

_PARTS = 4


class Size(msgspec.Struct, frozen=True):
    """How many feeds the indexes hold, how many the servers, and how many resumes come."""

    feeds: int
    served: int
    resumes: int


FULL, QUICK = Size(1_000_000, 1_000_000, 400), Size(100_000, 20_000, 60)


async def measure(size: Size = FULL) -> list[Row]:
    """Measure the indexes, then the servers."""
    indexes = await asyncio.to_thread(measure_indexes, size.feeds, _PARTS, size.resumes)
    servers = await measure_servers(size.served, _PARTS, size.resumes)
    return [*_named(indexes, f"{size.feeds:,} feeds"), *_named(servers, f"{size.served:,} served")]


def _named(rows: list[Row], what: str) -> list[Row]:
    return [msgspec.structs.replace(row, measure=f"{what}: {row.measure}") for row in rows]
