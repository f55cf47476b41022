"""The connections of clients to one process: how many there may be, and how slow a client may be.

    connections = Connections(most=800, most_of_address=200, trusted=frozenset({"127.0.0.1"}))
    if connections.admits(address):
        stream = ClientStream(connection, address, connections)

A connection is in one of these states. `run` looks at all of them each second, so that no request has a timer
of its own.

| state     | what it is                                | what ends it                                    |
|-----------|-------------------------------------------|-------------------------------------------------|
| heads     | new, or its next request has begun        | headers that are not here after 10 s            |
| idle      | kept alive between two requests           | Tornado's `idle_connection_timeout`             |
| busy      | headers are here, and it is not answered  | a body, or a reader, slower than 1 KiB a second |
| upgraded  | a WebSocket                               | its own pings and writes, see `handlers.live`   |
| lingering | answered and closed, still sending        | see `lingering.py`                              |

Where the process has as many as it may, a new one takes the place of the one that has been silent for
longest: a flood of connections that say nothing pushes out its own. A request under way is never pushed out.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import socket
import time
from collections import Counter, deque
from collections.abc import Iterable
from typing import Any

import tornado.iostream

from handlers.api.lingering import Lingering
from handlers.api.replies import BARE_400, malformed_answer
from handlers.api.requests import address_prefix
from runtime.metrics import Metrics

logger = logging.getLogger(__name__)

HEADERS_WITHIN_S = 10.0
"""Seconds for all headers of a request. A phone in a lift needs two or three; each connection that says
nothing holds a descriptor for this long."""
LEAST_RATE = 1024
"""Bytes a second below which a client is cut. The slowest mobile network has ten times as much."""
_BODY_WINDOW_S, _ANSWER_WINDOW_S = 10, 30
"""Seconds over which a body, and the taking of an answer, must keep the least rate. An answer has longer:
what the client has taken shows only when the system's own buffer has room again."""
_SWEEP_S = 1.0
_WARN_EVERY_S = 60.0
"""Seconds between two lines of the log that say that connections are refused."""


class ClientStream(tornado.iostream.IOStream):
    """One client's connection, which knows when it last said something.

    Attributes:
        address: The peer's IP address.
        bytes_in: How many bytes have come.
        bytes_out: How many bytes the system has taken.
    """

    def __init__(self, connection: socket.socket, address: str, connections: Connections) -> None:
        super().__init__(connection)
        self.address = address
        self.bytes_in = 0
        self.bytes_out = 0
        self._connections = connections
        self._lingers = False
        connections.opened(self)

    def linger(self) -> None:
        """When this is closed, let the client read the last answer though it may still be sending."""
        self._lingers = True

    def read_from_fd(self, buf: bytearray | memoryview) -> int | None:
        """Read, and note that something has come."""
        count = super().read_from_fd(buf)
        if count:
            self.bytes_in += count
            self._connections.heard(self)
        return count

    def write_to_fd(self, data: memoryview) -> int:
        """Write, and note how much of it the system has taken."""
        count = super().write_to_fd(data)
        self.bytes_out += count
        return count

    def write(self, data: bytes | memoryview) -> asyncio.Future[None]:
        """Write; what Tornado says of broken HTTP, a bare status line, becomes an answer as all others."""
        if data == BARE_400:
            data = malformed_answer()
            self._lingers = True
        return super().write(data)

    def push(self, data: bytes) -> asyncio.Future[None] | None:
        """Write as much as the system takes at once, which mostly is all of it.

        Tornado's `write` makes a future each time and looks after it, which takes as long as writing.

        Returns:
            What is done when the system has the rest too; None where it has taken all.

        Raises:
            StreamClosedError: The connection is closed.
        """
        if self.closed() or self.writing():
            return self.write(data)
        taken = 0
        # Whatever is wrong with the connection, `write` meets it too, and closes.
        with contextlib.suppress(OSError):
            taken = self.write_to_fd(memoryview(data))
        return self.write(data[taken:]) if taken < len(data) else None

    def close(self, exc_info: Any = False) -> None:
        """Close; a client whose headers or chunk sizes are too long is told so, which Tornado leaves out."""
        if isinstance(exc_info, tornado.iostream.UnsatisfiableReadError) and not self.closed():
            try:
                self.socket.send(malformed_answer("请求头过长"))
                self._lingers = True
            except OSError:  # it does not read either
                pass
        super().close(exc_info)

    def close_fd(self) -> None:
        """Give the descriptor back, at once or when the client has had time to read. Tornado calls this."""
        connection, self.socket = self.socket, None  # type: ignore[assignment]
        self._connections.closed(self, connection, lingers=self._lingers)


class _Pace:
    """How many bytes came, or went, in each of the last seconds."""

    def __init__(self, window_s: int, total: int) -> None:
        self._seconds: deque[int] = deque(maxlen=window_s)
        self._total = total

    def is_slow(self, total: int) -> bool:
        """Add a second; whether all of them together were below the least rate."""
        self._seconds.append(total - self._total)
        self._total = total
        window_s = self._seconds.maxlen or 0
        return len(self._seconds) == window_s and sum(self._seconds) < window_s * LEAST_RATE


class Connections:
    """All connections of clients to this process. Belongs to one event loop.

    Args:
        most: How many there may be.
        most_of_address: How many of one address, or of one IPv6 network of 64 bits.
        trusted: Proxies, of which there may be more: `AddressLoad` counts the addresses that they name.
        metrics: Where they are counted.
    """

    def __init__(self, most: int, most_of_address: int, trusted: frozenset[str], metrics: Metrics) -> None:
        self._most = most
        self._most_of_address = most_of_address
        self._trusted = trusted
        self._metrics = metrics
        self._count = 0
        self._of_address: Counter[str] = Counter()
        # Dicts, since they are in order: whoever has waited for the longest is first.
        self._heads: dict[ClientStream, float] = {}
        self._idle: dict[ClientStream, None] = {}
        self._busy: dict[ClientStream, tuple[str, _Pace] | None] = {}
        self._lingering: dict[Lingering, str] = {}
        self._warned_at = -_WARN_EVERY_S

    def __len__(self) -> int:
        """How many there are, those that linger included."""
        return self._count

    def admits(self, address: str) -> bool:
        """Whether one more connection may be taken, from this address; it may close one that is silent."""
        if (
            address not in self._trusted
            and self._of_address[address_prefix(address)] >= self._most_of_address
        ):
            self._metrics.connections_refused.labels("address").inc()
            return False
        if self._count < self._most:
            return True
        waiting: Iterable[Lingering | ClientStream] = self._lingering or self._heads or self._idle
        silent = next(iter(waiting), None)
        self._metrics.connections_refused.labels("process").inc()
        if time.monotonic() - self._warned_at >= _WARN_EVERY_S:
            self._warned_at = time.monotonic()
            logger.warning("the connections of this process are used up: %d", self._most)
        if silent is None:
            return False
        silent.close()
        return self._count < self._most

    def opened(self, stream: ClientStream) -> None:
        """A connection is there; it has to wait until `let_in`."""
        self._count += 1
        self._of_address[address_prefix(stream.address)] += 1
        self._metrics.connections.inc()

    def let_in(self, stream: ClientStream) -> None:
        """From now on its headers are awaited."""
        self._heads[stream] = time.monotonic()

    def heard(self, stream: ClientStream) -> None:
        """A byte has come. After a rest, a request begins with it."""
        if stream in self._idle:
            del self._idle[stream]
            self._heads[stream] = time.monotonic()

    def begins(self, stream: ClientStream) -> None:
        """The headers of a request are here."""
        self._heads.pop(stream, None)
        self._idle.pop(stream, None)
        if not stream.closed():
            self._busy[stream] = None

    def rests(self, stream: ClientStream) -> None:
        """It waits for its next request, or for its first one."""
        if stream in self._busy:
            del self._busy[stream]
            self._idle[stream] = None

    def upgraded(self, stream: ClientStream) -> None:
        """It is a WebSocket from now on."""
        self._busy.pop(stream, None)

    def closed(self, stream: ClientStream, connection: socket.socket, *, lingers: bool) -> None:
        """A connection is closed; its descriptor is in use for as long as it lingers."""
        for state in (self._heads, self._idle, self._busy):
            state.pop(stream, None)
        if not lingers:
            connection.close()
            self._gone(stream.address)
            return
        lingering = Lingering(connection, self._has_lingered)
        self._lingering[lingering] = stream.address
        lingering.start()

    def _has_lingered(self, lingering: Lingering) -> None:
        self._gone(self._lingering.pop(lingering))

    def _gone(self, address: str) -> None:
        network = address_prefix(address)
        self._count -= 1
        self._of_address[network] -= 1
        if not self._of_address[network]:
            del self._of_address[network]
        self._metrics.connections.dec()

    async def run(self) -> None:
        """Close those that are too slow, until cancelled; then those that linger."""
        try:
            while True:
                await asyncio.sleep(_SWEEP_S)
                self.sweep(time.monotonic())
        finally:
            for lingering in list(self._lingering):
                lingering.close()

    def sweep(self, now: float) -> None:
        """Look at every connection once. Called each second, which is what `_Pace` counts."""
        for stream, since in list(self._heads.items()):
            if now - since < HEADERS_WITHIN_S:
                break
            self._cut(stream, "headers")
        for stream, pace in list(self._busy.items()):
            self._busy[stream] = self._watched(stream, pace)
        for lingering in list(self._lingering):
            if lingering.is_over(now):
                lingering.close()
        # Last, since closing removes from the dicts.
        for stream, watched in list(self._busy.items()):
            if watched is not None and self._is_slow(stream, *watched):
                self._cut(stream, watched[0])

    def _watched(self, stream: ClientStream, before: tuple[str, _Pace] | None) -> tuple[str, _Pace] | None:
        """What the client is waited for, if for anything, and its pace in that so far."""
        if stream.reading():
            if before is None or before[0] != "body":
                return "body", _Pace(_BODY_WINDOW_S, stream.bytes_in)
        elif stream.writing():
            if before is None or before[0] != "answer":
                return "answer", _Pace(_ANSWER_WINDOW_S, stream.bytes_out)
        else:
            return None  # it waits for us
        return before

    def _is_slow(self, stream: ClientStream, what: str, pace: _Pace) -> bool:
        return pace.is_slow(stream.bytes_in if what == "body" else stream.bytes_out)

    def _cut(self, stream: ClientStream, reason: str) -> None:
        self._metrics.connections_refused.labels(reason).inc()
        stream.close()
