"""One feed over many stored resumes, and then previews over the same ones.

It stores 100,000 resumes and starts a server in this process. First it searches for a feed in the server's
own index; that is the time until it is matched. Then it submits the feed over HTTP, and reads its list until
the first page is there and until it is scored. Meanwhile the lag of the event loop is measured every few
milliseconds; the requests are made on the same loop, so they are part of it. The lag at rest is measured
before. Previews have a server of their own afterwards (`preview`).
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, cast

import msgspec

from bench.harness.client import Client, new_clients
from bench.harness.lag import Lag
from bench.harness.machine import OwnStores, own_stores, server_in_process
from bench.harness.table import Row, at_most
from bench.harness.waiting import eventually
from bench.load import preview
from bench.load.results_alone import rate_alone
from bench.load.stored import DISTINCT, read_market, store
from bench.match.data import CITIES
from engine.building import Scoring
from engine.indexes.stored_resumes import StoredResumes
from engine.matching.analysis.analyzer import Analyzer
from engine.matching.feed_spec import FeedSpec
from process.setup import make_analyzer

FIRST_PAGE = 40
"""Results that a recruiter's first page shows."""
FORMS: Sequence[Mapping[str, Any]] = (
    {"title": "Java开发工程师", "job_desc": "负责后端服务的开发，熟悉MySQL", "expect_area": ["北京"]},
    {"title": "Java开发工程师", "job_desc": "负责后端服务的开发，熟悉MySQL"},
    {"title": "工程师", "job_desc": "负责软件开发，算法，测试，硬件设计", "expect_area": list(CITIES[:10])},
)
"""An ordinary feed, for which the aims are; one without a city; and a vague one that reaches everybody."""
_REST_S = 2.0
"""How long the lag is measured at rest."""
_SEARCHES = 5
"""Searches in the index; the fastest counts."""
_GIVE_UP_S = 120.0
"""How long a feed may take."""


class Size(msgspec.Struct, frozen=True):
    """How much is measured: stored resumes, how many of them differ, and the seconds of the previews."""

    resumes: int
    distinct: int
    preview_s: float


FULL, QUICK = Size(100_000, DISTINCT, 20.0), Size(10_000, 500, 5.0)


class Times(msgspec.Struct, frozen=True):
    """Seconds until a feed is matched, from its submit to its first page and its end, and its results."""

    matched: float
    first: float
    complete: float
    results: int


async def measure(data: Path, size: Size = FULL) -> list[Row]:
    """Store once; then one feed, and previews."""
    analyzer = make_analyzer()
    market = read_market(data, analyzer, size.distinct)
    async with own_stores() as stores:
        began = time.perf_counter()
        await store(stores, market, analyzer, size.resumes)
        print(
            f"{size.resumes:,} {market.name} resumes stored in {time.perf_counter() - began:.0f} s",
            flush=True,
        )
        rows = await one_feed(stores, analyzer, size.resumes)
        return rows + await preview.over(stores, market, size.resumes, size.preview_s)


async def one_feed(stores: OwnStores, analyzer: Analyzer, count: int) -> list[Row]:
    """Submit each form; the rows are of the first, but for the lag, of which the worst counts."""
    times: list[Times] = []
    lags: list[Lag] = []
    async with server_in_process(stores, analyzer) as server, new_clients(server.port, 1) as (client,):
        stored = cast(Scoring, server.services.engine.scoring).resumes
        await stored.loaded.wait()
        async with Lag() as rest:
            await asyncio.sleep(_REST_S)
        for form in FORMS:
            matched = search_alone(stored, analyzer, form)
            async with Lag() as lag:
                times.append(await backfill(client, form, matched))
            lags.append(lag)
            print(f"{form['title']}: {_text(times[-1])}; lag {lag}", flush=True)
    print(f"at rest: lag {rest}", flush=True)
    one, alone = times[0], await rate_alone(stores)
    name = f"one feed over {count:,} resumes"
    return [
        at_most(50, Row(f"{name}, matched", 1_000 * one.matched, "ms")),
        at_most(200, Row("  its first page is listed", 1_000 * one.first, "ms")),
        at_most(
            1, Row("  it is complete", one.complete, "s", one.results / alone, "the results written alone")
        ),
        at_most(
            20,
            Row(
                "  loop lag meanwhile, p99, worst of 3 feeds",
                max(lag.p99 for lag in lags),
                "ms",
                rest.p99,
                "the same server at rest",
            ),
        ),
    ]


def search_alone(stored: StoredResumes, analyzer: Analyzer, form: Mapping[str, Any]) -> float:
    """Seconds from a form to all of its matches in the index, without the pauses that others get."""
    spec = msgspec.convert(form, FeedSpec)
    seconds = []
    for _ in range(_SEARCHES):
        began = time.perf_counter()
        search = stored.search(analyzer.feed(spec))
        while not search.is_done:
            search.step()
        seconds.append(time.perf_counter() - began)
    return min(seconds)


async def backfill(client: Client, form: Mapping[str, Any], matched: float) -> Times:
    """Submit a feed and wait until it is scored."""
    began = time.perf_counter()
    feed_id = await client.submit(form)

    async def is_scored() -> bool:
        return await client.is_scored(feed_id)

    async def is_shown() -> bool:
        return len((await client.page(feed_id))["data"]) >= FIRST_PAGE or await is_scored()

    await eventually(is_shown, within_s=_GIVE_UP_S, every_s=0.01, what="the first page")
    first = time.perf_counter() - began
    await eventually(is_scored, within_s=_GIVE_UP_S, every_s=0.02, what="the end")
    complete = time.perf_counter() - began
    return Times(matched, first, complete, await client.unread(feed_id))


def _text(times: Times) -> str:
    return (
        f"matched in {1_000 * times.matched:.1f} ms, first page {times.first:.2f} s, "
        f"complete {times.complete:.1f} s, {times.results:,} results"
    )
