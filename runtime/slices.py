"""Keeps long work from holding the event loop: after a few milliseconds, let others run."""

from __future__ import annotations

import asyncio
import time

SLICE_S = 0.004


class Slices:
    """Measures the current slice of one task's work.

    slices = Slices()
    for item in items:
        work(item)
        await slices.rest()
    """

    def __init__(self) -> None:
        self._began = time.perf_counter()

    async def rest(self) -> None:
        """Yield to the loop if the slice is used up."""
        if time.perf_counter() - self._began >= SLICE_S:
            await asyncio.sleep(0)
            self._began = time.perf_counter()
