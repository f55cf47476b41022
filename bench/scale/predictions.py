"""The simulator against runs: is a plan as busy and as fast as predicted, at 30, 60 and 90 % of its best?

Costs are measured first, in the same conditions. Then pages, lists and resumes arrive at random moments, at a
rate at which the simulator says that the busiest station is so busy. CPU and throughput must be within 20 %
of what was predicted. So must the times of requests where the machine does nothing else; beside other work
everybody waits for that too, and their lines say so and are not judged.
"""

from __future__ import annotations

import asyncio
import os
import random
import time
from collections.abc import Awaitable, Callable, Sequence

import msgspec

from bench.__main__ import machine_s
from bench.ingest import metrics, quantile_of
from bench.machine import OwnStores, cpu_s
from bench.people import Recruiter, create_recruiters, resumes
from bench.scale.deployment import Deployment, deployed
from bench.scale.plans import MONOLITH, Plan, many
from bench.scale.quiet import until_quiet
from bench.scale.recruiter import intake, pour
from bench.simulate import measure as costs_of
from bench.simulate.costs import Costs
from bench.simulate.demand import Demand
from bench.simulate.load import GATEWAYS, MONGO, SCORERS, loads_of
from bench.simulate.plan import Plan as Simulated
from bench.simulate.queueing import Waits, simulate
from bench.table import Row
from bench.wire import Connection, quantile

WITHIN = 0.2
_ALONE = 0.1
"""The share of all cores that others may use while times of requests are judged."""
_LEAST_BUSY = 0.03
"""Of what is less busy than this, the clock of processes tells too little."""
_SEED = 3
_MIX = Demand(
    sockets=0, feeds=0, pages=2.0, lists=1.0, resumes=2.0, results=0, stored_results=0, stored_resumes=0
)
"""Rates to each other; they are multiplied until the busiest station is as busy as a run wants it."""
_LAG = "talentfeed_ingest_lag_seconds_bucket"


class Size(msgspec.Struct, frozen=True):
    """How much is measured.

    Attributes:
        levels: How busy the busiest station is to be.
        seconds: Of each run.
        recruiters: Accounts with a feed each.
        resumes: That are there before.
    """

    levels: tuple[float, ...]
    seconds: float
    recruiters: int
    resumes: int
    costs: costs_of.Size


FULL = Size((0.3, 0.6, 0.9), 60.0, 300, 1_000, costs_of.FULL)
QUICK = Size((0.3, 0.6), 15.0, 150, 300, costs_of.QUICK)


class Run(msgspec.Struct):
    """What was measured.

    Attributes:
        busy: By kind of station, the share of a core that one used.
        ms: By kind of request, how long each took.
        asked: By kind of request, how many were asked for a second.
        done: By kind of request, how many were answered a second, until the last one was.
        score_ms: The median of a resume's way to its last result.
        others: The share of all cores that was used by what is not of this run.
    """

    busy: dict[str, float]
    ms: dict[str, list[float]]
    asked: dict[str, float]
    done: dict[str, float]
    score_ms: float
    others: float


async def measure(size: Size = FULL) -> list[Row]:
    """Measure costs, then predict and run each plan at each level."""
    costs = await costs_of.measure(size.costs)
    rows: list[Row] = []
    two = msgspec.structs.replace(many(2, redis="one"), name="2 gateways + 2 parts")
    for plan, simulated in (
        (MONOLITH, Simulated(is_monolith=True)),
        (two, Simulated(gateways=2, parts=2)),
    ):
        recruiters: list[Recruiter] = []

        async def fill(stores: OwnStores, made: list[Recruiter] = recruiters) -> None:
            made.extend(await create_recruiters(stores, size.recruiters))

        async with deployed(plan, fill) as deployment:
            source = intake(lambda here=deployment: here.gateways)  # type: ignore[misc]
            await pour(source, resumes(size.resumes, source="before"))
            await until_quiet(deployment.database)
            listed = await deployment.database.results.count_documents({})
            for level in size.levels:
                demand = _at_level(simulated, costs, level, size.recruiters, listed / size.resumes)
                run = await _run(deployment, recruiters, demand, size.seconds)
                # Of what was really asked: by lot that is a little more or less than the rates.
                asked = msgspec.structs.replace(
                    demand,
                    pages=run.asked["page"],
                    lists=run.asked["list"],
                    resumes=run.asked["intake"],
                    results=run.asked["intake"] * demand.results_each,
                )
                predicted = simulate(simulated, asked, costs, seconds=max(60.0, size.seconds))
                rows += rows_of(plan, level, predicted, run)
                await until_quiet(deployment.database)
    return rows


def _at_level(plan: Simulated, costs: Costs, level: float, feeds: int, results: float) -> Demand:
    """The mix at which the busiest station is so busy."""

    def demand(times: float) -> Demand:
        resumes_a_s = times * _MIX.resumes
        return msgspec.structs.replace(
            _MIX.times(times), feeds=feeds, results=resumes_a_s * results, online=0.0
        )

    low, high = 0.0, 1_000.0
    for _ in range(50):
        middle = (low + high) / 2
        if max(load.busy for load in loads_of(plan, demand(middle), costs)) > level:
            high = middle
        else:
            low = middle
    return demand(low)


async def _run(
    deployment: Deployment, recruiters: Sequence[Recruiter], demand: Demand, seconds: float
) -> Run:
    """Ask at these rates for so long, and measure."""
    draw = random.Random(_SEED)
    ms: dict[str, list[float]] = {"page": [], "list": [], "intake": []}
    free: dict[int, list[Connection]] = {port: [] for port in deployment.gateways}
    lines = iter(resumes(int(2 * demand.resumes * seconds) + 10, source=f"run-{time.time_ns()}"))

    async def ask(name: str, path: str, authorization: str, body: bytes = b"") -> None:
        port = draw.choice(deployment.gateways)
        connection = free[port].pop() if free[port] else Connection(port)
        began = time.perf_counter()
        method, kind = ("POST", "application/json") if body else ("GET", "")
        status, content = await connection.ask(path, authorization, method=method, body=body, kind=kind)
        if status != 200:
            raise SystemExit(f"{path} was refused: {status} {content[:200]!r}")
        ms[name].append(1_000 * (time.perf_counter() - began))
        free[port].append(connection)

    async def page() -> None:
        await ask("page", "/special_feed/page/", draw.choice(recruiters).authorization)

    async def feed_list() -> None:
        one = draw.choice(recruiters)
        query = "start=0&size=10&tier=all"
        await ask("list", f"/special_feed/feed_list/{one.feeds[0]}?{query}", one.authorization)

    source = intake(lambda: deployment.gateways)

    async def resume() -> None:
        await ask("intake", "/resumes/", source.authorization, next(lines))

    before, cores = _cpu(deployment), machine_s()
    lag_before = await _lags(deployment)
    began = time.perf_counter()
    await asyncio.gather(
        _at_random(demand.pages, seconds, page, draw),
        _at_random(demand.lists, seconds, feed_list, draw),
        _at_random(demand.resumes, seconds, resume, draw),
    )
    took = time.perf_counter() - began
    after, cores_after = _cpu(deployment), machine_s()
    lag_after = await _lags(deployment)
    used, idle = (now - earlier for now, earlier in zip(cores_after, cores, strict=True))
    of_run = sum(sum(after[kind]) - sum(before[kind]) for kind in after)
    for connections in free.values():
        for connection in connections:
            connection.close()
    kinds = {GATEWAYS, MONGO} | ({SCORERS} if before[SCORERS] else set())
    return Run(
        busy={kind: (sum(after[kind]) - sum(before[kind])) / (took * len(after[kind])) for kind in kinds},
        ms=ms,
        asked={name: len(times) / seconds for name, times in ms.items()},
        done={name: len(times) / took for name, times in ms.items()},
        score_ms=1_000 * quantile_of({b: lag_after[b] - lag_before.get(b, 0.0) for b in lag_after}, 0.5),
        others=max(0.0, used - of_run) / (used + idle),
    )


def rows_of(plan: Plan, level: float, predicted: Waits, run: Run) -> list[Row]:
    """A row for each figure: what was measured, against what was predicted."""
    name = f"{plan.name} at {level:.0%}"
    rows = [
        within(
            Row(measure=f"{name}: {kind}", figure=100 * busy, unit="% busy", limit=100 * predicted.busy[kind])
        )
        for kind, busy in sorted(run.busy.items())
        if predicted.busy[kind] >= _LEAST_BUSY
    ]
    rows += [
        within(Row(measure=f"{name}: {what}s answered", figure=rate, unit="a second", limit=run.asked[what]))
        for what, rate in run.done.items()
    ]
    is_alone = run.others <= _ALONE
    times = [(what, quantile(run.ms[what], 0.5)) for what in ("page", "list")] + [("score", run.score_ms)]
    for what, measured in times:
        row = Row(
            measure=f"{name}: {what}, median", figure=measured, unit="ms", limit=predicted.quantile(what, 0.5)
        )
        beside = msgspec.structs.replace(row, aim=f"not judged: others {run.others:.0%}")
        rows.append(within(row) if is_alone else beside)
    return [msgspec.structs.replace(row, against="predicted") for row in rows]


def within(row: Row) -> Row:
    """A row whose aim is to be as predicted."""
    is_met = row.ratio is not None and 1 - WITHIN <= row.ratio <= 1 + WITHIN
    return msgspec.structs.replace(row, aim=f"+- {WITHIN:.0%}", is_met=is_met)


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


def _cpu(deployment: Deployment) -> dict[str, list[float]]:
    """The CPU time of each process so far, by kind; this one's own is among them."""
    used: dict[str, list[float]] = {GATEWAYS: [], SCORERS: [], MONGO: [cpu_s(deployment.stores.mongo_pid)]}
    for one in deployment.running.values():
        used[GATEWAYS if one.node.is_gateway else SCORERS].append(one.cpu_s())
    return used | {"client": [sum(os.times()[:2])]}


async def _lags(deployment: Deployment) -> dict[float, float]:
    """The histogram of all processes: bucket in seconds -> resumes that took at most so long."""
    together: dict[float, float] = {}
    for one in deployment.running.values():
        for name, value in (await metrics(one.port)).items():
            if name.startswith(_LAG):
                bound = float(name.partition('le="')[2].partition('"')[0])
                together[bound] = together.get(bound, 0.0) + value
    return together
