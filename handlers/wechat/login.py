"""Logging in by WeChat: with a code of `wx.login`, or with the exchange code of the page."""

from __future__ import annotations

from typing import Literal

import msgspec

from handlers.accounts.entry import EntryHandler, LoginAnswer, turned_down
from handlers.api.contract import FORM, JSON, Contract
from handlers.api.errors import Declined
from handlers.wechat.asking import NOBODY, AskingHandler, code_errors
from runtime.decoding import Errors
from store.accounts.corporations import Corporations
from store.accounts.identity import Identity
from wechat.apps import AppName


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
        company: With a ticket: what the company is called that the member of its WeCom may join, by
            registering with `join`. Left out where there is none.
    """

    status: Literal["ok", "form_error", "not_active", "not_hr", "not_bound"]  # type: ignore[assignment]
    ticket: str | msgspec.UnsetType = msgspec.UNSET
    company: str | msgspec.UnsetType = msgspec.UNSET


class WechatEntry(AskingHandler, EntryHandler):
    """What both ways of logging in have in common."""

    corporations: Corporations

    async def enter(self, who: Identity | str) -> None:
        """Answer somebody of whom WeChat has said who it is."""
        if isinstance(who, str):
            self.report("wechat_login", "refused")
            raise turned_down("not_bound", NOBODY[who])
        account = await self.identities.find(who)
        if account is None:
            ticket = await self.tickets.make_ticket(who)
            offer = await self.corporations.offer(who)
            told = "这个微信还没有绑定账号，请登录或注册"
            company = offer.name if offer else msgspec.UNSET
            raise turned_down("not_bound", told, ticket=ticket, company=company)
        if account.may_log_in:
            await self.identities.link(account, who)
        await self.let_in(account, "wechat_login")

    def failed(self, errors: Errors) -> Declined:
        """Note, and give, the answer to what is used, expired or false."""
        self.report("wechat_login", "failed")
        return turned_down("form_error", "微信登录没有成功，请重试", errors)


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
        self.require_app(self.form.app)
        who = await self.identity_of(self.form.app, self.form.code)
        if who is None:
            raise self.failed(code_errors(self.form.code))
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
        if not self.form.exchange:
            raise self.failed({"exchange": ["必填"]})
        await self.check_guesses()
        who = await self.tickets.take_exchange(self.form.exchange)
        if who is None:
            await self.count_guess()
            raise self.failed({"exchange": ["微信登录已失效，请重试"]})
        await self.enter(who)
