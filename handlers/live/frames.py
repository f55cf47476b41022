"""What goes over a socket: frames, close codes, and the writer of one connection. No stores here."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable
from typing import Any, Protocol

from runtime.json import dump

logger = logging.getLogger(__name__)

RESTARTING = 1012
"""The server stops or moves: connect again."""
TRY_AGAIN = 1013
"""MongoDB is away: connect again later."""
NOT_AUTHENTICATED = 4401
"""No credentials within five seconds, wrong ones, or revoked ones."""
TOO_SLOW = 4408
"""The client did not read for ten seconds."""
REPLACED = 4409
"""The account opened a sixth socket; its oldest is closed."""

WRITE_TIMEOUT_S = 10.0


class Frame:
    """One frame before it has a number: serialised once, however many sockets it goes to."""

    def __init__(self, kind: str, **fields: Any) -> None:
        self._head = f'{{"type":"{kind}"'
        rest = dump(fields)[1:]
        self._tail = rest if rest == "}" else "," + rest

    def numbered(self, seq: int) -> str:
        """The frame's text as the `seq`-th of a connection."""
        return f'{self._head},"seq":{seq}{self._tail}'

    def plain(self) -> str:
        """The frame's text without a number: answers to the client's own messages."""
        return self._head + self._tail


class Connection(Protocol):
    """The part of a WebSocket that a socket needs."""

    def push(self, text: str) -> Awaitable[None] | None:
        """Write a frame; what is returned, if anything, ends when the client has taken it.

        Raises:
            ConnectionError: The connection is closed.
        """

    def end(self, code: int, reason: str) -> None:
        """Close."""


class Socket:
    """The writer of one connection: what is newest by key, one write in flight, never a queue."""

    def __init__(self, connection: Connection, user_id: str, token: str) -> None:
        self.user_id = user_id
        self.token = token
        self.frames_sent = 0
        self._connection = connection
        self._waiting: dict[str, tuple[Frame, bool]] = {}
        self._in_flight: asyncio.Task[None] | None = None
        self._seq = 0
        self.closed = False

    def send(self, key: str, frame: Frame, *, numbered: bool = True) -> None:
        """Send a frame; one with the same key that still waits is replaced by it."""
        if self.closed:
            return
        # The newest goes last: an older frame of another key must not have the last word on the total.
        self._waiting.pop(key, None)
        self._waiting[key] = (frame, numbered)
        if self._in_flight is None:
            self._write()

    def _write(self) -> None:
        """Write what waits, until the client has to take it first."""
        while self._waiting and not self.closed:
            frame, numbered = self._waiting.pop(next(iter(self._waiting)))
            self._seq += numbered
            try:
                untaken = self._connection.push(frame.numbered(self._seq) if numbered else frame.plain())
            except ConnectionError:
                self.closed = True
                return
            self.frames_sent += 1
            if untaken is not None:
                self._in_flight = asyncio.create_task(self._wait(untaken))
                return

    async def _wait(self, untaken: Awaitable[None]) -> None:
        try:
            async with asyncio.timeout(WRITE_TIMEOUT_S):
                await untaken
        except TimeoutError:
            self.end(TOO_SLOW, "too slow")
        except ConnectionError:
            self.closed = True
        finally:
            self._in_flight = None
        self._write()

    def end(self, code: int, reason: str) -> None:
        """Close the connection with a code; ending it twice is harmless."""
        if not self.closed:
            self.closed = True
            self._waiting.clear()
            self._connection.end(code, reason)
