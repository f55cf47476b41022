"""Signing in to the desk and out of it, and an operator's own password.

The token goes in `Authorization: Bearer`, which no browser sends by itself: so no other site's page can use
it, and nothing has to be checked against that. A page keeps it for as long as its tab is open.
"""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec

from handlers.accounts.entry import MAX_LOGIN_BYTES
from handlers.accounts.guesses import Guess, Guesses
from handlers.accounts.passwords import MAX_VERIFIED_CHARS, PasswordRules, Passwords
from handlers.admin.desk import DeskHandler
from handlers.api.base import ApiHandler
from handlers.api.contract import Answer, Contract, Moment, Ok
from handlers.api.errors import ApiError, Declined, WrongForm
from runtime.clock import clock_text
from store.accounts.operators import IDLE, Operators, OperatorSessions, Role

ShortText = Annotated[str, msgspec.Meta(max_length=MAX_VERIFIED_CHARS)]


class SignIn(msgspec.Struct):
    """An operator's address and password."""

    email: ShortText = ""
    password: ShortText = ""


class SignInAnswer(Answer):
    """Whether the operator is signed in.

    Attributes:
        status: `not_active` where the operator is disabled, and the password right.
        token: For `Authorization: Bearer`; with `ok` alone, like the fields below.
        expires_at: When the session ends though it is used.
        errors: With `form_error`.
    """

    status: Literal["ok", "form_error", "not_active"]
    token: str | None = None
    email: str | None = None
    role: Role | None = None
    expires_at: Moment | None = None
    errors: dict[str, list[str]] = msgspec.field(default_factory=dict)


class MeAnswer(Ok):
    """Who is signed in.

    Attributes:
        expires_at: When the session ends though it is used.
        idle_s: Seconds without a request after which it ends too.
    """

    email: str
    role: Role
    expires_at: Moment
    idle_s: int


class OwnPassword(msgspec.Struct):
    """The password of before and the new one."""

    old_password: ShortText = ""
    password: ShortText = ""


class FormAnswer(Answer):
    """Done, or what is wrong with the form."""

    status: Literal["ok", "form_error"]
    errors: dict[str, list[str]] = msgspec.field(default_factory=dict)


class LoginHandler(ApiHandler):
    """`POST /admin/api/login/`."""

    contract = Contract("Sign in to the desk", body=SignIn, answer=SignInAnswer, throttled=True)
    methods = ("POST",)
    max_body_bytes = MAX_LOGIN_BYTES
    needs_login = False
    is_for_operators = True

    form: SignIn
    guesses: Guesses
    operator_sessions: OperatorSessions
    operators: Operators
    passwords: Passwords

    async def handle(self) -> None:
        """An unknown address and a wrong password get the same answer in the same time."""
        form, address = self.form, self.client_address()
        guess = Guess(email=form.email, address=address, is_known=False, event="operator_login")
        async with self.guesses.attempt(guess) as attempt:
            operator = await self.operators.find_by_email(form.email)
            held = operator.password_hash if operator else None
            if not await self.passwords.verify(held, form.password) or operator is None:
                await attempt.failed()
                raise WrongForm({"password": ["邮箱或密码错误"]}, "邮箱或密码错误")
            await attempt.succeeded()
        if operator.disabled:
            self.report("operator_login", "refused", operator.id)
            raise Declined("not_active", "账号已停用，请联系管理员")
        token, ends = await self.operator_sessions.create(operator)
        self.report("operator_login", "ok", operator.id)
        self.ok(token=token, email=operator.email, role=operator.role, expires_at=clock_text(ends))


class LogoutHandler(DeskHandler):
    """`POST /admin/api/logout/`."""

    contract = Contract("Sign out of the desk")
    methods = ("POST",)

    operator_sessions: OperatorSessions

    async def handle(self) -> None:
        """End this sign-in; others of the operator stay."""
        await self.operator_sessions.end(self.signed_in.key)
        self.ok()


class MeHandler(DeskHandler):
    """`GET /admin/api/me/`."""

    contract = Contract("Who is signed in to the desk", answer=MeAnswer)

    async def handle(self) -> None:
        """It counts as a use of the session."""
        self.ok(
            email=self.operator.email,
            role=self.operator.role,
            expires_at=clock_text(self.signed_in.expires_at),
            idle_s=int(IDLE.total_seconds()),
        )


class PasswordHandler(DeskHandler):
    """`POST /admin/api/password/`."""

    contract = Contract("Change one's own password of the desk", body=OwnPassword, answer=FormAnswer)
    methods = ("POST",)
    max_body_bytes = MAX_LOGIN_BYTES

    form: OwnPassword
    guesses: Guesses
    operator_sessions: OperatorSessions
    operators: Operators
    passwords: Passwords
    rules: PasswordRules

    async def handle(self) -> None:
        """The operator's other sessions end. A wrong `old_password` counts as a failed sign-in."""
        form, operator, address = self.form, self.operator, self.client_address()
        if wrong := self.rules.errors(form.password, operator.email):
            raise WrongForm({"password": wrong})
        # Whoever is signed in here is known here.
        guess = Guess(email=operator.email, address=address, is_known=True, event="operator_login")
        async with self.guesses.attempt(guess) as attempt:
            if not await self.passwords.verify(operator.password_hash, form.old_password):
                await attempt.failed()
                raise WrongForm({"old_password": ["原密码错误"]})
            await attempt.succeeded()
            password_hash = await self.passwords.hash(form.password)
        # The session that asks goes first: it must hold at every moment after.
        await self.operator_sessions.move(self.signed_in.key, operator.epoch + 1)
        if not await self.operators.set_password(operator, password_hash):
            await self.operator_sessions.end(self.signed_in.key)
            raise ApiError(401, "auth_error", "密码刚刚被修改，请重新登录")
        self.report("operator_password", "ok", operator.id)
        self.ok()
