"""Lanes: some pieces of work under way at once, so that what one waits for is time for the others.

    lanes = Lanes(2)
    await lanes.begin(lambda: score(batch))     # waits while both lanes are taken
    await lanes.empty()                         # waits until all is done

A failure is raised to whoever uses the lanes next. The other pieces go on.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any, TypeVar

First = TypeVar("First")
Second = TypeVar("Second")


class Lanes:
    """Belongs to one event loop, and to one task of it.

    Args:
        count: How many pieces of work are under way at most.
        on_empty: Called when a piece of work ends while no other is under way. Must not block.
    """

    def __init__(self, count: int, on_empty: Callable[[], None] = lambda: None) -> None:
        self._count = count
        self._on_empty = on_empty
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
        task = asyncio.create_task(work())
        self._tasks.add(task)
        task.add_done_callback(self._tell_if_empty)

    async def empty(self) -> None:
        """Wait until nothing is under way.

        Raises:
            Exception: What a piece ended with; by then all have ended.
        """
        if self._tasks:
            await asyncio.wait(self._tasks)
        self._collect()

    async def stop(self) -> None:
        """Cancel what is under way, and wait until it has ended, however it does."""
        tasks, self._tasks = self._tasks, set()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _tell_if_empty(self, _ended: object) -> None:
        if all(task.done() for task in self._tasks):
            self._on_empty()

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
