"""Work that outlives MongoDB's absence: a step is taken again until it is answered.

    await until_answered(stores.prepare, what="the start")
    await work_until_cancelled(backfill.step, what="backfill", woken=woken, idle_s=1.0)

Only `STORE_FAILURES` are waited out. Any other error leaves these functions, and ends the process.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import NoReturn, TypeVar

from runtime.waiting import wait_at_most
from store.errors import STORE_FAILURES

logger = logging.getLogger(__name__)

T = TypeVar("T")

RETRY_S = 0.5
"""Seconds between two tries. Less would load a store that is just coming up; a driver's own timeout, 2 s,
already paces tries that fail slowly."""


async def until_answered(step: Callable[[], Awaitable[T]], *, what: str, level: int = logging.WARNING) -> T:
    """Take a step, again and again while MongoDB does not answer.

    Args:
        step: Made anew for each try; it must bear being repeated.
        what: Who waits, for the log.
        level: How loudly each failed try is logged; lower where thousands wait at once.
    """
    while True:
        try:
            return await step()
        except STORE_FAILURES as error:
            logger.log(level, "%s waits for MongoDB (%s)", what, type(error).__name__)
            await asyncio.sleep(RETRY_S)


async def work_until_cancelled(
    step: Callable[[], Awaitable[bool]], *, what: str, woken: asyncio.Event, idle_s: float
) -> NoReturn:
    """Take one step after the other; rest where a step found nothing to do.

    Args:
        step: Does some work, and returns whether there may be more of it at once.
        what: Who works, for the log.
        woken: Ends a rest early. Cleared before each step, so a wake during a step is not lost.
        idle_s: The longest rest, in seconds: what nobody was woken for is found by then.
    """
    while True:
        woken.clear()
        if not await until_answered(step, what=what):
            await wait_at_most(woken, idle_s)
