"""Work that outlives MongoDB's absence: one step is repeated, or steps follow each other in a loop.

    await until_answered(stores.prepare, what="the start")
    await work_until_cancelled(self._step, what="backfill", woken=self._woken, idle_s=1.0)
    await sweep([Sweep("arrivals", arrivals.flush, 2.0), Sweep("sessions", sessions.look, 0.5)])

Only `STORE_FAILURES` are waited out, each with a line in the log. Any other error leaves these functions and
ends the process, so a step must handle by itself what one bad resume or feed can raise.

What work to do is no business of this file. Waiting without a store is `runtime.waiting`.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Sequence
from typing import NamedTuple, NoReturn, TypeVar

from runtime.waiting import wait_at_most
from store.errors import STORE_FAILURES, in_words

logger = logging.getLogger(__name__)

T = TypeVar("T")

RETRY_S = 0.5
"""Seconds between two tries of a step that has nothing else to wait for.

Less would load a store that is just coming up. More would delay everybody who waits for the step. Where
MongoDB is away altogether, the driver's own timeout of 2 s comes on top.
"""


async def until_answered(
    step: Callable[[], Awaitable[T]],
    *,
    what: str,
    level: int = logging.WARNING,
    goes_on: Callable[[], bool] = lambda: True,
) -> T:
    """Take a step, again and again while MongoDB does not answer.

    Args:
        step: Called anew for each try, so it must bear being repeated.
        what: Who waits, for the log.
        level: How loudly each failed try is logged; lower where thousands wait at once.
        goes_on: Whether it is still waited for.

    Raises:
        One of STORE_FAILURES: It is waited for no more.
    """
    while True:
        try:
            return await step()
        except STORE_FAILURES as error:
            if not goes_on():
                raise
            _log(level, what, error)
            await asyncio.sleep(RETRY_S)


async def work_until_cancelled(
    step: Callable[[], Awaitable[bool]],
    *,
    what: str,
    idle_s: float,
    woken: asyncio.Event | None = None,
    gather_s: float = 0.0,
) -> NoReturn:
    """Take one step after the other; rest where a step found nothing to do or MongoDB did not answer.

    Args:
        step: Does some work and returns whether there may be more of it at once. It must bear being repeated.
        what: Who works, for the log.
        idle_s: The longest rest, in seconds. Work that nobody announced is found by then.
        woken: Ends a rest early. It is cleared before each step, so a wake during a step ends the next rest.
        gather_s: Each rest lasts this much longer once it is over, in seconds, so that wakes which come close
            together make one step.
    """
    announced = woken or asyncio.Event()
    while True:
        announced.clear()
        if not await _has_more(step, what):
            await wait_at_most(announced, idle_s)
            await asyncio.sleep(gather_s)


class Sweep(NamedTuple):
    """A short look that is repeated for as long as a process runs: who looks, and the seconds in between."""

    what: str
    look: Callable[[], Awaitable[object]]
    every_s: float


async def sweep(sweeps: Sequence[Sweep]) -> NoReturn:
    """Take looks one after the other, each when it is due; one that MongoDB did not answer waits as long."""
    due = [0.0] * len(sweeps)
    while True:
        for number, one in enumerate(sweeps):
            if time.monotonic() >= due[number]:
                await _has_more(one.look, one.what)
                due[number] = time.monotonic() + one.every_s
        await asyncio.sleep(max(0.0, min(due) - time.monotonic()))


async def _has_more(step: Callable[[], Awaitable[object]], what: str) -> bool:
    try:
        return bool(await step())
    except STORE_FAILURES as error:
        _log(logging.WARNING, what, error)
        return False


def _log(level: int, what: str, error: Exception) -> None:
    logger.log(level, "%s waits for MongoDB (%s)", what, in_words(error))
