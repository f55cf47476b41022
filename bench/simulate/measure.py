"""What one of each thing costs, measured on this machine: writes `costs.toml`.

    python -m bench.simulate.measure            # prints what it measures beside what the file has
    python -m bench.simulate.measure --write

CPU time of processes, not seconds of a clock, so that it may be measured beside other work. A gateway and a
part run as processes of their own, because only so it can be told who uses what. First resumes arrive while
nobody scores, which is intake alone; then many that are scored in full rounds; then others one at a time, a
round each. A second part says what a resume costs where it was not prepared.
"""

from __future__ import annotations

import argparse
import asyncio
import re
import statistics
import sys
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager

import msgspec

from bench.crowd import Crowd
from bench.machine import OwnStores, cpu_s, raise_limits
from bench.people import Recruiter, create_recruiters, resumes
from bench.scale.deployment import Deployment, deployed
from bench.scale.plans import Node, Plan, parts
from bench.scale.quiet import until_quiet
from bench.scale.recruiter import intake, pour
from bench.simulate.costs import FILE, Costs, load_costs
from bench.simulate.load import BATCH
from bench.wire import Connection

_FRONT = "web,intake,notify,learn"
_SPANS = 4
"""Spans of which the least busy says what is used by nothing."""
_LOOK_EVERY_S = 1.0
"""How often it is looked whether all is scored, at a cost that counts as the store's."""
_UPLOAD = 50
"""Resumes of one upload, of those that come at once."""
_APART_S = 0.1
"""Seconds between those that come one at a time: longer than a round takes."""


class Size(msgspec.Struct, frozen=True):
    """How much is measured. Clocks of processes tick a hundred times a second, so less would be coarse.

    Attributes:
        recruiters: Accounts with a feed each.
        resumes: That arrive at once.
        single: That arrive one at a time.
        requests: Pages, and lists.
    """

    recruiters: int
    resumes: int
    single: int
    requests: int
    idle_s: float


FULL, QUICK = Size(300, 2_000, 300, 1_000, 20.0), Size(150, 600, 80, 250, 5.0)


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


def read(deployment: Deployment) -> Meter:
    """What has been used so far."""
    of = {True: 0.0, False: 0.0}
    for one in deployment.running.values():
        of[one.node.is_gateway] += 1_000 * one.cpu_s()
    return Meter(of[True], of[False], 1_000 * cpu_s(deployment.stores.mongo_pid))


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
        yield deployment, recruiters, await _idle(deployment, size.idle_s)


async def _idle(deployment: Deployment, seconds: float) -> Meter:
    """What is used a second by processes that nobody asks: the least of some spans."""
    spans = []
    for _ in range(_SPANS):
        before, began = read(deployment), time.perf_counter()
        await asyncio.sleep(seconds)
        spans.append(read(deployment).less(before).each(time.perf_counter() - began))
    names = Meter.__struct_fields__
    return Meter(*(min(getattr(span, name) for span in spans) for name in names))


async def measure(size: Size = FULL) -> Costs:
    """Measure all of it; what cannot be measured is as the file has it."""
    raise_limits()
    known = load_costs()
    process, embedded = dict(known.process), dict(known.embedded)
    spread = dict(known.spread)
    async with _measured(1, size) as (deployment, recruiters, idle):
        process["idle_share"] = max(idle.gateway, idle.parts) / 1_000
        embedded["idle_share"] = idle.mongo / 1_000
        single, full = await _resumes(deployment, size, idle, process, embedded)
        rounds = (BATCH - 1) / BATCH
        process["batch"] = max(0.0, single.parts - full.parts) / rounds
        embedded["batch"] = max(0.0, single.mongo - full.mongo) / rounds
        results = await _results_each(deployment)
        process["prepare"] = full.parts - process["batch"] / BATCH - results * process["result"]
        embedded["prepare"] = full.mongo - embedded["batch"] / BATCH - results * embedded["result"]
        for name, path in (
            ("page", "/special_feed/page/"),
            ("list", "/special_feed/feed_list/{feed}?start=0&size=10&tier=all"),
        ):
            used, spread[name] = await _requests(deployment, recruiters, path, size.requests, idle)
            process[name], embedded[name] = used.gateway, used.mongo
        unheard = Meter(process["intake"] + single.gateway, 0.0, embedded["intake"] + single.mongo)
        await _sockets(deployment, recruiters, size, idle, unheard, process, embedded)
    async with _measured(2, size) as (deployment, _, idle):
        _, of_two = await _resumes(deployment, size, idle, dict(process), dict(embedded))
        # Half of the resumes are each part's own.
        own = process["prepare"] + process["batch"] / BATCH
        process["other_part"] = max(0.0, of_two.parts - own - process["batch"] / BATCH)
        own = embedded["prepare"] + embedded["batch"] / BATCH
        embedded["other_part"] = max(0.0, of_two.mongo - own - embedded["batch"] / BATCH)
    return msgspec.structs.replace(known, process=process, embedded=embedded, spread=spread)


async def _results_each(deployment: Deployment) -> float:
    """How many results a resume has here."""
    came, listed = [await deployment.database[name].count_documents({}) for name in ("resumes", "results")]
    return float(listed / max(1, came))


async def _resumes(
    deployment: Deployment,
    size: Size,
    idle: Meter,
    process: dict[str, float],
    embedded: dict[str, float],
) -> tuple[Meter, Meter]:
    """What a resume costs that comes alone, and one of many; of both without its arrival, which is noted."""
    names = [one.node.name for one in deployment.running.values() if not one.node.is_gateway]
    lines = resumes(2 * size.resumes + size.single)
    first, second, third = (
        lines[: size.resumes],
        lines[size.resumes : 2 * size.resumes],
        lines[2 * size.resumes :],
    )
    source = intake(lambda: deployment.gateways)
    await deployment.remove(names)
    async with Used(deployment, idle) as used:
        for start in range(0, size.resumes, _UPLOAD):
            await pour(source, first[start : start + _UPLOAD])
    arrival = used.ms.each(size.resumes)
    process["intake"], embedded["intake"] = arrival.gateway, arrival.mongo
    await deployment.add(parts(len(names)))
    await until_quiet(deployment.database, every_s=_LOOK_EVERY_S)
    # As many more: now that the parts run, only the work counts and not their start.
    async with Used(deployment, idle) as used:
        for start in range(0, size.resumes, _UPLOAD):
            await pour(source, second[start : start + _UPLOAD])
        await until_quiet(deployment.database, every_s=_LOOK_EVERY_S)
    full = used.ms.each(size.resumes).less(arrival)
    async with Used(deployment, idle) as used:
        for line in third:
            await pour(source, [line])
            await asyncio.sleep(_APART_S)
        await until_quiet(deployment.database, every_s=_LOOK_EVERY_S)
    single = used.ms.each(size.single).less(arrival)
    source.close()
    return single, full


async def _requests(
    deployment: Deployment, recruiters: Sequence[Recruiter], path: str, count: int, idle: Meter
) -> tuple[Meter, float]:
    """What a request costs, one after the other, and how much their times differ."""
    connection, times = Connection(deployment.gateways[0]), []

    async def ask(number: int) -> None:
        one = recruiters[number % len(recruiters)]
        began = time.perf_counter()
        status, _ = await connection.ask(path.format(feed=one.feeds[0]), one.authorization)
        times.append(time.perf_counter() - began)
        if status != 200:
            raise SystemExit(f"{path} was refused: {status}")

    for number in range(20):
        await ask(number)
    times.clear()
    async with Used(deployment, idle) as used:
        for number in range(count):
            await ask(number)
    connection.close()
    # Without the slowest, in which the machine did something else.
    calm = sorted(times)[: int(0.95 * count)]
    return used.ms.each(count), statistics.stdev(calm) / statistics.mean(calm)


async def _sockets(
    deployment: Deployment,
    recruiters: Sequence[Recruiter],
    size: Size,
    idle: Meter,
    unheard: Meter,
    process: dict[str, float],
    embedded: dict[str, float],
) -> None:
    """What a socket costs to connect, and a frame: more resumes, of which their recruiters hear now.

    Args:
        deployment: What is measured.
        recruiters: All that there are.
        size: How much is measured.
        idle: What is used a second where nothing is to be done.
        unheard: What a resume that comes alone costs, from its arrival on, while no socket is open.
        process: Gets the costs of processes.
        embedded: Gets those of the embedded store.
    """
    crowd = Crowd(deployment.gateways[0], [one.authorization for one in recruiters])
    async with Used(deployment, idle) as used:
        await crowd.connect()
    process["connect"] = used.ms.gateway / len(recruiters)
    lines = resumes(size.single, source="heard")
    source = intake(lambda: deployment.gateways)
    async with Used(deployment, idle) as used:
        for line in lines:
            await pour(source, [line])
            await asyncio.sleep(_APART_S)
        await until_quiet(deployment.database, every_s=_LOOK_EVERY_S)
        await asyncio.sleep(1.0)
    crowd.close()
    source.close()
    if crowd.frames > size.single // 10:
        heard = used.ms.less(unheard.each(1 / size.single)).each(crowd.frames)
        process["frame"], embedded["frame"] = max(0.0, heard.gateway), max(0.0, heard.mongo)


def written(text: str, costs: Costs) -> str:
    """The file with the figures of these costs; comments and what is not measured stay."""
    out, table = [], ""
    for line in text.splitlines():
        if match := re.match(r"\[(\w+)\]", line):
            table = match[1]
        elif match := re.match(r"(\w+)( = )[\d.]+(.*)", line):
            values: Mapping[str, float] = getattr(costs, table)
            if table in ("process", "embedded", "spread"):
                line = f"{match[1]}{match[2]}{values[match[1]]:.3g}{match[3]}"
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
    for table in ("process", "embedded", "spread"):
        print(f"[{table}]")
        for name, value in getattr(costs, table).items():
            print(f"{name:16}{value:9.3f}   before {getattr(known, table)[name]:9.3f}")
    if options.write:
        FILE.write_text(written(FILE.read_text("utf-8"), costs), "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
