"""The simulator against runs: is a plan as busy and as fast as predicted, at 30, 60 and 90 % of its best?

Costs are measured first, in the same conditions. Then pages, lists and resumes arrive at random moments, at a
rate at which the simulator says that the busiest station is so busy. CPU and throughput must be within 20 %
of what was predicted. So must the times of requests where the machine does nothing else; beside other work
everybody waits for that too, and their lines say so and are not judged.
"""

from __future__ import annotations

import os

import msgspec

from bench.harness.machine import OwnStores
from bench.harness.people import Recruiter, create_recruiters, resumes
from bench.harness.table import Row
from bench.harness.wire import quantile
from bench.scale.arrivals import CLIENT, Rates, Run, arrive, demand_as
from bench.scale.deployment import deployed
from bench.scale.plans import MONOLITH, Plan, many
from bench.scale.quiet import until_quiet
from bench.scale.recruiter import intake, pour
from bench.simulate import measure as costs_of
from bench.simulate.costs import Costs
from bench.simulate.demand import Demand
from bench.simulate.load import loads_of
from bench.simulate.plan import Plan as Simulated
from bench.simulate.queueing import Waits, simulate

WITHIN = 0.2
_ALONE = 0.1
"""The share of all cores that others may use while times of requests are judged."""
_LEAST_BUSY = 0.03
"""Of what is less busy than this, the clock of processes tells too little."""
_MIX = Demand(
    sockets=0, feeds=0, pages=2.0, lists=1.0, resumes=2.0, results=0, stored_results=0, stored_resumes=0
)
"""Rates to each other; they are multiplied until the busiest station is as busy as a run wants it."""


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


FULL = Size((0.3, 0.6, 0.9), 60.0, 300, 3_000, costs_of.FULL)
QUICK = Size((0.3, 0.6), 15.0, 150, 1_000, costs_of.QUICK)


async def measure(size: Size = FULL) -> list[Row]:
    """Measure costs, then predict and run each plan at each level."""
    costs, cores = await costs_of.measure(size.costs), os.cpu_count() or 1
    rows: list[Row] = []
    two = msgspec.structs.replace(many(2, redis="one"), name="2 gateways + 2 parts")
    for plan, simulated in (
        (MONOLITH, Simulated(cores=cores, is_monolith=True)),
        (two, Simulated(gateways=2, parts=2, cores=cores)),
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
                rates = Rates(demand.pages, demand.lists, demand.resumes)
                run = await arrive(deployment, recruiters, rates, size.seconds)
                asked = demand_as(run, feeds=size.recruiters, results=demand.results_each)
                predicted = simulate(simulated, asked, costs, seconds=max(60.0, size.seconds))
                rows += rows_of(plan, level, predicted, run)
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


def rows_of(plan: Plan, level: float, predicted: Waits, run: Run) -> list[Row]:
    """A row for each figure: what was measured, against what was predicted."""
    name = f"{plan.name} at {level:.0%}"
    rows = [
        within(
            Row(measure=f"{name}: {kind}", figure=100 * busy, unit="% busy", limit=100 * predicted.busy[kind])
        )
        for kind, busy in sorted(run.busy.items())
        if kind != CLIENT and predicted.busy[kind] >= _LEAST_BUSY
    ]
    rows += [
        within(Row(measure=f"{name}: {what}s answered", figure=rate, unit="a second", limit=run.asked[what]))
        for what, rate in run.done.items()
    ]
    is_alone = run.others <= _ALONE
    times = [(kind, kind, quantile(run.ms[kind], 0.5)) for kind in ("page", "list")]
    for what, kind, measured in (*times, ("scored by a part", "share", run.score_ms)):
        limit = predicted.quantile(kind, 0.5)
        row = Row(measure=f"{name}: {what}, median", figure=measured, unit="ms", limit=limit)
        beside = msgspec.structs.replace(row, aim=f"not judged: others {run.others:.0%}")
        rows.append(within(row) if is_alone else beside)
    return [msgspec.structs.replace(row, against="predicted") for row in rows]


def within(row: Row) -> Row:
    """A row whose aim is to be as predicted."""
    is_met = row.ratio is not None and 1 - WITHIN <= row.ratio <= 1 + WITHIN
    return msgspec.structs.replace(row, aim=f"+- {WITHIN:.0%}", is_met=is_met)
