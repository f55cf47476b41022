"""How long whoever asks has to wait: the visits of `load` as a discrete-event simulation.

    waits = simulate(plan, demand, costs, seconds=20)
    waits.quantile("page", 0.99)        # ms

Requests arrive as a Poisson process and visit a gateway, the store and the gateway again. Each serves so many
at once and the others in the order in which they came. A resume goes through the rounds of a worker, which
take what has come meanwhile, first in its own part and then in all others.

A big plan is simulated by a few of each kind of its stations, with their share of the load: stations of a
kind are alike, and each request takes one by lot, so that the arrivals at one are a Poisson process again.
What the requests that are followed leave of a station's load is made up by others, which nobody follows.
"""

from __future__ import annotations

import math
import random
from collections.abc import Generator, Sequence
from typing import Any

import msgspec
import simpy

from bench.harness.wire import quantile
from bench.simulate.costs import Costs
from bench.simulate.demand import Demand
from bench.simulate.load import (
    BATCH,
    GATEWAYS,
    MONGO,
    SCORERS,
    Flow,
    Round,
    Visit,
    flows_of,
    loads_of,
    round_of,
    servers_of,
    work_of,
)
from bench.simulate.plan import Plan

_FOLLOWED_A_S = 1_500.0
"""Requests of all kinds that are followed, a second of the plan's time: as many as a core simulates in about
a second. Fewer of the stations of a big plan are then simulated."""
_OTHERS_SPREAD = 0.7
"""Of what is not followed: a mix of short and long."""
_WARM = 0.2
"""The share of the time that passes before anything counts, so that queues are as long as they get."""

Process = Generator[simpy.Event, Any, Any]


class Waits(msgspec.Struct):
    """What a simulation found.

    Attributes:
        ms: By kind of request, how long each took; `score` is from a resume's arrival until all parts have
            scored it, `share` until one of them has, `badge` until a frame tells of it.
        busy: By kind of station, the share of its time that each worked.
        queue: By kind of station, how many waited for one of them, on average.
        done: By kind of request, how many were answered a second, of the whole plan.
    """

    ms: dict[str, list[float]]
    busy: dict[str, float]
    queue: dict[str, float]
    done: dict[str, float]

    def quantile(self, name: str, share: float) -> float:
        """In ms, below which this share of the requests of a kind stayed."""
        return quantile(self.ms.get(name, ()), share)


class Station:
    """One of a kind: serves so many at once, the others wait in the order in which they came.

    Args:
        env: The simulation.
        at_once: How many.
        draw: Says how long each takes.
        cores: What it needs one of to serve, where these are fewer than the stations.
    """

    def __init__(
        self,
        env: simpy.Environment,
        at_once: int,
        draw: random.Random,
        cores: simpy.Resource | None = None,
    ) -> None:
        self._env = env
        self._draw = draw
        self._cores = cores
        self._places = simpy.Resource(env, at_once)
        self.at_once = at_once
        self.worked_ms = 0.0
        self.waited_ms = 0.0

    def serve(self, ms: float, spread: float) -> Process:
        """Wait for a place, and hold it for so long on average."""
        came = self._env.now
        with self._places.request() as place:
            yield place
            held = _drawn(self._draw, ms, spread)
            if self._cores is None:
                self.waited_ms += self._env.now - came
                yield self._env.timeout(held)
            else:
                with self._cores.request() as core:
                    yield core
                    self.waited_ms += self._env.now - came
                    yield self._env.timeout(held)
            self.worked_ms += held

    def forget(self) -> None:
        """Begin to count."""
        self.worked_ms = self.waited_ms = 0.0


class Job(msgspec.Struct):
    """A resume on its way through the parts."""

    came: float
    left: int
    is_prepared: bool = False
    of_part: int = 0
    replica: int = 0


class Simulation:
    """One run. `simulate` makes it."""

    def __init__(self, plan: Plan, demand: Demand, costs: Costs, seed: int) -> None:
        self.env = simpy.Environment()
        self._draw = random.Random(seed)
        self._plan = plan
        self._flows = flows_of(plan, demand, costs)
        self._round: Round = round_of(plan, demand, costs)
        total = sum(flow.rate for flow in self._flows)
        # Not of all: small plans whole, of big ones as much as can be followed.
        self.followed = min(1.0, _FOLLOWED_A_S / total) if total else 1.0
        servers = servers_of(plan, costs)
        self._replicas = plan.gateways if plan.is_monolith else plan.replicas
        if not plan.is_monolith:
            self._replicas = math.ceil(self.followed * plan.replicas)
        cores = simpy.Resource(self.env, plan.cores) if plan.cores else None
        self.stations: dict[str, list[Station]] = {}
        for kind, (count, at_once) in servers.items():
            simulated = plan.parts * self._replicas if kind == SCORERS else math.ceil(self.followed * count)
            if not (kind == SCORERS and plan.is_monolith):
                self.stations[kind] = [
                    Station(self.env, at_once, self._draw, cores) for _ in range(max(1, simulated))
                ]
        kinds = (*(one.name for one in self._flows), "share", "score")
        self.ms: dict[str, list[float]] = {kind: [] for kind in kinds}
        self._queues = [[simpy.Store(self.env) for _ in range(self._replicas)] for _ in range(plan.parts)]
        self._start(plan, demand, costs)

    def _start(self, plan: Plan, demand: Demand, costs: Costs) -> None:
        for flow in self._flows:
            if flow.rate:
                self.env.process(self._arrivals(flow))
        for part in range(plan.parts):
            for replica in range(self._replicas):
                for _ in range(self._round.lanes):
                    self.env.process(self._worker(part, replica))
        work = work_of(plan, demand, costs)
        for load in loads_of(plan, demand, costs):
            stations = self.stations[load.name]
            own = self.followed * work[load.name] / len(stations)
            missing = load.busy * stations[0].at_once - own
            for station in stations:
                if missing > 1e-6:
                    self.env.process(self._others(station, missing, load.name, costs))

    def _arrivals(self, flow: Flow) -> Process:
        """Requests of one kind, as a Poisson process."""
        rate_a_ms = self.followed * flow.rate / 1_000
        while True:
            yield self.env.timeout(self._draw.expovariate(rate_a_ms))
            self.env.process(self._request(flow))

    def _request(self, flow: Flow) -> Process:
        came = self.env.now
        chosen = {kind: self._draw.choice(stations) for kind, stations in self.stations.items()}
        for visit in flow.visits:
            # The gateway stays the same; each round trip goes to the shard of what it asks for.
            station = chosen[visit.station] if visit.station != MONGO else self._any(MONGO)
            yield from self._visit(station, visit)
        self.ms[flow.name].append(self.env.now - came)
        if flow.name == "intake":
            part, replica = self._draw.randrange(self._plan.parts), self._draw.randrange(self._replicas)
            self._queues[part][replica].put(Job(came, self._plan.parts, of_part=part, replica=replica))

    def _worker(self, part: int, replica: int) -> Process:
        """Rounds: whatever has come, up to `BATCH`, prepared and scored together."""
        queue = self._queues[part][replica]
        kind = GATEWAYS if self._plan.is_monolith else SCORERS
        place = replica if self._plan.is_monolith else part * self._replicas + replica
        own = self.stations[kind][place % len(self.stations[kind])]
        while True:
            jobs: list[Job] = [(yield queue.get())]
            while queue.items and len(jobs) < BATCH:
                jobs.append((yield queue.get()))
            fresh = [job for job in jobs if not job.is_prepared]
            yield from self._together(own, self._round.own, len(fresh))
            for job in fresh:
                job.is_prepared = True
                for other in range(self._plan.parts):
                    if other != part:
                        self._queues[other][self._draw.randrange(self._replicas)].put(job)
            yield from self._together(own, self._round.other, len(jobs) - len(fresh))
            batch = self._round.batch if fresh else self._round.other_batch
            after = round((1 - self._round.after) * len(batch))
            yield from self._together(own, batch[:after], 1)
            for job in jobs:
                self.ms["share"].append(self.env.now - job.came)
                job.left -= 1
                if not job.left:
                    self.ms["score"].append(self.env.now - job.came)
            yield from self._together(own, batch[after:], 1)

    def _together(self, own: Station, visits: Sequence[Visit], count: int) -> Process:
        """What so many resumes need of a round, one station after the other."""
        for visit in visits if count else ():
            copies = round(visit.copies * count)
            if visit.copies != 1.0:  # of a bulk: each where there is a place
                served = (self._any(visit.station).serve(visit.ms, visit.spread) for _ in range(copies))
                yield self.env.all_of([self.env.process(one) for one in served])
            else:
                station = own if visit.station != MONGO else self._any(MONGO)
                spread = visit.spread / math.sqrt(count)
                yield from self._visit(
                    station, msgspec.structs.replace(visit, ms=visit.ms * count, spread=spread)
                )

    def _visit(self, station: Station, visit: Visit) -> Process:
        yield from station.serve(visit.ms, visit.spread)
        if visit.idle_ms:
            yield self.env.timeout(visit.idle_ms)

    def _others(self, station: Station, busy: float, kind: str, costs: Costs) -> Process:
        """What is not followed: work that keeps so much of one place of a station busy."""
        ms = costs.process["page"] / 2 if kind != MONGO else costs.real["shard_read_ms"]
        while True:
            yield self.env.timeout(self._draw.expovariate(busy / ms))
            self.env.process(station.serve(ms, _OTHERS_SPREAD))

    def _any(self, kind: str) -> Station:
        return self._draw.choice(self.stations[kind])

    def badges(self) -> list[float]:
        """From a resume's arrival to the frame that tells of it: a score and a push, each by lot."""
        scores, pushes = self.ms["score"], self.ms["push"]
        if not scores or not pushes:
            return []
        return [self._draw.choice(scores) + self._draw.choice(pushes) for _ in range(2_000)]


def simulate(plan: Plan, demand: Demand, costs: Costs, *, seconds: float = 20.0, seed: int = 1) -> Waits:
    """Simulate so many seconds of a plan's busiest hour."""
    run = Simulation(plan, demand, costs, seed)
    run.env.run(_WARM * seconds * 1_000)
    for stations in run.stations.values():
        for station in stations:
            station.forget()
    for times in run.ms.values():
        times.clear()
    run.env.run(seconds * 1_000)
    counted_ms = (1 - _WARM) * seconds * 1_000
    return Waits(
        ms={**run.ms, "badge": run.badges()},
        busy={
            kind: sum(one.worked_ms for one in stations) / (counted_ms * len(stations) * stations[0].at_once)
            for kind, stations in run.stations.items()
        },
        queue={
            kind: sum(one.waited_ms for one in stations) / (counted_ms * len(stations))
            for kind, stations in run.stations.items()
        },
        done={
            name: len(times) / (counted_ms / 1_000) / run.followed for name, times in run.ms.items() if times
        },
    )


def _drawn(draw: random.Random, mean: float, spread: float) -> float:
    """A time with a mean and a coefficient of variation, as gamma distributed; never negative."""
    if not mean or not spread:
        return mean
    shape = 1.0 / spread**2
    return draw.gammavariate(shape, mean / shape)
