"""The WebSocket endpoint `/special_feed/ws/`: the handshake, authentication, and the client's own messages.

What is sent and when is not decided here: see `hub`, `channel` and `writer`.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Coroutine
from typing import Any

import tornado.websocket
from tornado.httputil import HTTPHeaders

from handlers.api.contract import UPGRADE, Contract
from handlers.api.dependencies import RequestContext
from handlers.api.errors import ApiError, BadRequest, NotLoggedIn, refusal_of
from handlers.api.replies import refusal_in, set_common_headers, write_refusal
from handlers.api.requests import client_address, parse_basic
from handlers.api.route import Endpoint
from handlers.live.close_codes import NOT_AUTHENTICATED, TOO_SLOW, TRY_AGAIN
from handlers.live.frames import (
    CLIENT_MESSAGES,
    SERVER_FRAMES,
    AuthMessage,
    ClientMessage,
    ErrorFrame,
    FrameText,
    PingMessage,
    PongFrame,
    read_message,
)
from handlers.live.hub import Hub
from handlers.live.pace import UnhurriedProtocol
from handlers.live.writer import SocketWriter
from runtime.decoding import Errors
from runtime.metrics import Metrics
from store.accounts.sessions import token_hash
from store.errors import STORE_FAILURES

logger = logging.getLogger(__name__)

AUTH_WITHIN_S = 5.0
"""How long a client without a header may take for its first message. It needs one round trip, which a phone
on a slow network makes in time; a connection that says nothing must not hold a descriptor for longer."""
PING_EVERY_S = 25.0
"""Seconds between two pings of the server: well below the minute of silence after which proxies cut a
connection, and rare enough to let a phone sleep."""
PONG_WITHIN_S = 20.0
"""Seconds that a pong may take. A connection that is gone without a word is found after both times together,
and is cut 5 s later: after 50 s at most."""
MAX_FRAME_BYTES = 4096
"""The longest message of a client; a longer one closes the connection. The longest that means anything is
`auth`, of less than 200 bytes."""

_PONG = FrameText(PongFrame())
_UNKNOWN_MESSAGE = FrameText(ErrorFrame(msg="无法识别的消息"))


class FeedSocket(Endpoint, tornado.websocket.WebSocketHandler):
    """One client's connection."""

    contract = Contract(
        "Unread counts, pushed", other_answer=UPGRADE, frames=SERVER_FRAMES, messages=CLIENT_MESSAGES
    )
    needs_login = False

    context: RequestContext
    hub: Hub
    metrics: Metrics

    def initialize(self, **parts: Any) -> None:
        """Take what the route hands over as attributes."""
        for name, part in parts.items():
            setattr(self, name, part)
        self._socket: SocketWriter | None = None
        self._credentials: tuple[str, str] | None = None
        self._store_is_away = False
        self._address = ""
        # What the socket counts as among those of its address; None where the address has enough of them.
        self._address_load: str | None = ""
        self._timer: asyncio.TimerHandle | None = None
        self._joining = False

    @property
    def ping_interval(self) -> float:
        """Seconds between two pings."""
        return PING_EVERY_S

    @property
    def ping_timeout(self) -> float:
        """Seconds that a pong may take."""
        return PONG_WITHIN_S

    def set_default_headers(self) -> None:
        """Set the headers of every answer, the upgrade included."""
        set_common_headers(self)

    def check_origin(self, origin: str) -> bool:
        """Allow any: a browser adds no credentials by itself, as there is no cookie."""
        return True

    def select_subprotocol(self, subprotocols: list[str]) -> str | None:
        """Choose none, whatever the client offers."""
        return None

    async def handle(self) -> None:
        """Credentials go in the `Authorization` header, or in a first message within 5 s.

        The server sends `snapshot`, then `unread`, `progress` and `removed` frames, JSON with absolute
        numbers; `{"type":"ping"}` is answered `{"type":"pong"}`. Close codes: 1012 restarting, 1013 try
        later, 4401 not authenticated, 4408 too slow, 4409 replaced.
        """

    async def get(self, *args: Any, **kwargs: Any) -> None:
        """Check a handshake that carries credentials, then upgrade."""
        context = self.context
        self._address = client_address(self.request, context.trusted_proxies, context.forwarded_header)
        self._address_load = context.addresses.enter(self._address)
        try:
            await self._check_handshake()
        except ApiError:
            await context.addresses.before_refusal(self._address)
            raise
        await super().get(*args, **kwargs)

    async def _check_handshake(self) -> None:
        if errors := handshake_errors(self.request.headers):
            raise BadRequest(errors)
        header = self.request.headers.get("Authorization")
        if header is not None and self._address_load is not None:
            self._credentials = parse_basic(header)
            try:
                if not await self._admits(self._credentials):
                    raise NotLoggedIn
            except STORE_FAILURES:
                self._store_is_away = True  # `open` closes with 1013

    def write_error(self, status_code: int, **kwargs: Any) -> None:
        """Refuse a handshake as any other request."""
        write_refusal(self, refusal_in(status_code, kwargs), ["GET"])

    def log_exception(self, kind: Any, error: Any, trace: Any) -> None:
        """A stack for a bug, nothing for a refusal."""
        if refusal_of(error).http >= 500:
            logger.error("unexpected error", exc_info=(kind, error, trace))

    async def open(self, *_args: str, **_kwargs: str) -> None:
        """Join the hub, or wait for the client's first message."""
        self.set_nodelay(True)
        if self._store_is_away or self._address_load is None:
            # Many clients see a close code, but not the status of a handshake.
            self.close(TRY_AGAIN, "try again later")
        elif self._credentials is not None:
            await self._join(*self._credentials)
        else:
            loop = asyncio.get_running_loop()
            self._timer = loop.call_later(AUTH_WITHIN_S, self.close, NOT_AUTHENTICATED, "not authenticated")

    async def on_message(self, message: str | bytes) -> None:
        """Answer one message; the first of a client without header must be `auth`."""
        said = read_message(message)
        if self._socket is None:
            await self._authenticate(said)
        elif isinstance(said, PingMessage):
            self._socket.send(_PONG)
        else:
            self._socket.send(_UNKNOWN_MESSAGE)

    async def _authenticate(self, message: ClientMessage | None) -> None:
        if self._joining:
            return  # the first message was refused, and the connection is being closed
        credentials = parse_basic(message.authorization) if isinstance(message, AuthMessage) else None
        self._joining = True
        self._cancel_timer()
        try:
            admitted = await self._admits(credentials)
        except STORE_FAILURES:
            self.close(TRY_AGAIN, "try again later")
            return
        if credentials and admitted:
            await self._join(
                *credentials, hears_undecided=isinstance(message, AuthMessage) and message.undecided
            )
        else:
            await self.context.addresses.before_refusal(self._address)
            self.close(NOT_AUTHENTICATED, "not authenticated")

    async def _admits(self, credentials: tuple[str, str] | None) -> bool:
        return credentials is not None and await self.hub.admits(*credentials)

    async def _join(self, user_id: str, token: str, *, hears_undecided: bool = False) -> None:
        socket = SocketWriter(self, user_id, token_hash(token), self.hub.tasks)
        socket.hears_undecided = hears_undecided
        self._socket = socket
        try:
            await self.hub.join(socket)
        except STORE_FAILURES:
            socket.end(TRY_AGAIN, "try again later")

    def on_close(self) -> None:
        """Leave the hub, whoever closed."""
        self._leave_address()
        self._cancel_timer()
        if self._socket is not None:
            self._socket.closed = True
            self.hub.leave(self._socket)
            # The two refer to each other, so nothing of the connection would go before the collector came.
            self._socket = None

    def on_finish(self) -> None:
        """Note that a handshake was refused: `on_close` is called for sockets alone."""
        if self.get_status() != 101:
            self._leave_address()

    def _leave_address(self) -> None:
        if self._address_load:
            self.context.addresses.leave(self._address_load)
            self._address_load = ""

    def get_websocket_protocol(self) -> tornado.websocket.WebSocketProtocol | None:
        """Speak WebSocket, and read no faster than a client has reason to write."""
        plain = super().get_websocket_protocol()
        if isinstance(plain, tornado.websocket.WebSocketProtocol13):
            excess = self.hub.excess_frames
            return UnhurriedProtocol(self, mask_outgoing=False, params=plain.params, excess=excess)
        return plain

    def _cancel_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def push(self, text: str) -> Coroutine[Any, Any, None] | None:
        """As `writer.Connection.push`."""
        protocol = self.ws_connection
        if not isinstance(protocol, UnhurriedProtocol) or protocol.is_closing():
            raise ConnectionError
        try:
            untaken = protocol.push_text(text.encode())
        except tornado.iostream.StreamClosedError:
            raise ConnectionError from None
        # Most frames fit into the kernel's buffer and are gone at once. Only the others need a task to wait.
        return None if untaken is None or untaken.done() else _taken(untaken)

    def end(self, code: int, reason: str) -> None:
        """Close with a code; a client that does not read it is cut 5 s later."""
        self.close(code, reason)
        if code == TOO_SLOW:
            self.metrics.slow_closes.inc()


async def _taken(untaken: Awaitable[None]) -> None:
    try:
        await untaken
    except tornado.iostream.StreamClosedError:
        raise ConnectionError from None


def handshake_errors(headers: HTTPHeaders) -> Errors:
    """What is wrong with the headers of a handshake. Tornado would refuse them too, but not in JSON."""
    connection = [word.strip() for word in headers.get("Connection", "").lower().split(",")]
    wrong = {
        "Upgrade": headers.get("Upgrade", "").lower() != "websocket",
        "Connection": "upgrade" not in connection,
        "Sec-WebSocket-Version": headers.get("Sec-WebSocket-Version") != "13",
        "Sec-WebSocket-Key": not headers.get("Sec-WebSocket-Key"),
        "Host": not headers.get("Host"),
    }
    return {name: ["不是有效的 WebSocket 握手"] for name, is_wrong in wrong.items() if is_wrong}
