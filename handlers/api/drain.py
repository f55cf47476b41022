"""Requests in flight, and how they end when the server stops. Sockets are ended by the hub instead."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from typing import Protocol

logger = logging.getLogger(__name__)

ARRIVAL_S = 0.3
"""How long a client that is connected already may take to send its request. A proxy may have sent one just
before it saw that this process stops; without the wait that request would be reset."""
PATIENCE_S = 10.0
"""How long requests in flight may take to finish by themselves. Only uploads and exports take longer
than 2.3 s. After this they are cut, since supervisor kills a process 20 s after SIGTERM."""
CUT_PATIENCE_S = 2.5
"""How long requests that are cut may take for their answer: an upload first writes the lines that it
holds."""


class InFlight(Protocol):
    """A request that can be answered before it is all here."""

    async def cut(self) -> None:
        """Answer now, if that can be done."""


class Drain:
    """The requests in flight of one process. Belongs to one event loop.

    Attributes:
        draining: Whether the process is about to end.
    """

    def __init__(self) -> None:
        self.draining = False
        self._active: set[InFlight] = set()
        self._idle = asyncio.Event()
        self._idle.set()

    def enter(self, handler: InFlight) -> None:
        """A request began."""
        self._active.add(handler)
        self._idle.clear()

    def leave(self, handler: InFlight) -> None:
        """A request ended, answered or not."""
        self._active.discard(handler)
        if not self._active:
            self._idle.set()

    async def finish(self, *, is_connected: bool) -> None:
        """Let requests in flight finish; after a while cut those that still receive.

        Where anybody `is_connected`, a request may be on its way, and is waited for.
        """
        self.draining = True
        if is_connected:
            await asyncio.sleep(ARRIVAL_S)
        await self._wait(PATIENCE_S)
        # A copy, as each request that is answered leaves the set.
        cuts = [handler.cut() for handler in list(self._active)]
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(CUT_PATIENCE_S):
                outcomes = await asyncio.gather(*cuts, return_exceptions=True)
            for error in outcomes:
                if isinstance(error, Exception):
                    logger.warning("a request ends unanswered: %s", type(error).__name__)

    async def _wait(self, patience_s: float) -> None:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(patience_s):
                await self._idle.wait()
