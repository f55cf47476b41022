"""Letters that somebody asks for who is not logged in: of activation once more, and of a password's reset.

Neither the answer nor the time it takes tells whether there is such an account.
"""

from __future__ import annotations

import asyncio
from typing import ClassVar

import msgspec

from handlers.accounts.entry import MAX_LOGIN_BYTES
from handlers.accounts.guesses import LETTERS_PER_HOUR, account_key
from handlers.api.base import ApiHandler
from handlers.api.contract import FORM, JSON, Contract
from handlers.api.errors import TooMany
from handlers.policies import AccountPolicy
from mail.outbox import Outbox
from runtime.security_log import Event, Outcome
from store.accounts.accounts import Account, Accounts
from store.accounts.letters import Kind, Letters
from store.redis.throttle import Throttle

TAKES_S = 0.3
"""How long the answer takes at least. What is done for an account that there is takes less, so the time does
not tell whether there is one."""

_UNSENT = "这台服务器不发邮件，请联系管理员"
"""Where links go to the log."""


class WhoseLetter(msgspec.Struct):
    """Who is to get the letter.

    Attributes:
        username: The e-mail address.
    """

    username: str = ""


class AskedLetterHandler(ApiHandler):
    """What both have in common."""

    methods = ("POST",)
    max_body_bytes = MAX_LOGIN_BYTES
    needs_login = False
    kind: ClassVar[Kind]
    event: ClassVar[Event]
    counted_as: ClassVar[str]
    """What of an account is counted, at most `LETTERS_PER_HOUR` of it."""
    told: ClassVar[str]

    form: WhoseLetter
    accounts: Accounts
    letters: Letters
    outbox: Outbox
    policy: AccountPolicy
    throttle: Throttle

    def may_have(self, account: Account) -> bool:
        """Whether such a letter helps the account; `Letters` sees to it that a disabled one gets none."""
        return True

    async def handle(self) -> None:
        """The same answer in the same time, whether there is such an account or not."""
        prefix, limit = self.client_prefix(), self.policy.register_per_minute
        if await self.throttle.count(self.kind, prefix, 60) > limit:
            self.report(self.event, "throttled")
            raise TooMany(await self.throttle.wait_s(self.kind, prefix, limit))
        await asyncio.gather(self._ask(), asyncio.sleep(TAKES_S))
        self.answer("ok", self.told if self.outbox.has_smtp else _UNSENT)

    async def _ask(self) -> None:
        """Have the letter sent, to an account that there is and that has not had enough of them."""
        email = self.form.username
        account = await self.accounts.find_by_email(email)
        is_open, is_enough = account is not None and self.may_have(account), False
        if account is not None:  # addresses that nobody has are without end
            count = await self.throttle.count(self.counted_as, account_key(account.email), 3600)
            is_enough = count > LETTERS_PER_HOUR
        outcome: Outcome = "throttled" if is_enough else "ok" if is_open else "failed"
        self.report(self.event, outcome, account.id if account else email)
        if account is not None and is_open and not is_enough:
            await self.letters.ask(account.id, self.kind)


class ForgotHandler(AskedLetterHandler):
    """`POST /hr/password/forgot/`."""

    contract = Contract(
        "Ask for a link to set a new password", body=WhoseLetter, body_kinds=(FORM, JSON), throttled=True
    )
    kind = "reset"
    event = "password_forgot"
    counted_as = "reset"
    told = "如果这个邮箱注册过账号，重置密码的邮件很快会到，链接 30 分钟内有效"


class ResendHandler(AskedLetterHandler):
    """`POST /hr/activate/resend/`."""

    contract = Contract(
        "Ask for the activation letter again", body=WhoseLetter, body_kinds=(FORM, JSON), throttled=True
    )
    kind = "activation"
    event = "activation_resend"
    counted_as = "letter"
    told = "如果这个邮箱有等待激活的账号，激活邮件很快会到"

    def may_have(self, account: Account) -> bool:
        """Only one that waits for it."""
        return not (account.active or account.disabled)
