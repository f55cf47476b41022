"""The engine of one process whose steps a test takes one by one, so that it decides what happens when."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

from bson import ObjectId

from engine.active_feeds import ActiveFeeds
from engine.backfill import Backfill
from engine.feedback_models import FeedbackModels
from engine.learner import Learner
from engine.matching.analysis.analyzer import Analyzer
from engine.percolator import Percolator
from engine.quarantine import PoisonGuard
from engine.relearn import RelationsInForce
from engine.stored_resumes import StoredResumes
from runtime.metrics import Metrics
from store.feed_documents import Feed, FeedForm
from store.result_filter import ResultFilter
from store.resumes import IncomingResume
from store.stores import Stores
from tests.support import eventually

PYTHON = FeedForm(title="Python开发")
NURSE = FeedForm(title="护士")


class Engine:
    """What one process scores with. None of its tasks runs."""

    def __init__(self, stores: Stores, analyzer: Analyzer, *, index_size: int = 1_000_000) -> None:
        self.stores = stores
        relations = RelationsInForce(stores.relations, analyzer)
        self.feeds = ActiveFeeds(stores.feeds, relations, analyzer, timedelta(days=7))
        self.stored = StoredResumes(stores.profiles, stores.erasures, analyzer.version, index_size)
        self.learner = Learner(
            feeds=stores.feeds,
            feedback=stores.feedback,
            resumes=stores.resumes,
            profiles=stores.profiles,
            erasures=stores.erasures,
            analyzer=analyzer,
            events=stores.events,
        )
        metrics = Metrics()
        self.percolator = Percolator(
            resumes=stores.resumes,
            contacts=stores.contacts,
            profiles=stores.profiles,
            results=stores.results,
            erasures=stores.erasures,
            feeds=self.feeds,
            feedback=FeedbackModels(stores.feedback, analyzer.version, stores.events),
            stored=self.stored,
            analyzer=analyzer,
            guard=PoisonGuard(stores.quarantine, stores.contacts, stores.name),
            metrics=metrics,
        )
        self.backfill = Backfill(
            name=stores.name,
            backfills=stores.backfills,
            resumes=stores.resumes,
            profiles=stores.profiles,
            stored=self.stored,
            results=stores.results,
            erasures=stores.erasures,
            feedback=stores.feedback,
            learner=self.learner,
            analyzer=analyzer,
            relations=relations,
            events=stores.events,
            metrics=metrics,
        )

    async def load(self) -> None:
        """Read what is stored, as a start does; later feeds are known only once this process looks."""
        await self.feeds.load()
        await self.stored.refresh()

    async def submit(self, form: FeedForm = PYTHON, *, user: str | None = None) -> Feed:
        """A feed that waits for its backfill."""
        owner = user or str(ObjectId())
        return await self.stores.feeds.create(owner, form, quota=1000, service_days=1, vip=False)

    async def arrive(self, *bodies: dict[str, Any], **fields: Any) -> list[str]:
        """Store resumes, which wait to be scored then."""
        batch = [
            IncomingResume(
                source="test",
                source_id=body["source_id"],
                digest=repr((body, fields)),
                body=body,
                contact={"phone": "10000000001"},
                **fields,
            )
            for body in bodies
        ]
        await self.stores.resumes.save(batch)
        return [one.id for one in batch]

    async def percolate(self) -> None:
        """Score all resumes that wait against the feeds."""
        while ids := await self.stores.resumes.pending(100):
            await self.percolator.score(await self.stores.resumes.load(ids))

    async def percolate_unaware(self) -> None:
        """Score all resumes that wait against the feeds that this process knew before, and say so."""
        refresh, self.feeds.refresh = self.feeds.refresh, _nothing
        try:
            await self.percolate()
        finally:
            self.feeds.refresh = refresh

    async def bring(self, *bodies: dict[str, Any], **fields: Any) -> list[str]:
        """Store resumes, and score them."""
        ids = await self.arrive(*bodies, **fields)
        await self.percolate()
        return ids

    async def score_feeds(self) -> None:
        """Take steps until no feed waits."""

        async def done() -> bool:
            await self.backfill._step()
            return not await self.stores.backfills.count()

        await eventually(done, what="the backfills")

    async def until_passes_wait(self, count: int = 1) -> None:
        """Take steps until so many passes wait for resumes."""

        async def waits() -> bool:
            await self.backfill._step()
            return len(self.backfill._passes) == count

        await eventually(waits, what="the passes")

    async def listed(self, feed: Feed) -> dict[str, float]:
        """What a feed's list holds: the score of each resume."""
        found: dict[str, float] = {}
        async for page in self.stores.results.each(feed.id, ResultFilter(), by_score=True, chunk=100):
            for result in page:
                assert result.resume not in found
                found[result.resume] = result.score
        return found

    async def calced(self, feeds: Iterable[Feed]) -> list[bool]:
        return [(await self.stores.feeds.get(one.user, one.id)).calced for one in feeds]


async def lease_ends(stores: Stores) -> None:
    """Let time pass until every lease has ended."""
    past = {"$set": {"backfill_due": datetime(2026, 1, 1, tzinfo=UTC)}}
    await stores._database.feeds.update_many({"backfill_due": {"$exists": True}}, past)


async def _nothing() -> None:
    await asyncio.sleep(0)
