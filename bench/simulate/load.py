"""How busy a plan is: arithmetic on the costs, without waits. And what breaks first.

Each step of each kind of work stands here once, as a `Visit`: `loads_of` adds them up, and `queueing` sends
requests through the same ones.
"""

from __future__ import annotations

import math
from collections.abc import Iterator

import msgspec

from bench.simulate.costs import Costs
from bench.simulate.demand import Demand
from bench.simulate.plan import Plan

GATEWAYS, SCORERS, MONGO, REDIS = "gateways", "scorers", "MongoDB", "Redis"
BATCH = 32
"""Resumes that a worker scores in one round at most."""
_LANES = 2
"""Rounds that a worker has under way at once."""
_NS = 1e-6
"""In ms."""


class Visit(msgspec.Struct, frozen=True):
    """What one request has done by one station.

    Attributes:
        station: Which.
        ms: For how long the station is held, on average.
        spread: Coefficient of variation of that.
        idle_ms: For how long the request waits beside that, while the station may serve others.
        copies: How many of it there are at once, as of the writes of a bulk.
    """

    station: str
    ms: float
    spread: float = 0.0
    idle_ms: float = 0.0
    copies: float = 1.0


class Flow(msgspec.Struct, frozen=True):
    """One kind of request: how many a second, and what each needs, in order."""

    name: str
    rate: float
    visits: tuple[Visit, ...]


class Round(msgspec.Struct, frozen=True):
    """What scoring costs: a round, whatever is in it, and each resume in it.

    Attributes:
        batch: Of a round in which a resume is prepared.
        other_batch: Of a round of others.
        own: Of a resume in the part that prepares it.
        other: Of a resume in each other part.
        after: The share of a round's own work that follows when its resumes are scored.
        lanes: Rounds that a process has under way at once.
    """

    batch: tuple[Visit, ...]
    other_batch: tuple[Visit, ...]
    own: tuple[Visit, ...]
    other: tuple[Visit, ...]
    after: float
    lanes: int


class Load(msgspec.Struct, frozen=True):
    """How busy one kind of station is.

    Attributes:
        name: The kind.
        count: How many there are.
        busy: The share of its time that each works; 1 and more cannot be done.
        bytes: The memory of each; 0 where it is not ours.
    """

    name: str
    count: int
    busy: float
    bytes: float = 0.0


def servers_of(plan: Plan, costs: Costs) -> dict[str, tuple[int, int]]:
    """By kind of station: how many there are, and how many requests each serves at once."""
    real = costs.real
    at_once = max(1, round(real["shard_reads"] * real["shard_read_ms"] / 1_000))
    return {
        GATEWAYS: (plan.gateways, 1),
        SCORERS: (plan.scorers, 1),
        MONGO: (plan.shards, at_once) if plan.shards else (1, 1),
        REDIS: (plan.redis, 1),
    }


def flows_of(plan: Plan, demand: Demand, costs: Costs) -> list[Flow]:
    """What is asked of a plan, but for scoring."""
    spread, own = costs.spread, costs.process
    deliver = Visit(REDIS, 1_000 / costs.real["redis_deliveries"], 1.0, idle_ms=costs.real["network_ms"])
    return [
        Flow("page", demand.pages, tuple(_request(plan, costs, "page", own["page"], spread["page"]))),
        Flow("list", demand.lists, tuple(_request(plan, costs, "list", own["list"], spread["list"]))),
        Flow(
            "intake",
            demand.resumes,
            (*_request(plan, costs, "intake", own["intake"], spread["resume"]), deliver),
        ),
        Flow(
            "push",
            demand.frames,
            (deliver, *_request(plan, costs, "frame", own["frame"], spread["page"])),
        ),
    ]


def round_of(plan: Plan, demand: Demand, costs: Costs) -> Round:
    """What scoring costs with a plan."""
    where = GATEWAYS if plan.is_monolith else SCORERS
    own, spread = costs.process, costs.spread["resume"]
    here = demand.feeds / plan.parts * own["feed_ns"] * _NS + demand.results_each / plan.parts * own["result"]
    results = demand.results_each / plan.parts

    def batch(name: str) -> tuple[Visit, ...]:
        if plan.store == "embedded":
            trips = math.ceil(sum(costs.calls[name]) / 2)
            wait_ms = costs.wait[name]
            return tuple(_in_turn(where, own[name], costs.embedded[name], trips, wait_ms, spread))
        return (Visit(where, own[name], spread), *_calls(costs, *costs.calls[name]))

    def resume(name: str, of: str) -> tuple[Visit, ...]:
        if plan.store == "embedded":
            trips = sum(costs.calls[of]) // 2
            store_ms = costs.embedded[name] + results * costs.embedded["result"]
            return tuple(_in_turn(where, own[name] + here, store_ms, trips, 0.0, spread))
        # Results are written in bulk; what a shard does is their number all the same.
        writes = results + (2.0 if name == "prepare" else 1.0)
        return Visit(where, own[name] + here, spread), Visit(MONGO, _write_ms(costs), spread, copies=writes)

    return Round(
        batch=batch("batch"),
        other_batch=batch("other_batch"),
        own=resume("prepare", "batch"),
        other=resume("other_part", "other_batch"),
        after=costs.process["after_share"],
        lanes=_LANES,
    )


def work_of(plan: Plan, demand: Demand, costs: Costs) -> dict[str, float]:
    """Seconds of work a second of all stations of a kind together, without what an idle process does."""
    work: dict[str, float] = dict.fromkeys((GATEWAYS, SCORERS, MONGO, REDIS), 0.0)
    for flow in flows_of(plan, demand, costs):
        for visit in flow.visits:
            work[visit.station] += flow.rate * visit.ms / 1_000
    scoring = round_of(plan, demand, costs)
    for visits, times in (
        (scoring.own, 1.0),
        (scoring.other, plan.parts - 1.0),
        (scoring.batch, rounds_each(plan, demand)),
        (scoring.other_batch, rounds_each(plan, demand) * (plan.parts - 1.0)),
    ):
        for visit in visits:
            work[visit.station] += demand.resumes * times * visit.copies * visit.ms / 1_000
    return work


def loads_of(plan: Plan, demand: Demand, costs: Costs) -> list[Load]:
    """How busy each kind of station is at that demand, rounds of the worker as full as they need to be."""
    work = work_of(plan, demand, costs)
    sockets = demand.sockets / plan.gateways
    idle = costs.process["idle_share"]
    held = costs.memory
    work[GATEWAYS] += demand.sockets * costs.process["socket_idle_us"] * 1e-6 + plan.gateways * idle
    work[SCORERS] += plan.scorers * idle
    if plan.store == "embedded":
        work[MONGO] += plan.processes * costs.embedded["idle_share"]
    index = (
        demand.feeds / plan.parts * held["feed"]
        + min(demand.stored_resumes, 50e6) / plan.parts * held["resume"]
    )
    memory = {
        GATEWAYS: held["process"] + sockets * held["socket"] + (index if plan.is_monolith else 0.0),
        SCORERS: held["process"] + index,
    }
    return [
        Load(name, count, work[name] / (count * at_once), memory.get(name, 0.0))
        for name, (count, at_once) in servers_of(plan, costs).items()
        if not (plan.is_monolith and name == SCORERS)
    ]


def rounds_each(plan: Plan, demand: Demand) -> float:
    """Rounds of a part's workers for each resume: one while little arrives, fewer where much does.

    A round takes what has come since the last one; this is where the two meet, for a round of some ms.
    """
    a_second = demand.resumes / (plan.replicas if not plan.is_monolith else plan.gateways)
    in_a_round = min(float(BATCH), max(1.0, a_second * _ROUND_S))
    return 1.0 / in_a_round


_ROUND_S = 0.02
"""About how long a round takes."""


def breaks_first(plan: Plan, demand: Demand, costs: Costs) -> tuple[str, float]:
    """What is full first when everybody does more, and at how many times this demand."""
    now = max(loads_of(plan, demand, costs), key=lambda load: load.busy)
    low, high = 0.0, 2.0 / max(now.busy, 1e-9)
    for _ in range(40):
        middle = (low + high) / 2
        if max(load.busy for load in loads_of(plan, demand.times(middle), costs)) > 1.0:
            high = middle
        else:
            low = middle
    full = max(loads_of(plan, demand.times(high), costs), key=lambda load: load.busy)
    return full.name, high


def _request(plan: Plan, costs: Costs, name: str, ms: float, spread: float) -> Iterator[Visit]:
    """A request of a gateway: some of its work before each round trip to the store, the rest at the end."""
    if plan.store == "embedded":
        trips = sum(costs.calls[name])
        yield from _in_turn(GATEWAYS, ms, costs.embedded[name], trips, costs.wait[name], spread)
    else:
        yield Visit(GATEWAYS, ms / 2, spread)
        yield from _calls(costs, *costs.calls[name])
        yield Visit(GATEWAYS, ms / 2, spread)


def _in_turn(
    where: str, ms: float, store_ms: float, trips: int, wait_ms: float, spread: float
) -> Iterator[Visit]:
    """A process and the embedded store, one after the other, as often as there are round trips.

    Each round trip queues anew, which makes the way through a busy store so much longer than its work.
    """
    # The whole of independent pieces differs less than each piece, by the root of their number.
    apart = spread * math.sqrt(trips)
    for _ in range(trips):
        yield Visit(where, ms / (trips + 1), apart)
        yield Visit(MONGO, store_ms / trips, apart, idle_ms=wait_ms / trips)
    yield Visit(where, ms / (trips + 1), apart)


def _calls(costs: Costs, reads: int, writes: int) -> Iterator[Visit]:
    """Round trips to a shard, one after the other."""
    real = costs.real
    for _ in range(reads):
        yield Visit(MONGO, real["shard_read_ms"], 1.0, idle_ms=real["network_ms"])
    for _ in range(writes):
        held = _write_ms(costs)
        rest = max(0.0, real["shard_write_ms"] - held)
        yield Visit(MONGO, held, 1.0, idle_ms=rest + real["network_ms"])


def _write_ms(costs: Costs) -> float:
    """For how long a write holds one of the places of a shard, so that these do so many writes a second."""
    real = costs.real
    return real["shard_read_ms"] * real["shard_reads"] / real["shard_writes"]
