"""Feeds submitted and resumes uploaded together, while sockets watch: until the last badge is right on each.

Feeds are submitted, at once resumes are uploaded as one stream, and a socket of every account listens. It
ends with the last frame after which every socket shows how many strong results the store has then unread. So
everything is durable and counted. The limit is the same with all backfills done before the upload, and for
a whole market what writing such results takes alone. Without the data, feeds and resumes are made up.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections import Counter
from pathlib import Path
from typing import Any

import msgspec

from bench.harness.client import new_clients, upload
from bench.harness.crowd import Crowd
from bench.harness.machine import OwnStores, Process, cpu_s, own_stores, patient_database
from bench.harness.table import Row, at_least, share_of
from bench.harness.waiting import eventually
from bench.harness.wire import until_scored
from bench.load.ingest import Market, market
from bench.load.results_alone import rate_alone
from bench.load.submitting import submit_all, until_calced

_GIVE_UP_S = 300.0
"""How long it may take from the begin of the upload; beyond, the rate is 0."""
_LOOK_EVERY_S = 0.25
"""Seconds between two looks whether it has ended. The end itself is when the last frame came."""


class Size(msgspec.Struct, frozen=True):
    """How much is measured."""

    feeds: int
    accounts: int
    resumes: int


class Sizes(msgspec.Struct, frozen=True):
    """Of both scenes: a few feeds, each of an account of its own, and a whole market."""

    few: Size
    market: Size


FULL = Sizes(Size(100, 100, 5_000), Size(2_000, 20, 5_000))
QUICK = Sizes(Size(20, 20, 500), Size(200, 10, 500))


class Outcome(msgspec.Struct, frozen=True):
    """Seconds from the begin of the upload to the last right badge, and the results that there are then."""

    seconds: float
    results: int


async def measure(data: Path, sizes: Sizes = FULL) -> list[Row]:
    """Run both scenes, each on stores of its own."""
    return [*await few_feeds(data, sizes.few), *await whole_market(data, sizes.market)]


async def few_feeds(data: Path, size: Size) -> list[Row]:
    """Submits and upload at once, beside the same with the backfills done before."""
    given = market(data, size.resumes)
    rates = {}
    for waits in (True, False):
        async with own_stores() as stores:
            rates[waits] = size.resumes / (await watched(stores, given, size, waits=waits)).seconds
    row = Row(
        f"{size.feeds:,} feeds, at once {size.resumes:,} resumes, badges right",
        rates[False],
        "a second",
        rates[True],
        "backfills done before",
    )
    by_itself = Row("  the rate by itself", rates[False], "a second")
    return [share_of(0.8, row), at_least(180, by_itself)]


async def whole_market(data: Path, size: Size) -> list[Row]:
    """Many feeds of few accounts: results a second, beside writing such results alone."""
    async with own_stores() as stores:
        outcome = await watched(stores, market(data, size.resumes), size, waits=False)
        row = Row(
            f"{size.feeds:,} feeds, at once {size.resumes:,} resumes, counted",
            outcome.results / outcome.seconds,
            "a second",
            await rate_alone(stores),
            "the results written alone",
        )
    return [at_least(1_500, row)]


async def watched(stores: OwnStores, given: Market, size: Size, *, waits: bool) -> Outcome:
    """Submit, upload, and wait for the last badge.

    Args:
        stores: Empty ones.
        given: Feeds and resumes.
        size: How many; each account has as many feeds, and one socket.
        waits: Upload only when all feeds are calced.
    """
    async with (
        patient_database(stores) as database,
        Process.server(stores) as server,
        new_clients(server.port, size.accounts) as clients,
    ):
        crowd = Crowd(server.port, [client.authorization for client in clients])
        await crowd.connect()
        await submit_all(clients, given.feeds, size.feeds)
        if waits:
            await until_calced(database, within_s=_GIVE_UP_S)
        used, used_store = server.cpu_s(), cpu_s(stores.mongo_pid)
        seconds, state, began = float("inf"), "not all scored", time.perf_counter()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_GIVE_UP_S):
                await upload(server.port, given.resumes)
                await until_scored(server.port, every_s=_LOOK_EVERY_S)
                await until_calced(database, within_s=_GIVE_UP_S)
                state = "not all badges right"
                seconds = await _last_right(crowd, await unread(database)) - began
                state = f"right after {seconds:.1f} s"
        used, used_store = server.cpu_s() - used, cpu_s(stores.mongo_pid) - used_store
        results = await database.results.count_documents({})
        crowd.close()
    print(
        f"{size.feeds:,} {given.name} feeds in {size.accounts} accounts, {size.resumes:,} resumes, backfills "
        f"{'before' if waits else 'meanwhile'}: {state}; {results:,} results, {crowd.frames:,} frames; "
        f"CPU: server {used:.1f} s, store {used_store:.1f} s",
        flush=True,
    )
    return Outcome(seconds, results)


async def unread(database: Any) -> Counter[str]:
    """The truth: unread strong results by feed, counted by the store."""
    which = {"deleted": False, "read": False, "possible": None}
    pipeline: list[dict[str, Any]] = [{"$match": which}, {"$group": {"_id": "$feed", "count": {"$sum": 1}}}]
    rows = await database.results.aggregate(pipeline).to_list(None)
    return Counter({str(row["_id"]): row["count"] for row in rows})


async def _last_right(crowd: Crowd, truth: Counter[str]) -> float:
    """When the last frame came that made a badge right; waits for it, and never ends where one stays wrong.

    A feed has one socket that hears of it, its account's.
    """

    async def are_right() -> bool:
        told = {feed: counts[-1][1] for feed, counts in crowd.counts.items()}
        return all(told.get(feed, 0) == truth[feed] for feed in {*told, *truth})

    await eventually(are_right, within_s=_GIVE_UP_S, what="the last badge", every_s=_LOOK_EVERY_S)
    return max((counts[-1][0] for counts in crowd.counts.values()), default=time.perf_counter())
