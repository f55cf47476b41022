"""WebSockets that flood are read slowly, all of them together.

Every frame costs the event loop some 30 microseconds, an empty ping as much as a message. A client has one to
say every half minute. Whoever sends more than that shares what the process gives to all who do: they wait for
each other, and nobody else waits for them. What is not read yet stays in the system's buffers, and when these
are full the sender waits.
"""

from __future__ import annotations

import asyncio
import time
from typing import Any

from tornado.websocket import WebSocketProtocol13

from handlers.api.connections import ClientStream

BURST, FRAMES_PER_S = 50, 2.0
"""Frames that a socket may send at once, and a second after that, before it counts as flooding. It is what a
client could have to say in half an hour."""
EXCESS_PER_S = 2000.0
"""Frames a second that are read of all sockets that flood: less than a tenth of a processor."""

_LAST, _TEXT, _SHORT = 0x80, 0x1, 125
"""Of RFC 6455, 5.2: the bit of a message's last frame, the opcode of text, the longest text whose length is
one byte. Nearly every frame is one of a count, of 80 to 100 bytes."""


class Allowance:
    """How many frames may be read now; it grows with time, up to a burst."""

    def __init__(self, burst: float, per_s: float) -> None:
        self._burst = burst
        self._per_s = per_s
        self._left = burst
        self._at = time.monotonic()

    def take(self, now: float) -> bool:
        """Take one, if there is one."""
        self._grow(now)
        if self._left < 1:
            return False
        self._left -= 1
        return True

    def borrow(self, now: float) -> float:
        """Take one in any case; in how many seconds there would have been one."""
        self._grow(now)
        self._left -= 1
        return max(0.0, -self._left / self._per_s)

    def _grow(self, now: float) -> None:
        self._left = min(self._burst, self._left + (now - self._at) * self._per_s)
        self._at = now


class UnhurriedProtocol(WebSocketProtocol13):
    """Tornado's WebSocket, with an allowance. It is here as handlers are not told of empty fragments."""

    def __init__(self, *args: Any, excess: Allowance, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._own = Allowance(BURST, FRAMES_PER_S)
        self._excess = excess

    async def _receive_frame(self) -> None:
        await super()._receive_frame()
        now = time.monotonic()
        if not self._own.take(now) and (wait_s := self._excess.borrow(now)) > 0:
            await asyncio.sleep(wait_s)

    def push_text(self, text: bytes) -> asyncio.Future[None] | None:
        """Write a text frame.

        Tornado's `write_message` has a task look at each write, which takes as long as the write itself.

        Returns:
            What is done when the frame is with the system; None where it is already.

        Raises:
            StreamClosedError: The connection is closed.
        """
        self._message_bytes_out += len(text)
        if len(text) > _SHORT or not isinstance(self.stream, ClientStream):
            return self._write_frame(True, _TEXT, text)
        frame = bytes((_LAST | _TEXT, len(text))) + text
        self._wire_bytes_out += len(frame)
        return self.stream.push(frame)
