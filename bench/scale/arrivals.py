"""Pages, lists and resumes that arrive at random moments, and what a deployment uses and takes meanwhile."""

from __future__ import annotations

import asyncio
import os
import random
import time
from collections.abc import Awaitable, Callable, Sequence

import msgspec

from bench.harness.busy import machine_s
from bench.harness.machine import cpu_s
from bench.harness.people import Recruiter, resumes
from bench.harness.wire import Connection
from bench.load.ingest import metrics, quantile_of
from bench.scale.deployment import Deployment
from bench.scale.quiet import until_quiet
from bench.scale.recruiter import intake
from bench.simulate.demand import Demand
from bench.simulate.load import GATEWAYS, MONGO, SCORERS

CLIENT = "client"
"""This process, among those whose CPU time is told."""
KINDS = ("page", "list", "intake")
_PATHS = {
    "page": "/special_feed/page/",
    "list": "/special_feed/feed_list/{feed}?start=0&size=10&tier=all",
}
_SEED = 3


class Rates(msgspec.Struct, frozen=True):
    """Of each kind so many a second, on average."""

    page: float = 0.0
    list: float = 0.0
    intake: float = 0.0


class Told(msgspec.Struct):
    """What all processes together have counted.

    Attributes:
        rounds: Batches that were scored.
        scored: Resumes that were, by each part one.
        lags: Bucket in seconds -> resumes that were scored at most so late.
    """

    rounds: float
    scored: float
    lags: dict[float, float]

    def since(self, before: Told) -> Told:
        """What came to it."""
        lags = {bound: count - before.lags.get(bound, 0.0) for bound, count in self.lags.items()}
        return Told(self.rounds - before.rounds, self.scored - before.scored, lags)


class Run(msgspec.Struct):
    """What was measured.

    Attributes:
        seconds: From the first request until the last answer.
        cpu_ms: By kind of station, the CPU time of all of its processes together.
        busy: By kind of station, the share of a core that one used.
        ms: By kind of request, how long each took.
        asked: By kind of request, how many were asked for a second.
        done: By kind of request, how many were answered a second, until the last one was.
        told: What the processes counted until all was scored.
        others: The share of all cores that was used by what is not of this run.
    """

    seconds: float
    cpu_ms: dict[str, float]
    busy: dict[str, float]
    ms: dict[str, list[float]]
    asked: dict[str, float]
    done: dict[str, float]
    told: Told
    others: float

    @property
    def score_ms(self) -> float:
        """The median of a resume's way to its results in one part."""
        return 1_000 * quantile_of(self.told.lags, 0.5)


async def arrive(
    deployment: Deployment,
    recruiters: Sequence[Recruiter],
    rates: Rates,
    seconds: float,
    *,
    settles: bool = True,
) -> Run:
    """Ask at these rates for so long, and measure until all is answered.

    Args:
        deployment: What is asked.
        recruiters: Who asks.
        rates: How often.
        seconds: For how long.
        settles: Wait until all is scored, so that what the processes count is of these resumes.
    """
    draw = random.Random(_SEED)
    ms: dict[str, list[float]] = {kind: [] for kind in KINDS}
    free: dict[int, list[Connection]] = {port: [] for port in deployment.gateways}
    lines = iter(resumes(int(2 * rates.intake * seconds) + 10, source=f"run-{time.time_ns()}"))
    source = intake(lambda: deployment.gateways)

    async def ask(kind: str, path: str, authorization: str, body: bytes = b"") -> None:
        port = draw.choice(deployment.gateways)
        connection = free[port].pop() if free[port] else Connection(port)
        began = time.perf_counter()
        method, media = ("POST", "application/json") if body else ("GET", "")
        status, content = await connection.ask(path, authorization, method=method, body=body, kind=media)
        if status != 200:
            raise SystemExit(f"{path} was refused: {status} {content[:200]!r}")
        ms[kind].append(1_000 * (time.perf_counter() - began))
        free[port].append(connection)

    async def read(kind: str) -> None:
        one = draw.choice(recruiters)
        await ask(kind, _PATHS[kind].format(feed=one.feeds[0]), one.authorization)

    async def resume() -> None:
        await ask("intake", "/resumes/", source.authorization, next(lines))

    before, cores, told_before = cpu_of(deployment), machine_s(), await told(deployment)
    began = time.perf_counter()
    await asyncio.gather(
        _at_random(rates.page, seconds, lambda: read("page"), draw),
        _at_random(rates.list, seconds, lambda: read("list"), draw),
        _at_random(rates.intake, seconds, resume, draw),
    )
    took = time.perf_counter() - began
    after, cores_after = cpu_of(deployment), machine_s()
    used, idle = (now - earlier for now, earlier in zip(cores_after, cores, strict=True))
    cpu_ms = {kind: 1_000 * (sum(after[kind]) - sum(before[kind])) for kind in after if after[kind]}
    for connections in free.values():
        for connection in connections:
            connection.close()
    source.close()
    if settles:
        await until_quiet(deployment.database)
    return Run(
        seconds=took,
        cpu_ms=cpu_ms,
        busy={kind: each / (1_000 * took * len(after[kind])) for kind, each in cpu_ms.items()},
        ms=ms,
        asked={kind: len(times) / seconds for kind, times in ms.items()},
        done={kind: len(times) / took for kind, times in ms.items()},
        told=(await told(deployment)).since(told_before),
        others=max(0.0, used - sum(cpu_ms.values()) / 1_000) / (used + idle),
    )


async def _at_random(
    rate: float, seconds: float, act: Callable[[], Awaitable[None]], draw: random.Random
) -> None:
    """Act at the moments of a Poisson process, whether or not the last one has ended; wait for all."""
    at, end, tasks = time.perf_counter(), time.perf_counter() + seconds, []
    while rate:
        at += draw.expovariate(rate)
        if at >= end:
            break
        await asyncio.sleep(max(0.0, at - time.perf_counter()))
        tasks.append(asyncio.ensure_future(act()))
    await asyncio.gather(*tasks)


def cpu_of(deployment: Deployment) -> dict[str, list[float]]:
    """The CPU time of each process so far, in s, by kind of station."""
    used: dict[str, list[float]] = {GATEWAYS: [], SCORERS: [], MONGO: [cpu_s(deployment.stores.mongo_pid)]}
    for one in deployment.running.values():
        used[GATEWAYS if one.node.is_gateway else SCORERS].append(one.cpu_s())
    return used | {CLIENT: [sum(os.times()[:2])]}


async def told(deployment: Deployment) -> Told:
    """What all processes have counted so far."""
    together = Told(0.0, 0.0, {})
    for one in deployment.running.values():
        for name, value in (await metrics(one.port)).items():
            match name.partition("{")[0]:
                case "talentfeed_ingest_lag_seconds_bucket":
                    bound = float(name.partition('le="')[2].partition('"')[0])
                    together.lags[bound] = together.lags.get(bound, 0.0) + value
                case "talentfeed_scoring_rounds_total":
                    together.rounds += value
                case "talentfeed_resumes_scored_total":
                    together.scored += value
    return together


def demand_as(run: Run, *, feeds: int, results: float) -> Demand:
    """What was really asked for in a run, which by lot is a little more or less than its rates."""
    pages, lists, came = (run.asked[kind] for kind in KINDS)
    return Demand(
        sockets=0,
        feeds=feeds,
        pages=pages,
        lists=lists,
        resumes=came,
        results=came * results,
        stored_results=0,
        stored_resumes=0,
        online=0.0,
    )
