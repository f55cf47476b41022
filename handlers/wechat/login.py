"""Logging in by WeChat: with a code of `wx.login`, or with the exchange code of the page."""

from __future__ import annotations

from typing import Literal

import msgspec

from handlers.api.contract import FORM, JSON, Contract
from handlers.api.errors import BadRequest, TooMany
from handlers.api.requests import address_prefix
from handlers.entry import EntryHandler, LoginAnswer
from handlers.policies import AccountPolicy
from runtime.decoding import Errors
from runtime.security_log import report
from store.identity import Identity
from store.throttle import Throttle
from wechat.apps import AppName
from wechat.errors import CodeRefused
from wechat.wechat import Nobody, Wechat

MAX_CODE_CHARS = 512
"""The longest code; WeChat's have up to 64 characters, WeCom's up to 512 bytes."""

NOBODY: dict[str, str] = {
    "snapshot": "当前是快照页，不能登录：请点击页面底部的“使用完整服务”后再试",
    "outsider": "您不是该企业的成员，不能用企业微信登录",
}
"""What is said to a visitor who is nobody that could have an account."""


class WechatLogin(msgspec.Struct):
    """A code of WeChat's.

    Attributes:
        app: Where it comes from: the mini-program, the official account, WeCom.
        code: Of `wx.login`, or of the authorization; good once, for five minutes.
    """

    app: AppName
    code: str = ""


class Exchange(msgspec.Struct):
    """What the page came back with.

    Attributes:
        exchange: From the fragment of its address; good once, within a minute.
    """

    exchange: str = ""


class WechatLoginAnswer(LoginAnswer):
    """What became of a login by WeChat; `not_bound` where no account belongs to the person.

    Attributes:
        ticket: With `not_bound`, for ten minutes: register or log in with it as `wechat_ticket`. Left out
            otherwise, and where the visitor is nobody that could have an account; `msg` then says why.
    """

    status: Literal["ok", "form_error", "not_active", "not_hr", "not_bound"]  # type: ignore[assignment]
    ticket: str | msgspec.UnsetType = msgspec.UNSET


async def count_attempt(throttle: Throttle, policy: AccountPolicy, address: str) -> None:
    """Count an attempt that asks WeChat, of an address: each takes of what WeChat lets the app ask for.

    Raises:
        TooMany: There were as many within the minute as there may be registrations.
    """
    prefix, limit = address_prefix(address), policy.register_per_minute
    if await throttle.count("wechat", prefix, 60) > limit:
        report("wechat_login", outcome="throttled", address=address)
        raise TooMany(await throttle.wait_s("wechat", prefix, limit))


async def identity_of(wechat: Wechat, app: AppName, code: str) -> Identity | Nobody | None:
    """Who a code is of; None for one that is used, expired or false.

    Raises:
        Unavailable: WeChat says nothing of it.
    """
    if not 0 < len(code) <= MAX_CODE_CHARS or not code.isprintable():
        return None
    try:
        return await wechat.identity_of(app, code)
    except CodeRefused:
        return None


def require_app(wechat: Wechat, app: str) -> None:
    """See that an app is offered.

    Raises:
        BadRequest: It is not set.
    """
    if app not in wechat.apps.appids:
        raise BadRequest({"app": ["没有开通这种登录方式"]})


def code_errors(code: str) -> Errors:
    """What is said of a code that WeChat does not take."""
    return {"code": ["微信登录已失效，请重试"] if code else ["必填"]}


class WechatEntry(EntryHandler):
    """What both ways of logging in have in common."""

    wechat: Wechat

    async def enter(self, who: Identity | str) -> None:
        """Answer somebody of whom WeChat has said who it is."""
        if isinstance(who, str):
            report("wechat_login", outcome="refused", address=self.client_address())
            self.turn_down("not_bound", NOBODY[who])
            return
        account = await self.identities.find(who)
        if account is None:
            ticket = await self.tickets.make_ticket(who)
            self.turn_down("not_bound", "这个微信还没有绑定账号，请登录或注册", ticket=ticket)
            return
        if account.may_log_in:
            await self.identities.link(account, who)
        await self.let_in(account, "wechat_login")

    def fail(self, errors: Errors) -> None:
        """Answer whoever sent what is used, expired or false."""
        report("wechat_login", outcome="failed", address=self.client_address())
        self.turn_down("form_error", "微信登录没有成功，请重试", errors)


class WechatLoginHandler(WechatEntry):
    """`POST /hr/wechat/login/`."""

    contract = Contract(
        "Log in by WeChat",
        body=WechatLogin,
        body_kinds=(FORM, JSON),
        answer=WechatLoginAnswer,
        throttled=True,
    )

    form: WechatLogin

    async def handle(self) -> None:
        """A session as by password, or `not_bound`; the code is used up."""
        require_app(self.wechat, self.form.app)
        await count_attempt(self.throttle, self.policy, self.client_address())
        who = await identity_of(self.wechat, self.form.app, self.form.code)
        if who is None:
            self.fail(code_errors(self.form.code))
        else:
            await self.enter(who)


class ExchangeHandler(WechatEntry):
    """`POST /hr/wechat/exchange/`."""

    contract = Contract(
        "Log in by what the page came back with",
        body=Exchange,
        body_kinds=(FORM, JSON),
        answer=WechatLoginAnswer,
        throttled=True,
    )

    form: Exchange

    async def handle(self) -> None:
        """As by a code; the exchange code is used up."""
        await count_attempt(self.throttle, self.policy, self.client_address())
        who = await self.tickets.take_exchange(self.form.exchange) if self.form.exchange else None
        if who is None:
            self.fail({"exchange": ["微信登录已失效，请重试"] if self.form.exchange else ["必填"]})
        else:
            await self.enter(who)
