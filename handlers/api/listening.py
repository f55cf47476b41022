"""Where HTTP listens: sockets that are bound before they listen, and the clients that are connected."""

from __future__ import annotations

import asyncio
import functools
import logging
import socket
import time
from collections import deque
from collections.abc import Awaitable, Iterable, Sequence
from typing import Any

import tornado.httpserver
from tornado.httputil import HTTPConnection, HTTPHeaders, HTTPMessageDelegate

from handlers.api.connections import ClientStream, Connections
from runtime.descriptors import is_shortage

logger = logging.getLogger(__name__)

_AT_ONCE = 8
"""Connections that are let in in one round of the event loop. With more, requests wait behind a storm of
connections; with fewer, a storm takes longer to be let in. With 8, what limits a storm is the reads of the
hub."""
_MOST_ARRIVING = 128
"""Connections that are accepted and not let in yet. The others wait in the system's own queue: which of them
are silent shows only once they are let in, and these make room for the next (`connections.py`)."""
_BACK_OFF_S = 1.0
"""Seconds that nobody is accepted after the system had no descriptor for a connection. The client waits in
the system's own queue meanwhile. Less would keep the processor busy with trying; asyncio does the same."""
_WARN_EVERY_S = 60.0


class HttpServer(tornado.httpserver.HTTPServer):
    """Tornado's, with bounds on connections; it also says who is connected, and lets in a few at a time.

    When thousands connect at once, whoever is connected already would wait until all of them are served.
    """

    def initialize(self, application: Any, clients: Connections, **kwargs: Any) -> None:  # type: ignore[override]
        """Called by Tornado in place of `__init__`."""
        super().initialize(application, **kwargs)
        self._clients = clients
        self.connections: set[object] = set()
        self._arriving: deque[tuple[ClientStream, Any]] = deque()
        self._warned_at = -_WARN_EVERY_S

    @property
    def is_connected(self) -> bool:
        """Whether anybody is, who may send a request."""
        return bool(self.connections or self._arriving)

    def add_sockets(self, sockets: Iterable[socket.socket]) -> None:
        """Accept clients from now on; `stop` ends it."""
        loop = asyncio.get_running_loop()
        for listener in sockets:
            self._sockets[listener.fileno()] = listener
            self._handlers[listener.fileno()] = functools.partial(_forget, loop, listener.fileno())
            loop.add_reader(listener.fileno(), self._accept, listener)

    def _accept(self, listener: socket.socket) -> None:
        for _ in range(_MOST_ARRIVING - len(self._arriving)):
            try:
                connection, address = listener.accept()
            except BlockingIOError:  # all that waited are here
                return
            except OSError as error:
                if is_shortage(error):
                    self._back_off(listener)
                    return
                continue  # the client has gone again
            self.take(connection, address)

    def _back_off(self, listener: socket.socket) -> None:
        """Accept nobody for a moment, as the system would offer the same client again and again."""
        loop = asyncio.get_running_loop()
        loop.remove_reader(listener.fileno())
        loop.call_later(_BACK_OFF_S, self._accept_again, listener)
        if time.monotonic() - self._warned_at >= _WARN_EVERY_S:
            self._warned_at = time.monotonic()
            logger.warning("no descriptor is free for a connection: clients wait")

    def _accept_again(self, listener: socket.socket) -> None:
        if listener.fileno() in self._sockets:  # else the server has stopped
            asyncio.get_running_loop().add_reader(listener.fileno(), self._accept, listener)

    def take(self, connection: socket.socket, address: Any) -> None:
        """Put a new connection into the queue of those that wait to be let in, if it may come in at all."""
        host = str(address[0]) if isinstance(address, tuple) else ""
        if not self._clients.admits(host):
            connection.close()
            return
        self._arriving.append((ClientStream(connection, host, self._clients), address))
        if len(self._arriving) == 1:  # else `_let_in` is due already
            asyncio.get_running_loop().call_soon(self._let_in)

    def _let_in(self) -> None:
        for _ in range(min(_AT_ONCE, len(self._arriving))):
            stream, address = self._arriving.popleft()
            self._clients.let_in(stream)
            self.handle_stream(stream, address)
        if self._arriving:
            asyncio.get_running_loop().call_soon(self._let_in)

    def start_request(self, server_conn: object, request_conn: HTTPConnection) -> HTTPMessageDelegate:
        """A connection waits for its next request."""
        self.connections.add(server_conn)
        stream = server_conn.stream  # type: ignore[attr-defined]
        self._clients.rests(stream)
        return _Begun(super().start_request(server_conn, request_conn), self._clients, stream)

    def on_close(self, server_conn: object) -> None:
        """A connection is gone, or has become a WebSocket."""
        self.connections.discard(server_conn)
        stream = server_conn.stream  # type: ignore[attr-defined]
        if not stream.closed():
            self._clients.upgraded(stream)
        super().on_close(server_conn)


def _forget(loop: asyncio.AbstractEventLoop, descriptor: int) -> None:
    loop.remove_reader(descriptor)


class _Begun(HTTPMessageDelegate):
    """Tells when the headers of a request are here, and hands everything on."""

    def __init__(self, delegate: HTTPMessageDelegate, clients: Connections, stream: ClientStream) -> None:
        self._clients = clients
        self._stream = stream
        self._delegate = delegate
        self.data_received = delegate.data_received  # type: ignore[method-assign]
        self.finish = delegate.finish  # type: ignore[method-assign]
        self.on_connection_close = delegate.on_connection_close  # type: ignore[method-assign]

    def headers_received(self, start_line: Any, headers: HTTPHeaders) -> Awaitable[None] | None:
        self._clients.begins(self._stream)
        return self._delegate.headers_received(start_line, headers)


def accept_rest(http: HttpServer, sockets: Sequence[socket.socket]) -> None:
    """Take in who is connected already: closing a listening socket resets those."""
    for listener in sockets:
        while True:
            try:
                connection, address = listener.accept()
            except OSError:  # nobody waits, or has gone again
                break
            http.take(connection, address)
