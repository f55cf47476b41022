"""Engines side by side in one process, each with stores of its own, as processes have them."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Iterable
from typing import Any

from bson import ObjectId

from config.demo import DEMO_FEEDS, demo_resumes
from engine.matching.analysis.analyzer import Analyzer
from store.feeds.feed_documents import FeedForm
from store.mongo import whole
from store.parts import part_of
from store.redis import registry
from store.results.result_documents import result_from
from store.retry import Sweep, sweep
from store.stores import Stores
from tests.integration.engines import Engine
from tests.support import alone, eventually

_CONTACT = {"name", "phone", "email", "qq", "contact_status", "person_id"}
_BY_CHANCE = {"pub_time", "calc_time", "arrived_at", "feed_rev", "resume_rev", "id"}
"""What of a result depends on when it was written, and by how many tries."""


def people(count: int, seed: int = 7) -> list[dict[str, Any]]:
    """Made-up resumes, each of a person of its own, without what goes to contacts."""
    return [{k: v for k, v in one.items() if k not in _CONTACT} for one in demo_resumes(count, seed)]


class Scorer:
    """One process: its worker and its place in the registry run."""

    def __init__(self, stores: Stores, analyzer: Analyzer) -> None:
        self.stores = stores
        self.engine = Engine(stores, analyzer)
        self._tasks = [
            asyncio.create_task(self.engine.worker.run()),
            asyncio.create_task(sweep([Sweep("registry", stores.registry.say, registry.EVERY_S)])),
        ]

    async def is_there(self) -> bool:
        return self.stores.name in (await self.stores.registry.living() or ())

    async def stop(self) -> None:
        """As a process that is told to stop."""
        pending = set(self._tasks)
        while pending:  # once is not enough, see `_end` of the server
            for task in pending:
                task.cancel()
            _, pending = await asyncio.wait(pending, timeout=0.2)
        for task in self._tasks:
            assert task.cancelled(), task
        await self.stores.close()


class Scorers:
    """Scorers over one database, whose feeds and resumes a test makes."""

    def __init__(self, urls: dict[str, str], database: str, analyzer: Analyzer) -> None:
        self._urls, self._database, self._analyzer = urls, database, analyzer
        self.running: list[Scorer] = []
        self.stores = self._open()
        self.all = whole(self.stores._database)

    def _open(self) -> Stores:
        return Stores(self._urls["mongo"], self._database, self._urls["redis"])

    async def start(self, count: int) -> list[Scorer]:
        """Start some scorers, and wait until all are seen."""
        started = [Scorer(self._open(), self._analyzer) for _ in range(count)]
        self.running += started
        for one in started:
            await eventually(one.is_there, what="a scorer")
        return started

    async def stop(self, *scorers: Scorer) -> None:
        for one in scorers or list(self.running):
            self.running.remove(one)
            await one.stop()

    async def submit(self, ids: Iterable[ObjectId], user: ObjectId) -> None:
        """Feeds of these ids; their backfill has nothing to do."""
        for number, id_ in enumerate(ids):
            demo = DEMO_FEEDS[number % len(DEMO_FEEDS)]
            form = FeedForm(title=demo["title"], job_desc=demo["job_desc"])
            made = await self.stores.feeds.create(
                alone(str(user)), form, quota=1000, service_days=9, vip=False, client_id=str(id_)
            )
            document = await self.all.feeds.find_one({"_id": ObjectId(made.id)})
            await self.all.feeds.delete_one({"_id": document["_id"]})
            change = {"_id": id_, "part": part_of(id_), "progress": 1.0}
            await self.stores.jobs.drop(["backfill"], made.id)
            await self.all.feeds.insert_one(document | change)

    async def arrive(self, *bodies: dict[str, Any], **fields: Any) -> list[str]:
        """Store resumes and queue them, as intake does."""
        engine = Engine(self.stores, self._analyzer)
        ids: list[str] = []
        for start in range(0, len(bodies), 20):
            ids += await engine.arrive(*bodies[start : start + 20], **fields)
            await self.stores.queue.add(ids[start:])
        return ids

    async def all_scored(self, *, within_s: float = 120.0) -> None:
        async def none_waits() -> bool:
            return not await self.stores.resumes.count_pending()

        await eventually(none_waits, within_s=within_s, what="scoring of all")

    async def results(self) -> dict[tuple[str, str], dict[str, Any]]:
        """All results, by feed and resume, without what depends on when they were written."""
        rows = [result_from(row) async for row in self.all.results.find({})]
        found = {(one.feed, one.resume): one for one in rows}
        assert len(found) == len(rows)
        names = [name for name in rows[0].__struct_fields__ if name not in _BY_CHANCE] if rows else []
        return {key: {name: getattr(one, name) for name in names} for key, one in found.items()}

    async def broken(self) -> list[str]:
        """The invariants that do not hold, counters among them."""
        return [line async for line in self.stores.invariants.broken()]

    async def close(self) -> None:
        await self.stop()
        await self.stores.close()


@contextlib.asynccontextmanager
async def side_by_side(
    urls: dict[str, str], database: str, analyzer: Analyzer, count: int = 1
) -> AsyncIterator[Scorers]:
    """So many scorers; ended whatever happens."""
    one = Scorers(urls, database, analyzer)
    try:
        await one.stores.prepare()
        await one.start(count)
        yield one
    finally:
        await one.close()
