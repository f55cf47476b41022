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

from bench.harness.crowd import Crowd
from bench.harness.machine import INGEST_TOKEN, Process, own_stores, raise_limits
from bench.harness.people import Recruiter, create_recruiters, resumes
from bench.harness.table import Row, at_most
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
    seconds = 60.0 * minutes
    async with own_stores() as stores:
        recruiters = await create_recruiters(stores, SOCKETS + COMING_AND_GOING)
        async with Process.server(stores, resume_index_size=_INDEXED) as server:
            crowd = Crowd(server.port, [one.authorization for one in recruiters[:SOCKETS]])
            await crowd.connect()
            load = Load(server.port, recruiters)
            used = server.cpu_s()
            samples, *_ = await asyncio.gather(
                sample(server, seconds),
                load.resumes(seconds),
                load.requests(seconds),
                load.come_and_go(recruiters[SOCKETS:], seconds),
            )
            used = server.cpu_s() - used
            crowd.close()
    print(
        f"soak, {minutes:g} minutes: {load.resumes_sent:,} resumes, {load.asked:,} requests of which "
        f"{load.failures.total()} failed {dict(load.failures) or ''}, {load.came:,} sockets came and went, "
        f"{crowd.frames:,} frames; the server used {used / seconds:.0%} of a core"
    )
    settled = least([one for one in samples if one.at_s >= min(_WARM_S, seconds / 2)])
    at_min = [one.at_s / 60 for one in settled]
    mib = slope(at_min, [one.bytes / 2**20 for one in settled])
    descriptors = slope(at_min, [float(one.descriptors) for one in settled])
    print(
        f"memory {settled[0].bytes / 2**20:.1f} MiB at first, {settled[-1].bytes / 2**20:.1f} at last, "
        f"{mib:+.2f} MiB a minute; descriptors {settled[0].descriptors} and {settled[-1].descriptors}, "
        f"{descriptors:+.2f} a minute"
    )
    share = 100 * (at_min[-1] - at_min[0])
    name = f"soak of {minutes:g} min"
    return [
        at_most(1, Row(f"{name}, memory grew", share * mib * 2**20 / settled[0].bytes, "%")),
        at_most(1, Row(f"{name}, descriptors", share * descriptors / settled[0].descriptors, "%")),
        at_most(0, Row(f"{name}, failed requests", load.failures.total(), "")),
    ]


async def sample(server: Process, seconds: float) -> list[Sample]:
    """Read the server's memory and descriptors twice a second."""
    began, samples = time.perf_counter(), []
    while (at_s := time.perf_counter() - began) < seconds:
        samples.append(Sample(at_s, server.memory(), server.descriptors()))
        await asyncio.sleep(_SAMPLE_EVERY_S)
    return samples


def least(samples: Sequence[Sample]) -> list[Sample]:
    """The minimum of every window."""
    windows = [list(some) for _, some in itertools.groupby(samples, lambda one: one.at_s // _WINDOW_S)]
    return [
        Sample(some[0].at_s, min(one.bytes for one in some), min(one.descriptors for one in some))
        for some in windows
    ]


def slope(times: Sequence[float], values: Sequence[float]) -> float:
    """The slope of a straight line through the points, least squares."""
    return statistics.linear_regression(times, values).slope


class Load:
    """What recruiters and candidates do, and which of their requests failed."""

    def __init__(self, port: int, recruiters: Sequence[Recruiter]) -> None:
        self._port = port
        self._recruiters = recruiters
        self._draw = random.Random(3)
        self._connections: asyncio.Queue[Connection] = asyncio.Queue()
        for _ in range(_CONNECTIONS):
            self._connections.put_nowait(Connection(port))
        self.resumes_sent = self.asked = self.came = 0
        self.failures: Counter[str] = Counter()

    async def resumes(self, seconds: float) -> None:
        """Resumes arrive, all different."""
        bodies = resumes(int(RESUMES_A_S * seconds), "soak")

        async def send(number: int) -> None:
            await self._ask(
                "/resumes/",
                f"Bearer {INGEST_TOKEN}",
                method="POST",
                body=bodies[number],
                kind="application/json",
            )
            self.resumes_sent += 1

        await at_rate(RESUMES_A_S, seconds, send)

    async def requests(self, seconds: float) -> None:
        """Recruiters look at their feeds and lists, read one result and delete another one."""

        async def look(number: int) -> None:
            one = self._draw.choice(self._recruiters)
            if number % 2:
                await self._ask("/special_feed/page/", one.authorization)
                return
            feed = one.feeds[0]
            content = await self._ask(f"/special_feed/feed_list/{feed}", one.authorization)
            listed = json.loads(content)["data"] if content else []
            for item, path in zip(
                listed,
                ("/feed/get/{0}/{1}", "/feed/modify_feed_result?feed_id={0}&resume_id={1}&reco_index=-150"),
                strict=False,
            ):
                await self._ask(path.format(feed, item["resume"]["id"]), one.authorization)

        await at_rate(REQUESTS_A_S, seconds, look)

    async def come_and_go(self, recruiters: Sequence[Recruiter], seconds: float) -> None:
        """Sockets connect, stay for a moment and are cut."""
        began = time.perf_counter()
        while time.perf_counter() - began + 2 * _STAY_S < seconds:
            crowd = Crowd(self._port, [one.authorization for one in recruiters])
            await crowd.connect()
            self.came += len(recruiters)
            await asyncio.sleep(_STAY_S)
            crowd.close()
            await asyncio.sleep(_STAY_S)

    async def _ask(self, path: str, authorization: str, **more: object) -> bytes:
        connection = await self._connections.get()
        self.asked += 1
        try:
            status, content = await connection.ask(path, authorization, **more)  # type: ignore[arg-type]
        except OSError:
            status, content = 0, b""
        self._connections.put_nowait(connection)
        if status != 200:
            self.failures[f"{path.partition('?')[0].rstrip('0123456789abcdef/')} {status}"] += 1
        return content if status == 200 else b""
