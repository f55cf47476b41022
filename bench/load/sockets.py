"""Sockets: what one costs, how fast frames are sent, how soon a badge moves, and what a reconnect storm does.

The server is a process of its own, and so is a bare Tornado with as many sockets. This process makes the
load; its own CPU time is printed, because it runs on the same cores.
"""

from __future__ import annotations

import asyncio
import json
import time
from collections import Counter, defaultdict
from collections.abc import Sequence
from typing import Any

import msgspec
from bson import ObjectId
from pymongo import UpdateOne

from bench.harness.client import send
from bench.harness.crowd import Crowd, unread
from bench.harness.machine import DATABASE, OwnStores, Process, own_stores, patient_database, raise_limits
from bench.harness.people import Recruiter, create_recruiters, resumes
from bench.harness.table import Row
from bench.harness.waiting import until_scored
from bench.harness.wire import Connection, asking, quantile
from store.redis.keys import hints
from store.redis.redis_client import connect as connect_redis

RATE_A_S = 20
_SETTLE_S = 2.0
"""Time that a process gets before its memory is read."""
_ROUNDS = 5
"""Rounds of the fan-out; the fastest counts."""
_WARM = 20
"""Sockets that connect before anything is measured, so that everything is imported and cached."""
_GIVE_UP_S = 60.0
"""How long a reconnect storm may last."""


class Scene(msgspec.Struct, frozen=True):
    """The server and who is connected to it."""

    server: Process
    stores: OwnStores
    database: Any
    recruiters: list[Recruiter]


async def measure(count: int, few: int, seconds: float) -> list[Row]:
    """Run everything once."""
    raise_limits()
    async with own_stores() as stores:
        bytes_bare, frames_bare = await cost_of_bare(stores, count)
        recruiters = await create_recruiters(stores, count)
        async with Process.server(stores) as server, patient_database(stores) as database:
            scene = Scene(server, stores, database, recruiters)
            rows = await idle_and_fan_out(scene, bytes_bare, frames_bare)
            for size in dict.fromkeys((few, count)):
                rows += await push(scene, size, seconds)
            rows += await storm(scene)
    return rows


async def cost_of_bare(stores: OwnStores, count: int) -> tuple[float, float]:
    """What sockets cost plain Tornado: bytes each, and frames a second to all of them."""
    async with Process.bare(stores) as bare:
        before = await _warm(bare, [f"x#{number}" for number in range(_WARM)])
        crowd = Crowd(bare.port, [f"x#{number}" for number in range(count)])
        await crowd.connect()
        await asyncio.sleep(_SETTLE_S)
        bytes_each = (bare.memory() - before) / count
        connection, rates, used = Connection(bare.port), [], bare.used()[0]
        for _ in range(_ROUNDS):
            crowd.frames, began = 0, time.perf_counter()
            await connection.ask("/broadcast")
            await crowd.until_received(count)
            rates.append(count / (crowd.last_at - began))
        used = bare.used()[0] - used
        print(f"bare write_message: {1_000_000 * used / _ROUNDS / count:.0f} us of its CPU a frame")
        connection.close()
        crowd.close()
    return bytes_each, max(rates)


async def _warm(process: Process, names: Sequence[str]) -> int:
    """Let a process do everything once; returns the memory that it holds then."""
    crowd = Crowd(process.port, names)
    await crowd.connect()
    crowd.close()
    await asyncio.sleep(_SETTLE_S)
    return process.memory()


async def idle_and_fan_out(scene: Scene, bytes_bare: float, frames_bare: float) -> list[Row]:
    """What an idle socket costs, and how fast a frame reaches every socket."""
    names = [one.authorization for one in scene.recruiters]
    before = await _warm(scene.server, names[:_WARM])
    crowd = Crowd(scene.server.port, names)
    await crowd.connect()
    await asyncio.sleep(_SETTLE_S)
    each = (scene.server.memory() - before) / len(names)
    rate, cpu_s = await _fan_out(scene, crowd)
    print(f"fan-out: {1_000_000 * cpu_s:.0f} us of the server's CPU a frame, its share of the reads included")
    crowd.close()
    return [
        Row(
            f"idle authenticated socket, of {len(names):,}",
            each / 1024,
            "KiB",
            bytes_bare / 1024,
            "bare Tornado",
        ).at_most(30),
        Row("fan-out, every frame of another account", rate, "frames/s", frames_bare, "bare write_message"),
    ]


async def _fan_out(scene: Scene, crowd: Crowd) -> tuple[float, float]:
    """Frames a second, and the server's CPU seconds of each, when all accounts' counts change at once."""
    redis, rates, used = connect_redis(scene.stores.redis_url), [], 0.0
    for _ in range(_ROUNDS):
        crowd.frames = 0
        await _count_on(scene, 1)
        pipe = redis.pipeline(transaction=False)
        for one in scene.recruiters:
            hint = {"kind": "unread", "company": one.user, "feed": one.feeds[0]}
            pipe.publish(hints(DATABASE, one.user), json.dumps(hint))
        before, began = scene.server.used()[0], time.perf_counter()
        await pipe.execute()
        await crowd.until_received(len(scene.recruiters))
        rates.append(len(scene.recruiters) / (crowd.last_at - began))
        used += scene.server.used()[0] - before
    await _count_on(scene, -_ROUNDS)
    await redis.aclose()
    return max(rates), used / _ROUNDS / len(scene.recruiters)


async def _count_on(scene: Scene, by: int) -> None:
    """Add to the number of each account's first feed, whatever results there are."""
    writes = [
        UpdateOne({"_id": ObjectId(one.user)}, {"$inc": {f"unread.{one.feeds[0]}": by, "seq": 1}})
        for one in scene.recruiters
    ]
    await scene.database.counters.bulk_write(writes, ordered=False)


async def push(scene: Scene, size: int, seconds: float) -> list[Row]:
    """The time from sending a resume to the frame that counts it, while resumes arrive at their rate."""
    crowd = Crowd(scene.server.port, [one.authorization for one in scene.recruiters[:size]])
    await crowd.connect()
    await asyncio.sleep(1.0)
    before = await unread(scene.database)
    used, mine, began = scene.server.used()[0], time.process_time(), time.perf_counter()
    bodies = resumes(int(RATE_A_S * seconds), f"push-{size}")
    sent = await send(scene.server.port, bodies, rate_a_s=RATE_A_S)
    await until_scored(scene.server.port)
    took = time.perf_counter() - began
    used, mine = (scene.server.used()[0] - used) / took, (time.process_time() - mine) / took
    await asyncio.sleep(1.0)
    crowd.close()
    late = await _lateness(scene.database.results, crowd, before, sent)
    p50, p99 = (1_000 * quantile(late, share) for share in (0.5, 0.99))
    print(
        f"push, {size:,} sockets: {len(late)} results in feeds that listen, "
        f"{sum(each == float('inf') for each in late)} never told; server {used:.0%} of a core, "
        f"this process {mine:.0%}"
    )
    measure = f"push, {size:,} sockets, {RATE_A_S} resumes/s"
    return [Row(f"{measure}, p50", p50, "ms"), Row(f"{measure}, p99", p99, "ms").at_most(250)]


async def _lateness(results: Any, crowd: Crowd, before: Counter[str], sent: dict[str, float]) -> list[float]:
    """Seconds from sending the resume of a strong result to the frame that counts it.

    The n-th of a feed's new results is counted by the first frame with n more than before. A result that no
    frame counts is infinitely late.
    """
    listening = {feed for counts in crowd.snapshots.values() for feed in counts}
    listed: dict[str, list[str]] = defaultdict(list)
    replacing = set()
    fields = dict.fromkeys(("feed", "resume", "possible", "others"), 1)
    async for result in results.find({"deleted": False}, fields):
        feed, resume = str(result["feed"]), str(result["resume"])
        if feed in listening and resume in sent:
            if result.get("others"):
                replacing.add(feed)
            elif result.get("possible") is None:
                listed[feed].append(resume)
    # Where one takes the place of the same person's older resume, the count may go down.
    for feed in replacing:
        listed.pop(feed, None)
    late = []
    for feed, ids in listed.items():
        for rank, id_ in enumerate(sorted(ids, key=sent.__getitem__), 1):
            told = (at for at, count in crowd.counts[feed] if count >= before[feed] + rank)
            late.append(next(told, float("inf")) - sent[id_])
    return late


async def storm(scene: Scene) -> list[Row]:
    """Everybody loses the connection and comes back at once, while somebody asks for pages."""
    names = [one.authorization for one in scene.recruiters]
    crowd = Crowd(scene.server.port, names)
    await crowd.connect()
    async with asking(
        scene.server.port, "/special_feed/page/", authorization=names[0], every_s=0.05
    ) as answers:
        await asyncio.sleep(2.0)
        calm = quantile(answers, 0.99)
        answers.clear()
        used, began = scene.server.used()[0], time.perf_counter()
        greeted = await crowd.reconnect_at_once(_GIVE_UP_S)
        took, stormy = time.perf_counter() - began, list(answers)
    crowd.close()
    truth = await unread(scene.database)
    wrong = sum(
        crowd.snapshots.get(one.authorization) != {one.feeds[0]: truth[one.feeds[0]]}
        for one in scene.recruiters
    )
    used = scene.server.used()[0] - used
    print(
        f"storm: {wrong} snapshots wrong or missing, p50 {quantile(greeted, 0.5):.1f} s; "
        f"{1_000 * used / len(names):.2f} ms of the server's CPU a socket; {len(stormy)} pages asked "
        f"meanwhile, {sum(each == float('inf') for each in stormy)} failed, in {took:.1f} s"
    )
    last = float("inf") if wrong else max(greeted)
    return [
        Row(f"{len(names):,} reconnect at once, last right snapshot", last, "s").at_most(10),
        Row(
            "a page asked for meanwhile, slowest",
            1_000 * max(stormy),
            "ms",
            1_000 * calm,
            "p99 before the storm",
        ),
    ]
