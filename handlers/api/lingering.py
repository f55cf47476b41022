"""A connection that was answered early, while its client still sends: what comes is thrown away for a while.

Closing a connection while bytes of the client are unread resets it, and the reset can overtake the answer:
the client sees an error of the network where it should see the 413. So our side is closed first, which ends
the answer, and the rest of the body is read until the client closes too. nginx calls this a lingering close.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
import time
from collections.abc import Callable

LINGER_S = 30.0
"""Seconds that a client may go on sending. Most read an answer only when they have sent everything."""
SILENT_S = 5.0
"""Seconds without a byte after which the client is not waited for any longer."""
MAX_DISCARDED_BYTES = 256 * 1024 * 1024
"""How much is thrown away at most. At the rate of a local network it takes a tenth of a second of the
processor; a client that sends more sees its connection reset."""
_PIECE_BYTES = 256 * 1024

_scratch = bytearray(_PIECE_BYTES)
"""Where bytes go that nobody reads. One for all: nothing in it is ever looked at."""


class Lingering:
    """A non-blocking socket with the answer written, on its way to being closed, which `done` is told."""

    def __init__(self, connection: socket.socket, done: Callable[[Lingering], None]) -> None:
        self._connection = connection
        self._done = done
        self._discarded = 0
        self._began_at = self._heard_at = time.monotonic()
        self._loop = asyncio.get_running_loop()
        self._is_closed = False

    def start(self) -> None:
        """Close our side, and throw away what comes."""
        try:
            self._connection.shutdown(socket.SHUT_WR)
        except OSError:  # the client is gone
            self.close()
            return
        self._loop.add_reader(self._connection, self._discard)

    def is_over(self, now: float) -> bool:
        """Whether the client has had the time it may have."""
        return now - self._began_at >= LINGER_S or now - self._heard_at >= SILENT_S

    def close(self) -> None:
        """Close it altogether; harmless when called again."""
        if self._is_closed:
            return
        self._is_closed = True
        with contextlib.suppress(OSError):
            self._loop.remove_reader(self._connection)
        self._connection.close()
        self._done(self)

    def _discard(self) -> None:
        try:
            count = self._connection.recv_into(_scratch)
        except BlockingIOError:
            return
        except OSError:
            count = 0
        self._heard_at = time.monotonic()
        self._discarded += count
        if not count or self._discarded > MAX_DISCARDED_BYTES:
            self.close()
