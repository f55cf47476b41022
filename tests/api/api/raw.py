"""Connections by hand: what a client sends byte by byte, and what it can read of the answer."""

from __future__ import annotations

import asyncio
import contextlib
import json
import re
import socket
from types import TracebackType
from typing import Any

from tests.support import INGEST_TOKEN

LOGIN = "POST /hr/login/ HTTP/1.1\r\nHost: x\r\n"
INGEST = f"POST /resumes/ HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {INGEST_TOKEN}\r\n"


class RawReply:
    """An answer as it came: `http`, `headers` with small letters, `json` where the body is."""

    def __init__(self, data: bytes) -> None:
        head, _, self.body = data.partition(b"\r\n\r\n")
        found = re.match(rb"HTTP/1\.1 ([0-9]{3})", head)
        self.http = int(found[1]) if found else 0
        lines = (line.partition(b": ") for line in head.split(b"\r\n")[1:])
        self.headers = {name.decode().lower(): value.decode() for name, _, value in lines}
        self.json: dict[str, Any] = json.loads(self.body) if self.body.startswith(b"{") else {}


class Raw:
    """A connection of one's own."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader = reader
        self.writer = writer

    @classmethod
    async def open(cls, port: int) -> Raw:
        return cls(*await asyncio.open_connection("127.0.0.1", port))

    async def __aenter__(self) -> Raw:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.writer.close()
        with contextlib.suppress(ConnectionError):
            await self.writer.wait_closed()

    def say(self, data: str | bytes) -> None:
        self.writer.write(data if isinstance(data, bytes) else data.encode())

    async def rest(self, *, within_s: float = 40.0) -> RawReply:
        """All that comes until the server closes its side."""
        return RawReply(await asyncio.wait_for(self.reader.read(), within_s))

    async def reset(self) -> None:
        """Leave without a goodbye."""
        sock = self.writer.get_extra_info("socket")
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
        self.writer.transport.abort()
        await asyncio.sleep(0)
