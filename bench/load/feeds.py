"""Many feeds submitted: to an empty store, over stored resumes, and together with resumes that are uploaded.

At once, the time that counts goes from the answer of the last submit until every feed is `calced`, which
means that its results are journalled. Beside it stands what bounds it: the submits themselves, and writing
the same number of results alone.

Together, resumes are uploaded as one stream behind the submits, and a socket of every account listens. It
ends with the last frame after which every socket shows how many strong results the store has then unread. So
everything is durable and counted. The limit is the same with all backfills done before the upload, and for
a whole market what writing such results takes alone.
"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from bench.harness.client import Client, new_clients, upload
from bench.harness.crowd import Crowd, unread
from bench.harness.machine import OwnStores, Process, own_stores, patient_database
from bench.harness.table import Row
from bench.harness.waiting import eventually, until_calced, until_scored
from bench.load.market import Market, judged_market
from store.mongo import INDEXES
from store.paging import pages

_GIVE_UP_S = 300.0
"""How long anything may take; beyond, the time is infinite and the rate 0."""
_LOOK_EVERY_S = 0.25
"""Seconds between two looks whether it has ended. The end itself is when the last frame came."""
_BATCH = 200
"""Results of one write, as many as the server's own writes take. When it takes others, this must follow."""
_MOST = 40_000
"""Results that are written alone at most, in about 10 s. More would be written no faster."""
_BARE = "bare"
"""The database that they are written to; it is dropped at the end."""


class Size(msgspec.Struct, frozen=True):
    """How much is measured."""

    feeds: int
    accounts: int
    resumes: int


class Ran(msgspec.Struct, frozen=True):
    """What a run has given.

    Attributes:
        submits: Seconds of the submits.
        seconds: Seconds from the last submit's answer until all was right; infinite where it never was.
        results: Results that there were then.
    """

    submits: float
    seconds: float
    results: int


async def at_once(size: Size) -> list[Row]:
    """Submit to an empty store and over stored resumes, each on stores of its own."""
    given = judged_market(size.resumes)
    async with own_stores() as stores:
        empty = await run(stores, msgspec.structs.replace(given, resumes=[]), size)
    async with own_stores() as stores:
        full = await run(stores, given, size)
        alone = full.results / await rate_alone(stores)
    feeds, over = f"{size.feeds:,} feeds", f"over {size.resumes:,} resumes"
    whole, bound = full.submits + full.seconds, empty.submits + empty.seconds + alone
    name = f"{feeds} on an empty store, all calced"
    return [
        Row(name, empty.seconds, "s", empty.submits, "their submits").at_most(3),
        Row(
            f"{feeds} {over}, all durable", full.seconds, "s", alone, "the results written alone"
        ).at_most_beyond(5),
        Row("  since the first submit", whole, "s", bound, "on an empty store + alone"),
    ]


async def together(few: Size, market: Size) -> list[Row]:
    """A few feeds of as many accounts, beside the same with the backfills done before; a whole market."""
    rates = {}
    for waits in (True, False):
        async with own_stores() as stores:
            ran = await run_watched(stores, judged_market(few.resumes), few, waits=waits)
            rates[waits] = few.resumes / ran.seconds
    name = f"{few.feeds:,} feeds, at once {few.resumes:,} resumes, badges right"
    row = Row(name, rates[False], "a second", rates[True], "backfills done before")
    by_itself = Row("  the rate by itself", rates[False], "a second")
    return [row.at_least_times(0.8), by_itself.at_least(180), *await whole_market(market)]


async def whole_market(size: Size) -> list[Row]:
    """Many feeds of few accounts: results a second, beside writing such results alone."""
    async with own_stores() as stores:
        ran = await run_watched(stores, judged_market(size.resumes), size, waits=False)
        rate, alone = ran.results / ran.seconds, await rate_alone(stores)
    name = f"{size.feeds:,} feeds, at once {size.resumes:,} resumes, counted"
    return [Row(name, rate, "a second", alone, "the results written alone").at_least(1_500)]


async def run(stores: OwnStores, given: Market, size: Size) -> Ran:
    """Store the resumes, if any; then submit all feeds and wait."""
    async with (
        patient_database(stores) as database,
        Process.server(stores) as server,
        new_clients(server.port, size.accounts) as clients,
    ):
        if given.resumes:
            await upload(server.port, given.resumes)
            await until_scored(server.port)
        used, began, seconds = server.used(), time.perf_counter(), float("inf")
        await submit_all(clients, given.feeds, size.feeds)
        submitted = time.perf_counter()
        with contextlib.suppress(TimeoutError):
            await until_calced(database, within_s=_GIVE_UP_S)
            seconds = time.perf_counter() - submitted
        own, store = server.used() - used
        ran = Ran(submitted - began, seconds, await database.results.count_documents({}))
    print(
        f"{size.feeds:,} {given.name} feeds over {len(given.resumes):,} resumes: submitted in "
        f"{ran.submits:.1f} s, calced {seconds:.1f} s later, {ran.results:,} results; "
        f"CPU: server {own:.1f} s, store {store:.1f} s",
        flush=True,
    )
    return ran


async def run_watched(stores: OwnStores, given: Market, size: Size, *, waits: bool) -> Ran:
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
        submitting = time.perf_counter()
        await submit_all(clients, given.feeds, size.feeds)
        submits = time.perf_counter() - submitting
        if waits:
            await until_calced(database, within_s=_GIVE_UP_S)
        used, began = server.used(), time.perf_counter()
        seconds, state = float("inf"), "not all scored"
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_GIVE_UP_S):
                await upload(server.port, given.resumes)
                await until_scored(server.port, every_s=_LOOK_EVERY_S)
                await until_calced(database, within_s=_GIVE_UP_S)
                state = "not all badges right"
                seconds = await last_right(crowd, await unread(database)) - began
                state = f"right after {seconds:.1f} s"
        own, store = server.used() - used
        ran = Ran(submits, seconds, await database.results.count_documents({}))
        crowd.close()
    print(
        f"{size.feeds:,} {given.name} feeds in {size.accounts} accounts, {size.resumes:,} resumes, backfills "
        f"{'before' if waits else 'meanwhile'}: {state}; {ran.results:,} results, {crowd.frames:,} frames; "
        f"CPU: server {own:.1f} s, store {store:.1f} s",
        flush=True,
    )
    return ran


async def submit_all(clients: Sequence[Client], forms: Sequence[Mapping[str, Any]], count: int) -> None:
    """Submit so many feeds, forms in turn, as many of each account; ends when the last is answered."""
    chosen = list(itertools.islice(itertools.cycle(forms), count))

    async def submit(client: Client, some: Sequence[Mapping[str, Any]]) -> None:
        for form in some:
            await client.submit(form)

    shares = (chosen[number :: len(clients)] for number in range(len(clients)))
    await asyncio.gather(*map(submit, clients, shares))


async def rate_alone(stores: OwnStores) -> float:
    """Results a second that the store takes where nothing scores, words or tells anybody.

    The results that a run has left are written once more, to another database: the same documents in the same
    order, with the same indexes, as many at a time, and journalled. Infinity where there are none. The server
    should have ended, or be idle.
    """
    written, seconds = 0, 0.0
    async with patient_database(stores) as database, patient_database(stores, _BARE) as bare:
        await bare.results.create_indexes(INDEXES["results"])
        async for documents in pages(database.results.find({}, limit=_MOST), _BATCH):
            began = time.perf_counter()
            await bare.results.insert_many(documents, ordered=False)
            seconds += time.perf_counter() - began
            written += len(documents)
        await bare.client.drop_database(_BARE)
    return written / seconds if written else float("inf")


async def last_right(crowd: Crowd, truth: Counter[str]) -> float:
    """When the last frame came that made a badge right; waits for it, and never ends where one stays wrong.

    A feed has one socket that hears of it, its account's.
    """

    async def are_right() -> bool:
        told = {feed: counts[-1][1] for feed, counts in crowd.counts.items()}
        return all(told.get(feed, 0) == truth[feed] for feed in {*told, *truth})

    await eventually(are_right, within_s=_GIVE_UP_S, what="the last badge", every_s=_LOOK_EVERY_S)
    return max((counts[-1][0] for counts in crowd.counts.values()), default=time.perf_counter())
