"""Starts over many feeds and stored resumes: the first one, which reads all, and those from snapshots.

    python -m bench.load.start --data ../shared/data/51job_4class

It stores 100,000 feeds and as many resumes made of real texts, and starts a server over them three times: for
the first time, after an orderly stop, and after a kill -9. Of each start it tells after how long the process
is ready to score, and how much CPU time it has used by then. `--feeds 0` leaves the resumes alone.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import random
import signal
import sys
import time
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec
from bson import ObjectId

from bench.harness.machine import OwnStores, Process, own_stores, patient_database
from bench.load.stored import read_market, store
from bench.match.data import CITIES, DATA, SEED, Market, texts_of
from process.setup import make_analyzer
from store.feeds.feed_documents import FeedForm
from store.shards.parts import part_of

FEEDS = 100_000
RESUMES = 100_000
BATCH = 500
"""Documents of one insert."""


def documents(market: Market, count: int) -> Iterator[dict[str, Any]]:
    """Feeds as a submit stores them, scored long ago. They share texts; each has its own city and salary."""
    draw = random.Random(SEED)
    titles = {text: market._title(text, draw) for text in market.texts}
    now = datetime.now(UTC)
    for number in range(count):
        text, low, id_ = market.texts[number % len(market.texts)], draw.randrange(5, 30) * 1_000, ObjectId()
        form = FeedForm(
            title=titles[text],
            job_desc=text,
            expect_area=[draw.choice(CITIES)],
            salary_min=low,
            salary_max=low + draw.randrange(2, 15) * 1_000,
        )
        yield {
            "_id": id_,
            "user": ObjectId(),
            "part": part_of(id_),
            "rev": 1,
            "form": msgspec.to_builtins(form),
            "start_time": now,
            "expires_at": now + timedelta(days=365),
            "last_click_time": now,
            "updated_at": now - timedelta(milliseconds=37 * (count - number)),
            "progress": 1.0,
            "deleted": False,
            "vip": False,
            "partner": False,
        }


async def store_feeds(stores: OwnStores, market: Market, count: int) -> None:
    """Write the feeds."""
    async with patient_database(stores) as database:
        batch: list[dict[str, Any]] = []
        for document in documents(market, count):
            batch.append(document)
            if len(batch) == BATCH:
                await database.feeds.insert_many(batch)
                batch.clear()
        if batch:
            await database.feeds.insert_many(batch)


async def measure(data: Path, feeds: int, resumes: int) -> None:
    """Run it all, and print a line a start."""
    analyzer = make_analyzer()
    market = Market(analyzer, texts_of(data))
    async with own_stores() as stores:
        await store(stores, read_market(data, analyzer), analyzer, resumes)
        await store_feeds(stores, market, feeds)
        for name in ("first start", "after a stop", "after kill -9"):
            began = time.monotonic()
            async with Process.server(stores) as server:
                took, cpu_s = time.monotonic() - began, server.cpu_s()
                memory = server.memory() >> 20
                print(f"{name:14} ready after {took:6.1f} s, CPU {cpu_s:6.1f} s, {memory} MiB", flush=True)
                if name == "after a stop":
                    os.kill(server.pid, signal.SIGKILL)
        for kind, count in (("feeds", feeds), ("resumes", resumes)):
            size = sum(file.stat().st_size for file in stores.data_dir.glob(f"{kind}-*.snapshot"))
            print(f"snapshot of {kind}: {size / max(count, 1):.0f} bytes each")


def main(argv: Sequence[str]) -> int:
    """Measure and print.

    Returns:
        The exit status: 2 where the data is missing.
    """
    parser = argparse.ArgumentParser(prog="python -m bench.load.start", description=__doc__)
    parser.add_argument("--data", type=Path, default=DATA)
    parser.add_argument("--feeds", type=int, default=FEEDS)
    parser.add_argument("--resumes", type=int, default=RESUMES)
    arguments = parser.parse_args(argv)
    if not arguments.data.is_dir():
        print(f"bench.load.start: no data in {arguments.data}", file=sys.stderr)
        return 2
    asyncio.run(measure(arguments.data, arguments.feeds, arguments.resumes))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
