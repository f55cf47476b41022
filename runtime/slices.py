"""Keeps long work from holding the event loop: after a few milliseconds it lets others run."""

from __future__ import annotations

import asyncio
import time

SLICE_S = 0.004
"""Seconds that one task works before it yields.

Several tasks may work in turn, so a request waits for some of their slices: longer ones would show in its
time. Shorter ones would spend more on switching than on work.
"""


class Slices:
    """Measures the current slice of one task's work. An item of the work must be short by itself.

    slices = Slices()
    for item in items:
        work(item)
        await slices.rest()
    """

    def __init__(self) -> None:
        self._began = time.perf_counter()

    async def rest(self) -> None:
        """Yield to the loop if the slice is used up; else go on at once."""
        if time.perf_counter() - self._began >= SLICE_S:
            await asyncio.sleep(0)
            self._began = time.perf_counter()
