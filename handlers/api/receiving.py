"""A request until it is all here: who may send it, the bounds of its body, and how it ends early.

A request is refused before its body is read wherever that can be: by its headers (`check`), by its
credentials (`admit`), by the room that is left for bodies. The answer goes out at once, and what the client
still sends is thrown away (`lingering.py`). How slowly a body may come is watched by `connections.py`. What
the body means, and what is answered, is `base.py`'s.
"""

from __future__ import annotations

import re
import time
from collections.abc import Awaitable
from typing import Any, ClassVar

import tornado.web

from handlers.api.body_budget import FREE_BYTES
from handlers.api.dependencies import RequestContext
from handlers.api.errors import ApiError, BadRequest, TooLarge, TooMany, Unsupported, refusal_of
from handlers.api.origins import ANYWHERE
from handlers.api.requests import address_prefix, client_address, is_passed_on

MAX_BODY_BYTES = 1024 * 1024
"""The longest body unless a handler says otherwise; a longer one is refused with 413. The longest form of a
feed has 170 KB, as JSON may write a Chinese character in six bytes. A resume may have as much as this."""
NO_LIMIT = 1 << 62
"""For bodies of any length. It is also what Tornado is given, which calls a request with a longer body no
HTTP."""
CHECK_AGAIN_S = 1.0
"""How often the credentials of an upload or an export that goes on are looked at again. Ones that end have to
stop it within 2 s."""


@tornado.web.stream_request_body
class ReceivingHandler(tornado.web.RequestHandler):
    """A handler that takes its body in piece by piece. Its requests are known to the process's `Drain`."""

    context: RequestContext
    max_body_bytes: int = MAX_BODY_BYTES
    encodings: ClassVar[frozenset[str]] = frozenset()
    """How a body may be packed, beside not at all."""

    route: str = "unknown"
    """The template of its URL, for logs and metrics: the URL itself may hold a token."""

    def initialize(self, **attributes: Any) -> None:
        """Take what the handler declares, and the route's template; Tornado calls this for each request."""
        for name, value in attributes.items():
            setattr(self, name, value)
        self._body = bytearray()
        self._refusal: Exception | None = None
        self._is_admitted = False
        self._asked_s = 0.0  # of the deadline; the body may take its time in between
        self._is_complete = False
        self._address_load: str | None = None
        self._room_bytes = 0

    @property
    def body(self) -> bytes:
        """The whole request body."""
        return bytes(self._body)

    async def prepare(self) -> None:
        """Look at the request before its body.

        A refusal is answered now where a body is to come, and the connection is closed. Else it waits for the
        end of the request, which is there already, and the connection is kept.
        """
        self.context.drain.enter(self)
        self.request.connection.set_max_body_size(NO_LIMIT)  # type: ignore[union-attr]
        try:
            self._count_address()
            self.check()
            await self.admit()
            self._is_admitted = True
            began = time.monotonic()
            await self.take_room(self._announced_bytes())
            self._asked_s += time.monotonic() - began
        except Exception as refusal:
            if self._expects_body():
                await self.before_refusal(refusal)
                raise
            self._refusal = refusal

    def check(self) -> None:
        """Refuse what needs neither the body nor the store.

        Raises:
            ApiError: The refusal.
            HTTPError: The same, for the statuses that Tornado has.
        """
        length = self.request.headers.get("Content-Length", "0")
        # `int` also takes signs, blanks, underscores and Chinese digits. 15 digits keep it from being slow.
        if not re.fullmatch(r"[0-9]{1,15}", length):
            raise BadRequest({"Content-Length": ["应为整数"]})
        if int(length) > self.max_body_bytes:
            raise TooLarge(self.max_body_bytes)
        if self.content_encoding() not in self.encodings | {"", "identity"}:
            raise Unsupported

    async def admit(self) -> None:
        """Check who sends the request; as `check`."""

    def content_encoding(self) -> str:
        """How the body is packed; "" for not at all."""
        return str(self.request.headers.get("Content-Encoding", "")).strip().lower()

    def client_address(self) -> str:
        """The address the request came from, as the proxies tell it."""
        context = self.context
        return client_address(self.request, context.trusted_proxies, context.forwarded_header)

    def client_prefix(self) -> str:
        """What of that address one client has for itself."""
        return address_prefix(self.client_address())

    def is_from_operators(self) -> bool:
        """Whether the desk is to be found from where the request came.

        Where only a proxy knows that, it is found from where everybody may find it.
        """
        context = self.context
        is_hidden = is_passed_on(self.request, context.trusted_proxies, context.forwarded_header)
        return context.admin_addresses.has(ANYWHERE if is_hidden else self.client_address())

    def _count_address(self) -> None:
        self._address_load = self.context.addresses.enter(self.client_address())
        if self._address_load is None:
            raise TooMany(1, "同时进行的请求过多")

    def _expects_body(self) -> bool:
        headers = self.request.headers
        return "Transfer-Encoding" in headers or headers.get("Content-Length", "0") != "0"

    def _announced_bytes(self) -> int:
        """What of the body is certain to be held at once. A chunked one does not say; one in lines is not."""
        if self.max_body_bytes == NO_LIMIT:
            return 0
        return int(self.request.headers.get("Content-Length", "0"))

    async def take_room(self, held_bytes: int) -> None:
        """Take room for a body of so many bytes, beyond what was taken for it before.

        Raises:
            ApiError: 503, there is no room.
        """
        needed, whose = held_bytes - FREE_BYTES - self._room_bytes, self._address_load or ""
        if needed > 0:
            await self.context.bodies.take(whose, needed)
            if self._has_left:  # the client went away meanwhile
                self.context.bodies.give(whose, needed)
            else:
                self._room_bytes += needed

    def give_room(self, held_bytes: int = 0) -> None:
        """Give back what a body of so many bytes does not need."""
        spare = self._room_bytes - max(0, held_bytes - FREE_BYTES)
        if spare > 0:
            self._room_bytes -= spare
            self.context.bodies.give(self._address_load or "", spare)

    def data_received(self, chunk: bytes) -> Awaitable[None] | None:
        """Gather the body, up to the limit."""
        size = len(self._body) + len(chunk)
        if size > self.max_body_bytes:  # a chunked body does not say its length beforehand
            self.refuse(TooLarge(self.max_body_bytes))
            return None
        self._body += chunk
        return self._take_more_room(size) if size > self._room_bytes + FREE_BYTES else None

    async def _take_more_room(self, size: int) -> None:
        try:
            await self.take_room(size)
        except ApiError as refusal:
            self.refuse(refusal)

    async def before_refusal(self, refusal: BaseException) -> None:
        """Let an address that is refused without end wait for it, unless the server is to blame."""
        if refusal_of(refusal).http < 500:
            await self.context.addresses.before_refusal(self.client_address())

    def refuse(self, refusal: Exception) -> None:
        """Answer now, though the body is not all here."""
        self._body.clear()
        if not self._finished:
            self.log_exception(type(refusal), refusal, refusal.__traceback__)
            self.send_error(500, exc_info=(type(refusal), refusal, None))

    def end_body(self) -> None:
        """Note that the whole request is here, and refuse it if it was found wanting on the way.

        Raises:
            ApiError: The refusal, which waited for the end of the request.
            HTTPError: The same.
        """
        self._is_complete = True
        if self._refusal is not None:
            try:
                raise self._refusal
            finally:
                # Its stack refers to this request, which would stay until the collector came.
                self._refusal = None

    def finish(self, chunk: Any = None) -> Any:
        """Send the answer; a stopping server says that it takes no more on this connection."""
        if not self._is_complete and not self._headers_written:
            self.set_header("Connection", "close")
            self.request.connection.stream.linger()  # type: ignore[union-attr]
        elif self.context.drain.draining:
            self.set_header("Connection", "close")
        return super().finish(chunk)

    async def cut(self) -> None:
        """Answer now, though the request is not all here: the server stops. A part of an answer is cut."""
        if self._headers_written and not self._finished:
            self._cut_connection()
        elif not self._finished and not self._is_complete:
            self.refuse(ApiError(503, "unavailable", "服务正在重启，请重试", retry_after_s=2))

    def on_finish(self) -> None:
        """Note that the request is answered."""
        self._leave()

    def on_connection_close(self) -> None:
        """Note that nobody waits for the answer any more, and let the body that never comes go."""
        super().on_connection_close()
        self._leave()

    _has_left = False

    def _leave(self) -> None:
        # Called twice for a connection that closes after its answer; all steps bear that.
        self._has_left = True
        self._body.clear()
        self.give_room()
        if self._address_load:
            self.context.addresses.leave(self._address_load)
            self._address_load = None
        self.context.drain.leave(self)

    def _cut_connection(self) -> None:
        """Close it without an answer: an answer that has begun cannot be finished."""
        self.request.connection.close()  # type: ignore[union-attr]
