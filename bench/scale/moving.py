"""A part is added and taken away while resumes arrive: 4 -> 5 -> 4, nothing lost, nothing doubled.

As an operator does it: the processes of the new count are started beside those of the old one, and once they
are ready the old ones are stopped.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import msgspec

from bench.harness.table import Row, at_most
from bench.load.ingest import Market, market
from bench.scale.deployment import Deployment
from bench.scale.plans import Redis, many, parts
from bench.scale.stream import Stream, against_calm, pour_while

_SETTLES_S = 3.0
"""Seconds that a count stays before the next change."""
_WAITS_AT_MOST_S = 30.0
"""A resume that waits longer than this, while the count changes, is held up by the change and not by a busy
machine: the sweep finds what a stream has lost after 5 s."""
_LOOK_EVERY_S = 0.25


class Size(msgspec.Struct, frozen=True):
    """By which counts the parts go; `resumes` is the most that are sent meanwhile."""

    counts: tuple[int, ...]
    feeds: int
    resumes: int


FULL, QUICK = Size((4, 5, 4, 3, 4), 30, 40_000), Size((4, 5, 4), 9, 12_000)


async def measure(data: Path, redis: Redis, size: Size = FULL) -> list[Row]:
    """Change the count under load, wait for quiet, and compare."""
    whole = market(data, size.resumes)
    given = Market(whole.name, whole.feeds[: size.feeds], whole.resumes)
    longest_s = 0.0

    async def change(deployment: Deployment, stream: Stream) -> None:
        nonlocal longest_s
        watch = asyncio.create_task(_longest_wait(deployment))
        for before, after in zip(size.counts, size.counts[1:], strict=False):
            await stream.moves()
            await _become(deployment, before, after)
            await asyncio.sleep(_SETTLES_S)
        watch.cancel()
        longest_s = await watch

    plan = many(size.counts[0], redis=redis)
    poured = await pour_while(plan, given, change)
    told = " -> ".join(map(str, size.counts))
    row = Row(measure=f"parts {told} under load: longest wait", figure=longest_s, unit="s")
    return [at_most(_WAITS_AT_MOST_S, row), *await against_calm(poured, plan)]


async def _become(deployment: Deployment, before: int, after: int) -> None:
    """Start the parts of the new count, then stop those of the old one."""
    old: Sequence[str] = [node.name for node in parts(before)]
    await deployment.add(parts(after))
    await deployment.remove(old)


async def _longest_wait(deployment: Deployment) -> float:
    """How long the resume that waits longest waits until it is scored by all, in seconds; until cancelled.

    It is measured for how long the same resumes are pending, by the clock of this process.
    """
    longest = 0.0
    since: dict[tuple[Any, Any], float] = {}
    try:
        while True:
            rows = await deployment.database.resumes.find({"pending": True}, {"_id": 1, "rev": 1}).to_list(
                None
            )
            now = time.monotonic()
            since = {
                (row["_id"], row.get("rev")): since.get((row["_id"], row.get("rev")), now) for row in rows
            }
            longest = max(longest, *(now - began for began in since.values()), 0.0)
            await asyncio.sleep(_LOOK_EVERY_S)
    except asyncio.CancelledError:
        return longest
