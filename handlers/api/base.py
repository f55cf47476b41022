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
import logging
import time
from collections.abc import Mapping
from contextlib import AbstractAsyncContextManager, nullcontext
from typing import Any, ClassVar
from urllib.parse import quote

import tornado.web
from tornado.iostream import StreamClosedError

from handlers.api.bodies import Unknown, decode_body, decode_query, parameter_pairs
from handlers.api.contract import FORM, Contract
from handlers.api.errors import ApiError, Declined, Forbidden, NotLoggedIn, refusal_of
from handlers.api.fairness import HEAVY, Ticket
from handlers.api.origins import is_foreign, own_origin
from handlers.api.page_notice import finish_page
from handlers.api.receiving import ReceivingHandler
from handlers.api.replies import refusal_in, set_common_headers, write_refusal
from handlers.api.requests import is_id_name, parse_basic, require_id
from handlers.api.route import Endpoint
from runtime.decoding import Errors, dump
from runtime.descriptors import is_shortage
from runtime.security_log import Event, Outcome, report
from runtime.slices import begin_rests
from runtime.tracing import span
from store.accounts.accounts import Account
from store.accounts.companies import Member
from store.accounts.ingest_tokens import ALL_SOURCES
from store.accounts.operators import Role
from wechat.errors import Unavailable

logger = logging.getLogger(__name__)

DEADLINE_S = 2.3
"""All store calls of a request together. A request that takes longer is answered 503: the interface promises
that within 2.5 s, and the rest is for the way through a busy loop."""
_READ_WITHIN_S = 10.0
"""How long a client may take to read a part of a long answer. A slower one is cut: it holds a cursor of the
store."""
_UNATTENDED = "X-Unattended"
"""The header by which a page says that nobody asked, only its clock."""


class ApiHandler(Endpoint, ReceivingHandler):
    """Base of every HTTP endpoint."""

    needs_store: ClassVar[bool] = True
    """False for what answers while MongoDB is away or its indexes are not there yet."""
    deadline_s: ClassVar[float | None] = DEADLINE_S
    takes_turns: ClassVar[bool] = True
    """False for what sees to its own turns."""
    rest: ClassVar[float] = 1.0
    """For how many times as long as a request took the account's next one waits where it is there already."""

    failed_title: ClassVar[str]
    """The heading of the page that tells of a refusal, where the contract `has_page`."""

    params: Any
    form: Any
    account: Account
    """Whose the credentials are, as of the last two seconds."""
    ingest_source: str | None = None
    """The only source that the request's ingest token may send and erase; None for all."""

    _ticket: Ticket | None = None
    _who = ""

    def set_default_headers(self) -> None:
        """Headers of every answer, refusals too."""
        self.request_id = set_common_headers(self)

    def redirect(self, url: str, permanent: bool = False, status: int | None = None) -> None:
        """As Tornado's. The answer is empty, so it is no JSON."""
        self.clear_header("Content-Type")
        super().redirect(url, permanent, status)

    def compute_etag(self) -> None:
        """No entity tags: answers are not to be stored."""

    def check(self) -> None:
        """As `ReceivingHandler.check`, also for what the endpoint says of itself."""
        if self.is_for_operators and not self.is_from_operators():
            raise tornado.web.HTTPError(404)
        if self.request.method not in self.allowed():
            raise tornado.web.HTTPError(405)
        if self.changes_state_by(self.request.method or "") and (self.is_cross_site() or self.is_prefetch()):
            self.report("cross_site", "refused")
            raise Forbidden("不接受来自其他网站的操作")
        super().check()

    async def admit(self) -> None:
        """Check the credentials. Whoever lacks them learns nothing about the body's fields."""
        if self.needs_store and not self.context.prepared.is_set():
            raise ApiError(503, "unavailable", "服务正在启动，请稍后再试", retry_after_s=2)
        began = time.monotonic()
        async with asyncio.timeout(self.deadline_s):
            if self.needs_ingest_token:
                self.ingest_source = await self.check_ingest_token()
            if self.needs_role:
                await self.check_operator(self.needs_role)
            if self.needs_login:
                await self.log_in()
        self._asked_s += time.monotonic() - began

    async def check_ingest_token(self) -> str | None:
        """Check the token of a source of resumes.

        Returns:
            The only source that the token may send and erase; None for all.

        Raises:
            NotLoggedIn: There is none.
            Forbidden: It is wrong.
        """
        token = self._bearer_token("请求须带简历导入口令：Authorization: Bearer <ingest_token>")
        allowed = await self.context.ingest_tokens.source_of(token)
        if allowed is None:
            self.report("ingest_token", "failed")
            raise Forbidden("简历导入口令不正确")
        return None if allowed == ALL_SOURCES else allowed

    async def check_operator(self, role: Role) -> None:
        """Check an operator's session, and that they have a role.

        Raises:
            NotLoggedIn: No session holds.
            Forbidden: They have another role.
        """
        token = self._bearer_token()
        # What a page asks by its clock is nobody's use: a screen that was left is shut all the same.
        is_use = _UNATTENDED not in self.request.headers
        signed_in = await self.context.operator_sessions.find(token, is_use=is_use)
        if signed_in is None:
            self.report("operator_credentials", "failed")
            raise NotLoggedIn
        operator = signed_in.operator
        if role == "admin" and operator.role != "admin":
            self.report("operator_credentials", "refused", operator.id)
            raise Forbidden("此操作需要管理员权限")
        self.signed_in = signed_in
        await self._enter(operator.id, is_vip=True)  # an operator has as much as a VIP

    def _bearer_token(self, *missing: str) -> str:
        scheme, _, token = self.request.headers.get("Authorization", "").partition(" ")
        if scheme.lower() != "bearer" or not token:
            raise NotLoggedIn(*missing)
        return token.strip()

    def allowed(self) -> list[str]:
        """The methods that the endpoint answers to."""
        also_head = "GET" in self.methods and not self.changes_state_by("GET")
        return [*self.methods, *(["HEAD"] if also_head else [])]

    def is_cross_site(self) -> bool:
        """Whether a browser says that another site's page sent the request.

        Older browsers say it by `Origin` alone, which they send with a POST.
        """
        if site := self.request.headers.get("Sec-Fetch-Site", ""):
            return str(site).lower() == "cross-site"
        origin = self.request.headers.get("Origin", "")
        return bool(origin) and is_foreign(origin, self.own_origin(), self.context.public_url)

    def own_origin(self) -> str:
        """What the client calls this server: `scheme://host[:port]`."""
        return own_origin(self.request, self.context.trusted_proxies)

    def is_prefetch(self) -> bool:
        """Whether a browser fetches ahead, without the user having asked."""
        names = ("Sec-Purpose", "Purpose", "X-Purpose", "X-Moz")
        return any("prefetch" in self.request.headers.get(name, "").lower() for name in names)

    def decode_argument(self, value: bytes, name: str | None = None) -> str:
        """A part of the URL; what is no UTF-8 is no id either, and refused as one."""
        return value.decode("utf-8", "replace")

    async def _answer(self, **path: str) -> None:
        with span(f"{self.request.method} {self.route}"):
            try:
                await self._answer_in_time(path)
            except Exception as refusal:
                if not self._who:  # an account has bounds of its own, wherever it asks from
                    await self.before_refusal(refusal)
                raise

    async def _answer_in_time(self, path: Mapping[str, str]) -> None:
        self.end_body()
        begin_rests()
        # Everything that asks the store runs within the deadline, together with `admit`.
        left_s = None if self.deadline_s is None else max(0.0, self.deadline_s - self._asked_s)
        async with asyncio.timeout(left_s) as self._deadline:
            named = {
                name: require_id(name, text) if is_id_name(name) else text for name, text in path.items()
            }
            async with self._turn():
                connection: Any = self.request.connection
                if connection.stream.closed() and not self.changes_state_by(self.request.method or ""):
                    raise StreamClosedError  # it hung up while it waited, and may ask again in a loop
                self.read()
                await self.before(named)
                try:
                    await self.handle(**named)
                except Declined as declined:
                    self.answer(declined.status, declined.msg, **declined.fields)

    async def before(self, named: Mapping[str, str]) -> None:
        """Do what must be done before anything else is, with what the URL names."""

    # All of them, so that `check` refuses the wrong ones: Tornado's own 405 would be no JSON.
    get = post = delete = head = put = patch = options = _answer

    def lift_deadline(self) -> None:
        """Take the time that it takes from now on: the answer has begun."""
        self._deadline.reschedule(None)

    async def send_part(self) -> None:
        """Send what was written of a long answer.

        Raises:
            StreamClosedError: The client has not taken it in time, as if it had gone away.
        """
        self.lift_deadline()  # from here on each part has its own time limit
        try:
            async with asyncio.timeout(_READ_WITHIN_S):
                await self.flush()
        except TimeoutError:
            raise StreamClosedError from None

    def read(self) -> None:
        """Decode what the contract says.

        Raises:
            InvalidFields: Something is wrong; each field is named.
        """
        contract, kind = self.contract, self.request.headers.get("Content-Type", "")
        if contract.query is not None:
            arguments = dict(self.request.query_arguments)
            # A POST may send its parameters in its body. One that stands in both places is given twice.
            if contract.body is None and self.request.method == "POST":
                for name, value in parameter_pairs(contract.query, self.body, kind):
                    arguments[name] = [*arguments.get(name, []), value.encode("utf-8", "surrogatepass")]
            self.params = decode_query(contract.query, arguments)
        if contract.body is not None and self.request.method == "POST":
            unknown: Unknown = "refuse" if contract.refuses_unknown else "ignore"
            is_form = contract.body_kinds[0] == FORM
            self.form = decode_body(contract.body, self.body, kind, is_form=is_form, unknown=unknown)

    async def log_in(self) -> None:
        """Read and check the credentials.

        Raises:
            NotLoggedIn: There are none that hold.
        """
        credentials = parse_basic(self.request.headers.get("Authorization", ""))
        if credentials is None:
            raise NotLoggedIn
        account = await self.context.sessions.account_of(*credentials)
        if account is None:
            self.report("credentials", "failed", credentials[0])
            raise NotLoggedIn
        self._ask_as(account.member)
        self.account, self.token = account, credentials[1]
        await self._enter(self.user_id, is_vip=account.vip)

    def _ask_as(self, member: Member) -> None:
        """Note who asks: by the account goes what is one person's own, by the company all else."""
        self.member, self.user_id, self.company_id = member, member.user, member.company

    async def _enter(self, who: str, *, is_vip: bool) -> None:
        """Count the request as one of an account's or an operator's in flight."""
        connection: Any = self.request.connection
        self._who = who
        if self._ticket is None:  # an upload that goes on is looked at again, and is one request all the same
            self._ticket = await self.context.fairness.enter(
                who, self.cost(), connection.stream.closed, is_vip=is_vip
            )

    def cost(self) -> int:
        """What the request takes of the account's budget, told from its headers alone."""
        searched = self.request.query_arguments.get(self.searches_by, ()) if self.searches_by else ()
        return HEAVY if any(searched) else self.units

    def _turn(self) -> AbstractAsyncContextManager[None]:
        if not self._who or not self.takes_turns:
            return nullcontext()
        return self.context.fairness.turn(self._who, is_heavy=self.cost() >= HEAVY, rest=self.rest)

    def finish(self, chunk: Any = None) -> Any:
        """Send the answer; the request is in flight until the client has taken it."""
        sent = super().finish(chunk)
        if self._ticket is not None:
            if sent.done():
                self._ticket.leave()
            else:
                ticket = self._ticket
                sent.add_done_callback(lambda _: ticket.leave())
        return sent

    def on_connection_close(self) -> None:
        """Nobody waits for the answer any more."""
        super().on_connection_close()
        if self._ticket is not None:
            self._ticket.leave()

    def report(self, event: Event, outcome: Outcome, account: str | None = None) -> None:
        """Write and count a security event of the client's address, see `security_log.report`."""
        report(event, account=account, outcome=outcome, address=self.client_address())

    def attach(self, kind: str, name: str, called: str = "") -> None:
        """Say that the answer is a file to be saved: by an ASCII name, or better as it is `called`."""
        extended = f"; filename*=UTF-8''{quote(called, safe='')}" if called else ""
        self.set_header("Content-Type", kind)
        self.set_header("Content-Disposition", f'attachment; filename="{name}"{extended}')

    def attach_strange(self, name: str, called: str) -> None:
        """As `attach`, of a stranger's file: it has no kind that a browser would run or show."""
        self.attach("application/octet-stream", name, called)
        self.set_header("Content-Security-Policy", "sandbox; default-src 'none'; frame-ancestors 'none'")

    def ok(self, **fields: object) -> None:
        """Answer with `status` ok."""
        self.answer("ok", "ok", **fields)

    def answer_form(self, errors: Errors, **fields: object) -> None:
        """Answer what holds, with `ok`, or with `form_error` where something is wrong with the form."""
        status, msg = ("form_error", "表单有误") if errors else ("ok", "ok")
        self.answer(status, msg, errors=dict(errors), **fields)

    def answer(self, status: str, msg: str, **fields: object) -> None:
        """Answer with HTTP 200 and a status that the API document lists for this endpoint."""
        is_checked = self.context.checks_answers
        self.finish(dump(self.contract.fill(status, msg, fields, is_checked=is_checked)))

    def send_error(self, status_code: int = 500, **kwargs: Any) -> None:
        """Answer with the refusal; an answer that has begun is cut, never ended as if it were whole."""
        if self._headers_written:
            self.set_status(refusal_in(status_code, kwargs).http)  # for the log: who went away is no 500
            self._cut_connection()
            if self._ticket is not None:
                self._ticket.leave()
            self._log()
            self._leave()
        else:
            super().send_error(status_code, **kwargs)

    def write_error(self, status_code: int, **kwargs: Any) -> None:
        """Turn any exception into an answer: JSON, or a page for a browser that follows a link."""
        refusal = refusal_in(status_code, kwargs)
        if refusal.http == 429 and self._ticket is not None:
            self._ticket.give_back()
        # 405 stays JSON: it comes from programs, and has the header `Allow`.
        has_page = refusal.http != 405 and (self.contract.has_page or refusal.http == 404)
        if not has_page or not self.wants_page():
            write_refusal(self, refusal, self.allowed())
            return
        self.set_status(refusal.http)
        if refusal.retry_after_s:
            self.set_header("Retry-After", str(refusal.retry_after_s))
        if self.contract.has_page:
            finish_page(self, self.failed_title, self.text_of(refusal))
        else:
            finish_page(self, "没有这个页面", "它可能已被删除，或者链接不完整。", link="回到 TalentFeed")

    def wants_page(self) -> bool:
        """Whether the client is a browser that shows a page: it accepts HTML, and names it before JSON."""
        # Browsers name `text/html` first; libraries for HTTP name JSON, or `*/*` alone.
        html, _, _ = self.request.headers.get("Accept", "").lower().partition("application/json")
        return "text/html" in html

    def text_of(self, refusal: ApiError) -> str:
        """What the page of a refusal says, where the contract `has_page`."""
        return refusal.msg

    def log_exception(self, kind: Any, error: Any, trace: Any) -> None:
        """A stack for a bug, nothing beside the access log's line for a refusal."""
        refusal = refusal_of(error)
        if isinstance(error, ApiError):
            return
        if isinstance(error, Unavailable):
            logger.warning("WeChat is not available: %s", error)  # the call, and an errcode at most
            return
        if refusal.http == 503:
            self.context.metrics.store_errors.inc()
            reason = "no descriptor or room is free" if is_shortage(error) else "no answer in time"
            logger.warning("%s: %s", reason, type(error).__name__)
        elif refusal.http >= 500:
            logger.error("unexpected error", exc_info=(kind, error, trace))


class PublicHandler(ApiHandler):
    """Base of what anybody may ask, also while MongoDB is away."""

    needs_login = False
    needs_store = False


class UnknownUrl(ApiHandler):
    """Any URL that no route knows."""

    contract = Contract("Nothing")
    needs_login = False

    def check(self) -> None:
        """Refuse, whatever the method."""
        raise tornado.web.HTTPError(404)


class OtherRole(UnknownUrl):
    """A URL that processes of another role answer, to which the proxy should have sent it."""

    served_by = ""
    """That role, which the route gives."""

    def check(self) -> None:
        """Refuse, whatever the method; the proxy's operator reads whom to send it to.

        What engines answer is there for whoever asks a `web` process: it is away for now.
        """
        said = f"此地址由角色为 {self.served_by} 的进程提供"
        if self.served_by == "engine":
            raise ApiError(503, "unavailable", said, retry_after_s=2)
        raise ApiError(404, "not_found", said)
