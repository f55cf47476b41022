"""What all endpoints share: one deadline, credentials, a decoded request, strict JSON out, one log line.

    class Ping(ApiHandler):
        methods = ("GET",)
        needs_login = False
        contract = Contract("Answer")

        async def handle(self) -> None:
            self.ok()

The contract's parameters and body are decoded before `handle` runs, as `params` and `form`; what the
route's template names comes as arguments. What the handler needs of the process it declares by annotation
(`dependencies.py`). Errors are raised, never caught, in handlers: `errors.refusal_of` makes answers of them.

How the body is received, and bounded, is in `receiving.py`.
"""

from __future__ import annotations

import asyncio
import hmac
import logging
from typing import Any, ClassVar

import tornado.web

from handlers.api.bodies import decode_form, decode_query, form_pairs
from handlers.api.contract import FORM, Contract
from handlers.api.errors import ApiError, Forbidden, NotLoggedIn, refusal_of
from handlers.api.receiving import ReceivingHandler
from handlers.api.replies import refusal_in, set_common_headers, write_refusal
from handlers.api.requests import client_address, is_id_name, parse_basic, require_id
from handlers.api.route import Endpoint
from runtime.decoding import decode_json
from runtime.json import dump

logger = logging.getLogger(__name__)

DEADLINE_S = 2.3
"""All store calls of a request together. A request that takes longer is answered 503: the interface promises
that within 2.5 s, and the rest is for the way through a busy loop."""


class ApiHandler(Endpoint, ReceivingHandler):
    """Base of every HTTP endpoint."""

    needs_store: ClassVar[bool] = True
    """False for what answers while MongoDB is away or its indexes are not there yet."""
    deadline_s: ClassVar[float | None] = DEADLINE_S

    params: Any
    form: Any

    def set_default_headers(self) -> None:
        """Headers of every answer, refusals too."""
        self.request_id = set_common_headers(self)

    def compute_etag(self) -> None:
        """No entity tags: answers are not to be stored."""

    def check(self) -> None:
        """Refuse what needs no reading of the body.

        Raises:
            ApiError: The refusal.
            HTTPError: The same, for the statuses that Tornado has.
        """
        if self.request.method not in self.allowed():
            raise tornado.web.HTTPError(405)
        if self.changes_state_by(self.request.method or "") and (self.is_cross_site() or self.is_prefetch()):
            raise Forbidden("不接受来自其他网站的操作")
        super().check()
        if self.needs_ingest_token:
            self._check_ingest_token()

    def _check_ingest_token(self) -> None:
        scheme, _, token = self.request.headers.get("Authorization", "").partition(" ")
        if scheme.lower() != "bearer" or not token:
            raise NotLoggedIn("请求须带简历导入口令：Authorization: Bearer <ingest_token>")
        right = self.context.ingest_token
        # As bytes: `compare_digest` refuses texts that are not ASCII. Its time tells nothing of the token.
        if not hmac.compare_digest(token.strip().encode("utf-8", "replace"), right.encode()):
            raise Forbidden("简历导入口令不正确")

    def allowed(self) -> list[str]:
        """The methods that the endpoint answers to."""
        also_head = "GET" in self.methods and not self.changes_state_by("GET")
        return [*self.methods, *(["HEAD"] if also_head else [])]

    def is_cross_site(self) -> bool:
        """Whether a browser says that another site's page sent the request."""
        return self.request.headers.get("Sec-Fetch-Site", "") == "cross-site"

    def is_prefetch(self) -> bool:
        """Whether a browser fetches ahead, without the user having asked."""
        names = ("Sec-Purpose", "Purpose", "X-Purpose", "X-Moz")
        return any("prefetch" in self.request.headers.get(name, "").lower() for name in names)

    def decode_argument(self, value: bytes, name: str | None = None) -> str:
        """A part of the URL; what is no UTF-8 is no id either, and refused as one."""
        return value.decode("utf-8", "replace")

    async def _answer(self, **path: str) -> None:
        self.end_body()
        # Everything that asks the store runs within the deadline. Credentials are checked before the body, so
        # a client without them learns nothing about the form's fields.
        if self.needs_store and not self.context.prepared.is_set():
            raise ApiError(503, "unavailable", "服务正在启动，请稍后再试", retry_after_s=2)
        async with asyncio.timeout(self.deadline_s) as self._deadline:
            if self.needs_login:
                await self.log_in()
            named = {
                name: require_id(name, text) if is_id_name(name) else text for name, text in path.items()
            }
            self.read()
            await self.handle(**named)

    # All of them, so that `check` refuses the wrong ones: Tornado's own 405 would be no JSON.
    get = post = delete = head = put = patch = options = _answer

    def lift_deadline(self) -> None:
        """Take the time that it takes from now on: the answer has begun."""
        self._deadline.reschedule(None)

    def read(self) -> None:
        """Decode what the contract says.

        Raises:
            InvalidFields: Something is wrong; each field is named.
        """
        contract, kind = self.contract, self.request.headers.get("Content-Type", "")
        if contract.query is not None:
            arguments = dict(self.request.query_arguments)
            # A POST may send its parameters as a form. One that stands in both places counts as given twice.
            if contract.body is None and kind.lower().startswith(FORM):
                for name, value in form_pairs(self.body):
                    arguments[name] = [*arguments.get(name, []), value.encode()]
            self.params = decode_query(contract.query, arguments)
        if contract.body is not None and self.request.method == "POST":
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
        # The session is asked for at each request: one that was revoked in another process ends here at once.
        credentials = parse_basic(self.request.headers.get("Authorization", ""))
        if credentials is None or not await self.context.sessions.is_valid(*credentials):
            raise NotLoggedIn
        self.user_id, self.token = credentials

    def client_address(self) -> str:
        """The address the request came from, as the proxies tell it."""
        context = self.context
        return client_address(self.request, context.trusted_proxies, context.forwarded_header)

    def ok(self, **fields: object) -> None:
        """Answer with `status` ok."""
        self.answer("ok", "ok", **fields)

    def answer(self, status: str, msg: str, **fields: object) -> None:
        """Answer with HTTP 200 and a status that the API document lists for this endpoint."""
        is_checked = self.context.checks_answers
        self.finish(dump(self.contract.fill(status, msg, fields, is_checked=is_checked)))

    def send_error(self, status_code: int = 500, **kwargs: Any) -> None:
        """Answer with the refusal; an answer that has begun is cut, never ended as if it were whole."""
        if self._headers_written:
            self.set_status(status_code)  # for the log
            self._cut_connection()
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
            self.context.metrics.store_errors.inc()
            logger.warning("no answer in time: %s", type(error).__name__)
        elif refusal.http >= 500:
            logger.error("unexpected error", exc_info=(kind, error, trace))


class UnknownUrl(ApiHandler):
    """Any URL that no route knows."""

    contract = Contract("Nothing")
    needs_login = False

    def check(self) -> None:
        """Refuse, whatever the method."""
        raise tornado.web.HTTPError(404)
