"""Shares as real servers over real stores: when they are ready, what they hold, when a resume is scored."""

from __future__ import annotations

import asyncio
import time
from typing import Any

import msgspec
import numpy as np
from bson import ObjectId

from bench.harness.machine import DATABASE, INGEST_TOKEN, OwnStores, patient_database
from bench.harness.table import Row, at_most
from bench.harness.wire import Connection
from bench.scale.deployment import Deployment, deployed
from bench.scale.plans import Node, Plan
from bench.shares.many_feeds import documents, resumes
from store.stores import Stores

MOST_MS, MOST_BYTES, MOST_START_S = 100.0, 2048, 15.0
"""What a resume may take until all shares have scored it, a feed in memory, and a start over a snapshot."""
_BATCH = 500
"""Documents of one insert."""


async def measure_servers(count: int, shares: int, resume_count: int) -> list[Row]:
    """Measure; a row for each figure that has an aim.

    Args:
        count: How many feeds there are.
        shares: By how many servers they are scored.
        resume_count: How many resumes are sent, one after the other.
    """
    scorers = tuple(Node(f"share {n}/{shares}", "score", f"{n}/{shares}") for n in range(1, shares + 1))

    async def fill(stores: OwnStores) -> None:
        began = time.monotonic()
        await _store_feeds(stores, count)
        print(f"{count:,} feeds stored in {time.monotonic() - began:.0f} s", flush=True)

    # Servers are started one after the other: on a machine of few cores they would wait for each other.
    async with deployed(Plan("intake", (Node("intake", "intake"),)), fill) as deployment:
        empty = deployment.running["intake"].memory()
        for what in ("the first start", "a start over a snapshot"):
            ready, cpu = [], []
            for node in scorers:
                began = time.monotonic()
                await deployment.add([node])
                ready.append(time.monotonic() - began)
                cpu.append(deployment.running[node.name].cpu_s())
            print(f"{what}: ready after {max(ready):.1f} s at most, {max(cpu):.1f} s of CPU time", flush=True)
            if what == "the first start":
                await deployment.remove([node.name for node in scorers])
        held = sum(deployment.running[node.name].memory() - empty for node in scorers)
        times = await _score(deployment, resume_count)
    return [
        row("ready over a snapshot, CPU time", max(cpu), MOST_START_S, "s"),
        row("a feed in the memory of a server", held / count, MOST_BYTES, "bytes"),
        row("a resume stored and scored by all, p50", float(np.percentile(times, 50)), MOST_MS, "ms"),
        row("a resume stored and scored by all, p99", float(np.percentile(times, 99)), MOST_MS, "ms"),
    ]


async def _store_feeds(stores: OwnStores, count: int) -> None:
    opened = Stores(stores.mongo_url, DATABASE, stores.redis_url)
    await opened.prepare()
    await opened.close()
    async with patient_database(stores) as database:
        batch: list[dict[str, Any]] = []
        for document in documents(count):
            batch.append(document)
            if len(batch) == _BATCH:
                await database.feeds.insert_many(batch, ordered=False)
                batch.clear()
        if batch:
            await database.feeds.insert_many(batch, ordered=False)


async def _score(deployment: Deployment, count: int) -> list[float]:
    """Send resumes one by one: of each the ms from the moment it is stored until all have scored it."""
    connection = Connection(deployment.running["intake"].port)
    authorization, times = f"Bearer {INGEST_TOKEN}", []
    for body in resumes(count):
        status, answer = await connection.ask(
            "/resumes/", authorization, method="POST", body=msgspec.json.encode(body)
        )
        if status != 200:
            raise SystemExit(f"a resume was answered {status}")
        (id_,) = msgspec.json.decode(answer)["ids"]
        began = time.monotonic()
        resume = {"_id": ObjectId(id_)}
        while "pending" in await deployment.database.resumes.find_one(resume, {"pending": 1}):  # noqa: ASYNC110
            await asyncio.sleep(0.001)  # the servers tell nobody
        times.append(1e3 * (time.monotonic() - began))
    connection.close()
    found = await deployment.database.results.estimated_document_count()
    print(f"a resume is in {found / count:,.0f} lists")
    # The first ones warm caches, and pools of connections.
    return times[min(5, count // 2) :]


def row(measure: str, figure: float, most: float, unit: str) -> Row:
    """A figure that is to be at most so large."""
    return at_most(most, Row(measure=measure, figure=figure, unit=unit))
