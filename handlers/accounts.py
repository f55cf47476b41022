"""Accounts over HTTP: register, log in, check a token, log out.

Hashing is in `passwords.py`, the bounds of guessing in `guesses.py`, sessions and accounts in `store/`. What
an account does once it is there is in `activation.py`, `password_change.py`, `sessions.py` and `profile.py`.
"""

from __future__ import annotations

import contextlib
import re
import unicodedata
from types import MappingProxyType
from typing import Literal

import msgspec

from handlers.address_marks import AddressMarks
from handlers.api.base import ApiHandler
from handlers.api.contract import FORM, JSON, Answer, Contract, Shape
from handlers.api.errors import TooMany
from handlers.api.requests import address_prefix
from handlers.guesses import LETTERS_PER_HOUR, Guess, Guesses
from handlers.password_rules import PasswordRules
from handlers.passwords import MAX_VERIFIED_CHARS, Passwords
from handlers.policies import AccountPolicy
from mail.outbox import Outbox
from runtime.decoding import Errors, Id
from runtime.security_log import report
from store.accounts import Account, Accounts
from store.errors import STORE_FAILURES, EmailTaken
from store.letters import Letters
from store.revocations import Revocations
from store.sessions import Sessions
from store.throttle import Throttle

_EMAIL = re.compile(r"[^@\s,;<>()\"]{1,64}@[^@\s,;<>()\".]+(\.[^@\s,;<>()\".]+)+")
_PHONE = re.compile(r"\+?[0-9(][0-9 ()-]{3,23}")
MAX_LOGIN_BYTES = 8 * 1024
"""The longest body of a login, a registration, or a new password. The longest that can be right has 2 KB; and
nobody has said yet who they are."""


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

    def errors(self, rules: PasswordRules) -> Errors:
        """What is wrong with the contents."""
        email = self.user_email.strip()
        # What is not printable can make two accounts look alike.
        is_email = len(email) <= 254 and email.isprintable() and _EMAIL.fullmatch(email)
        found = {
            "user_email": [] if is_email else ["请填写有效的邮箱"],
            "password": rules.errors(self.password, email),
            "company_name": company_name_errors(self.company_name),
            "phone": phone_errors(self.phone),
        }
        return {name: wrong for name, wrong in found.items() if wrong}


def company_name_errors(name: str) -> list[str]:
    """What is wrong with a company's name."""
    name = name.strip()
    return [] if 1 <= len(name) <= 100 and name.isprintable() else ["请填写公司名称，不超过 100 个字符"]


def phone_errors(phone: str) -> list[str]:
    """What is wrong with a recruiter's phone."""
    phone = unicodedata.normalize("NFKC", phone).strip()
    is_good = _PHONE.fullmatch(phone) and 5 <= sum(char.isdigit() for char in phone) <= 15
    return [] if is_good else ["请填写有效的联系电话"]


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
        token: Good for 30 days from its last use, and for 90 days at most.
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
    marks: AddressMarks
    sessions: Sessions
    passwords: Passwords
    throttle: Throttle
    policy: AccountPolicy
    outbox: Outbox

    async def auth_info(self, account: Account) -> dict[str, str]:
        """Open a session, note where from, and return the credentials."""
        agent = "".join(filter(str.isprintable, self.request.headers.get("User-Agent", "")))
        token = await self.sessions.create(account.id, epoch=account.epoch, agent=agent)
        await self.note_address(account)
        return {"user": account.id, "token": token}

    async def note_address(self, account: Account) -> None:
        """Note that the account is used from here."""
        mark = self.marks.mark(account.id, address_prefix(self.client_address()))
        # The account is open all the same: a failure to note it must not fail that.
        with contextlib.suppress(*STORE_FAILURES):
            await self.accounts.know(account, mark)


class RegisterHandler(AccountHandler):
    """`POST /hr/register/`."""

    contract = Contract(
        "Register", body=Registration, body_kinds=(FORM, JSON), answer=RegisterAnswer, throttled=True
    )

    form: Registration
    rules: PasswordRules

    async def handle(self) -> None:
        """Make an account, and log it in unless it must be activated first."""
        form, prefix = self.form, address_prefix(self.client_address())
        if errors := form.errors(self.rules):
            self._refuse(errors)
            return
        if await self.throttle.count("register", prefix, 60) > self.policy.register_per_minute:
            report("register", outcome="throttled", address=self.client_address())
            raise TooMany(await self.throttle.wait_s("register", prefix, self.policy.register_per_minute))
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
        report("register", account=account.id, outcome="ok", address=self.client_address())
        if not account.active:
            await self.note_address(account)
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
    guesses: Guesses
    letters: Letters

    async def handle(self) -> None:
        """Check the password and open a session."""
        form = self.form
        # A password may begin and end with blanks, as `register` takes it.
        missing = {name: ["必填"] for name in ("username", "password") if not getattr(form, name)}
        if missing or not form.username.strip():
            self._refuse("form_error", "表单有误", missing or {"username": ["必填"]})
            return
        account = await self.accounts.find_by_email(form.username)
        async with self.guesses.attempt(self._guess(account)) as attempt:
            password_hash = account.password_hash if account else None
            right = await self.passwords.verify(password_hash, form.password[:MAX_VERIFIED_CHARS])
            await (attempt.succeeded() if right else attempt.failed())
        if account is None or not right:
            self._refuse("form_error", "用户名或密码错误", {"password": ["用户名或密码错误"]})
        elif not account.may_log_in:
            report("login", account=account.id, outcome="refused", address=self.client_address())
            await self._turn_away(account)
        else:
            report("login", account=account.id, outcome="ok", address=self.client_address())
            self.answer(
                "ok",
                "登录成功",
                errors={},
                username=account.email,
                user_industry=account.industry,
                auth_info=await self.auth_info(account),
            )

    def _guess(self, account: Account | None) -> Guess:
        address = self.client_address()
        prefix = address_prefix(address)
        is_known = account is not None and account.knows(self.marks.mark(account.id, prefix))
        return Guess(email=self.form.username, address=address, prefix=prefix, is_known=is_known)

    async def _turn_away(self, account: Account) -> None:
        """Say why the right password does not help."""
        if not account.is_hr:
            self._refuse("not_hr", "该账号不是招聘用户")
        elif account.disabled:
            self._refuse("not_active", "账号已停用，请联系管理员")
        else:
            again = await self._ask_letter_again(account)
            sent = "激活邮件已重新发送，请查收" if again else "请查收激活邮件"
            self._refuse("not_active", f"账号尚未激活，{sent}")

    async def _ask_letter_again(self, account: Account) -> bool:
        """Have the activation letter sent once more; false where there were enough of them this hour."""
        if await self.throttle.count("letter", account.id, 3600) > LETTERS_PER_HOUR:
            return False
        await self.letters.ask(account.id, "activation")
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
    revocations: Revocations

    async def handle(self) -> None:
        """Revoke the token that the request came with, in every process."""
        async with self.revocations.of(self.user_id):
            await self.sessions.revoke(self.token)
        self.ok()
