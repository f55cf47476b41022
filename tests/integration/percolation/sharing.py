"""Scorers of shares side by side in one process, each with stores of its own, as processes have them."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Iterable
from typing import Any

from bson import ObjectId

from config.demo import DEMO_FEEDS, demo_resumes
from engine.matching.analysis.analyzer import Analyzer
from store.feeds.feed_documents import FeedForm
from store.results.result_documents import result_from
from store.shards.keyless_commands import whole
from store.shards.parts import part_of
from store.shards.shares import WHOLE, Share
from store.stores import Stores
from tests.integration.engines import Engine
from tests.support import eventually

_CONTACT = {"name", "phone", "email", "qq", "contact_status", "person_id"}
_BY_CHANCE = {"pub_time", "calc_time", "arrived_at", "feed_rev", "resume_rev", "id"}
"""What of a result depends on when it was written, and by how many tries."""


def people(count: int, seed: int = 7) -> list[dict[str, Any]]:
    """Made-up resumes, each of a person of its own, without what goes to contacts."""
    return [{k: v for k, v in one.items() if k not in _CONTACT} for one in demo_resumes(count, seed)]


class Scorer:
    """One process of a share: its worker and its place in the registry run."""

    def __init__(self, stores: Stores, analyzer: Analyzer, share: Share) -> None:
        self.stores = stores
        self.share = share
        self.engine = Engine(stores, analyzer, share=share)
        self._tasks = [
            asyncio.create_task(self.engine.worker.run()),
            asyncio.create_task(stores.registry.run()),
        ]

    async def is_there(self) -> bool:
        return self.stores.name in (await self.stores.registry.seen("score")).get(self.share, ())

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


class Shares:
    """Scorers over one database, whose feeds and resumes a test makes."""

    def __init__(self, urls: dict[str, str], database: str, analyzer: Analyzer) -> None:
        self._urls, self._database, self._analyzer = urls, database, analyzer
        self.running: list[Scorer] = []
        self.stores = self._open()
        self.all = whole(self.stores._database)

    def _open(self) -> Stores:
        return Stores(self._urls["mongo"], self._database, self._urls["redis"])

    async def start(self, *shares: Share) -> list[Scorer]:
        """Start a scorer of each share, and wait until all are seen."""
        started = [Scorer(self._open(), self._analyzer, share) for share in shares]
        self.running += started
        for one in started:
            await eventually(one.is_there, what=f"the scorer of {one.share}")
        return started

    async def stop(self, *scorers: Scorer) -> None:
        for one in scorers or list(self.running):
            self.running.remove(one)
            await one.stop()

    async def submit(self, ids: Iterable[ObjectId], user: ObjectId) -> None:
        """Feeds of these ids, which is what decides on their share; their backfill has nothing to do."""
        for number, id_ in enumerate(ids):
            demo = DEMO_FEEDS[number % len(DEMO_FEEDS)]
            form = FeedForm(title=demo["title"], job_desc=demo["job_desc"])
            made = await self.stores.feeds.create(
                str(user), form, quota=1000, service_days=9, vip=False, client_id=str(id_)
            )
            document = await self.all.feeds.find_one({"_id": ObjectId(made.id)})
            await self.all.feeds.delete_one({"_id": document["_id"]})
            change = {"_id": id_, "part": part_of(id_), "progress": 1.0}
            del document["backfill_due"]
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
async def sharing(
    urls: dict[str, str], database: str, analyzer: Analyzer, *shares: Share
) -> AsyncIterator[Shares]:
    """Scorers of these shares, the whole for none; ended whatever happens."""
    one = Shares(urls, database, analyzer)
    try:
        await one.stores.prepare()
        await one.start(*(shares or (WHOLE,)))
        yield one
    finally:
        await one.close()


def shares_of(count: int) -> list[Share]:
    return [Share(number, count) for number in range(1, count + 1)]
