"""Waiting with a bound: the building block of loops that are woken and also look by themselves.

if not await wait_at_most(woken, 2.0):
    ...  # nobody woke us: look whether there is work all the same

And of loops that go on after a failure, but not when they are cancelled.
"""

from __future__ import annotations

import asyncio
import contextlib


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
