"""The writer of one connection: what is newest waits, one write is in flight, and nothing queues.

A client that reads slowly gets fewer frames, not older ones: numbers are absolute, so the newest frame about
a feed says all that the ones before it did. A client that does not read at all is closed.
"""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any, Protocol

from handlers.live.close_codes import RESTARTING, TOO_SLOW
from handlers.live.frames import FrameText
from handlers.live.tasks import Tasks

WRITE_TIMEOUT_S = 10.0
"""How long the client may take for what is in flight. A phone that changes from one network to the other
needs a few seconds; a longer time would only keep memory for a client that is gone."""


class Connection(Protocol):
    """The part of a WebSocket that a writer needs."""

    def push(self, text: str) -> Coroutine[Any, Any, None] | None:
        """Write a frame; what is returned, if anything, ends when the client has taken it.

        Raises:
            ConnectionError: The connection is closed.
        """

    def end(self, code: int, reason: str) -> None:
        """Close."""


class SocketWriter:
    """One connection of an account, and what it has yet to be sent.

    `token` is the hash of the session's. `tasks` run the wait for a client that has to take a frame first.
    """

    def __init__(self, connection: Connection, user_id: str, token: str, tasks: Tasks) -> None:
        self.user_id = user_id
        self.company_id = ""  # until the session was read
        self.token = token
        self.hears_undecided = False
        self.frames_sent = 0
        self.closed = False
        self._connection = connection
        self._tasks = tasks
        self._waiting: dict[str, FrameText] = {}
        self._in_flight: asyncio.Task[None] | None = None
        self._seq = 0

    def send(self, frame: FrameText) -> None:
        """Send a frame; one with the same key that still waits is replaced by it."""
        if self.closed:
            return
        # The newest goes last: an older frame about another feed must not have the last word on the total.
        self._waiting.pop(frame.key, None)
        self._waiting[frame.key] = frame
        if self._in_flight is None:
            self._write()

    def _write(self) -> None:
        """Write what waits, until the client has to take it first."""
        while self._waiting and not self.closed:
            frame = self._waiting.pop(next(iter(self._waiting)))
            self._seq += frame.is_numbered
            try:
                untaken = self._connection.push(frame.at(self._seq))
            except ConnectionError:
                self.closed = True
                return
            self.frames_sent += 1
            if untaken is not None:
                self._in_flight = self._tasks.start(self._wait(untaken))
                if self._in_flight is None:
                    # The hub has ended: nobody would find out that this client does not read.
                    untaken.close()
                    self.end(RESTARTING, "restarting")
                return

    async def _wait(self, untaken: Coroutine[Any, Any, None]) -> None:
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
