"""What all endpoints share: a bounded body, one deadline, credentials, strict JSON out, one log line.

    class Ping(ApiHandler):
        methods = ("GET",)
        needs_login = False
        contract = Contract("Answer")

        async def handle(self) -> None:
            self.ok()

The contract's parameters and body are decoded before `handle` runs, as `params` and `form`; what the
route's template names comes as arguments. Errors are raised, never caught, in handlers:
`errors.refusal_of` turns them into answers.
"""

from __future__ import annotations

import asyncio
import hmac
import logging
import re
from collections.abc import Awaitable, Callable
from typing import Any, ClassVar

import tornado.web

from handlers.api.bodies import decode_form, decode_query, form_pairs
from handlers.api.contract import FORM, Contract
from handlers.api.drain import Drain
from handlers.api.errors import ApiError, BadRequest, Forbidden, NotLoggedIn, TooLarge, refusal_of
from handlers.api.replies import refusal_in, set_common_headers, write_refusal
from handlers.api.requests import client_address, parse_basic
from runtime.decoding import decode_json
from runtime.json import dump
from runtime.metrics import Metrics
from store.ids import is_id
from store.sessions import Sessions

logger = logging.getLogger(__name__)

# All store calls of a request together; the interface promises a 503 within 2.5 s.
DEADLINE_S = 2.3
MAX_BODY_BYTES = 1024 * 1024
# How much of a refused body is read before the connection is cut.
_MAX_DISCARDED_BYTES = 64 * 1024 * 1024


@tornado.web.stream_request_body
class ApiHandler(tornado.web.RequestHandler):
    """Base of every HTTP endpoint."""

    contract: ClassVar[Contract]
    """What it takes and gives."""
    methods: ClassVar[tuple[str, ...]] = ("GET",)
    """What the endpoint answers to; HEAD goes with GET unless it changes state."""
    needs_login: ClassVar[bool] = True
    needs_ingest_token: ClassVar[bool] = False
    needs_store: ClassVar[bool] = True
    """False for what answers while MongoDB is away or its indexes are not there yet."""
    changes_state: ClassVar[bool] = False
    """True keeps cross-site pages, prefetching browsers and HEAD from running it."""
    deadline_s: ClassVar[float | None] = DEADLINE_S
    max_body_bytes: int = MAX_BODY_BYTES
    body_within_s: ClassVar[float] = 30.0
    """A body that takes longer is a client that is gone, or means no good."""

    handle: Callable[..., Awaitable[None]]
    """Answers the request. Takes what the route's template names by name; ids are well-formed."""
    request_id: str
    user_id: str
    token: str
    params: Any
    form: Any
    route: str = "unknown"
    """The template of its URL, for logs and metrics: the URL itself may hold a token."""

    def initialize(self, **parts: Any) -> None:
        """Take what the route hands over as attributes."""
        for name, part in parts.items():
            setattr(self, name, part)
        self._body = bytearray()
        self._refusal: ApiError | tornado.web.HTTPError | None = None
        self._discarded = 0
        self._is_complete = False
        # None while no body is awaited, as for a method that HTTP does not know.
        self._body_timer: asyncio.TimerHandle | None = None

    @property
    def sessions(self) -> Sessions:
        """The process's sessions."""
        return self.settings["sessions"]  # type: ignore[no-any-return]

    @property
    def drain(self) -> Drain:
        """The process's requests in flight."""
        return self.settings["drain"]  # type: ignore[no-any-return]

    @property
    def body(self) -> bytes:
        """The whole request body."""
        return bytes(self._body)

    def set_default_headers(self) -> None:
        """Headers of every answer, refusals too."""
        set_common_headers(self)

    def compute_etag(self) -> None:
        """No entity tags: answers are not to be stored."""

    def prepare(self) -> None:
        """Look at the request before its body.

        A refusal waits until the body is read and thrown away: an answer to a client that still
        sends would be lost with the connection.
        """
        self.drain.enter(self)
        loop = asyncio.get_running_loop()
        self._body_timer = loop.call_later(self.body_within_s, self._give_up)
        try:
            self.check()
        except (ApiError, tornado.web.HTTPError) as refusal:
            self._refusal = refusal

    def _give_up(self) -> None:
        """Cut the connection: of a client whose body does not come, of an answer that cannot be finished."""
        self.request.connection.close()  # type: ignore[union-attr]

    def check(self) -> None:
        """Refuse what needs no reading of the body.

        Raises:
            ApiError: The refusal.
            HTTPError: The same, for the statuses that Tornado has.
        """
        if self.request.method not in self.allowed():
            raise tornado.web.HTTPError(405)
        if self.changes_state and (self.is_cross_site() or self.is_prefetch()):
            raise Forbidden("不接受来自其他网站的操作")
        length = self.request.headers.get("Content-Length", "0")
        if not re.fullmatch(r"[0-9]{1,15}", length):
            raise BadRequest({"Content-Length": ["应为整数"]})
        if int(length) > self.max_body_bytes:
            raise TooLarge(self.max_body_bytes)
        if self.needs_ingest_token:
            self._check_ingest_token()

    def _check_ingest_token(self) -> None:
        scheme, _, token = self.request.headers.get("Authorization", "").partition(" ")
        if scheme.lower() != "bearer" or not token:
            raise NotLoggedIn("请求须带简历导入口令：Authorization: Bearer <ingest_token>")
        right: str = self.settings["ingest_token"]
        if not hmac.compare_digest(token.strip().encode("utf-8", "replace"), right.encode()):
            raise Forbidden("简历导入口令不正确")

    def finish(self, chunk: Any = None) -> Any:
        """Send the answer; a stopping server says that it takes no more on this connection."""
        if self.drain.draining:
            self.set_header("Connection", "close")
        return super().finish(chunk)

    def on_finish(self) -> None:
        """Note that the request is answered."""
        self._leave()

    def _stop_body_timer(self) -> None:
        if self._body_timer is not None:
            self._body_timer.cancel()

    def _leave(self) -> None:
        self._stop_body_timer()
        self.drain.leave(self)

    def on_connection_close(self) -> None:
        """Note that nobody waits for the answer any more, and let the body that never comes go."""
        super().on_connection_close()
        self._body.clear()
        self._leave()

    async def cut(self) -> None:
        """Answer now, though the request is not all here: the server stops. A part of an answer is cut."""
        if self._headers_written and not self._finished:
            self._give_up()
        elif not self._finished and not self._is_complete:
            refusal = ApiError(503, "unavailable", "服务正在重启，请重试", retry_after_s=2)
            self.send_error(exc_info=(ApiError, refusal, None))

    def allowed(self) -> list[str]:
        """The methods that the endpoint answers to."""
        also_head = "GET" in self.methods and not self.changes_state
        return [*self.methods, *(["HEAD"] if also_head else [])]

    def is_cross_site(self) -> bool:
        """Whether a browser says that another site's page sent the request."""
        return self.request.headers.get("Sec-Fetch-Site", "") == "cross-site"

    def is_prefetch(self) -> bool:
        """Whether a browser fetches ahead, without the user having asked."""
        names = ("Sec-Purpose", "Purpose", "X-Purpose", "X-Moz")
        return any("prefetch" in self.request.headers.get(name, "").lower() for name in names)

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
            self._give_up()

    def decode_argument(self, value: bytes, name: str | None = None) -> str:
        """A part of the URL; what is no UTF-8 is no id either, and refused as one."""
        return value.decode("utf-8", "replace")

    async def _answer(self, **path: str) -> None:
        self._is_complete = True
        self._stop_body_timer()
        if self._refusal is not None:
            raise self._refusal
        if self.needs_store and not self.settings["is_prepared"]():
            raise ApiError(503, "unavailable", "服务正在启动，请稍后再试", retry_after_s=2)
        async with asyncio.timeout(self.deadline_s) as self._deadline:
            if self.needs_login:
                await self.log_in()
            named = {
                name: require_id(name, text) if is_id_name(name) else text for name, text in path.items()
            }
            self.read()
            await self.handle(**named)

    get = post = delete = head = put = patch = options = _answer

    def lift_deadline(self) -> None:
        """Take the time that it takes from now on: the answer has begun."""
        self._deadline.reschedule(None)

    def read(self) -> None:
        """Decode what the contract says.

        Raises:
            BadRequest: Something is wrong; each field is named.
        """
        contract, kind = self.contract, self.request.headers.get("Content-Type", "")
        if contract.query is not None:
            arguments = dict(self.request.query_arguments)
            if contract.body is None and kind.lower().startswith(FORM):
                for name, value in form_pairs(self.body):
                    arguments[name] = [*arguments.get(name, []), value.encode()]
            self.params = decode_query(contract.query, arguments)
        if contract.body is not None:
            if FORM in contract.body_kinds:
                self.form = decode_form(contract.body, self.body, kind)
            else:
                unknown = "refuse" if contract.refuses_unknown else "ignore"
                self.form = decode_json(contract.body, self.body, unknown=unknown)

    async def log_in(self) -> None:
        """Read and check the credentials.

        Raises:
            NotLoggedIn: There are none that hold.
        """
        credentials = parse_basic(self.request.headers.get("Authorization", ""))
        if credentials is None or not await self.sessions.is_valid(*credentials):
            raise NotLoggedIn
        self.user_id, self.token = credentials

    def client_address(self) -> str:
        """The address the request came from, as the proxies tell it."""
        return client_address(self.request, self.settings["trusted_proxies"])

    def ok(self, **fields: object) -> None:
        """Answer with `status` ok."""
        self.answer("ok", "ok", **fields)

    def answer(self, status: str, msg: str, **fields: object) -> None:
        """Answer with HTTP 200 and a status that the API document lists for this endpoint."""
        is_checked = self.settings["checks_answers"]
        self.finish(dump(self.contract.fill(status, msg, fields, is_checked=is_checked)))

    def send_error(self, status_code: int = 500, **kwargs: Any) -> None:
        """Answer with the refusal; an answer that has begun is cut, never ended as if it were whole."""
        if self._headers_written:
            self.set_status(status_code)  # for the log
            self._give_up()
            self._log()
            self._leave()
        else:
            super().send_error(status_code, **kwargs)

    def write_error(self, status_code: int, **kwargs: Any) -> None:
        """Turn any exception into an answer."""
        write_refusal(self, refusal_in(status_code, kwargs), self.allowed())

    def log_exception(self, kind: Any, error: Any, trace: Any) -> None:
        """A stack for a bug, nothing beside the access log's line for a refusal."""
        refusal = refusal_of(error)
        if isinstance(error, ApiError):
            return
        if refusal.http == 503:
            self.metrics.store_errors.inc()
            logger.warning("no answer in time: %s", type(error).__name__)
        elif refusal.http >= 500:
            logger.error("unexpected error", exc_info=(kind, error, trace))

    @property
    def metrics(self) -> Metrics:
        """The process's metrics."""
        return self.settings["metrics"]  # type: ignore[no-any-return]


class UnknownUrl(ApiHandler):
    """Any URL that no route knows."""

    contract = Contract("Nothing")
    needs_login = False

    def check(self) -> None:
        """Refuse, whatever the method."""
        raise tornado.web.HTTPError(404)


def is_id_name(name: str) -> bool:
    """Whether a part of a URL that a template calls so is an id."""
    return name.endswith("_id")


def require_id(name: str, text: str) -> str:
    """The id in a URL.

    Raises:
        BadRequest: It is not 24 hex digits.
    """
    if not is_id(text):
        raise BadRequest({name: ["应为 24 位十六进制编号"]})
    return text.lower()
