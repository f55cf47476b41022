"""The worker: scores new resumes against all feeds of its share, the moment they arrive.

It takes resumes from its source, lets the guard decide which are tried together, and gives each batch to the
percolator. A resume waits until its results are journalled, so that nothing is lost by whatever ends the
process.

Two batches are under way at once, as if two processes had taken one each: a batch waits for the store for
most of its time, above all for its journal. What may have ended a process is scored while nothing else is, so
that the guard knows what it was.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import aclosing
from functools import partial

from engine.indexes.active_feeds import ActiveFeeds
from engine.percolation.pending_resumes import Pending, PendingResumes
from engine.percolation.percolator import Percolator
from engine.percolation.quarantine import PoisonGuard
from engine.percolation.work_source import WorkSource
from runtime.lanes import Lanes
from runtime.tracing import span
from store.by_ids import chunks
from store.redis.queue import Delivery
from store.redis.registry import Registry
from store.retry import RETRY_S, work_until_cancelled
from store.shards.shares import Share

BATCH = 32
"""Resumes scored together. They share the round trips to MongoDB; more of them would make the first one wait
for the others, and would take longer to do again when a process dies."""

FEW = 4
"""Resumes of a batch behind which few can have waited, so that who scores keeps up with what comes."""

_LANES = 2
"""Batches under way at once. With one the process and the store wait for each other. More would make each
take longer, and leave the loop less time for others; the embedded store does one thing at a time anyway."""


class Worker:
    """One process's scorer of new resumes. Belongs to one event loop; `run` is its only task.

    Args:
        pending: Reads what is to be scored.
        feeds: What it is scored against.
        source: Where resumes are told of.
        registry: Where it says that it scores.
        guard: Keeps those apart that end processes.
        percolator: Scores.
        share: The feeds and resumes that are this process's.
        on_written: Called when everything that was begun is scored and written, and after a batch of few.
    """

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
        on_written: Callable[[], None],
    ) -> None:
        self._pending = pending
        self._feeds = feeds
        self._registry = registry
        self._guard = guard
        self._percolator = percolator
        self._share = share
        self._source = source
        self._on_written = on_written
        self._lanes = Lanes(_LANES, on_written)

    def wake(self) -> None:
        """Look for work in MongoDB, as the stream does not answer."""
        self._source.wake()

    async def run(self) -> None:
        """Score until cancelled. MongoDB's absence is waited out; nothing is lost by either."""
        try:
            await work_until_cancelled(self._step, what="scoring", idle_s=RETRY_S)
        finally:
            await self._lanes.stop()

    async def _step(self) -> bool:
        if not self._feeds.loaded:
            await self._feeds.load()
        # Not before: until then other shares had better prepare the resumes of this one.
        self._registry.announce("score", self._share)
        deliveries, begun = await self._source.take(BATCH)
        for part in chunks(deliveries, BATCH):
            await self._begin([resume_id for _, resume_id in part], begun=begun, deliveries=part)
        async with aclosing(self._source.sweep()) as parts:
            async for resume_ids, begun in parts:
                for ids in chunks(resume_ids, BATCH):
                    await self._begin(ids, begun=begun)
                # Not before all are scored: what fails is found again by the next sweep.
                await self._lanes.empty()
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
            await self._lanes.empty()
        pending = await self._pending.load(resume_ids)
        if pending.is_left:
            self._source.look_again()
        # With what is delivered to us, as its owner is not there, nobody has begun.
        begun = begun or (pending.taken_over and not deliveries)
        if begun or any(map(self._guard.is_suspect, pending.resumes)):
            await self._lanes.empty()
            await self._lanes.begin(partial(self._score, pending, deliveries, begun=begun))
            await self._lanes.empty()
        else:
            await self._lanes.begin(partial(self._score_beside, pending, deliveries))

    async def _score_beside(self, pending: Pending, deliveries: Sequence[Delivery]) -> None:
        if pending.resumes:
            with span("score", resumes=len(pending.resumes)):
                await self._percolator.score(pending.resumes, pending.made)
            if len(pending.resumes) <= FEW:
                self._on_written()
        await self._source.done(deliveries)

    async def _score(self, pending: Pending, deliveries: Sequence[Delivery], *, begun: bool) -> None:
        tried = 0
        async with aclosing(self._guard.batches(pending.resumes, begun=begun)) as batches:
            async for batch in batches:
                tried += len(batch)
                with span("score", resumes=len(batch)):
                    await self._percolator.score(batch, pending.made)
        if tried < len(pending.resumes):
            self._source.look_again()
        await self._source.done(deliveries)
