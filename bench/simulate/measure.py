"""What one of each thing costs, measured on this machine: writes `costs.toml`.

    python -m bench.simulate.measure            # prints what it measures beside what the file has
    python -m bench.simulate.measure --write

CPU time of processes, not seconds of a clock, so that it may be measured beside other work. A gateway and a
part run as processes of their own, because only so it can be told who uses what. Pages, lists and resumes
arrive together and at random, as they do in life: a request costs more where others have just changed what it
reads, and where caches are cold. In three mixes each is what most of them are, and a fourth has more of all;
what one of each costs is what explains them best. Resumes that arrive at once tell what a round of a worker
costs, and a second part what a resume costs where it was not prepared.

What a request waits for beside work and queues is what the mixes took longer than the simulator says without
it. That needs a quiet machine.
"""

from __future__ import annotations

import argparse
import asyncio
import re
import sys
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager

import msgspec
from bson import ObjectId

from bench.harness.crowd import Crowd
from bench.harness.machine import DATABASE, OwnStores, raise_limits
from bench.harness.people import Recruiter, create_recruiters, resumes
from bench.scale.arrivals import Rates, arrive, cpu_of, told
from bench.scale.deployment import Deployment, deployed
from bench.scale.plans import Node, Plan, parts
from bench.scale.quiet import until_quiet
from bench.scale.recruiter import intake, pour
from bench.simulate.costs import FILE, Costs, load_costs
from bench.simulate.load import GATEWAYS, MONGO, SCORERS
from bench.simulate.solve import Batch, Meter, over, settled, solve, solve_other
from store.redis.keys import hints
from store.redis.redis_client import connect as connect_redis

_FRONT = "web,intake,notify,learn"
_LOOK_EVERY_S = 1.0
"""How often it is looked whether all is scored, at a cost that counts as the store's."""
_UPLOAD = 50
"""Resumes of one upload, of those that come at once."""
_FRAMES_APART_S = 0.005
"""Seconds between frames, so that each needs a read of its own."""

_MEASURED = ("process", "embedded", "wait")
"""The tables of what is measured."""


class Size(msgspec.Struct, frozen=True):
    """How much is measured. Clocks of processes tick a hundred times a second, so less would be coarse.

    Attributes:
        recruiters: Accounts with a feed each.
        before: Resumes that are there before, so that lists are as long as a page of them.
        at_once: Resumes that arrive at once.
        seconds: Of each mix.
        frames: That are sent.
        idle_s: For which nothing is asked.
    """

    recruiters: int
    before: int
    at_once: int
    seconds: float
    frames: int
    idle_s: float


FULL, QUICK = Size(300, 3_000, 1_000, 40.0, 2_000, 30.0), Size(150, 1_000, 300, 12.0, 600, 10.0)
MIXES = {
    "page": Rates(90, 10, 6),
    "list": Rates(15, 45, 6),
    "intake": Rates(15, 8, 18),
    "busy": Rates(60, 30, 18),
}
"""By what most of the requests are: a third to a half of what the embedded store can do, and two thirds."""


def read(deployment: Deployment) -> Meter:
    """What has been used so far."""
    used = cpu_of(deployment)
    return Meter(*(1_000 * sum(used[kind]) for kind in (GATEWAYS, SCORERS, MONGO)))


class Used:
    """What was used while the context was open, without what idle processes use meanwhile."""

    def __init__(self, deployment: Deployment, idle_a_s: Meter) -> None:
        self._deployment = deployment
        self._idle = idle_a_s
        self.ms = Meter(0.0, 0.0, 0.0)

    async def __aenter__(self) -> Used:
        self._began, self._before = time.perf_counter(), read(self._deployment)
        return self

    async def __aexit__(self, *_: object) -> None:
        after, seconds = read(self._deployment), time.perf_counter() - self._began
        used = after.less(self._before)
        self.ms = used.less(self._idle.each(1 / seconds))


@asynccontextmanager
async def _measured(count: int, size: Size) -> AsyncIterator[tuple[Deployment, list[Recruiter], Meter]]:
    """A gateway and so many parts with recruiters, at rest, and what they use a second then."""
    recruiters: list[Recruiter] = []

    async def fill(stores: OwnStores) -> None:
        recruiters.extend(await create_recruiters(stores, size.recruiters))

    plan = Plan(f"1 gateway + {count} parts", (Node("gateway", _FRONT), *parts(count)))
    async with deployed(plan, fill) as deployment:
        await _pour(deployment, resumes(size.before, source="before"))
        await until_quiet(deployment.database, every_s=_LOOK_EVERY_S)
        before, began = read(deployment), time.perf_counter()
        await asyncio.sleep(size.idle_s)
        yield deployment, recruiters, read(deployment).less(before).each(time.perf_counter() - began)


async def measure(size: Size = FULL) -> Costs:
    """Measure all of it; what cannot be measured is as the file has it."""
    raise_limits()
    known = load_costs()
    process, embedded = dict(known.process), dict(known.embedded)
    async with _measured(1, size) as (deployment, recruiters, idle):
        process["idle_share"] = max(idle.gateway, idle.parts) / 1_000
        embedded["idle_share"] = idle.mongo / 1_000 / len(deployment.running)
        poured = await _unscored(deployment, size, idle, embedded)
        full = await _at_once(deployment, size, idle, poured)
        runs = {kind: await arrive(deployment, recruiters, mix, size.seconds) for kind, mix in MIXES.items()}
        results = await _results_each(deployment)
        solve(runs, full, idle, process, embedded)
        await _sockets(deployment, recruiters, size, idle, process, embedded)
    async with _measured(2, size) as (deployment, recruiters, idle):
        full = await _at_once(deployment, size, idle, poured)
        run = await arrive(deployment, recruiters, MIXES["intake"], size.seconds)
        solve_other(run, full, idle, process, embedded)
    for costs in (process, embedded):
        costs["prepare"] = max(0.0, costs["prepare"] - results * costs["result"])
    found = msgspec.structs.replace(known, process=process, embedded=embedded)
    return settled(found, runs, size.recruiters, results)


async def _results_each(deployment: Deployment) -> float:
    """How many results a resume has here."""
    came, listed = [await deployment.database[name].count_documents({}) for name in ("resumes", "results")]
    return float(listed / max(1, came))


async def _unscored(deployment: Deployment, size: Size, idle: Meter, embedded: dict[str, float]) -> Meter:
    """Note what MongoDB does for a resume that arrives; returns what all do for one that comes with others.

    Nobody scores meanwhile.
    """
    names = [one.node.name for one in deployment.running.values() if not one.node.is_gateway]
    await deployment.remove(names)
    async with Used(deployment, idle) as used:
        await _pour(deployment, resumes(size.at_once, source="unscored"))
    poured = used.ms.each(size.at_once)
    run = await arrive(deployment, [], Rates(intake=MIXES["intake"].intake), size.seconds / 2, settles=False)
    embedded["intake"] = over(run, idle).mongo / len(run.ms["intake"])
    await deployment.add(parts(len(names)))
    await until_quiet(deployment.database, every_s=_LOOK_EVERY_S)
    return poured


async def _at_once(deployment: Deployment, size: Size, idle: Meter, poured: Meter) -> Batch:
    """What is used for resumes that arrive at once."""
    before = await told(deployment)
    async with Used(deployment, idle) as used:
        await _pour(deployment, resumes(size.at_once, source="at once"))
        await until_quiet(deployment.database, every_s=_LOOK_EVERY_S)
    scored = (await told(deployment)).since(before)
    return Batch(used.ms.less(poured.each(1 / size.at_once)), scored)


async def _pour(deployment: Deployment, lines: Sequence[bytes]) -> None:
    source = intake(lambda: deployment.gateways)
    for start in range(0, len(lines), _UPLOAD):
        await pour(source, lines[start : start + _UPLOAD])
    source.close()


async def _sockets(
    deployment: Deployment,
    recruiters: Sequence[Recruiter],
    size: Size,
    idle: Meter,
    process: dict[str, float],
    embedded: dict[str, float],
) -> None:
    """What a socket costs to connect, and a frame: one after the other, each of another account.

    Args:
        deployment: What is measured.
        recruiters: All that there are.
        size: How much is measured.
        idle: What is used a second where nothing is to be done.
        process: Gets the costs of processes.
        embedded: Gets those of the embedded store.
    """
    crowd = Crowd(deployment.gateways[0], [one.authorization for one in recruiters])
    async with Used(deployment, idle) as used:
        await crowd.connect()
    process["connect"] = used.ms.gateway / len(recruiters)
    redis = connect_redis(deployment.stores.redis_url)

    async def change(*, is_told: bool) -> None:
        """Change counts of accounts in turn, and tell of each or of none."""
        for number in range(size.frames):
            one = recruiters[number % len(recruiters)]
            change = {"$inc": {f"unread.{one.feeds[0]}": 1, "seq": 1}}
            await deployment.database.counters.update_one({"_id": ObjectId(one.user)}, change)
            if is_told:
                hint = {"kind": "unread", "user": one.user, "feed": one.feeds[0]}
                await redis.publish(hints(DATABASE, one.user), msgspec.json.encode(hint))
            await asyncio.sleep(_FRAMES_APART_S)

    async with Used(deployment, idle) as alone:
        await change(is_told=False)
    crowd.frames = 0
    async with Used(deployment, idle) as used:
        await change(is_told=True)
        await crowd.until_received(size.frames)
    crowd.close()
    await redis.aclose()
    heard = used.ms.less(alone.ms).each(size.frames)
    process["frame"], embedded["frame"] = heard.gateway, heard.mongo


def written(text: str, costs: Costs) -> str:
    """The file with the figures of these costs; comments and what is not measured stay."""
    out, table = [], ""
    for line in text.splitlines():
        if match := re.match(r"\[(\w+)\]", line):
            table = match[1]
        elif match := re.match(r"(\w+) = ([\d.]+ *)(.*)", line):
            values: Mapping[str, float] = getattr(costs, table)
            if table in _MEASURED:
                figure = f"{values[match[1]]:.3g}".ljust(len(match[2]))
                line = f"{match[1]} = {figure}{match[3]}"
        out.append(line)
    return "\n".join(out) + "\n"


def main() -> int:
    """Measure, print, and write where that is asked for."""
    parser = argparse.ArgumentParser(prog="bench.simulate.measure", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="less of each, coarser figures")
    parser.add_argument("--write", action="store_true", help="put them into costs.toml")
    options = parser.parse_args()
    known = load_costs()
    costs = asyncio.run(measure(QUICK if options.quick else FULL))
    for table in _MEASURED:
        print(f"[{table}]")
        for name, value in getattr(costs, table).items():
            print(f"{name:16}{value:9.3f}   before {getattr(known, table)[name]:9.3f}")
    if options.write:
        FILE.write_text(written(FILE.read_text("utf-8"), costs), "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
