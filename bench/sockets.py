"""Sockets: what one costs, how fast frames go out, how soon a badge moves, and what a reconnect storm does.

    python -m bench.sockets --sockets 3000

The server is a process of its own, and so is a bare Tornado with the same number of sockets that do nothing
but listen. This process is the load: its own cost is said, as it takes part of the same two cores.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import resource
import sys
import time
from collections import Counter, defaultdict
from collections.abc import AsyncIterator, Sequence
from typing import Any

from bson import ObjectId

from bench.machine import (
    DATABASE,
    INGEST_TOKEN,
    OwnStores,
    Process,
    own_stores,
    patient_database,
    raise_limits,
)
from bench.people import Recruiter, hire, resumes
from bench.table import Row, at_most, text_of
from bench.wire import Ear, Line, at_rate, quantile
from store.keys import events as events_channel
from store.redis_client import connect as connect_redis
from tests.support import eventually

OURS, RATE_A_S = "/special_feed/ws/", 20
_SETTLE_S = 2.0
_GENTLY = 50


class Crowd:
    """Sockets that listen, one for each of the authorizations, and what each was last told."""

    def __init__(self, port: int, authorizations: Sequence[str]) -> None:
        self._port = port
        self.snapshots: dict[str, dict[str, int]] = {}
        self.snapshot_at: dict[str, float] = {}
        self.frames = 0
        self.last_at = 0.0
        self.counts: dict[str, list[tuple[float, int]]] = defaultdict(list)
        self._authorizations = list(authorizations)
        self.ears: dict[str, Ear] = {}

    def _heard(self, who: str, text: bytes, now: float) -> None:
        self.last_at = now
        if text.startswith(b'{"type":"unread"'):
            self.frames += 1
            frame = json.loads(text)
            self.counts[frame["feed_id"]].append((now, frame["unread_count"]))
        elif text.startswith(b'{"type":"snapshot"'):
            feeds = json.loads(text)["feeds"]
            self.snapshots[who] = {feed["feed_id"]: feed["unread_count"] for feed in feeds}
            self.snapshot_at[who] = now

    def connect(self, who: str) -> asyncio.Task[None]:
        """Begin to connect one."""
        ear = Ear(OURS, who.partition("#")[0], lambda _, text, now: self._heard(who, text, now))
        self.ears[who] = ear
        return asyncio.ensure_future(ear.connect(self._port))

    async def connect_gently(self, within_s: float = 120.0) -> None:
        """Connect all, some at a time, and wait until each has its snapshot."""
        for start in range(0, len(self._authorizations), _GENTLY):
            some = self._authorizations[start : start + _GENTLY]
            await asyncio.gather(*map(self.connect, some))
            await self._all_greeted(some, within_s)

    async def storm(self, within_s: float) -> list[float]:
        """Cut all connections, connect all again at once; the seconds until each has its snapshot."""
        for ear in self.ears.values():
            ear.drop()
        await asyncio.sleep(0.5)
        self.snapshots.clear()
        self.snapshot_at.clear()
        began = time.perf_counter()
        await asyncio.gather(*map(self.connect, self._authorizations), return_exceptions=True)
        with contextlib.suppress(AssertionError):
            await self._all_greeted(self._authorizations, within_s)
        return [self.snapshot_at.get(who, float("inf")) - began for who in self._authorizations]

    async def _all_greeted(self, some: Sequence[str], within_s: float) -> None:
        async def are_greeted() -> bool:
            return all(who in self.snapshots for who in some)

        await eventually(are_greeted, within_s=within_s, what="a snapshot for everybody")

    def close(self) -> None:
        """Cut all."""
        for ear in self.ears.values():
            ear.drop()


async def cost_of_bare(stores: OwnStores, count: int) -> dict[str, float]:
    """What sockets cost plain Tornado: bytes each, and frames a second to all of them."""
    async with Process.bare(stores) as bare:
        before = await _warm(bare, ["x"] * 20)
        crowd = Crowd(bare.port, [f"x#{number}" for number in range(count)])
        await crowd.connect_gently()
        await asyncio.sleep(_SETTLE_S)
        bytes_each = (bare.memory() - before) / count
        line, rates = Line(bare.port), []
        for _ in range(5):
            crowd.frames, began = 0, time.perf_counter()
            await line.ask("/tell")
            await _until_heard(crowd, count)
            rates.append(count / (crowd.last_at - began))
        line.close()
        crowd.close()
    return {"bytes": bytes_each, "frames": max(rates)}


async def _warm(process: Process, authorizations: Sequence[str]) -> int:
    """Let a process do everything once; the memory that it then holds."""
    crowd = Crowd(process.port, [f"{who}#{number}" for number, who in enumerate(authorizations)])
    await crowd.connect_gently()
    crowd.close()
    await asyncio.sleep(_SETTLE_S)
    return process.memory()


async def _until_heard(crowd: Crowd, count: int, within_s: float = 30.0) -> None:
    async def is_heard() -> bool:
        return crowd.frames >= count

    await eventually(is_heard, within_s=within_s, what="every frame", every_s=0.005)


async def fan_out(stores: OwnStores, results: Any, crowd: Crowd, recruiters: Sequence[Recruiter]) -> float:
    """Frames a second when the counts of all accounts change at once, reads of MongoDB included."""
    redis = connect_redis(stores.redis_url)
    template = {"deleted": False, "read": False}
    rates = []
    for turn in range(5):
        crowd.frames = 0
        await results.insert_many(
            [
                {**template, "feed": ObjectId(one.feeds[0]), "user": ObjectId(one.user), "bench": turn}
                for one in recruiters
            ]
        )
        began = time.perf_counter()
        pipe = redis.pipeline(transaction=False)
        for one in recruiters:
            pipe.publish(
                events_channel(DATABASE),
                json.dumps({"kind": "count", "user": one.user, "feed": one.feeds[0]}),
            )
        await pipe.execute()
        await _until_heard(crowd, len(recruiters))
        rates.append(len(recruiters) / (crowd.last_at - began))
        await asyncio.sleep(0.2)
    await results.delete_many({"bench": {"$exists": True}})
    await redis.aclose()
    return max(rates)


async def push(server: Process, results: Any, crowd: Crowd, seconds: float, source: str) -> dict[str, Any]:
    """Let resumes arrive at their rate; the seconds from each one's sending to each frame that tells of it."""
    crowd.counts.clear()
    lines = [Line(server.port) for _ in range(8)]
    bodies = resumes(int(RATE_A_S * seconds), source)
    sent: dict[str, float] = {}
    acknowledged: dict[str, float] = {}
    before = await _unread(results)

    async def send(number: int) -> None:
        line = lines.pop() if lines else Line(server.port)
        began = time.perf_counter()
        status, answer = await line.ask(
            "/resumes/", f"Bearer {INGEST_TOKEN}", method="POST", body=bodies[number], kind="application/json"
        )
        if status != 200:
            raise SystemExit(f"a resume was refused: {answer!r}")
        (id_,) = json.loads(answer)["ids"]
        sent[id_], acknowledged[id_] = began, time.perf_counter()
        lines.append(line)

    await at_rate(RATE_A_S, seconds, send)
    await _until_scored(server)
    await asyncio.sleep(1.0)
    for line in lines:
        line.close()
    listed: dict[str, list[str]] = defaultdict(list)
    async for result in results.find({}, {"feed": 1, "resume": 1}):
        if str(result["resume"]) in sent:
            listed[str(result["feed"])].append(str(result["resume"]))
    from_sent, from_acknowledged, silent = [], [], 0
    listening = {feed for counts in crowd.snapshots.values() for feed in counts}
    for feed, resume_ids in listed.items():
        if feed not in listening:
            continue
        # The n-th of a feed's new results is told by the first frame that counts n of them.
        for rank, id_ in enumerate(sorted(resume_ids, key=sent.__getitem__), 1):
            told = [at for at, count in crowd.counts[feed] if count >= before.get(feed, 0) + rank]
            if told:
                from_sent.append(told[0] - sent[id_])
                from_acknowledged.append(told[0] - acknowledged[id_])
            else:
                silent += 1
    return {
        "sent": from_sent,
        "acknowledged": from_acknowledged,
        "silent": silent,
        "results": sum(map(len, listed.values())) / len(sent),
    }


async def _until_scored(server: Process) -> None:
    line = Line(server.port)

    async def is_scored() -> bool:
        return json.loads((await line.ask("/readyz"))[1]).get("unscored") == 0

    await eventually(is_scored, within_s=120, what="scoring of all resumes", every_s=0.1)
    line.close()


async def _unread(results: Any) -> Counter[str]:
    """The truth: unread results by feed."""
    counts: Counter[str] = Counter()
    async for result in results.find({"deleted": False, "read": False}, {"feed": 1}):
        counts[str(result["feed"])] += 1
    return counts


@contextlib.asynccontextmanager
async def asking(port: int, authorization: str) -> AsyncIterator[list[float]]:
    """Ask for a page over and over; the list holds the seconds of each answer, infinity of a failure."""
    times: list[float] = []
    line = Line(port)

    async def ask_on() -> None:
        while True:
            began = time.perf_counter()
            try:
                status, _ = await line.ask("/special_feed/page/", authorization)
            except OSError:
                status = 0
            times.append(time.perf_counter() - began if status == 200 else float("inf"))
            await asyncio.sleep(0.05)

    task = asyncio.ensure_future(ask_on())
    try:
        yield times
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task
        line.close()


async def measure(count: int, few: int, seconds: float) -> list[Row]:
    """Run everything once."""
    raise_limits()
    rows: list[Row] = []
    async with own_stores() as stores:
        bare = await cost_of_bare(stores, count)
        print(f"bare: {bare}", flush=True)
        recruiters = await hire(stores, count)
        everybody = [one.authorization for one in recruiters]
        async with Process.server(stores) as server, patient_database(stores) as database:
            before = await _warm(server, everybody[:20])
            crowd = Crowd(server.port, everybody)
            began = time.perf_counter()
            await crowd.connect_gently()
            took = time.perf_counter() - began
            print(f"{count} sockets in {took:.1f} s, {server.descriptors()} descriptors", flush=True)
            await asyncio.sleep(_SETTLE_S)
            each = (server.memory() - before) / count / 1024
            rows.append(
                Row(
                    measure=f"idle authenticated socket, of {count:,}",
                    figure=each,
                    unit="KiB",
                    limit=bare["bytes"] / 1024,
                    against="bare Tornado",
                    **at_most(30, "KiB")(each),
                )
            )
            rate = await fan_out(stores, database.results, crowd, recruiters)
            rows.append(
                Row(
                    measure="fan-out, each frame of another account",
                    figure=rate,
                    unit="frames/s",
                    limit=bare["frames"],
                    against="write_message, one text",
                )
            )
            print(text_of(rows), flush=True)
            for size, some in ((few, everybody[:few]), (count, everybody)):
                crowd.close()
                crowd = Crowd(server.port, some)
                await crowd.connect_gently()
                used, own = server.cpu_s(), resource.getrusage(resource.RUSAGE_SELF)
                began = time.perf_counter()
                told = await push(server, database.results, crowd, seconds, f"bench-{size}")
                took = time.perf_counter() - began
                used = (server.cpu_s() - used) / took
                mine = resource.getrusage(resource.RUSAGE_SELF)
                mine_s = (mine.ru_utime + mine.ru_stime - own.ru_utime - own.ru_stime) / took
                p50, p99 = (1_000 * quantile(told["sent"], share) for share in (0.5, 0.99))
                late = 1_000 * quantile(told["acknowledged"], 0.99)
                print(
                    f"push, {size} sockets: {len(told['sent'])} frames awaited, {told['silent']} never came; "
                    f"{told['results']:.1f} results a resume; p99 {late:.0f} ms after the acknowledgement; "
                    f"server {used:.0%} of a core, this process {mine_s:.0%}",
                    flush=True,
                )
                measure_ = f"push, {size:,} sockets, {RATE_A_S} resumes/s"
                rows.append(Row(measure=f"{measure_}, p50", figure=p50, unit="ms"))
                is_met = {**at_most(250, "ms")(p99)}
                rows.append(Row(measure=f"{measure_}, p99", figure=p99, unit="ms", **is_met))
            async with asking(server.port, everybody[0]) as answers:
                await asyncio.sleep(2.0)
                calm = quantile(answers, 0.99)
                answers.clear()
                greeted = await crowd.storm(60.0)
                stormy = list(answers)
            truth = await _unread(database.results)
            wrong = sum(
                counts.get(one.feeds[0]) != truth[one.feeds[0]]
                for one in recruiters
                if (counts := crowd.snapshots.get(one.authorization)) is not None
            )
            worst = max(greeted)
            print(
                f"storm: p50 {quantile(greeted, 0.5):.2f} s, {wrong} wrong snapshots, "
                f"{sum(time_ == float('inf') for time_ in greeted)} none; meanwhile {len(stormy)} pages asked, "
                f"{sum(time_ == float('inf') for time_ in stormy)} failed, "
                f"p99 {1000 * quantile(stormy, 0.99):.0f} ms",
                flush=True,
            )
            rows.append(
                Row(
                    measure=f"{count:,} reconnect at once, last right snapshot",
                    figure=worst if not wrong else float("inf"),
                    unit="s",
                    **at_most(10, "s")(worst if not wrong else float("inf")),
                )
            )
            rows.append(
                Row(
                    measure="a page meanwhile, p99",
                    figure=1_000 * quantile(stormy, 0.99),
                    unit="ms",
                    limit=1_000 * calm,
                    against="before the storm",
                )
            )
            crowd.close()
    return rows


def main() -> int:
    """Read the command line and measure; returns the exit status."""
    parser = argparse.ArgumentParser(prog="bench.sockets")
    parser.add_argument("--sockets", type=int, default=3_000)
    parser.add_argument("--few", type=int, default=500)
    parser.add_argument("--seconds", type=float, default=20.0, help="how long resumes arrive")
    options = parser.parse_args()
    print(text_of(asyncio.run(measure(options.sockets, options.few, options.seconds))))
    return 0


if __name__ == "__main__":
    sys.exit(main())
