"""The engine of one process whose steps a test takes one by one, so that it decides what happens when."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from config.settings import Settings
from engine.building import build_engine
from engine.matching.analysis.analyzer import Analyzer
from process.life import Server
from runtime.metrics import Metrics
from store.feeds.feed_documents import Feed, FeedForm
from store.results.result_documents import Result
from store.results.result_filter import ResultFilter
from store.spans import BEGINNING
from store.stores import Stores
from tests.integration.stored import incoming, new_feed
from tests.support import contact_of, eventually

PYTHON = FeedForm(title="Python开发")
NURSE = FeedForm(title="护士")

# Its task alone writes a snapshot, and none of them runs.
_NO_FOLDER = Path("/nonexistent")


class Engine:
    """What one process scores with. None of its tasks runs."""

    def __init__(
        self, stores: Stores, analyzer: Analyzer, *, index_size: int = 1_000_000, learn_from: int = 1_000_000
    ) -> None:
        self.stores = stores
        built = build_engine(
            stores,
            analyzer,
            Metrics(),
            data_dir=_NO_FOLDER,
            mongo_db=stores._database.name,
            idle_after=timedelta(days=7),
            resume_index_size=index_size,
            learn_from=learn_from,
        )
        scoring = built.scoring
        assert scoring
        self.feeds, self.percolator, self.worker = scoring.feeds, scoring.percolator, scoring.worker
        self.stored, self.backfill = scoring.resumes, scoring.backfill
        self.learner, self.rescoring = built.learner, scoring.rescoring
        self.learning = scoring.learning

    async def load(self) -> None:
        """Read what is stored, as a start does; later feeds are known only once this process looks."""
        await self.feeds.load()
        await self.stored.refresh()

    async def submit(self, form: FeedForm = PYTHON, *, user: str = "") -> Feed:
        """A feed that waits for its backfill."""
        return await new_feed(self.stores, user, form)

    async def arrive(self, *bodies: dict[str, Any], **fields: Any) -> list[str]:
        """Store resumes, which wait to be scored then; `contact` is theirs, else each has one of its own."""
        batch = [
            incoming(
                body, **{"digest": repr((body, fields)), "contact": contact_of(body["source_id"]), **fields}
            )
            for body in bodies
        ]
        await self.stores.resumes.save(batch)
        return [one.id for one in batch]

    async def percolate(self) -> None:
        """Score all resumes that wait against the feeds."""
        while ids := await pending(self.stores):
            await self.percolator.score(await self.stores.resumes.load(ids[:100]))

    async def percolate_unaware(self) -> None:
        """Score all resumes that wait against the feeds that this process knew before, and say so.

        Not as of now: from two seconds after a pass began, who scores a resume is taken to know its feeds.
        """
        refresh, self.feeds.refresh = self.feeds.refresh, _nothing
        write = self.percolator._write
        self.percolator._write = lambda scored, _: write(scored, BEGINNING)
        try:
            await self.percolate()
        finally:
            self.feeds.refresh, self.percolator._write = refresh, write

    async def bring(self, *bodies: dict[str, Any], **fields: Any) -> list[str]:
        """Store resumes, and score them."""
        ids = await self.arrive(*bodies, **fields)
        await self.percolate()
        return ids

    async def score_feeds(self) -> None:
        """Take steps until no feed waits."""

        async def done() -> bool:
            await self.backfill._step()
            return not await self.stores.jobs.count("backfill")

        await eventually(done, what="the backfills")

    async def until_passes_wait(self, count: int = 1) -> None:
        """Take steps until so many passes wait for resumes."""

        async def waits() -> bool:
            await self.backfill._step()
            return len(self.backfill._passes) == count

        await eventually(waits, what="the passes")

    async def listed(self, feed: Feed) -> dict[str, float]:
        """What a feed's list holds: the score of each resume."""
        return {resume: result.score for resume, result in (await self.results_of(feed)).items()}

    async def tiers(self, feed: Feed) -> dict[str, tuple[str, float]]:
        """The tier of each resume in a feed's list, and how likely it fits."""
        return {
            resume: ("strong" if result.strong else "possible", result.fit)
            for resume, result in (await self.results_of(feed)).items()
        }

    async def results_of(self, feed: Feed) -> dict[str, Result]:
        """A feed's list by resume."""
        found: dict[str, Result] = {}
        async for page in self.stores.results.each(
            feed.company, feed.id, ResultFilter(tier="all"), order="score", chunk=100
        ):
            for result in page:
                assert result.resume not in found
                found[result.resume] = result
        return found

    async def calced(self, feeds: Iterable[Feed]) -> list[bool]:
        return [(await self.stores.feeds.get(one.company, one.id)).calced for one in feeds]


@contextlib.asynccontextmanager
async def another(settings: Settings, analyzer: Analyzer) -> AsyncIterator[Server]:
    """A second server in this process, on the same stores."""
    second = Server(settings, analyzer=analyzer)
    running = asyncio.create_task(second.run())
    await asyncio.gather(second.started.wait(), second._prepared.wait())
    yield second
    second.stop()
    await running


async def pending(stores: Stores) -> list[str]:
    """The resumes that wait to be scored, those that wait longest first."""
    pages = [page async for page in stores.resumes.pending(datetime.now(UTC) + timedelta(days=1))]
    return [id_ for page in reversed(pages) for id_ in page]


async def lease_ends(stores: Stores) -> None:
    """Let time pass until every lease of a backfill has ended."""
    held = {"kind": "backfill", "lease": {"$exists": True}}
    await stores._database.jobs.update_many(held, {"$set": {"lease": datetime(2026, 1, 1, tzinfo=UTC)}})


async def _nothing() -> None:
    await asyncio.sleep(0)
