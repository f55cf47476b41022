"""The simulator against what queueing theory knows exactly, and against its own arithmetic."""

import math
import random

import msgspec
import pytest
import simpy

from bench.scale.arrivals import Run, Told
from bench.simulate.__main__ import report
from bench.simulate.costs import FILE, load_costs
from bench.simulate.demand import Habits, demand_of
from bench.simulate.load import GATEWAYS, MONGO, SCORERS, breaks_first, flows_of, loads_of
from bench.simulate.measure import written
from bench.simulate.plan import BUSY, MONOLITH, Plan, plan_for
from bench.simulate.queueing import Station, simulate
from bench.simulate.solve import Batch, Meter, explained, solve

COSTS = load_costs()
SERVICE_MS = 10.0


def waited_ms(at_once, busy, spread, requests=25_000):
    """How long requests of a Poisson process wait for a station, on average, without their service."""
    env, draw = simpy.Environment(), random.Random(2)
    station = Station(env, at_once, draw)

    def arrivals():
        for _ in range(requests):
            yield env.timeout(draw.expovariate(busy * at_once / SERVICE_MS))
            env.process(station.serve(SERVICE_MS, spread))

    env.process(arrivals())
    env.run()
    return station.waited_ms / requests


@pytest.mark.parametrize(("busy", "spread"), [(0.3, 1.0), (0.6, 1.0), (0.8, 0.0), (0.6, 0.5), (0.8, 1.5)])
def test_one_server_keeps_others_waiting_as_pollaczek_and_khinchine_say(busy, spread):
    expected = busy / (1 - busy) * SERVICE_MS * (1 + spread**2) / 2
    assert waited_ms(1, busy, spread) == pytest.approx(expected, rel=0.1)


@pytest.mark.parametrize(("at_once", "busy"), [(2, 0.6), (6, 0.7)])
def test_several_servers_keep_others_waiting_as_erlang_says(at_once, busy):
    offered = busy * at_once
    full = offered**at_once / math.factorial(at_once) / (1 - busy)
    waits = full / (sum(offered**k / math.factorial(k) for k in range(at_once)) + full)
    expected = waits * SERVICE_MS / (at_once * (1 - busy))
    assert waited_ms(at_once, busy, 1.0) == pytest.approx(expected, rel=0.1)


def test_stations_that_share_cores_wait_for_these_too():
    """Four stations on two cores that others would keep half as busy: nobody does more than two at once."""

    def answered(cores):
        env, draw = simpy.Environment(), random.Random(2)
        shared = simpy.Resource(env, cores) if cores else None
        stations = [Station(env, 1, draw, shared) for _ in range(4)]

        def work(station):
            while True:
                yield from station.serve(SERVICE_MS, 0.5)

        for station in stations:
            env.process(work(station))
        env.run(10_000)
        return sum(station.worked_ms for station in stations) / 10_000

    assert answered(0) == pytest.approx(4.0, rel=0.02)
    assert answered(2) == pytest.approx(2.0, rel=0.02)


def test_each_round_trip_queues_anew():
    """As much work in more pieces: whoever asks a busy store waits longer, and the store is as busy."""
    few, many = (
        msgspec.structs.replace(COSTS, calls=dict(COSTS.calls) | {"page": (trips, 0)}) for trips in (1, 8)
    )
    demand = demand_of(20_000)
    once, often = (simulate(MONOLITH, demand, costs, seconds=30.0) for costs in (few, many))
    assert often.busy[MONGO] == pytest.approx(once.busy[MONGO], rel=0.1)
    assert often.quantile("page", 0.5) > 1.2 * once.quantile("page", 0.5)


def test_a_wait_that_is_no_work_makes_an_answer_later_and_nothing_busier():
    patient = msgspec.structs.replace(COSTS, wait=dict(COSTS.wait) | {"page": COSTS.wait["page"] + 50.0})
    before, after = (simulate(MONOLITH, demand_of(3_000), costs, seconds=60.0) for costs in (COSTS, patient))
    assert after.quantile("page", 0.5) - before.quantile("page", 0.5) == pytest.approx(50.0, rel=0.1)
    assert after.busy[GATEWAYS] == pytest.approx(before.busy[GATEWAYS], rel=0.1)


def test_costs_are_what_explains_all_mixes():
    counts = [[900.0, 100.0, 60.0], [150.0, 450.0, 60.0], [150.0, 80.0, 180.0]]
    used = [sum(count * cost for count, cost in zip(row, (2.0, 4.5, 1.5), strict=True)) for row in counts]
    assert explained(counts, used) == pytest.approx([2.0, 4.5, 1.5])


def test_solved_are_the_costs_that_runs_were_made_of():
    own = {"page": 2.0, "list": 4.5, "intake": 1.5, "batch": 6.0, "prepare": 1.0}
    store = {"page": 1.5, "list": 5.0, "intake": 1.0, "batch": 7.0, "prepare": 6.0}

    def used(page, list_, intake, rounds, arrived):
        alone = (
            page * store["page"]
            + list_ * store["list"]
            + arrived * store["intake"]
            + rounds * store["batch"]
            + intake * store["prepare"]
        )
        gateway = page * own["page"] + list_ * own["list"] + intake * own["intake"]
        parts = rounds * own["batch"] + intake * own["prepare"]
        return Meter(gateway, parts, alone)

    def run(page, list_, intake):
        meter = used(page, list_, intake, intake, intake)
        return Run(
            seconds=40.0,
            cpu_ms={GATEWAYS: meter.gateway, SCORERS: meter.parts, MONGO: meter.mongo},
            busy={},
            ms={"page": [1.0] * page, "list": [1.0] * list_, "intake": [1.0] * intake},
            asked={},
            done={},
            told=Told(float(intake), float(intake), {}),
            others=0.0,
        )

    mixes = {"page": (3_600, 400, 240), "list": (600, 1_800, 240), "intake": (600, 320, 720)}
    runs = {kind: run(*counts) for kind, counts in (mixes | {"busy": (2_400, 1_200, 720)}).items()}
    meter = used(0, 0, 1_000, 50, 0)
    process, embedded = {}, {"intake": store["intake"]}
    solve(runs, Batch(meter, Told(50.0, 1_000.0, {})), Meter(0.0, 0.0, 0.0), process, embedded)
    assert process == pytest.approx(own, rel=0.01)
    assert embedded == pytest.approx(store, rel=0.02)


def test_no_cost_is_negative():
    assert min(explained([[10.0, 1.0], [1.0, 10.0]], [100.0, 1.0])) == 0.0


@pytest.mark.parametrize(
    ("plan", "recruiters"),
    [(MONOLITH, 4_000), (Plan(gateways=2, parts=4), 3_000), (Plan(6, 2, 2, 1, 1), 100_000)],
    ids=str,
)
def test_stations_are_as_busy_in_the_simulation_as_by_arithmetic(plan, recruiters):
    demand = demand_of(recruiters)
    waits = simulate(plan, demand, COSTS, seconds=12.0)
    for load in loads_of(plan, demand, COSTS):
        if load.busy > 0.05 and load.name != SCORERS:
            assert waits.busy[load.name] == pytest.approx(load.busy, rel=0.15)


def test_a_few_stations_of_a_big_plan_stand_for_all():
    """Ten times the plan for ten times the recruiters: everything is as busy, and nobody waits longer."""
    small, big = Plan(6, 2, 2, 2, 2), Plan(60, 2, 20, 20, 20)
    one, ten = demand_of(100_000), demand_of(1_000_000)
    # Of as many feeds, so that a resume costs the same.
    ten = msgspec.structs.replace(ten, feeds=one.feeds)
    found = [simulate(plan, demand, COSTS, seconds=6.0) for plan, demand in ((small, one), (big, ten))]
    for station in (GATEWAYS, MONGO):
        assert found[1].busy[station] == pytest.approx(found[0].busy[station], rel=0.15)
    for name in ("page", "list"):
        assert found[1].quantile(name, 0.5) == pytest.approx(found[0].quantile(name, 0.5), rel=0.2)


def test_whoever_asks_a_busier_plan_waits_longer():
    page = [
        simulate(Plan(gateways, shards=1), demand_of(60_000), COSTS, seconds=5.0).quantile("page", 0.99)
        for gateways in (2, 8)
    ]
    assert page[0] > 1.2 * page[1]


@pytest.mark.parametrize("recruiters", [1_000, 100_000, 10_000_000])
def test_a_plan_is_made_in_which_nothing_is_too_busy(recruiters):
    demand = demand_of(recruiters)
    loads = loads_of(plan_for(demand, COSTS), demand, COSTS)
    assert max(load.busy for load in loads) <= BUSY
    assert max(load.bytes for load in loads) < 6 << 30


def test_what_breaks_first_is_full_at_the_demand_that_is_named():
    plan, demand = Plan(gateways=2, parts=4), demand_of(3_000)
    name, times = breaks_first(plan, demand, COSTS)
    full = {load.name: load.busy for load in loads_of(plan, demand.times(times), COSTS)}
    assert full[name] == pytest.approx(1.0, rel=0.02) == max(full.values())


def test_a_plan_that_cannot_do_it_is_not_simulated():
    assert "cannot do it" in report(MONOLITH, demand_of(100_000), COSTS, 1.0)


def test_habits_decide_the_rates():
    demand = demand_of(1_000, Habits(online=0.5, page_every_s=10, resumes_a_day=86.4, peak=2.0))
    assert demand.sockets == 500
    assert demand.pages == pytest.approx(50)
    assert demand.resumes == pytest.approx(2.0)
    assert {flow.name for flow in flows_of(MONOLITH, demand, COSTS)} == {"page", "list", "intake", "push"}


def test_measured_figures_replace_those_in_the_file_and_nothing_else():
    text = FILE.read_text("utf-8")
    assert written(text, COSTS).split() == text.split() or load_costs() == COSTS
    dearer = msgspec.structs.replace(COSTS, process=dict(COSTS.process) | {"page": 9.87})
    lines = written(text, dearer).splitlines()
    changed = [line for line in lines if "9.87" in line]
    assert len(changed) == 1
    assert changed[0].startswith("page = 9.87")
    assert len(lines) == len(text.splitlines())
