"""Ingest, end to end: from the first byte of the upload to the last list, and what others feel of it.

It submits the data's feeds to a server of its own, uploads 5,000 resumes as one NDJSON stream, and waits
until all are scored. Meanwhile `/healthz` is requested fifty times a second, and the server's own histogram
says how late its loop runs. What bounds ingest is measured in the same run: the analysis alone, and a bare
journalled insert of the same resumes.
"""

from __future__ import annotations

import asyncio
import functools
import time
from collections.abc import Sequence
from typing import Any

from bench.harness.client import new_clients, upload
from bench.harness.machine import Process, own_stores, patient_database
from bench.harness.table import Row
from bench.harness.waiting import until_calced, until_scored
from bench.harness.wire import Connection, asking, quantile
from bench.load.market import judged_market
from process.rules import make_analyzer

_CALM_S = 3.0
"""How long the server is measured at rest, before the upload."""


async def metrics(port: int) -> dict[str, float]:
    """The server's metrics by name and labels."""
    text = (await Connection(port).ask("/metrics"))[1].decode()
    pairs = (line.rpartition(" ") for line in text.splitlines() if not line.startswith("#"))
    return {name: float(value) for name, _, value in pairs}


def lag_between(before: dict[str, float], after: dict[str, float]) -> dict[float, float]:
    """A server's loop lag between two readings: bucket in seconds -> how often it was at most so late."""
    lag = "talentfeed_loop_lag_seconds_bucket"
    return {
        float(name.split('"')[1]): value - before[name]
        for name, value in after.items()
        if name.startswith(lag)
    }


def quantile_of(buckets: dict[float, float], share: float) -> float:
    """The value below which a share lies, interpolated linearly within a bucket."""
    rank, below, floor = share * max(buckets.values()), 0.0, 0.0
    for bound, count in sorted(buckets.items()):
        if count >= rank:
            return floor + (bound - floor) * (rank - below) / (count - below) if count > below else bound
        below, floor = count, bound
    return float("inf")


async def bare_insert(database: Any, resumes: Sequence[dict[str, Any]]) -> float:
    """Seconds that the store takes for the same documents, journalled, a hundred at a time."""
    began = time.perf_counter()
    for start in range(0, len(resumes), 100):
        await database["bare"].insert_many([dict(one) for one in resumes[start : start + 100]], ordered=False)
    return time.perf_counter() - began


def analysis_alone(resumes: Sequence[dict[str, Any]]) -> float:
    """Seconds of the analysis, without anything else."""
    analyzer = make_analyzer()
    began = time.perf_counter()
    for resume in resumes:
        analyzer.resume(resume)
    return time.perf_counter() - began


async def measure(count: int) -> list[Row]:
    """Run everything once."""
    given = judged_market(count)
    analysis = analysis_alone(given.resumes)
    async with own_stores() as stores, patient_database(stores) as database:
        async with (
            Process.server(stores) as server,
            new_clients(server.port, 1) as (client,),
            asking(server.port, "/healthz", every_s=0.02) as answers,
        ):
            for form in given.feeds:
                await client.submit(form)
            await until_calced(database, within_s=60.0)
            fresh, idle = await metrics(server.port), server.used()
            answers.clear()
            await asyncio.sleep(_CALM_S)
            calm, before = list(answers), await metrics(server.port)
            answers.clear()
            used, began = server.used(), time.perf_counter()
            await upload(server.port, given.resumes)
            answered = time.perf_counter() - began
            await until_scored(server.port, every_s=0.25)
            scored = time.perf_counter() - began
            loaded, after = list(answers), await metrics(server.port)
            # What both do at rest, and for these questions, is not for the resumes.
            own, store = 1_000 * (server.used() - used - (used - idle) * scored / _CALM_S) / count
        bare = count / await bare_insert(database, given.resumes)
    calm_lag, lag = lag_between(fresh, before), lag_between(before, after)
    print(
        f"{count} {given.name} resumes against {len(given.feeds)} feeds, "
        f"{after['talentfeed_results_total']:.0f} results; "
        f"CPU a resume: server {own:.2f} ms, store {store:.2f} ms; "
        f"loop lag p50 {1_000 * quantile_of(lag, 0.5):.1f} ms, p99.9 {1_000 * quantile_of(lag, 0.999):.1f} ms"
    )
    speed = functools.partial(Row, unit="a second", limit=bare, against="bare journalled insert")
    late = functools.partial(Row, unit="ms", against="the same server at rest")
    healthy, calm_ms = 1_000 * quantile(loaded, 0.99), 1_000 * quantile(calm, 0.99)
    lag_ms, rest_ms = 1_000 * quantile_of(lag, 0.99), 1_000 * quantile_of(calm_lag, 0.99)
    return [
        speed("upload answered, every resume durable", count / answered),
        speed("all scored, results durable, counts right", count / scored),
        Row("  server's CPU a resume", own, "ms"),
        speed("  of it the analysis alone would do", count / analysis),
        late(f"/healthz while {count:,} are ingested, p99", healthy, limit=calm_ms).at_most(50),
        late("loop lag meanwhile, p99", lag_ms, limit=rest_ms).at_most(20),
    ]
