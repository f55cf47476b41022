"""Ingest, end to end: from the first byte of the upload to the last list, and what others feel of it.

It submits the data's feeds to a server of its own, uploads 5,000 resumes as one NDJSON stream, and waits
until all are scored. Meanwhile `/healthz` is requested fifty times a second, and the server's own histogram
says how late its loop runs. What bounds ingest is measured in the same run: the analysis alone, and a bare
journalled insert of the same resumes. The data has no licence to be part of this project, so it is read
where it lies and never copied. Without it, made-up resumes are ingested.
"""

from __future__ import annotations

import asyncio
import gzip
import itertools
import json
import time
from pathlib import Path
from typing import Any

import msgspec

from bench.harness.client import Client, upload
from bench.harness.machine import Process, cpu_s, own_stores
from bench.harness.people import forms, resumes
from bench.harness.table import Row, at_most
from bench.harness.waiting import eventually
from bench.harness.wire import Connection, asking, quantile, until_scored
from process.setup import make_analyzer
from store.mongo import connect

DATA = Path("../shared/data/matching-dev")
RESUMES, FEEDS = 5_000, 80
_CALM_S = 3.0
"""How long the server is measured at rest, before the upload."""


class Used(msgspec.Struct, frozen=True):
    """CPU seconds of the server and of its MongoDB, from some moment on or in some time."""

    server: float
    store: float

    @classmethod
    def now(cls, server: Process, store_pid: int) -> Used:
        """All that they have used so far."""
        return cls(server.cpu_s(), cpu_s(store_pid))

    def less(self, other: Used, times: float = 1.0) -> Used:
        """This without so many times the other."""
        return Used(self.server - times * other.server, self.store - times * other.store)

    def of_each(self, count: int) -> Used:
        """The share of one of so many."""
        return Used(self.server / count, self.store / count)


class Market(msgspec.Struct, frozen=True):
    """What is ingested: forms of feeds, and resumes a line each."""

    name: str
    feeds: list[dict[str, Any]]
    resumes: list[bytes]


def market(data: Path, count: int) -> Market:
    """So many resumes of the data set, or made-up ones.

    Where it has fewer they are repeated under other sources, as other people: else half of them would be
    joined with one who is there already, which costs the store several times as much.
    """
    if not (data / "resumes.jsonl.gz").exists():
        return Market("made-up", list(itertools.islice(forms(), FEEDS)), resumes(count))
    feeds = [json.loads(line)["submit"] for line in _read_gz(data / "feeds.jsonl.gz")]
    real = _read_gz(data / "resumes.jsonl.gz")
    names = [json.loads(line).get("name", "") for line in real]
    lines = []
    for number in range(count):
        again, which = divmod(number, len(real))
        body = json.loads(real[which])
        body["source"] = f"{body['source']}-{again}"
        if again:
            body["name"] = names[(which + again) % len(names)]
            body["phone"], body["email"] = f"1{3 * 10**9 + number:010}", f"{number}@example.com"
        lines.append(json.dumps(body, ensure_ascii=False).encode())
    return Market("real", feeds, lines)


def _read_gz(path: Path) -> list[bytes]:
    with gzip.open(path) as lines:
        return [line.strip() for line in lines if line.strip()]


async def submit(port: int, given: Market) -> None:
    """Submit the feeds, and wait until each has looked for what there is."""
    client = await Client.register(port)
    feeds = [await client.submit(form) for form in given.feeds]

    async def are_scored() -> bool:
        return all([await client.is_scored(feed) for feed in feeds])

    await eventually(are_scored, within_s=60.0, what="scoring of all feeds", every_s=0.5)
    client.close()


async def end_to_end(port: int, given: Market) -> dict[str, float]:
    """Seconds until the upload is answered, and until all is scored."""
    began = time.perf_counter()
    await upload(port, given.resumes)
    answered = time.perf_counter() - began
    await until_scored(port, every_s=0.25)
    scored = time.perf_counter() - began
    return {"answered": answered, "scored": scored}


async def metrics(port: int) -> dict[str, float]:
    """The server's metrics by name and labels."""
    text = (await Connection(port).ask("/metrics"))[1].decode()
    pairs = (line.rpartition(" ") for line in text.splitlines() if not line.startswith("#"))
    return {name: float(value) for name, _, value in pairs}


def lag_between(before: dict[str, float], after: dict[str, float]) -> dict[float, float]:
    """A server's loop lag between two readings: bucket in seconds -> how often it was at most so late."""
    lag = "talentfeed_loop_lag_seconds_bucket"
    return {
        float(name.split('"')[1]): value - before[name]
        for name, value in after.items()
        if name.startswith(lag)
    }


def quantile_of(buckets: dict[float, float], share: float) -> float:
    """The value below which a share lies, interpolated linearly within a bucket."""
    rank, below, floor = share * max(buckets.values()), 0.0, 0.0
    for bound, count in sorted(buckets.items()):
        if count >= rank:
            return floor + (bound - floor) * (rank - below) / (count - below) if count > below else bound
        below, floor = count, bound
    return float("inf")


async def bare_insert(url: str, lines: list[bytes]) -> float:
    """Seconds that the store takes for the same documents, journalled, a hundred at a time."""
    client = connect(url)
    documents = [json.loads(line) for line in lines]
    began = time.perf_counter()
    for start in range(0, len(documents), 100):
        await client["bare"]["bare"].insert_many(documents[start : start + 100], ordered=False)
    seconds = time.perf_counter() - began
    await client.drop_database("bare")
    client.close()
    return seconds


def analysis_alone(lines: list[bytes]) -> float:
    """Seconds of the analysis, without anything else."""
    analyzer = make_analyzer()
    bodies = [json.loads(line) for line in lines]
    began = time.perf_counter()
    for body in bodies:
        analyzer.resume(body)
    return time.perf_counter() - began


async def measure(data: Path, count: int = RESUMES) -> list[Row]:
    """Run everything once."""
    given = market(data, count)
    analysis = analysis_alone(given.resumes)
    async with own_stores() as stores:
        async with Process.server(stores) as server, asking(server.port, "/healthz", every_s=0.02) as answers:
            await submit(server.port, given)
            fresh, idle = await metrics(server.port), Used.now(server, stores.mongo_pid)
            answers.clear()
            await asyncio.sleep(_CALM_S)
            calm, before = list(answers), await metrics(server.port)
            answers.clear()
            began = Used.now(server, stores.mongo_pid)
            times = await end_to_end(server.port, given)
            loaded, used = list(answers), Used.now(server, stores.mongo_pid).less(began)
            # What both do at rest, and for these questions, is not for the resumes.
            each = used.less(began.less(idle), times["scored"] / _CALM_S).of_each(count)
            after = await metrics(server.port)
            calm_lag, lag = lag_between(fresh, before), lag_between(before, after)
        bare = await bare_insert(stores.mongo_url, given.resumes)
    print(
        f"{count} {given.name} resumes against {len(given.feeds)} feeds, "
        f"{after['talentfeed_results_total']:.0f} results; "
        f"CPU a resume: server {1_000 * each.server:.2f} ms, store {1_000 * each.store:.2f} ms; "
        f"loop lag p50 {1_000 * quantile_of(lag, 0.5):.1f} ms, p99.9 {1_000 * quantile_of(lag, 0.999):.1f} ms"
    )
    healthy, late = 1_000 * quantile(loaded, 0.99), 1_000 * quantile_of(lag, 0.99)
    return [
        _speed("upload answered, every resume durable", count / times["answered"], count / bare),
        _speed("all scored, results durable, counts right", count / times["scored"], count / bare),
        Row("  server's CPU a resume", 1_000 * each.server, "ms"),
        Row(
            "  of it the analysis alone would do",
            count / analysis,
            "a second",
            count / bare,
            "bare journalled insert",
        ),
        at_most(
            50,
            Row(
                f"/healthz while {count:,} are ingested, p99",
                healthy,
                "ms",
                1_000 * quantile(calm, 0.99),
                "the same server at rest",
            ),
        ),
        at_most(
            20,
            Row(
                "loop lag meanwhile, p99",
                late,
                "ms",
                1_000 * quantile_of(calm_lag, 0.99),
                "the same server at rest",
            ),
        ),
    ]


def _speed(name: str, rate: float, bare: float) -> Row:
    return Row(name, rate, "a second", bare, "bare journalled insert")
