"""A WebSocket that reads no faster than a client has reason to write.

Every frame costs the event loop some 30 microseconds, an empty ping as much as a message. A client has one to
say every half minute. One that sends a hundred thousand of them is not closed, but read slowly: what it sends
waits in the system's buffers, and then it waits itself.
"""

from __future__ import annotations

import asyncio
import time

from tornado.websocket import WebSocketProtocol13

BURST = 100
"""Frames that are read at once: all that a client could have to say in an hour."""
FRAMES_PER_S = 10.0
"""Frames a second after that. 200 sockets of one address then take six hundredths of a processor."""


class Allowance:
    """How many frames may be read now; it grows with time up to a burst.

    Args:
        burst: The most that it can be.
        per_s: By how much it grows in a second.
    """

    def __init__(self, burst: float = BURST, per_s: float = FRAMES_PER_S) -> None:
        self._burst = burst
        self._per_s = per_s
        self._left = burst
        self._at = time.monotonic()

    def wait_s(self, now: float) -> float:
        """Take one; how many seconds it is too early."""
        self._left = min(self._burst, self._left + (now - self._at) * self._per_s) - 1
        self._at = now
        return max(0.0, -self._left / self._per_s)


class UnhurriedProtocol(WebSocketProtocol13):
    """Tornado's WebSocket, with an allowance. It is here as handlers are not told of empty fragments."""

    _allowance: Allowance | None = None

    async def _receive_frame(self) -> None:
        await super()._receive_frame()
        if self._allowance is None:
            self._allowance = Allowance()
        if (wait_s := self._allowance.wait_s(time.monotonic())) > 0:
            await asyncio.sleep(wait_s)
