"""A request until it is all here: the bounds of its body, and how it ends early.

What a body may cost is bounded three times: by its length, by the time it takes to come, and by how much of a
refused one is still read. What the body means, and what is answered, is `base.py`'s.
"""

from __future__ import annotations

import asyncio
import re
from typing import Any, ClassVar

import tornado.web

from handlers.api.context import RequestContext
from handlers.api.errors import ApiError, BadRequest, TooLarge
from store.errors import STORE_FAILURES

MAX_BODY_BYTES = 1024 * 1024
"""The longest body unless a handler says otherwise; a longer one is refused with 413. The longest form of a
feed has 170 KB, as JSON may write a Chinese character in six bytes. A resume may have as much as this."""
BODY_WITHIN_S = 30.0
"""How long a body may take to come. Then the connection is cut: the client is gone, or sends slowly on
purpose to hold connections. A megabyte in this time is 35 KB a second, which a phone in a lift still has."""
_ADMIT_WITHIN_S = 2.3
"""How long the look at credentials may take; then the answer is a 503, as after a request's deadline."""
_REFUSED: tuple[type[Exception], ...] = (ApiError, tornado.web.HTTPError, TimeoutError, *STORE_FAILURES)
"""What ends a request before its body is read, and is answered afterwards."""
_MAX_DISCARDED_BYTES = 64 * 1024 * 1024
"""How much of a refused body is read before the connection is cut. Reading on lets the client see the
refusal, as most clients read the answer only when they have sent everything; this bounds what that courtesy
may cost."""


@tornado.web.stream_request_body
class ReceivingHandler(tornado.web.RequestHandler):
    """A handler that takes its body in piece by piece. Its requests are known to the process's `Drain`."""

    context: RequestContext
    max_body_bytes: int = MAX_BODY_BYTES
    body_within_s: ClassVar[float] = BODY_WITHIN_S

    route: str = "unknown"
    """The template of its URL, for logs and metrics: the URL itself may hold a token."""

    def initialize(self, **attributes: Any) -> None:
        """Take what the handler declares, and the route's template; Tornado calls this for each request."""
        for name, value in attributes.items():
            setattr(self, name, value)
        self._body = bytearray()
        self._refusal: Exception | None = None
        self._discarded = 0
        self._is_complete = False
        # None while no body is awaited, as for a method that HTTP does not know.
        self._body_timer: asyncio.TimerHandle | None = None

    @property
    def body(self) -> bytes:
        """The whole request body."""
        return bytes(self._body)

    async def prepare(self) -> None:
        """Look at the request before its body.

        A refusal waits until the body is read and thrown away: an answer to a client that still
        sends would be lost with the connection.
        """
        self.context.drain.enter(self)
        loop = asyncio.get_running_loop()
        self._body_timer = loop.call_later(self.body_within_s, self._cut_connection)
        try:
            self.check()
            async with asyncio.timeout(_ADMIT_WITHIN_S):
                await self.admit()
        except _REFUSED as refusal:
            self._refusal = refusal

    async def admit(self) -> None:
        """Check credentials that have to hold before the body is read; here there are none.

        Raises:
            ApiError: They do not hold.
        """

    def check(self) -> None:
        """Refuse what needs no reading of the body.

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

    def data_received(self, chunk: bytes) -> Any:
        """Gather the body, up to the limit."""
        if self._refusal is not None:
            self._discard(chunk)
        elif len(self._body) + len(chunk) > self.max_body_bytes:
            # A chunked body does not say its length beforehand.
            self._refusal = TooLarge(self.max_body_bytes)
            self._body.clear()
        else:
            self._body += chunk

    def _discard(self, chunk: bytes) -> None:
        self._discarded += len(chunk)
        if self._discarded > _MAX_DISCARDED_BYTES:
            self._cut_connection()

    def end_body(self) -> None:
        """Note that the whole request is here, and refuse it if it was found wanting on the way.

        Raises:
            ApiError: The refusal, which waited for the end of the body.
            HTTPError: The same.
        """
        self._is_complete = True
        self._stop_body_timer()
        if self._refusal is not None:
            raise self._refusal

    def finish(self, chunk: Any = None) -> Any:
        """Send the answer; a stopping server says that it takes no more on this connection."""
        if self.context.drain.draining:
            self.set_header("Connection", "close")
        return super().finish(chunk)

    async def cut(self) -> None:
        """Answer now, though the request is not all here: the server stops. A part of an answer is cut."""
        if self._headers_written and not self._finished:
            self._cut_connection()
        elif not self._finished and not self._is_complete:
            refusal = ApiError(503, "unavailable", "服务正在重启，请重试", retry_after_s=2)
            self.send_error(exc_info=(ApiError, refusal, None))

    def on_finish(self) -> None:
        """Note that the request is answered."""
        self._leave()

    def on_connection_close(self) -> None:
        """Note that nobody waits for the answer any more, and let the body that never comes go."""
        super().on_connection_close()
        self._body.clear()
        self._leave()

    def _stop_body_timer(self) -> None:
        if self._body_timer is not None:
            self._body_timer.cancel()

    def _leave(self) -> None:
        # Called twice for a connection that closes after its answer; both steps bear that.
        self._stop_body_timer()
        self.context.drain.leave(self)

    def _cut_connection(self) -> None:
        """Close it without an answer: the body does not come, or an answer cannot be finished."""
        self.request.connection.close()  # type: ignore[union-attr]
