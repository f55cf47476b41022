"""From what runs used to what one of each thing costs.

As everything goes on at once, nothing is observed by itself: costs are those that explain all runs best. What
requests wait for beside work and queues is what the simulator, with these costs, lacks of the times that were
measured.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence

import msgspec
from scipy.optimize import nnls

from bench.harness.wire import quantile
from bench.scale.arrivals import KINDS, Run, Told, demand_as
from bench.simulate.costs import Costs
from bench.simulate.load import GATEWAYS, MONGO, SCORERS
from bench.simulate.plan import Plan
from bench.simulate.queueing import simulate

_MOST_AFTER = 0.8
"""The greatest share of a round that is taken to follow when its resumes are scored."""


class Meter(msgspec.Struct):
    """CPU time in ms of the gateway, of all parts together, and of MongoDB."""

    gateway: float
    parts: float
    mongo: float

    def each(self, count: float) -> Meter:
        """Of one."""
        return Meter(self.gateway / count, self.parts / count, self.mongo / count)

    def less(self, other: Meter) -> Meter:
        """Without what something else costs."""
        return Meter(
            max(0.0, self.gateway - other.gateway),
            max(0.0, self.parts - other.parts),
            max(0.0, self.mongo - other.mongo),
        )


class Batch(msgspec.Struct):
    """What resumes used that came at once, without their arrival; and their number and that of rounds."""

    used: Meter
    told: Told


def over(run: Run, idle: Meter) -> Meter:
    """What a run used, without what idle processes use meanwhile."""
    used = Meter(run.cpu_ms[GATEWAYS], run.cpu_ms.get(SCORERS, 0.0), run.cpu_ms[MONGO])
    return used.less(idle.each(1 / run.seconds))


def solve(
    runs: Mapping[str, Run], full: Batch, idle: Meter, process: dict[str, float], embedded: dict[str, float]
) -> None:
    """What one of each costs, so that it explains the mixes, and the resumes that came at once, best."""
    counts = [[float(len(run.ms[kind])) for kind in KINDS] for run in runs.values()]
    used = [over(run, idle) for run in runs.values()]
    rounds = [[told.rounds, told.scored] for told in (*(run.told for run in runs.values()), full.told)]
    process["page"], process["list"], process["intake"] = explained(counts, [one.gateway for one in used])
    process["batch"], process["prepare"] = explained(rounds, [*(one.parts for one in used), full.used.parts])
    reads = [*(count[:2] for count in counts), [0.0, 0.0]]
    asked = [[*count, *scored] for count, scored in zip(reads, rounds, strict=True)]
    beside = [one.mongo - count[2] * embedded["intake"] for one, count in zip(used, counts, strict=True)]
    embedded["page"], embedded["list"], embedded["batch"], embedded["prepare"] = explained(
        asked, [*beside, full.used.mongo]
    )


def explained(counts: Sequence[Sequence[float]], used: Sequence[float]) -> list[float]:
    """The costs of one of each kind that come nearest to what was used; none is negative.

    Each run counts as much as the others, however long it was.
    """
    weights = [1 / max(1.0, each) for each in used]
    rows = [[weight * count for count in row] for weight, row in zip(weights, counts, strict=True)]
    return [float(each) for each in nnls(rows, [w * each for w, each in zip(weights, used, strict=True)])[0]]


def solve_other(
    run: Run, full: Batch, idle: Meter, process: dict[str, float], embedded: dict[str, float]
) -> None:
    """What rounds and resumes cost in other parts than the resume's own: what two use beside the rest."""
    used = over(run, idle)
    asked_ms = sum(len(run.ms[kind]) * embedded[kind] for kind in KINDS)
    for costs, in_mix, in_full in (
        (process, used.parts, full.used.parts),
        (embedded, used.mongo - asked_ms, full.used.mongo),
    ):
        rows, left = [], []
        for told, used_ms in ((run.told, in_mix), (full.told, in_full)):
            # Each resume is one part's own, and the other's; so are rounds, as nearly as can be told.
            rounds, count = told.rounds / 2, told.scored / 2
            rows.append([rounds, count])
            left.append(used_ms - rounds * costs["batch"] - count * costs["prepare"])
        costs["other_batch"], costs["other_part"] = explained(rows, left)


def settled(costs: Costs, runs: Mapping[str, Run], feeds: int, results: float) -> Costs:
    """The costs, with what requests wait for beside them, and with what a round does afterwards.

    Args:
        costs: Without these.
        runs: By the kind that most requests of a run are.
        feeds: That there are.
        results: That a resume has.
    """
    wait, after = dict.fromkeys(costs.wait, 0.0), 0.0
    bare = msgspec.structs.replace(costs, wait=wait, process=dict(costs.process) | {"after_share": 0.0})
    for kind in KINDS:
        demand = demand_as(runs[kind], feeds=feeds, results=results)
        simulated = simulate(Plan(cores=os.cpu_count() or 1), demand, bare, seconds=60.0)
        wait[kind] = max(0.0, quantile(runs[kind].ms[kind], 0.5) - simulated.quantile(kind, 0.5))
        if kind == "intake":
            missed = runs[kind].score_ms - simulated.quantile("share", 0.5)
            wait["batch"] = max(0.0, missed)
            after = max(0.0, -missed) / (costs.process["batch"] + costs.embedded["batch"])
    process = dict(costs.process) | {"after_share": min(_MOST_AFTER, after)}
    return msgspec.structs.replace(costs, wait=wait, process=process)
