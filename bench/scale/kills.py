"""Kill -9 of every process in turn, while resumes arrive and feeds are submitted.

The one who dies is started again at once, as a supervisor does, and often killed before it is ready. What
comes of it is compared with a single process that is given the same and that nobody kills: nothing is lost,
nothing doubled.
"""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from pathlib import Path

import msgspec

from bench.harness.table import Row, at_least
from bench.load.ingest import Market, market
from bench.scale.deployment import Deployment
from bench.scale.plans import Plan
from bench.scale.stream import Stream, against_calm, pour_while

_SEED = 7
_REDIS = "redis"


class Size(msgspec.Struct, frozen=True):
    """How often something is killed; `resumes` is the most that are sent meanwhile."""

    kills: int
    feeds: int
    resumes: int


FULL, QUICK = Size(100, 30, 40_000), Size(8, 9, 8_000)


async def measure(data: Path, plan: Plan, size: Size = FULL) -> list[Row]:
    """Kill, wait for quiet, and compare."""
    whole = market(data, size.resumes)
    given = Market(whole.name, whole.feeds[: size.feeds], whole.resumes)
    killed: Counter[str] = Counter()

    async def kill_in_turn(deployment: Deployment, stream: Stream) -> None:
        draw = random.Random(_SEED)
        names = [*deployment.running, *([_REDIS] if deployment.cluster else [])]
        for number in range(size.kills):
            await stream.moves()
            await asyncio.sleep(draw.uniform(0.0, 0.6))
            name = names[number % len(names)]
            if name == _REDIS and deployment.cluster is not None:
                await deployment.cluster.restart(draw.randrange(len(deployment.cluster.nodes)))
            else:
                await deployment.kill(name)
            killed[name] += 1
        await deployment.ready()

    poured = await pour_while(plan, given, kill_in_turn)
    print(f"killed: {', '.join(f'{name} {count} times' for name, count in killed.items())}")
    row = Row(measure=f"kills over all of {plan.name}", figure=killed.total(), unit="")
    return [at_least(size.kills, row), *await against_calm(poured, plan)]
