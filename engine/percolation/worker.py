"""The worker: scores new resumes against all feeds, the moment they arrive.

It takes resumes from its source, lets the guard decide which are tried together, and gives each batch to the
percolator. A resume waits until its results are journalled, so that nothing is lost by whatever ends the
process.

Two batches are under way at once, as if two processes had taken one each: a batch waits for the store for
most of its time, above all for its journal. What may have ended a process is scored while nothing else is, so
that the guard knows what it was.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import aclosing
from functools import partial

from engine.indexes.active_feeds import ActiveFeeds
from engine.percolation.percolator import Percolator
from engine.percolation.quarantine import PoisonGuard
from engine.percolation.work_source import WorkSource
from runtime.lanes import Lanes
from runtime.tracing import span
from store.by_ids import chunks
from store.redis.queue import Delivery
from store.resumes.resume_values import StoredResume
from store.retry import RETRY_S, work_until_cancelled
from store.stores import Stores

BATCH = 32
"""Resumes scored together. They share the round trips to MongoDB; more of them would make the first one wait
for the others, and would take longer to do again when a process dies."""

LANES = 2
"""Batches under way at once. With one the process and the store wait for each other. More would make each
take longer, and leave the loop less time for others; the embedded store does one thing at a time anyway."""


class Worker:
    """One process's scorer of new resumes. Belongs to one event loop; `run` is its only task.

    Batches are under way in `LANES` lanes, and whoever gives way to new resumes looks at these.
    """

    def __init__(
        self,
        stores: Stores,
        *,
        feeds: ActiveFeeds,
        guard: PoisonGuard,
        percolator: Percolator,
        lanes: Lanes,
    ) -> None:
        self._resumes = stores.resumes
        self._feeds = feeds
        self._registry = stores.registry
        self._guard = guard
        self._percolator = percolator
        self._source = WorkSource(stores.queue, stores.resumes)
        self.lanes = lanes

    def wake(self) -> None:
        """Look for work in MongoDB, as the stream does not answer."""
        self._source.wake()

    async def run(self) -> None:
        """Score until cancelled. MongoDB's absence is waited out; nothing is lost by either."""
        try:
            await work_until_cancelled(self._step, what="scoring", idle_s=RETRY_S)
        finally:
            await self.lanes.stop()

    async def _step(self) -> bool:
        if not self._feeds.loaded:
            await self._feeds.load()
        # Not before, as who is seen to score is taken to be at work.
        await self._registry.announce("engine")
        deliveries, begun = await self._source.take(BATCH)
        for part in chunks(deliveries, BATCH):
            await self._begin([resume_id for _, resume_id in part], begun=begun, deliveries=part)
        async with aclosing(self._source.sweep()) as parts:
            async for resume_ids, begun in parts:
                for ids in chunks(resume_ids, BATCH):
                    await self._begin(ids, begun=begun)
                # Not before all are scored: what fails is found again by the next sweep.
                await self.lanes.empty()
        return True  # it is in `take` that the loop waits for work

    async def _begin(
        self, resume_ids: Sequence[str], *, begun: bool, deliveries: Sequence[Delivery] = ()
    ) -> None:
        """Begin to score those of a batch of resumes that are pending, and to write what matches.

        On return it goes on beside what comes next, unless one of them may end the process.

        Args:
            resume_ids: Their ids.
            begun: Whether another process, which is gone, may have begun with them.
            deliveries: What is done when they are scored.
        """
        if begun:  # what a slow batch of our own holds may be taken over as if we were gone
            await self.lanes.empty()
        # A delivery may be late: the sweep, or another process, may have scored its resume.
        pending = [one for one in await self._resumes.load(resume_ids) if one.pending]
        if begun or any(map(self._guard.is_suspect, pending)):
            await self.lanes.empty()
            await self.lanes.begin(partial(self._score, pending, deliveries, begun=begun))
            await self.lanes.empty()
        else:
            await self.lanes.begin(partial(self._score_beside, pending, deliveries))

    async def _score_beside(self, pending: Sequence[StoredResume], deliveries: Sequence[Delivery]) -> None:
        if pending:
            with span("score", resumes=len(pending)):
                await self._percolator.score(pending)
        await self._source.done(deliveries)

    async def _score(
        self, pending: Sequence[StoredResume], deliveries: Sequence[Delivery], *, begun: bool
    ) -> None:
        async with aclosing(self._guard.batches(pending, begun=begun)) as batches:
            async for batch in batches:
                with span("score", resumes=len(batch)):
                    await self._percolator.score(batch)
        await self._source.done(deliveries)
