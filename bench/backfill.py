"""A backfill over many stored resumes: how soon its first page is there, and whether the loop stays free.

    python -m bench.backfill --data ../shared/data/51job_4class

It starts a server with stores of its own in this process, stores 100,000 resumes made of real texts as an
earlier scoring would have left them, submits a feed over HTTP, and reads its list until it has forty
results and until the feed is scored. Meanwhile the lag of the event loop is measured every few
milliseconds. The lag of the same loop at rest is measured before.
"""

from __future__ import annotations

import argparse
import asyncio
import hashlib
import statistics
import sys
import time
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from bson import ObjectId

from bench.client import Client
from bench.machine import DATABASE, own_stores, server_in_process
from bench.match_data import CITIES, DATA, FILES, Market, texts_of
from bench.waiting import eventually
from server import make_analyzer
from store.mongo import connect

RESUMES = 100_000
DISTINCT = 4_000
"""Resumes that are analysed. They are stored many times under other ids, since analysing takes longer."""
BATCH = 500
"""Documents of one insert."""
FIRST_PAGE = 40
"""Results that a recruiter's first page shows."""
_TICK_S = 0.002
"""How often the loop's lag is measured."""


class Lag:
    """How late the loop runs, in milliseconds, sampled while the context is open."""

    def __init__(self) -> None:
        self.samples: list[float] = []

    async def __aenter__(self) -> Lag:
        self._watch = asyncio.create_task(self._sample())
        return self

    async def __aexit__(self, *_: object) -> None:
        self._watch.cancel()

    async def _sample(self) -> None:
        while True:
            began = time.perf_counter()
            await asyncio.sleep(_TICK_S)
            self.samples.append(1_000 * max(0.0, time.perf_counter() - began - _TICK_S))

    def __str__(self) -> str:
        quantiles = statistics.quantiles(self.samples, n=1_000)
        return (
            f"p50 {quantiles[499]:.1f} ms, p99 {quantiles[989]:.1f} ms, at worst {max(self.samples):.1f} ms"
        )


async def store(url: str, market: Market, analyzer: Any, count: int) -> None:
    """Write resumes with their profiles, as if they had been scored, one second apart."""
    client = connect(url)
    database = client[DATABASE]
    made = [(body, analyzer.resume(body)) for body, _ in market.resumes(min(count, DISTINCT))]
    now = datetime.now(UTC)
    for start in range(0, count, BATCH):
        resumes, profiles = [], []
        for number in range(start, min(start + BATCH, count)):
            body, profile = made[number % len(made)]
            id_ = ObjectId(hashlib.sha256(str(number).encode()).digest()[:12])
            arrived_at = now - timedelta(seconds=number)
            common = {"_id": id_, "rev": 1, "arrived_at": arrived_at, "send_to": [], "partner_for": []}
            resumes.append(common | {"digest": "", "body": body, "source": "bench", "source_id": str(number)})
            profiles.append(
                common
                | {
                    "key_terms": list(profile.key_terms),
                    "data": profile.encode(),
                    "version": analyzer.version,
                    "updated_at": datetime.now(UTC),
                    "places": list(profile.places),
                }
            )
        await database.resumes.insert_many(resumes, ordered=False)
        await database.profiles.insert_many(profiles, ordered=False)
    client.close()


async def backfill(client: Client, form: dict[str, Any]) -> None:
    """Submit a feed and wait until it is scored; prints how long that took."""
    async with Lag() as lag:
        began = time.perf_counter()
        feed_id = await client.submit(form)

        async def shown() -> bool:
            return len((await client.page(feed_id))["data"]) >= FIRST_PAGE

        async def is_scored() -> bool:
            return await client.is_scored(feed_id)

        await eventually(shown, within_s=60, every_s=0.1, what="the first page")
        first = time.perf_counter() - began
        await eventually(is_scored, within_s=600, every_s=0.25, what="the end")
        whole = time.perf_counter() - began
    print(
        f"{form['title']}: first page {first:.2f} s, complete {whole:.1f} s, "
        f"{await client.unread(feed_id):,} results; lag {lag}"
    )


async def measure(data: Path, count: int) -> None:
    """Store, submit and print."""
    analyzer = make_analyzer()
    market = Market(analyzer, texts_of(data))
    async with own_stores() as stores, server_in_process(stores, analyzer) as server:
        began = time.perf_counter()
        await store(stores.mongo_url, market, analyzer, count)
        print(f"{count:,} resumes stored in {time.perf_counter() - began:.0f} s")
        client = await Client.register(server.port)
        async with Lag() as lag:
            await asyncio.sleep(2)
        print(f"at rest: lag {lag}")
        for form in FORMS:
            await backfill(client, form)


FORMS: Sequence[dict[str, Any]] = (
    {"title": "Java开发工程师", "job_desc": "负责后端服务的开发，熟悉MySQL", "expect_area": ["北京"]},
    {"title": "Java开发工程师", "job_desc": "负责后端服务的开发，熟悉MySQL"},
    {"title": "工程师", "job_desc": "负责软件开发，算法，测试，硬件设计", "expect_area": list(CITIES[:10])},
)
"""An ordinary feed; one without a city; and one so vague that it reaches everybody."""


def main() -> int:
    """Read the command line and measure; returns the exit status."""
    parser = argparse.ArgumentParser(prog="bench.backfill")
    parser.add_argument("--data", type=Path, default=DATA)
    parser.add_argument("--resumes", type=int, default=RESUMES)
    options = parser.parse_args()
    if not all((options.data / name).exists() for name in FILES):
        print(f"bench.backfill: no texts in {options.data}: nothing measured", file=sys.stderr)
        return 0
    asyncio.run(measure(options.data, options.resumes))
    return 0


if __name__ == "__main__":
    sys.exit(main())
