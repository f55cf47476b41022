"""A new password: by the old one, or by a link that comes by mail.

`asked_letters.py` has the link sent, `mail/links.py` makes and reads it.
"""

from __future__ import annotations

import contextlib
from typing import Literal

import msgspec

from handlers.accounts.entry import MAX_LOGIN_BYTES
from handlers.accounts.guesses import AddressMarks, Guess, Guesses
from handlers.accounts.passwords import MAX_VERIFIED_CHARS, PasswordRules, Passwords
from handlers.api.base import ApiHandler
from handlers.api.contract import FORM, JSON, Answer, Contract
from handlers.api.errors import Declined, WrongForm
from mail.links import Links
from runtime.decoding import Errors
from store.accounts.accounts import Account, Accounts
from store.accounts.revocations import Revocations
from store.accounts.sessions import Sessions, token_hash
from store.errors import STORE_FAILURES, NotFound


class ChangedPassword(msgspec.Struct):
    """A new password, and the one it replaces.

    Attributes:
        old_password: The present one.
        password: 8 to 128 characters; neither blank nor common nor the account's address.
    """

    old_password: str = ""
    password: str = ""


class NewPassword(msgspec.Struct):
    """A new password.

    Attributes:
        password: 8 to 128 characters; neither blank nor common nor the account's address.
    """

    password: str = ""


class PasswordAnswer(Answer):
    """Whether the password is changed.

    Attributes:
        errors: What is wrong with each field, with `form_error`.
    """

    status: Literal["ok", "form_error"]
    errors: dict[str, list[str]]


class ResetAnswer(Answer):
    """Whether the password is changed; `token_error` for a link that is false, old, or used.

    Attributes:
        errors: What is wrong with each field, with `form_error`.
    """

    status: Literal["ok", "token_error", "form_error"]
    errors: dict[str, list[str]]


class PasswordHandler(ApiHandler):
    """`POST /hr/password/`."""

    contract = Contract(
        "Change the password",
        body=ChangedPassword,
        body_kinds=(FORM, JSON),
        answer=PasswordAnswer,
        throttled=True,
    )
    methods = ("POST",)
    max_body_bytes = MAX_LOGIN_BYTES

    form: ChangedPassword
    accounts: Accounts
    marks: AddressMarks
    guesses: Guesses
    passwords: Passwords
    revocations: Revocations
    rules: PasswordRules
    sessions: Sessions

    async def handle(self) -> None:
        """All other sessions end. A wrong old password counts as a failed login."""
        form = self.form
        account = await self.accounts.get(self.user_id)
        if not account.password_hash:
            # Not by the session alone: whoever has stolen one must not get a password by it.
            raise WrongForm({"old_password": ["账号还没有密码，请用“忘记密码”设置"]})
        if errors := self._errors(account):
            raise WrongForm(errors)
        is_known = account.knows(self.marks.mark(account.id, self.client_prefix()))
        guess = Guess(email=account.email, address=self.client_address(), is_known=is_known)
        async with self.guesses.attempt(guess) as attempt:
            old = form.old_password[:MAX_VERIFIED_CHARS]
            right = await self.passwords.verify(account.password_hash, old)
            if not right:
                await attempt.failed()
            password_hash = await self.passwords.hash(form.password) if right else ""
        if not (right and await self._change(account, password_hash)):
            raise WrongForm({"old_password": ["原密码错误"]})
        self.report("password_change", "ok", account.id)
        self.answer("ok", "密码已修改，其他设备已退出登录", errors={})

    def _errors(self, account: Account) -> Errors:
        errors = {}
        if not self.form.old_password:
            errors["old_password"] = ["必填"]
        if wrong := self.rules.errors(self.form.password, account.email):
            errors["password"] = wrong
        return errors

    async def _change(self, account: Account, password_hash: str) -> bool:
        """False where the password was changed by somebody else meanwhile."""
        mine = token_hash(self.token)
        async with self.revocations.of(account.id):
            # The session that asks goes first: it must hold at every moment, and a later epoch does.
            await self.sessions.move(mine, account.epoch + 1)
            is_changed = await self.accounts.change_password(account, password_hash)
            if is_changed:
                await self.sessions.end_all(account.id, but=mine)
            else:
                await self.sessions.move(mine, account.epoch)
        return is_changed


class ResetHandler(ApiHandler):
    """`POST /hr/password/reset/<token>/`."""

    contract = Contract(
        "Set a new password by a link",
        body=NewPassword,
        body_kinds=(FORM, JSON),
        answer=ResetAnswer,
        throttled=True,
    )
    methods = ("POST",)
    max_body_bytes = MAX_LOGIN_BYTES
    needs_login = False

    form: NewPassword
    accounts: Accounts
    links: Links
    marks: AddressMarks
    passwords: Passwords
    revocations: Revocations
    rules: PasswordRules
    sessions: Sessions

    async def handle(self, token: str) -> None:
        """All sessions end, every link that was sent before is used up, and what is not the owner's goes.

        Of an account whose address nobody had proved, that is all that was bound by WeChat.
        """
        account = await self._account_of(token)
        if account is None:
            raise self._bad_link()
        if wrong := self.rules.errors(self.form.password, account.email):
            raise WrongForm({"password": wrong})
        async with self.passwords.slot():
            password_hash = await self.passwords.hash(self.form.password)
        async with self.revocations.of(account.id):
            # On condition that the epoch is still the link's: of two who use a link at once one wins.
            is_changed = await self.accounts.reset_password(account, password_hash)
            if is_changed:
                await self.sessions.end_all(account.id)
        if not is_changed:
            raise self._bad_link()
        # It is the owner's, whoever failed to guess a password from there. The new one holds all the same.
        with contextlib.suppress(*STORE_FAILURES):
            mark = self.marks.mark(account.id, self.client_prefix())
            await self.accounts.know(await self.accounts.get(account.id), mark)
        self.report("password_reset", "ok", account.id)
        unbound = "，以前绑定的微信已解除绑定" if account.unproved_ways else ""
        self.answer("ok", f"密码已重置{unbound}，请登录", errors={})

    async def _account_of(self, token: str) -> Account | None:
        """The account that a link resets; None where the link is false, old, or used."""
        link = self.links.read_reset(token)
        if link is None:
            return None
        try:
            account = await self.accounts.get(link.account)
        except NotFound:
            return None
        return account if account.epoch == link.epoch and not account.disabled else None

    def _bad_link(self) -> Declined:
        self.report("password_reset", "failed")
        return Declined("token_error", "链接无效或已过期，请重新申请", errors={})
