"""What comes after somebody is known, by password or by WeChat: a session, or why there is none."""

from __future__ import annotations

import contextlib
from contextlib import AbstractAsyncContextManager, nullcontext
from types import MappingProxyType
from typing import Literal

import msgspec

from handlers.accounts.guesses import LETTERS_PER_HOUR, AddressMarks, account_key
from handlers.api.base import ApiHandler
from handlers.api.contract import Answer, Shape
from handlers.api.errors import Declined
from handlers.policies import AccountPolicy
from runtime.decoding import Errors, Id
from runtime.security_log import Event
from store.accounts.accounts import Account, Accounts
from store.accounts.identities import Identities
from store.accounts.identity import Identity
from store.accounts.letters import Letters
from store.accounts.sessions import Sessions
from store.accounts.wechat_tickets import WechatTickets
from store.errors import STORE_FAILURES, IdentityTaken, TicketRefused
from store.redis.throttle import Throttle

MAX_LOGIN_BYTES = 8 * 1024
"""The longest body of a login, a registration, or a new password. The longest that can be right has 2 KB; and
nobody has said yet who they are."""


class AuthInfo(Shape):
    """The credentials of requests; empty where nobody is logged in.

    Attributes:
        user: The account's id.
        token: Good for 30 days from its last use, and for 90 days at most.
    """

    user: Id | msgspec.UnsetType = msgspec.UNSET
    token: str | msgspec.UnsetType = msgspec.UNSET


class LoginAnswer(Answer):
    """What became of a login; `not_active` and `not_hr` come only after the right password.

    Attributes:
        errors: What is wrong with each field, with `form_error`.
        username: The e-mail address as it is kept; empty unless `ok`.
        user_industry: Empty where it is not known.
        awaits_activation: With `not_active`: the link in the letter opens it. Left out where it does not, as
            of an account that an operator has shut.
    """

    status: Literal["ok", "form_error", "not_active", "not_hr"]
    errors: dict[str, list[str]]
    username: str
    user_industry: str
    auth_info: AuthInfo
    awaits_activation: Literal[True] | msgspec.UnsetType = msgspec.UNSET


TICKET_ERRORS = (TicketRefused, IdentityTaken)
"""What may be wrong with a `wechat_ticket`."""


def ticket_errors(error: Exception) -> Errors:
    """What is wrong with a `wechat_ticket`, for people."""
    if isinstance(error, IdentityTaken):
        return {"wechat_ticket": ["这个微信已绑定其他账号"]}
    return {"wechat_ticket": ["微信登录已过期，请重新用微信登录"]}


def turned_down(status: str, msg: str, errors: Errors = MappingProxyType({}), **more: object) -> Declined:
    """The `LoginAnswer` without a session."""
    return Declined(status, msg, errors=dict(errors), username="", user_industry="", auth_info={}, **more)


class EntryHandler(ApiHandler):
    """What registering and all kinds of login have in common."""

    methods = ("POST",)
    needs_login = False
    max_body_bytes = MAX_LOGIN_BYTES

    accounts: Accounts
    identities: Identities
    letters: Letters
    marks: AddressMarks
    policy: AccountPolicy
    sessions: Sessions
    throttle: Throttle
    tickets: WechatTickets

    async def auth_info(self, account: Account) -> dict[str, str]:
        """Open a session, note where from, and return the credentials."""
        agent = "".join(filter(str.isprintable, self.request.headers.get("User-Agent", "")))
        token = await self.sessions.create(account.id, epoch=account.epoch, agent=agent)
        await self.note_address(account)
        return {"user": account.id, "token": token}

    async def note_address(self, account: Account) -> None:
        """Note that the account is used from here."""
        mark = self.marks.mark(account.id, self.client_prefix())
        # The account is open all the same: a failure to note it must not fail that.
        with contextlib.suppress(*STORE_FAILURES):
            await self.accounts.know(account, mark)

    def redeeming(self, ticket: str) -> AbstractAsyncContextManager[Identity | None]:
        """The person of a ticket, for a block that binds them; None where there is no ticket.

        Raises:
            TicketRefused: It is false, expired or used.
        """
        return self.tickets.redeeming(ticket) if ticket else nullcontext()

    async def let_in(self, account: Account, event: Event) -> None:
        """Answer somebody who has proved to be the account's: with a session, or why there is none."""
        self.report(event, "ok" if account.may_log_in else "refused", account.id)
        if not account.may_log_in:
            raise await self._turned_away(account)
        self.answer(
            "ok",
            "登录成功",
            errors={},
            username=account.email,
            user_industry=account.industry,
            auth_info=await self.auth_info(account),
        )

    async def _turned_away(self, account: Account) -> Declined:
        """Why it does not help to be the account's."""
        if not account.is_hr:
            return turned_down("not_hr", "该账号不是招聘用户")
        if account.disabled:
            return turned_down("not_active", "账号已停用，请联系管理员")
        again = await self._ask_letter_again(account)
        sent = "激活邮件已重新发送，请查收" if again else "请查收激活邮件"
        return turned_down("not_active", f"账号尚未激活，{sent}", awaits_activation=True)

    async def _ask_letter_again(self, account: Account) -> bool:
        """Have the activation letter sent once more; false where there were enough of them this hour."""
        if await self.throttle.count("letter", account_key(account.email), 3600) > LETTERS_PER_HOUR:
            return False
        await self.letters.ask(account.id, "activation")
        return True
