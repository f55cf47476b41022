"""Soak: half load for some minutes. Memory and descriptors must not grow after the first of them.

Half load keeps the embedded store half busy on a quiet machine: resumes arrive, recruiters look at pages
and lists, read and delete, sockets come and go. What the server holds goes up and down with all this. A
straight line (least squares) through the minimum of every ten seconds, from the first minute on, shows
whether it grows.
"""

from __future__ import annotations

import asyncio
import itertools
import json
import random
import statistics
import time
from collections import Counter
from collections.abc import Sequence

import msgspec

from bench.harness.client import send
from bench.harness.crowd import Crowd
from bench.harness.machine import Process, own_stores, raise_limits
from bench.harness.people import Recruiter, create_recruiters, resumes
from bench.harness.table import Row
from bench.harness.wire import Connection, at_rate

SOCKETS, COMING_AND_GOING = 300, 100
RESUMES_A_S, REQUESTS_A_S = 20.0, 20.0
_CONNECTIONS = 20
"""HTTP connections of all recruiters together."""
_SAMPLE_EVERY_S = 0.5
_INDEXED = 1_000
"""Resumes that the server holds in memory. The index of these grows with what arrives, and is full when the
warm minute is over."""
_WARM_S = 60.0
"""Time in which growth is not counted, since caches fill."""
_WINDOW_S = 10.0
"""Length of a window of which only the minimum counts."""
_STAY_S = 3.0
"""How long a socket that comes and goes stays, and is then away."""


class Sample(msgspec.Struct, frozen=True):
    """What the server held at a moment."""

    at_s: float
    bytes: int
    descriptors: int


async def measure(minutes: float) -> list[Row]:
    """Load a server for so many minutes, and fit lines to what it holds."""
    raise_limits()
    seconds, failures = 60.0 * minutes, Counter[str]()
    async with own_stores() as stores:
        recruiters = await create_recruiters(stores, SOCKETS + COMING_AND_GOING)
        async with Process.server(stores, resume_index_size=_INDEXED) as server:
            crowd = Crowd(server.port, [one.authorization for one in recruiters[:SOCKETS]])
            await crowd.connect()
            used = server.used()
            samples, asked, sent, _ = await asyncio.gather(
                sample(server, seconds),
                browse(server.port, recruiters, failures, seconds),
                send(server.port, resumes(int(RESUMES_A_S * seconds), "soak"), rate_a_s=RESUMES_A_S),
                come_and_go(server.port, recruiters[SOCKETS:], seconds),
            )
            own, _ = server.used() - used
            crowd.close()
    settled = windows([one for one in samples if one.at_s >= min(_WARM_S, seconds / 2)])
    first, last = settled[0], settled[-1]
    print(
        f"soak, {minutes:g} minutes: {len(sent):,} resumes, {asked:,} requests of which {failures.total()} "
        f"failed {dict(failures) or ''}, {crowd.frames:,} frames; the server used {own / seconds:.0%} of a "
        f"core; memory {first.bytes / 2**20:.1f} MiB at first, {last.bytes / 2**20:.1f} at last; "
        f"descriptors {first.descriptors} and {last.descriptors}"
    )
    name, times = f"soak of {minutes:g} min", [one.at_s for one in settled]
    return [
        Row(f"{name}, memory grew", growth(times, [one.bytes for one in settled]), "%").at_most(1),
        Row(f"{name}, descriptors", growth(times, [one.descriptors for one in settled]), "%").at_most(1),
        Row(f"{name}, failed requests", failures.total(), "").at_most(0),
    ]


async def sample(server: Process, seconds: float) -> list[Sample]:
    """Read the server's memory and descriptors twice a second."""
    began, samples = time.perf_counter(), []
    while (at_s := time.perf_counter() - began) < seconds:
        samples.append(Sample(at_s, server.memory(), server.descriptors()))
        await asyncio.sleep(_SAMPLE_EVERY_S)
    return samples


def windows(samples: Sequence[Sample]) -> list[Sample]:
    """The minimum of every window."""
    return [
        Sample(some[0].at_s, min(one.bytes for one in some), min(one.descriptors for one in some))
        for _, group in itertools.groupby(samples, lambda one: one.at_s // _WINDOW_S)
        for some in [list(group)]
    ]


def growth(times: Sequence[float], values: Sequence[float]) -> float:
    """By how many percent of the first value a straight line through the points rises from end to end."""
    return 100 * statistics.linear_regression(times, values).slope * (times[-1] - times[0]) / values[0]


async def browse(port: int, recruiters: Sequence[Recruiter], failures: Counter[str], seconds: float) -> int:
    """Look at feeds and lists, read one result and delete another one; returns the number of requests."""
    draw, asked = random.Random(3), itertools.count()
    connections: asyncio.Queue[Connection] = asyncio.Queue()
    for _ in range(_CONNECTIONS):
        connections.put_nowait(Connection(port))

    async def ask(path: str, one: Recruiter) -> bytes:
        connection = await connections.get()
        next(asked)
        try:
            status, content = await connection.ask(path, one.authorization)
        except OSError:
            status, content = 0, b""
        connections.put_nowait(connection)
        if status != 200:
            failures[f"{path.partition('?')[0].rstrip('0123456789abcdef/')} {status}"] += 1
        return content if status == 200 else b""

    async def look(number: int) -> None:
        one = draw.choice(recruiters)
        if number % 2:
            await ask("/special_feed/page/", one)
            return
        content = await ask(f"/special_feed/feed_list/{one.feeds[0]}", one)
        listed = [item["resume"]["id"] for item in json.loads(content)["data"]] if content else []
        deletes = "/feed/modify_feed_result?feed_id={0}&resume_id={1}&reco_index=-150"
        for resume, path in zip(listed, ("/feed/get/{0}/{1}", deletes), strict=False):
            await ask(path.format(one.feeds[0], resume), one)

    await at_rate(REQUESTS_A_S, seconds, look)
    return next(asked)


async def come_and_go(port: int, recruiters: Sequence[Recruiter], seconds: float) -> None:
    """Sockets connect, stay for a moment and are cut."""
    began = time.perf_counter()
    while time.perf_counter() - began + 2 * _STAY_S < seconds:
        crowd = Crowd(port, [one.authorization for one in recruiters])
        await crowd.connect()
        await asyncio.sleep(_STAY_S)
        crowd.close()
        await asyncio.sleep(_STAY_S)
