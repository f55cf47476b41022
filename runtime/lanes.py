"""Lanes: some pieces of work under way at once, so that what one waits for is time for the others.

    lanes = Lanes(2)
    await lanes.begin(lambda: score(batch))     # waits while both lanes are taken
    await lanes.empty()                         # waits until all is done

A failure is raised to whoever uses the lanes next. The other pieces go on.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any, TypeVar

First = TypeVar("First")
Second = TypeVar("Second")


class Lanes:
    """At most `count` at once. Belongs to one event loop, and to one task of it, but for `let_pass`."""

    def __init__(self, count: int) -> None:
        self._count = count
        self._tasks: set[asyncio.Task[None]] = set()

    async def begin(self, work: Callable[[], Coroutine[Any, Any, None]]) -> None:
        """Begin a piece of work as soon as a lane is free.

        Raises:
            Exception: What an earlier piece ended with; this one is not begun then.
        """
        self._collect()
        while len(self._tasks) >= self._count:
            await asyncio.wait(self._tasks, return_when=asyncio.FIRST_COMPLETED)
            self._collect()
        self._tasks.add(asyncio.create_task(work()))

    async def empty(self) -> None:
        """Wait until nothing is under way.

        Raises:
            Exception: What a piece ended with; by then all have ended.
        """
        if self._tasks:
            await asyncio.wait(self._tasks)
        self._collect()

    async def let_pass(self, most_s: float) -> None:
        """Wait while anything is under way or begins, but no longer than `most_s`; any task may."""
        until = time.monotonic() + most_s
        while (tasks := [task for task in self._tasks if not task.done()]) and time.monotonic() < until:
            await asyncio.wait(tasks, timeout=until - time.monotonic())

    async def stop(self) -> None:
        """Cancel what is under way, and wait until it has ended, however it does."""
        tasks, self._tasks = self._tasks, set()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _collect(self) -> None:
        """Let go of what has ended. Of several failures one is raised, and the others the next time."""
        for task in [task for task in self._tasks if task.done()]:
            self._tasks.discard(task)
            task.result()


async def both(first: Awaitable[First], second: Awaitable[Second]) -> tuple[First, Second]:
    """Await two things at once, and both to their end, also where one fails.

    Raises:
        BaseException: What one of them ended with, the first before the second.
    """
    one, other = await asyncio.gather(first, second, return_exceptions=True)
    if isinstance(one, BaseException):
        raise one
    if isinstance(other, BaseException):
        raise other
    return one, other
