"""Accounts over HTTP: register, log in, check a token, log out.

Hashing is in `passwords.py`, sessions and accounts are in `store/`. Activating an account is in
`activation.py`.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from types import MappingProxyType
from typing import Literal

import msgspec

from handlers.api.base import ApiHandler
from handlers.api.contract import FORM, JSON, Answer, Contract, Shape
from handlers.api.errors import TooMany
from handlers.passwords import LENGTHS, Passwords
from handlers.policies import AccountPolicy
from mail.outbox import Outbox
from runtime.decoding import Errors, Id
from runtime.keyed_lock import KeyedLocks
from store.accounts import Account, Accounts, fold_email
from store.errors import EmailTaken
from store.events import Event, Events
from store.sessions import Sessions, token_hash
from store.throttle import Throttle

_EMAIL = re.compile(r"[^@\s,;<>()\"]{1,64}@[^@\s,;<>()\".]+(\.[^@\s,;<>()\".]+)+")
_PHONE = re.compile(r"\+?[0-9(][0-9 ()-]{3,23}")
_LETTERS_PER_HOUR = 3
"""Activation letters that one account can have sent again in an hour, by logging in. Each attempt after that
is told to look into the mailbox: more letters would only help whoever wants to flood it."""
MAX_LOGIN_BYTES = 8 * 1024
"""The longest body of a login or a registration. The longest that can be right has 2 KB; and nobody has said
yet who they are."""
_MAX_VERIFIED_CHARS = 1000
"""How much of a password is verified. No password that could be set is as long, and hashing megabytes
would hold a thread."""


class Registration(msgspec.Struct):
    """What a recruiter says when registering; what does not do is a `form_error`.

    Attributes:
        user_email: One account an address, whatever its case.
        password: 8 to 128 characters.
        company_name: At most 100 characters.
        phone: 5 to 15 digits, with blanks, brackets or hyphens between them.
    """

    user_email: str = ""
    password: str = ""
    company_name: str = ""
    phone: str = ""

    def errors(self) -> Errors:
        """What is wrong with the contents."""
        errors = {}
        email, company = self.user_email.strip(), self.company_name.strip()
        phone = unicodedata.normalize("NFKC", self.phone).strip()
        # What is not printable can make two accounts look alike.
        if not (len(email) <= 254 and email.isprintable() and _EMAIL.fullmatch(email)):
            errors["user_email"] = ["请填写有效的邮箱"]
        if len(self.password) not in LENGTHS:
            errors["password"] = ["密码长度应为 8 到 128 个字符"]
        if not (1 <= len(company) <= 100 and company.isprintable()):
            errors["company_name"] = ["请填写公司名称，不超过 100 个字符"]
        if not (_PHONE.fullmatch(phone) and 5 <= sum(char.isdigit() for char in phone) <= 15):
            errors["phone"] = ["请填写有效的联系电话"]
        return errors


class Login(msgspec.Struct):
    """The credentials of a person.

    Attributes:
        username: The e-mail address.
    """

    username: str = ""
    password: str = ""


class AuthInfo(Shape):
    """The credentials of requests; empty where nobody is logged in.

    Attributes:
        user: The account's id.
        token: Good for 30 days from its last use.
    """

    user: Id | msgspec.UnsetType = msgspec.UNSET
    token: str | msgspec.UnsetType = msgspec.UNSET


class RegisterAnswer(Answer):
    """What became of a registration.

    Attributes:
        errors: What is wrong with each field, with `form_error`.
        username: The e-mail address as it is kept; empty unless `ok`.
        auth_info: Left out where nobody is logged in: the account must be activated first.
    """

    status: Literal["ok", "form_error"]
    errors: dict[str, list[str]]
    username: str
    auth_info: AuthInfo | msgspec.UnsetType = msgspec.UNSET


class LoginAnswer(Answer):
    """What became of a login; `not_active` and `not_hr` come only after the right password.

    Attributes:
        errors: What is wrong with each field, with `form_error`.
        username: The e-mail address as it is kept; empty unless `ok`.
        user_industry: Empty where it is not known.
    """

    status: Literal["ok", "form_error", "not_active", "not_hr"]
    errors: dict[str, list[str]]
    username: str
    user_industry: str
    auth_info: AuthInfo


class ValidTokenAnswer(Answer):
    """Whether a token is good: `ok` or `token_error`."""

    status: Literal["ok", "token_error"]


class AccountHandler(ApiHandler):
    """What registering and logging in have in common."""

    methods = ("POST",)
    needs_login = False
    changes_state = True
    max_body_bytes = MAX_LOGIN_BYTES

    accounts: Accounts
    sessions: Sessions
    passwords: Passwords
    throttle: Throttle
    policy: AccountPolicy
    outbox: Outbox

    async def auth_info(self, account: Account) -> dict[str, str]:
        """Open a session and return the credentials."""
        return {"user": account.id, "token": await self.sessions.create(account.id)}


class RegisterHandler(AccountHandler):
    """`POST /hr/register/`."""

    contract = Contract(
        "Register", body=Registration, body_kinds=(FORM, JSON), answer=RegisterAnswer, throttled=True
    )

    form: Registration

    async def handle(self) -> None:
        """Make an account, and log it in unless it must be activated first."""
        form, address = self.form, self.client_address()
        if errors := form.errors():
            self._refuse(errors)
            return
        if await self.throttle.count("register", address, 60) > self.policy.register_per_minute:
            raise TooMany(await self.throttle.wait_s("register", address, self.policy.register_per_minute))
        async with self.passwords.slot():
            password_hash = await self.passwords.hash(form.password)
        try:
            # Whether the address is taken is decided by the unique index, so two registrations cannot both
            # win.
            account = await self.accounts.create(
                email=form.user_email,
                password_hash=password_hash,
                company_name=form.company_name.strip(),
                phone=form.phone.strip(),
                active=not self.policy.require_activation,
            )
        except EmailTaken:
            self._refuse({"user_email": ["该邮箱已注册"]})
            return
        if not account.active:
            self.outbox.wake()
            self.answer("ok", "注册成功，请查收激活邮件", errors={}, username=account.email)
            return
        info = await self.auth_info(account)
        self.answer("ok", "注册成功", errors={}, username=account.email, auth_info=info)

    def _refuse(self, errors: Errors) -> None:
        self.answer("form_error", "表单有误", errors=errors, username="")


class LoginHandler(AccountHandler):
    """`POST /hr/login/`."""

    contract = Contract("Log in", body=Login, body_kinds=(FORM, JSON), answer=LoginAnswer, throttled=True)

    form: Login
    locks: KeyedLocks

    async def handle(self) -> None:
        """Check the password and open a session."""
        form = self.form
        missing = {name: ["必填"] for name in ("username", "password") if not getattr(form, name).strip()}
        if missing:
            self._refuse("form_error", "表单有误", missing)
            return
        # Hashed, since keys of Redis show in its own logs and dumps: no e-mail address may.
        who = hashlib.sha256(fold_email(form.username).encode()).hexdigest()[:32]
        keys = [("account", who), ("address", self.client_address())]
        # One attempt at a time for an account and for an address. The count is checked before the attempt and
        # raised after it, so attempts at the same time would all find it low, however many they are.
        async with self.passwords.slot(*(self.locks.take(what, key) for what, key in keys)):
            waits = [await self.throttle.wait_s(what, key, self.policy.login_attempts) for what, key in keys]
            if any(waits):
                raise TooMany(max(waits))
            account = await self.accounts.find_by_email(form.username)
            password_hash = account.password_hash if account else None
            right = await self.passwords.verify(password_hash, form.password[:_MAX_VERIFIED_CHARS])
            if not right:
                for what, key in keys:
                    await self.throttle.count(what, key, self.policy.login_window_s)
        if account is None or not right:
            self._refuse("form_error", "用户名或密码错误", {"password": ["用户名或密码错误"]})
        elif not account.is_hr:
            self._refuse("not_hr", "该账号不是招聘用户")
        elif not account.active:
            again = await self._ask_letter_again(account)
            sent = "激活邮件已重新发送，请查收" if again else "请查收激活邮件"
            self._refuse("not_active", f"账号尚未激活，{sent}")
        else:
            # Of the account alone: somebody who guesses at others' passwords has one account of their own,
            # and must not clear the count of their address by logging in to it.
            await self.throttle.forget(*keys[0])
            self.answer(
                "ok",
                "登录成功",
                errors={},
                username=account.email,
                user_industry=account.industry,
                auth_info=await self.auth_info(account),
            )

    async def _ask_letter_again(self, account: Account) -> bool:
        """Have the activation letter sent once more; false where there were enough of them this hour."""
        if await self.throttle.count("letter", account.id, 3600) > _LETTERS_PER_HOUR:
            return False
        await self.accounts.ask_mail_again(account.id)
        self.outbox.wake()
        return True

    def _refuse(self, status: str, msg: str, errors: Errors = MappingProxyType({})) -> None:
        self.answer(status, msg, errors=dict(errors), username="", user_industry="", auth_info={})


class ValidTokenHandler(ApiHandler):
    """`GET /hr/valid_token/<user>/<token>/`."""

    contract = Contract("Whether a token is good", answer=ValidTokenAnswer)
    needs_login = False

    sessions: Sessions

    async def handle(self, user: str, token: str) -> None:
        """A malformed user or token is answered as not valid."""
        if await self.sessions.is_valid(user, token):
            self.answer("ok", "token 有效")
        else:
            self.answer("token_error", "token 无效或已过期")


class LogoutHandler(ApiHandler):
    """`POST /hr/logout/`."""

    contract = Contract("Log out")
    methods = ("POST",)
    changes_state = True

    sessions: Sessions
    events: Events

    async def handle(self) -> None:
        """Revoke the token that the request came with, in every process."""
        await self.sessions.revoke(self.token)
        await self.events.publish(Event("revoked", user=self.user_id, token=token_hash(self.token)))
        self.ok()
