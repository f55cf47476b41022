"""Where HTTP listens: sockets that are bound before they listen, and the clients that are connected."""

from __future__ import annotations

import asyncio
import socket
from collections import deque
from collections.abc import Sequence
from typing import Any

import tornado.httpserver
import tornado.iostream
from tornado.httputil import HTTPConnection, HTTPMessageDelegate

_AT_ONCE = 8
"""Connections that are let in in one round of the event loop. With more, requests wait behind a storm of
connections; with fewer, a storm takes longer to be let in. With 8, what limits a storm is the reads of the
hub."""


class HttpServer(tornado.httpserver.HTTPServer):
    """Tornado's, which also says who is connected, and lets in a few at a time.

    When thousands connect at once, whoever is connected already would wait until all of them are served.
    """

    def initialize(self, *args: Any, **kwargs: Any) -> None:
        """Called by Tornado in place of `__init__`."""
        super().initialize(*args, **kwargs)
        self.connections: set[object] = set()
        self._arriving: deque[tuple[tornado.iostream.IOStream, Any]] = deque()

    @property
    def is_connected(self) -> bool:
        """Whether anybody is, who may send a request."""
        return bool(self.connections or self._arriving)

    def handle_stream(self, stream: tornado.iostream.IOStream, address: Any) -> None:
        """Put a new connection into the queue of those that wait to be let in."""
        self._arriving.append((stream, address))
        if len(self._arriving) == 1:  # else `_let_in` is due already
            asyncio.get_running_loop().call_soon(self._let_in)

    def _let_in(self) -> None:
        for _ in range(min(_AT_ONCE, len(self._arriving))):
            super().handle_stream(*self._arriving.popleft())
        if self._arriving:
            asyncio.get_running_loop().call_soon(self._let_in)

    def start_request(self, server_conn: object, request_conn: HTTPConnection) -> HTTPMessageDelegate:
        """A connection waits for its next request."""
        self.connections.add(server_conn)
        return super().start_request(server_conn, request_conn)

    def on_close(self, server_conn: object) -> None:
        """A connection is gone."""
        self.connections.discard(server_conn)
        super().on_close(server_conn)


def bind(port: int, address: str) -> list[socket.socket]:
    """Take a port on every address of a name, without listening yet.

    Raises:
        OSError: The port is taken, or the address is none of this machine's.
    """
    sockets: list[socket.socket] = []
    try:
        found = socket.getaddrinfo(address, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
        for family, kind, protocol, _, place in dict.fromkeys(found):
            listener = socket.socket(family, kind, protocol)
            sockets.append(listener)
            listener.setblocking(False)
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            if family == socket.AF_INET6:
                # Or it would take the port of IPv4 as well, and the next `bind` would find it taken.
                listener.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
            # Port 0 is any port, but the same one on every address.
            listener.bind((place[0], port or sockets[0].getsockname()[1], *place[2:]))
    except OSError:
        for listener in sockets:
            listener.close()
        raise
    return sockets


def accept_rest(http: HttpServer, sockets: Sequence[socket.socket]) -> None:
    """Take in who is connected already: closing a listening socket resets those."""
    for listener in sockets:
        while True:
            try:
                connection, address = listener.accept()
            except OSError:  # nobody waits, or has gone again
                break
            connection.setblocking(False)
            http.handle_stream(tornado.iostream.IOStream(connection), address)
