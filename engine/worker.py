"""The worker: scores new resumes against all feeds of its share, the moment they arrive.

It takes resumes from its source, lets the guard decide which are tried together, and gives each batch to the
percolator. A resume waits until its results are journalled, so that nothing is lost by whatever ends the
process.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import aclosing

from engine.active_feeds import ActiveFeeds
from engine.pending_resumes import PendingResumes
from engine.percolator import Percolator
from engine.quarantine import PoisonGuard
from engine.work_source import WorkSource
from runtime.tracing import span
from store.registry import Registry
from store.retry import RETRY_S, work_until_cancelled
from store.shares import Share

BATCH = 32
"""Resumes scored together. They share the round trips to MongoDB; more of them would make the first one wait
for the others, and would take longer to do again when a process dies."""


class Worker:
    """One process's scorer of new resumes. Belongs to one event loop; `run` is its only task."""

    def __init__(
        self,
        *,
        pending: PendingResumes,
        feeds: ActiveFeeds,
        source: WorkSource,
        registry: Registry,
        guard: PoisonGuard,
        percolator: Percolator,
        share: Share,
    ) -> None:
        self._pending = pending
        self._feeds = feeds
        self._registry = registry
        self._guard = guard
        self._percolator = percolator
        self._share = share
        self._source = source

    def wake(self) -> None:
        """Look for work in MongoDB, as the stream does not answer."""
        self._source.wake()

    async def run(self) -> None:
        """Score until cancelled. MongoDB's absence is waited out; nothing is lost by either."""
        await work_until_cancelled(self._step, what="scoring", idle_s=RETRY_S)

    async def _step(self) -> bool:
        if not self._feeds.loaded:
            await self._feeds.load()
        # Not before: until then other shares had better prepare the resumes of this one.
        self._registry.announce("score", self._share)
        deliveries, begun = await self._source.take(BATCH)
        await self._score([resume_id for _, resume_id in deliveries], begun=begun)
        await self._source.done(deliveries)
        async with aclosing(self._source.sweep()) as parts:
            async for resume_ids, begun in parts:
                await self._score(resume_ids, begun=begun)
        return True  # it is in `take` that the loop waits for work

    async def _score(self, resume_ids: Sequence[str], *, begun: bool) -> None:
        """Score those of the resumes that are pending, and write what matches.

        Args:
            resume_ids: Their ids.
            begun: Whether another process, which is gone, may have begun with them.
        """
        for start in range(0, len(resume_ids), BATCH):
            pending = await self._pending.load(resume_ids[start : start + BATCH])
            async with aclosing(self._guard.batches(pending.resumes, begun=begun)) as batches:
                async for batch in batches:
                    with span("score", resumes=len(batch)):
                        await self._percolator.score(batch, pending.made)
