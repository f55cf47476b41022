"""HTTP by hand: requests that no client library would send, and what comes back."""

from __future__ import annotations

import json
import re
import socket
from dataclasses import dataclass, field

CRLF = b"\r\n"
PATIENCE_S = 60.0
"""Longer than a server of the tests has for an answer."""


@dataclass
class Request:
    """What is about to be sent; attacks change it."""

    method: bytes
    target: bytes
    headers: list[tuple[bytes, bytes]] = field(default_factory=list)
    body: bytes = b""
    says_length: bool = True
    version: bytes = b"HTTP/1.1"

    def wire(self) -> bytes:
        headers = list(self.headers)
        if self.says_length and self.body:
            headers.append((b"Content-Length", str(len(self.body)).encode()))
        lines = [self.method + b" " + self.target + b" " + self.version]
        lines += [name + b": " + value for name, value in headers]
        return CRLF.join(lines) + CRLF * 2 + self.body


@dataclass
class Reply:
    """What came back; `status` 0 where the connection was cut, -1 where the server waits for more."""

    status: int
    headers: dict[str, str]
    body: bytes

    def problems(self, *, is_broken: bool) -> list[str]:
        """What is wrong with a reply; broken HTTP may be cut, or refused by the parser in a bare line."""
        if self.status <= 0:
            return [] if is_broken else [f"no answer ({self.status})"]
        if self.status >= 500:
            return [f"{self.status} {self.body[:200]!r}"]
        if "x-request-id" not in self.headers:
            return [] if is_broken and self.status == 400 else [f"{self.status} without X-Request-Id"]
        if self.status < 400:
            return []
        try:
            said = json.loads(self.body.decode("utf-8"), parse_constant=_refuse)
        except ValueError as error:
            return [f"{self.status} is not JSON: {error}: {self.body[:200]!r}"]
        if not isinstance(said, dict) or not {"status", "msg"} <= said.keys() <= {"status", "msg", "errors"}:
            return [f"{self.status} is no refusal: {self.body[:200]!r}"]
        return []


def _refuse(constant: str) -> None:
    raise ValueError(f"{constant} is not JSON")


def exchange(port: int, data: bytes, *, patience_s: float = PATIENCE_S) -> Reply:
    """Send bytes on a connection of their own and read one answer."""
    with socket.create_connection(("127.0.0.1", port), timeout=patience_s) as stream:
        got = b""
        try:
            stream.sendall(data)
        except (BrokenPipeError, ConnectionResetError):
            pass  # the server has said all it wanted to say
        except TimeoutError:
            return Reply(-1, {}, b"")
        while not (reply := _read(got)):
            try:
                piece = stream.recv(65536)
            except TimeoutError:
                return Reply(-1, {}, got)
            except ConnectionResetError:
                piece = b""
            if not piece:
                return _read(got + CRLF * 2) or Reply(0, {}, got)
            got += piece
        return reply


def _read(got: bytes) -> Reply | None:
    """The answer, once all of it is here."""
    head, blank, rest = got.partition(CRLF * 2)
    found = re.match(rb"HTTP/1\.1 ([0-9]{3})", head)
    if not blank or not found:
        return None
    if found[1] == b"100":
        return _read(rest)
    fields = (line.partition(b":") for line in head.split(CRLF)[1:])
    headers = {name.decode("latin-1").lower(): value.decode("latin-1").strip() for name, _, value in fields}
    length = int(headers.get("content-length", 0))
    return Reply(int(found[1]), headers, rest[:length]) if len(rest) >= length else None
