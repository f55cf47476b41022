"""Where a process's unscored resumes come from: the stream in Redis, and a sweep over MongoDB.

    deliveries, begun = await source.take(32)   # waits for work
    await source.done(deliveries)
    async with aclosing(source.sweep()) as parts:
        async for resume_ids, begun in parts:
            ...

The stream brings each resume to one process within milliseconds. It may lose some, or everything; the sweep
finds whatever is pending in MongoDB, and is the only source while Redis is away. Here resumes are only ids.
What is done with them is `worker`.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from datetime import UTC, datetime, timedelta

from runtime.waiting import wait_at_most
from store.redis.queue import Delivery, WorkQueue
from store.redis.redis_client import REDIS_FAILURES
from store.resumes.resumes import Resumes

# Seconds between two sweeps. A resume that the stream lost waits for the next one. Each costs MongoDB a
# query, even when there is nothing to do.
_SWEEP_EVERY_S = 2.0

# How long a resume must be pending for a sweep to take it. A younger one is on its way through the stream, so
# two processes would score it.
_SWEEP_AFTER = timedelta(seconds=5)

# Seconds between two looks for deliveries of dead processes, and how long a delivery must be held to count as
# one. A batch takes a fraction of 10 s. Where its process lives after all, its resumes are scored twice,
# which is harmless.
_TAKE_OVER_EVERY_S = 5.0
_TAKE_OVER_IDLE_S = 10.0

# Seconds between two sweeps while Redis is away. They find what other processes took in; what this process
# takes in wakes it at once.
_WITHOUT_REDIS_S = 1.0


class WorkSource:
    """One process's source of work. Belongs to one event loop, and to one task of it."""

    def __init__(self, queue: WorkQueue, resumes: Resumes) -> None:
        self._queue = queue
        self._resumes = resumes
        self._woken = asyncio.Event()
        self._next_take_over = 0.0
        self._next_sweep = 0.0
        # The next sweep comes at once and takes young resumes too: nothing is known to be in the stream.
        self._sweep_all = True
        # Nobody has yet looked for what this process's predecessor left.
        self._is_new = True

    def wake(self) -> None:
        """Look for work in MongoDB, as the stream does not answer."""
        self._sweep_all = True
        self._woken.set()

    async def take(self, limit: int) -> tuple[list[Delivery], bool]:
        """Wait up to two seconds for deliveries, of which new ones are at most `limit`.

        Returns:
            The deliveries, and whether another process, which is gone, may have begun with them.
        """
        try:
            now = time.monotonic()
            if now >= self._next_take_over:
                self._next_take_over = now + _TAKE_OVER_EVERY_S
                if taken := await self._queue.take_over(_TAKE_OVER_IDLE_S):
                    return taken, True
            return await self._queue.take(limit), False
        except REDIS_FAILURES:
            await wait_at_most(self._woken, _WITHOUT_REDIS_S)
            self._woken.clear()
            self._sweep_all = True
            return [], False

    async def done(self, deliveries: Sequence[Delivery]) -> None:
        """Say that deliveries are scored: nobody else need take them over."""
        await self._queue.done(deliveries)

    async def sweep(self) -> AsyncGenerator[tuple[list[str], bool], None]:
        """If it is time for a sweep, the ids of the resumes that wait, some at a time.

        Yields:
            Ids, and whether another process, which is gone, may have begun with them.
        """
        now = time.monotonic()
        if now < self._next_sweep and not self._sweep_all:
            return
        # A sweep ends at what is pending now, or it would last as long as an upload does. What comes in later
        # is left to the stream, which gives the other processes their share.
        until = datetime.now(UTC) - (timedelta() if self._sweep_all else _SWEEP_AFTER)
        self._sweep_all = False
        self._next_sweep = now + _SWEEP_EVERY_S
        async with aclosing(self._resumes.pending(until)) as parts:
            async for ids in parts:
                yield ids, self._is_new
        self._is_new = False
