"""One call to WeChat: a URL, a deadline, an answer of a type or one of our own errors, and a count.

    GET_TOKEN = Call("gettoken", "/cgi-bin/gettoken", carries="secret", is_repeatable=True)
    granted = await http.ask(GET_TOKEN, base_url, Granted, query={"corpid": …, "corpsecret": …})

A call is repeated only where asking twice is asking once. The exchange of a code never is: the first try uses
the code up, so the second would be told that it is false. Nor is a message: it would come twice.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any, TypeVar
from urllib.parse import urlencode

import msgspec
from tornado.httpclient import AsyncHTTPClient, HTTPRequest

from runtime.metrics import Metrics, WechatCall
from wechat.errors import BUSY, KNOWN, AnswerLost, Carries, Unavailable, WechatError, error_of

CALL_S = 1.8
"""Seconds for a call with all its tries. A request that waits for it has 2.3 s, and has to read and write
something afterwards."""
MESSAGE_S = 10.0
"""Seconds for a message, which nobody waits for at a screen. WeChat mostly takes one within 0.2 s, and on bad
days after three; a message that is given up too early comes twice."""
_TRY_S = 0.8
"""Seconds for one try of a call that may be repeated. WeChat answers within 0.2 s; with less a slow moment
would count as none, with more there would be no time for a second try."""
_PAUSE_S = (0.03, 0.12)
"""Between two tries, at random, so that processes which failed together do not come back together."""
_TRIES = 3

_MAX_ANSWER_BYTES = 256 * 1024
"""The longest answer that is read; WeChat's have some hundred bytes."""
_AT_ONCE = 50
"""Calls of one process at once. More wait; with fewer, calls that get no answer would hold up all others."""


class Call(msgspec.Struct, frozen=True):
    """One of WeChat's calls.

    Attributes:
        name: What metrics and errors call it.
        path: Where it is, below the base URL.
        carries: What it proves itself with.
        is_repeatable: Whether asking twice is asking once.
        is_message: Whether it sends somebody a message.
    """

    name: WechatCall
    path: str
    carries: Carries
    is_repeatable: bool = False
    is_message: bool = False


class _Status(msgspec.Struct):
    errcode: int = 0


class Done(msgspec.Struct):
    """An answer that says nothing but that it worked."""


T = TypeVar("T", bound=msgspec.Struct)


class WechatHttp:
    """Makes the calls. Belongs to one event loop; calls may overlap."""

    def __init__(self, metrics: Metrics) -> None:
        self._calls = metrics.wechat_calls
        # A redirect is followed nowhere: the URL has secrets in it.
        self._client = AsyncHTTPClient(
            force_instance=True,
            max_clients=_AT_ONCE,
            max_body_size=_MAX_ANSWER_BYTES,
            defaults={"follow_redirects": False, "user_agent": "TalentFeed"},
        )

    async def ask(
        self,
        call: Call,
        base_url: str,
        answer: type[T],
        *,
        query: Mapping[str, str] | None = None,
        body: object = None,
    ) -> T:
        """Make a call: a POST of JSON where there is a body, else a GET.

        Raises:
            WechatError: As `errors.py` says.
        """
        url = base_url.rstrip("/") + call.path + (f"?{urlencode(query)}" if query else "")
        loop = asyncio.get_running_loop()
        ends = loop.time() + (MESSAGE_S if call.is_message else CALL_S)
        tries = _TRIES if call.is_repeatable else 1
        while True:
            tries -= 1
            left_s = ends - loop.time()
            try:
                found = await self._try(call, url, answer, body, min(left_s, _TRY_S) if tries else left_s)
            except WechatError as error:
                self._count(call, str(error.errcode) if error.errcode in KNOWN else _named(error))
                pause_s = random.uniform(*_PAUSE_S)
                may_pass = error.outcome != "errcode" or error.errcode == BUSY
                if not (tries and may_pass and ends - loop.time() > pause_s):
                    raise
                await asyncio.sleep(pause_s)
            else:
                self._count(call, "ok")
                return found

    async def _try(self, call: Call, url: str, answer: type[T], body: object, within_s: float) -> T:
        within_s = max(within_s, 0.01)
        request = HTTPRequest(url, connect_timeout=within_s, request_timeout=within_s)
        without_answer: type[Unavailable] = Unavailable
        if body is not None:
            sent = msgspec.json.encode(body)  # as UTF-8: WeChat shows escapes as they stand

            def send(write: Any) -> Any:
                nonlocal without_answer
                if call.is_message:
                    without_answer = AnswerLost  # it is connected, so from here on WeChat may have it
                return write(sent)

            request.method, request.body_producer = "POST", send
            request.headers.update({"Content-Type": "application/json", "Content-Length": str(len(sent))})
        try:
            async with asyncio.timeout(within_s):
                response = await self._client.fetch(request, raise_error=False)
        except Exception:  # noqa: BLE001 - whatever it is, its text may quote the URL
            raise without_answer(call.name, outcome="no_answer") from None
        if response.code == HTTPStatus.GATEWAY_TIMEOUT:
            raise without_answer(call.name, outcome="no_answer")
        if response.error is not None or response.code != HTTPStatus.OK:
            raise Unavailable(call.name, outcome="no_answer")
        # WeChat calls its JSON `text/plain`, so the type says nothing.
        try:
            if errcode := msgspec.json.decode(response.body, type=_Status).errcode:
                raise error_of(call.name, call.carries, errcode)
            return msgspec.json.decode(response.body, type=answer)
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
            raise Unavailable(call.name, outcome="no_json") from None

    def _count(self, call: Call, outcome: str) -> None:
        self._calls.labels(call.name, outcome).inc()

    def close(self) -> None:
        """Let go of the connections."""
        self._client.close()


def _named(error: WechatError) -> str:
    return "other" if error.outcome == "errcode" else error.outcome
