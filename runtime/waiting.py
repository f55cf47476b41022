"""Waiting with a bound: the building block of loops that are woken and also look by themselves.

if not await wait_at_most(woken, 2.0):
    ...  # nobody woke us: look whether there is work all the same

And of loops that go on after a failure, but not when they are cancelled.

`LeftWork` is for work that takes longer than a request may wait: it goes on, and who asks again gets it.

    page = await work.do((feed, which), lambda: read_page(feed, which))

A request that has to give up at its deadline would otherwise begin from the start each time it is tried
again, and fail each time.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Coroutine, Hashable, Iterable
from typing import Any, TypeVar, cast


async def wait_at_most(event: asyncio.Event, seconds: float) -> bool:
    """Wait until an event is set, but no longer than `seconds`.

    Returns:
        Whether the event is set. It is not cleared.
    """
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            await event.wait()
    return event.is_set()


def raise_if_cancelled() -> None:
    """Raise `CancelledError` where the task was cancelled and was told of something else.

    A `TaskGroup` in which a task fails at the same moment tells of the failure alone.
    """
    task = asyncio.current_task()
    if task is not None and task.cancelling():
        raise asyncio.CancelledError


async def end_all(tasks: Iterable[asyncio.Task[None]]) -> None:
    """Cancel tasks until all of them have ended.

    Once is not enough: on Python 3.11 `asyncio.wait_for`, which the drivers use, can swallow a cancellation
    that comes in the moment when what it waits for is done. Who is cancelled meanwhile waits all the same.
    """
    pending, is_cancelled = {*tasks}, False
    while pending:
        for task in pending:
            task.cancel()
        try:
            await asyncio.wait(pending, timeout=_CANCEL_AGAIN_S)
        except asyncio.CancelledError:
            is_cancelled = True
        pending = {task for task in pending if not task.done()}
    if is_cancelled:
        raise asyncio.CancelledError


T = TypeVar("T")


async def to_its_end(work: Awaitable[T]) -> T:
    """Await what cannot be taken back, a command in a driver's thread say, even where one is cancelled.

    Raises:
        CancelledError: One was; the work has ended all the same.
    """
    task, is_cancelled = asyncio.ensure_future(work), False
    while not task.done():
        try:
            await asyncio.wait([task])
        except asyncio.CancelledError:
            is_cancelled = True
    if is_cancelled:
        _ = task.cancelled() or task.exception()  # looked at, or asyncio complains that nobody did
        raise asyncio.CancelledError
    return task.result()


_CANCEL_AGAIN_S = 0.2
"""Seconds after which a task that has not ended is cancelled again."""
_KEPT_S = 20.0
"""Seconds for which is kept what somebody could not wait for. Who asks for the same again would else have to
come twice each time; for longer they would be told too little of what has changed."""
_MOST_LEFT = 4
"""Works that go on though nobody waits. More would take the store from those who do."""


class _Work:
    def __init__(self, task: asyncio.Task[Any]) -> None:
        self.task = task
        self.waiters = 0
        self.was_left = False


class LeftWork:
    """The works of one process, each under way once. Belongs to one event loop."""

    def __init__(self) -> None:
        self._works: dict[Hashable, _Work] = {}

    async def do(self, key: Hashable, begin: Callable[[], Coroutine[Any, Any, T]]) -> T:
        """What a work gives; it is begun unless it is under way, or took too long for somebody just now."""
        work = self._works.get(key)
        if work is None:
            work = self._works[key] = _Work(asyncio.create_task(begin()))
            work.task.add_done_callback(lambda _: self._keep(key, work))
        work.waiters += 1
        try:
            return cast("T", await asyncio.shield(work.task))
        finally:
            work.waiters -= 1
            work.was_left |= not work.task.done()
            if not work.was_left:
                self._forget(key, work)
            elif not work.task.done() and not work.waiters and self._left() > _MOST_LEFT:
                self._forget(key, work)
                work.task.cancel()

    def _left(self) -> int:
        return sum(not work.waiters and not work.task.done() for work in self._works.values())

    def _keep(self, key: Hashable, work: _Work) -> None:
        # Looking at what went wrong: nobody may wait any more, and who asks next meets it again.
        if work.task.cancelled() or work.task.exception():
            self._forget(key, work)
        elif work.was_left:
            asyncio.get_running_loop().call_later(_KEPT_S, self._forget, key, work)

    def _forget(self, key: Hashable, work: _Work) -> None:
        if self._works.get(key) is work:
            del self._works[key]
