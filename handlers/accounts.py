"""Register, log in, check a token, log out."""

from __future__ import annotations

import hashlib
import re
import unicodedata

import msgspec

from handlers.base import ApiHandler
from handlers.bodies import decode_form
from handlers.errors import Errors, TooMany
from handlers.passwords import Passwords
from handlers.turns import Turns
from store.accounts import Account, Accounts, fold_email
from store.errors import EmailTaken
from store.events import Event, Events
from store.sessions import token_hash
from store.throttle import Throttle

_EMAIL = re.compile(r"[^@\s,;<>()\"]{1,64}@[^@\s,;<>()\".]+(\.[^@\s,;<>()\".]+)+")
_PHONE = re.compile(r"\+?[0-9(][0-9 ()-]{3,23}")


class AccountPolicy(msgspec.Struct, frozen=True):
    """The settings that accounts are subject to."""

    require_activation: bool
    login_attempts: int
    login_window_s: int
    register_per_minute: int


class Registration(msgspec.Struct):
    """The form of `register`."""

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
        if not 8 <= len(self.password) <= 128:
            errors["password"] = ["密码长度应为 8 到 128 个字符"]
        if not (1 <= len(company) <= 100 and company.isprintable()):
            errors["company_name"] = ["请填写公司名称，不超过 100 个字符"]
        if not (_PHONE.fullmatch(phone) and 5 <= sum(char.isdigit() for char in phone) <= 15):
            errors["phone"] = ["请填写有效的联系电话"]
        return errors


class Login(msgspec.Struct):
    """The form of `login`."""

    username: str = ""
    password: str = ""


class AccountHandler(ApiHandler):
    """What the account endpoints have in common."""

    methods = ("POST",)
    needs_login = False
    changes_state = True

    accounts: Accounts
    passwords: Passwords
    throttle: Throttle
    turns: Turns
    policy: AccountPolicy

    async def auth_info(self, account: Account) -> dict[str, str]:
        """Open a session and return the credentials."""
        return {"user": account.id, "token": await self.sessions.create(account.id)}


class RegisterHandler(AccountHandler):
    """`POST /hr/register/`."""

    async def handle(self, *_: str) -> None:
        """Make an account; log it in unless it must be activated first."""
        form = decode_form(Registration, self.body, self.request.headers.get("Content-Type", ""))
        address = self.client_address()
        if errors := form.errors():
            self.form_error(errors, username="")
            return
        if await self.throttle.count("register", address, 60) > self.policy.register_per_minute:
            raise TooMany(await self.throttle.wait_s("register", address, self.policy.register_per_minute))
        password_hash = await self.passwords.hash(form.password)
        try:
            account = await self.accounts.create(
                email=form.user_email,
                password_hash=password_hash,
                company_name=form.company_name.strip(),
                phone=form.phone.strip(),
                active=not self.policy.require_activation,
            )
        except EmailTaken:
            self.form_error({"user_email": ["该邮箱已注册"]}, username="")
            return
        fields = {"auth_info": await self.auth_info(account)} if account.active else {}
        self.answer("ok", "注册成功", errors={}, username=account.email, **fields)


class LoginHandler(AccountHandler):
    """`POST /hr/login/`."""

    async def handle(self, *_: str) -> None:
        """Check the password and open a session."""
        form = decode_form(Login, self.body, self.request.headers.get("Content-Type", ""))
        missing = {name: ["必填"] for name in ("username", "password") if not getattr(form, name).strip()}
        if missing:
            self._refuse("form_error", "表单有误", missing)
            return
        who = hashlib.sha256(fold_email(form.username).encode()).hexdigest()[:32]
        keys = [("account", who), ("address", self.client_address())]
        # One attempt an account and an address at a time: a count that is checked, then raised by the
        # outcome, would let any number of attempts at once through.
        async with self.turns.take("account", who), self.turns.take("address", keys[1][1]):
            waits = [await self.throttle.wait_s(what, key, self.policy.login_attempts) for what, key in keys]
            if any(waits):
                raise TooMany(max(waits))
            account = await self.accounts.find_by_email(form.username)
            password_hash = account.password_hash if account else None
            right = await self.passwords.verify(password_hash, form.password[:1000])
            if not right:
                for what, key in keys:
                    await self.throttle.count(what, key, self.policy.login_window_s)
        if account is None or not right:
            self._refuse("form_error", "用户名或密码错误", {"password": ["用户名或密码错误"]})
        elif not account.is_hr:
            self._refuse("not_hr", "该账号不是招聘用户")
        elif not account.active:
            self._refuse("not_active", "账号尚未激活，请查收激活邮件")
        else:
            await self.throttle.forget(*keys[0])
            self.answer(
                "ok",
                "登录成功",
                errors={},
                username=account.email,
                user_industry=account.industry,
                auth_info=await self.auth_info(account),
            )

    def _refuse(self, status: str, msg: str, errors: Errors | None = None) -> None:
        self.answer(status, msg, errors=errors or {}, username="", user_industry="", auth_info={})


class ValidTokenHandler(ApiHandler):
    """`GET /hr/valid_token/<user>/<token>/`."""

    needs_login = False

    async def handle(self, *args: str) -> None:
        """Say whether a token is good; a malformed one is not."""
        if await self.sessions.is_valid(*args):
            self.answer("ok", "token 有效")
        else:
            self.answer("token_error", "token 无效或已过期")


class LogoutHandler(ApiHandler):
    """`POST /hr/logout/`."""

    methods = ("POST",)
    changes_state = True

    events: Events

    async def handle(self, *_: str) -> None:
        """Revoke the token that the request came with, in every process."""
        await self.sessions.revoke(self.token)
        await self.events.publish(Event("revoked", user=self.user_id, token=token_hash(self.token)))
        self.ok()
