"""The load generator's own client: HTTP on kept-alive connections, WebSockets that only listen.

It parses no more than it must, so that the server is measured and not the client.
"""

from __future__ import annotations

import asyncio
import base64
import contextlib
import itertools
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Sequence
from typing import Any

import msgspec

_KEY = base64.b64encode(b"0123456789abcdef").decode()
_MASKED_PONG = b"\x8a\x80\x00\x00\x00\x00"


class Listener(asyncio.Protocol):
    """One WebSocket that only listens and answers pings.

    Args:
        path: Of the socket's address.
        authorization: Its credentials.
        on_frame: Called with each frame's text and when it came (`time.perf_counter`).
    """

    def __init__(self, path: str, authorization: str, on_frame: Callable[[bytes, float], None]) -> None:
        self._path = path
        self._authorization = authorization
        self._on_frame = on_frame
        self._buffer = b""
        self._is_open = False
        self._transport: Any = None

    async def connect(self, port: int) -> None:
        """Connect and ask for the upgrade; `on_frame` is called from then on.

        Raises:
            OSError: The server does not accept the connection.
        """
        await asyncio.get_running_loop().create_connection(lambda: self, "127.0.0.1", port)

    def connection_made(self, transport: Any) -> None:
        """Send the handshake."""
        self._transport = transport
        transport.write(
            f"GET {self._path} HTTP/1.1\r\nHost: bench\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            f"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: {_KEY}\r\n"
            f"Authorization: {self._authorization}\r\n\r\n".encode()
        )

    def data_received(self, data: bytes) -> None:
        """Split the received bytes into frames (RFC 6455, 5.2); the server never masks its own."""
        now = time.perf_counter()
        buffer = self._buffer + data if self._buffer else data
        if not self._is_open:
            head, end, rest = buffer.partition(b"\r\n\r\n")
            if not end:
                self._buffer = buffer
                return
            if b" 101 " not in head.partition(b"\r\n")[0]:
                self._transport.close()
                return
            self._is_open, buffer = True, rest
        start = 0
        while len(buffer) - start >= 2:
            length, header = buffer[start + 1], 2
            if length == 126:
                length, header = int.from_bytes(buffer[start + 2 : start + 4], "big"), 4
            elif length == 127:
                length, header = int.from_bytes(buffer[start + 2 : start + 10], "big"), 10
            end_at = start + header + length
            if len(buffer) < end_at or len(buffer) < start + header:
                break
            self._take(buffer[start] & 0xF, buffer[start + header : end_at], now)
            start = end_at
        self._buffer = buffer[start:]

    def _take(self, opcode: int, payload: bytes, now: float) -> None:
        if opcode == 1:
            self._on_frame(payload, now)
        elif opcode == 9:
            self._transport.write(_MASKED_PONG)
        elif opcode == 8:
            self._transport.close()

    def drop(self) -> None:
        """Cut the connection without a closing handshake, as a broken network does."""
        if self._transport is not None:
            self._transport.abort()


class Connection:
    """One kept-alive HTTP connection. It connects at its first request, and again after it was closed."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def ask(
        self, path: str, authorization: str = "", *, body: bytes | None = None, kind: str = "json"
    ) -> tuple[int, bytes]:
        """Send a request, a POST where it has a body; returns the status and the body of its answer.

        Raises:
            OSError: The connection broke.
        """
        if self._streams is not None and self._streams[0].at_eof():
            self.close()  # the server closes a connection that was idle for long
        if self._streams is None:
            self._streams = await asyncio.open_connection("127.0.0.1", self._port, limit=1 << 22)
        reader, writer = self._streams
        head = f"{'GET' if body is None else 'POST'} {path} HTTP/1.1\r\nHost: bench\r\n"
        if authorization:
            head += f"Authorization: {authorization}\r\n"
        if body is not None:
            head += f"Content-Type: application/{kind}\r\nContent-Length: {len(body)}\r\n"
        writer.write(head.encode() + b"\r\n" + (body or b""))
        try:
            answer = (await reader.readuntil(b"\r\n\r\n")).lower()
            if b"transfer-encoding: chunked" in answer:
                content = b""
                while size := int(await reader.readline(), 16):
                    content += (await reader.readexactly(size + 2))[:size]
                await reader.readline()
            else:
                length = answer.partition(b"content-length:")[2].partition(b"\r\n")[0]
                content = await reader.readexactly(int(length))
        except asyncio.IncompleteReadError:
            self.close()
            raise ConnectionError("the connection was closed") from None
        if b"connection: close" in answer:
            self.close()
        return int(answer[9:12]), content

    def close(self) -> None:
        """Close the connection."""
        if self._streams is not None:
            self._streams[1].close()
            self._streams = None


class Timed(msgspec.Struct):
    """A load of requests: the seconds of each, how many failed, and how long all of them took together."""

    times: list[float] = []
    failed: int = 0
    seconds: float = 0.0

    @property
    def rate(self) -> float:
        """Answers a second."""
        return len(self.times) / self.seconds


async def load(port: int, paths: Sequence[tuple[str, str]], *, connections: int, seconds: float) -> Timed:
    """Request (path, authorization) in turn over so many connections, for so many seconds."""
    timed, turn = Timed(), itertools.cycle(paths)
    began = time.perf_counter()

    async def ask_on() -> None:
        connection = Connection(port)
        while (sent := time.perf_counter()) < began + seconds:
            status, _ = await connection.ask(*next(turn))
            timed.times.append(time.perf_counter() - sent)
            timed.failed += status != 200
        connection.close()

    await asyncio.gather(*(ask_on() for _ in range(connections)))
    timed.seconds = time.perf_counter() - began
    return timed


@contextlib.asynccontextmanager
async def asking(
    port: int, *paths: str, authorization: str = "", every_s: float
) -> AsyncIterator[list[float]]:
    """Request paths in turn, again and again; gets the seconds of each answer, infinity for a failure."""
    times: list[float] = []
    is_over = asyncio.Event()

    async def ask_on() -> None:
        connection = Connection(port)
        for path in itertools.cycle(paths):
            if is_over.is_set():
                break
            began = time.perf_counter()
            try:
                status, _ = await connection.ask(path, authorization)
            except OSError:
                status = 0
            times.append(time.perf_counter() - began if status == 200 else float("inf"))
            await asyncio.sleep(every_s)
        connection.close()

    task = asyncio.ensure_future(ask_on())
    try:
        yield times
    finally:
        is_over.set()
        await task


async def at_rate(rate: float, seconds: float, act: Callable[[int], Awaitable[None]]) -> None:
    """Call `act` so often a second, whether or not the last call has ended, and wait for all calls."""
    began, tasks = time.perf_counter(), []
    for number in range(int(rate * seconds)):
        await asyncio.sleep(max(0.0, began + number / rate - time.perf_counter()))
        tasks.append(asyncio.ensure_future(act(number)))
    await asyncio.gather(*tasks)


def basic(user: str, token: str) -> str:
    """The credentials of an account, as its requests carry them."""
    return "Basic " + base64.b64encode(f"{user}:{token}".encode()).decode()


def quantile(values: Iterable[float], share: float) -> float:
    """The value below which a share of the values lies; nan for no values."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))] if ordered else float("nan")
