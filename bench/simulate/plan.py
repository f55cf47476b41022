"""Of what a deployment consists, and how many of each so many recruiters need.

plan = plan_for(demand_of(100_000), costs)
"""

from __future__ import annotations

import math
from typing import Literal

import msgspec

from bench.simulate.costs import Costs
from bench.simulate.demand import Demand

BUSY = 0.6
"""How busy a part of a plan may be at the busiest hour. Less is paid for and idle; with more, losing one of a
few machines leaves the others more than they can do, and waits grow fast."""
_PART_BYTES = 4 << 30
"""Memory of a scorer's indexes, above which there are more parts."""
_MOST_PARTS = 64
_SPARE = 2
"""The fewest of whatever must not be alone."""


class Plan(msgspec.Struct, frozen=True):
    """How many of each.

    Attributes:
        gateways: Processes with `web`, `intake`, `notify`, `learn`; of a monolith with everything.
        parts: Into how many parts feeds and resumes are divided.
        replicas: Processes of each part.
        shards: Of MongoDB; 0 stands for the embedded one.
        redis: Nodes of a cluster.
        cores: Of the one machine that all share, the embedded stores included; 0 where each has its own.
        is_monolith: Whether the gateways score too. Then there is one part, and no process of its own for it.
    """

    gateways: int = 1
    parts: int = 1
    replicas: int = 1
    shards: int = 0
    redis: int = 1
    cores: int = 0
    is_monolith: bool = False

    @property
    def store(self) -> Literal["embedded", "real"]:
        """Which costs of MongoDB hold."""
        return "real" if self.shards else "embedded"

    @property
    def scorers(self) -> int:
        """Processes that score."""
        return self.gateways if self.is_monolith else self.parts * self.replicas

    @property
    def processes(self) -> int:
        """All of ours."""
        return self.gateways if self.is_monolith else self.gateways + self.scorers

    def __str__(self) -> str:
        if self.is_monolith:
            text = f"{self.gateways} monolith{'s' if self.gateways > 1 else ''}"
        else:
            text = f"{self.gateways} gateways, {self.parts} parts x {self.replicas}"
        store = f"{self.shards} shards" if self.shards else "embedded MongoDB"
        return f"{text}, {store}, {self.redis} Redis"


MONOLITH = Plan(is_monolith=True)


def plan_for(demand: Demand, costs: Costs, busy: float = BUSY) -> Plan:
    """The smallest plan in which nothing is busier than `busy`, on a real MongoDB.

    Parts follow from memory; the rest from what each of them would have to do if there were one.
    """
    from bench.simulate.load import loads_of  # it reads plans

    held = demand.feeds * costs.memory["feed"] + min(demand.stored_resumes, _HELD) * costs.memory["resume"]
    parts = min(_MOST_PARTS, max(1, math.ceil(held / _PART_BYTES)))
    plan = Plan(gateways=_SPARE, parts=parts, replicas=_SPARE, shards=1)
    while True:
        # Each step at once to what the load asks for: the counts grow, and there are few steps.
        loads = {load.name: load for load in loads_of(plan, demand, costs)}
        more = {
            name: math.ceil(getattr(plan, name) * loads[kind].busy / busy)
            for name, kind in _KINDS.items()
            if loads[kind].busy > busy
        }
        if not more:
            return plan
        plan = msgspec.structs.replace(plan, **more)


_KINDS = {"gateways": "gateways", "replicas": "scorers", "shards": "MongoDB", "redis": "Redis"}
"""By field of a plan, the kind of station that there are more of."""
_HELD = 50_000_000
"""Resumes that all parts together hold; older ones are found through MongoDB."""
