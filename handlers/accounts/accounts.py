"""Accounts over HTTP: register, log in, check a token, log out.

What comes after somebody is known is in `entry.py`, hashing in `passwords.py`, the bounds of guessing in
`guesses.py`, sessions and accounts in `store/`. Who comes by WeChat is in `wechat/`. What an account does
once it is there is in `activation.py`, `password_change.py`, `sessions.py` and `profile.py`.
"""

from __future__ import annotations

import asyncio
import re
from typing import Literal

import msgspec

from handlers.accounts.asked_letters import TAKES_S
from handlers.accounts.entry import (
    TICKET_ERRORS,
    AuthInfo,
    EntryHandler,
    LoginAnswer,
    ticket_errors,
    turned_down,
)
from handlers.accounts.guesses import LETTERS_PER_HOUR, Guess, Guesses, account_key
from handlers.accounts.invitations import OVER, read_invitation
from handlers.accounts.legal import Legal
from handlers.accounts.passwords import MAX_VERIFIED_CHARS, PasswordRules, Passwords
from handlers.api.base import ApiHandler
from handlers.api.contract import FORM, JSON, Answer, Contract, Flag
from handlers.api.errors import Declined, TooMany, WrongForm
from mail.links import Links
from runtime.decoding import Errors
from runtime.nfkc import nfkc
from store.accounts.accounts import Account, fold_email
from store.accounts.identity import Identity
from store.accounts.invitations import MOST_MEMBERS, Invitation, Invitations
from store.accounts.revocations import Revocations
from store.accounts.sessions import Sessions
from store.audit.audit import Audit
from store.errors import CompanyFull, EmailTaken, InvitationOver, NotFound

_NO_COMPANY = "没有可以用企业微信直接加入的公司，请填写公司名称，或请同事邀请"
_EMAIL = re.compile(r"[^@\s,;<>()\"]{1,64}@[^@\s,;<>()\".]+(\.[^@\s,;<>()\".]+)+")
_PHONE = re.compile(r"\+?[0-9(][0-9 ()-]{3,23}")


class Registration(msgspec.Struct):
    """What a recruiter says when registering; what does not do is a `form_error`.

    Attributes:
        user_email: One account an address, whatever its case.
        password: 8 to 128 characters; may be left out with a ticket.
        company_name: At most 100 characters.
        phone: 5 to 15 digits, with blanks, brackets or hyphens between them.
        wechat_ticket: Of a login by WeChat that was `not_bound`: that person then opens the account.
        terms_version: The version of `/hr/legal/` that the recruiter agrees to; may be left out.
        invite: The token of an invitation, whose company the account joins in place of making one; then
            `company_name` may be left out.
        join: 1 joins the company that the login by WeChat named, as a recruiter, in place of making one; then
            `company_name` may be left out too.
    """

    user_email: str = ""
    password: str = ""
    company_name: str = ""
    phone: str = ""
    wechat_ticket: str = ""
    terms_version: str = ""
    invite: str = ""
    join: Flag = 0

    def errors(self, rules: PasswordRules, legal: Legal) -> Errors:
        """What is wrong with the contents."""
        found = {
            "user_email": email_errors(self.user_email),
            "password": rules.errors(self.password, self.user_email.strip()) if self.needs_password else [],
            "company_name": [] if self.invite or self.join else company_name_errors(self.company_name),
            "phone": phone_errors(self.phone),
            "terms_version": legal.errors_of(self.terms_version) if self.terms_version else [],
        }
        return {name: wrong for name, wrong in found.items() if wrong}

    @property
    def needs_password(self) -> bool:
        """Whether one is given, or has to be: an account that WeChat opens needs none."""
        return bool(self.password or not self.wechat_ticket)


def email_errors(email: str) -> list[str]:
    """What is wrong with an address."""
    email = email.strip()
    # What is not printable can make two accounts look alike.
    is_email = len(email) <= 254 and email.isprintable() and _EMAIL.fullmatch(email)
    return [] if is_email else ["请填写有效的邮箱"]


def company_name_errors(name: str) -> list[str]:
    """What is wrong with a company's name."""
    name = name.strip()
    return [] if 1 <= len(name) <= 100 and name.isprintable() else ["请填写公司名称，不超过 100 个字符"]


def phone_errors(phone: str) -> list[str]:
    """What is wrong with a recruiter's phone."""
    phone = nfkc(phone).strip()
    is_good = _PHONE.fullmatch(phone) and 5 <= sum(char.isdigit() for char in phone) <= 15
    return [] if is_good else ["请填写有效的联系电话"]


class Login(msgspec.Struct):
    """The credentials of a person.

    Attributes:
        username: The e-mail address.
        wechat_ticket: Of a login by WeChat that was `not_bound`: that person then opens the account.
    """

    username: str = ""
    password: str = ""
    wechat_ticket: str = ""


class RegisterAnswer(Answer):
    """What became of a registration; `token_error` where the invitation is not good.

    Attributes:
        errors: What is wrong with each field, with `form_error`.
        username: The e-mail address as it is kept; empty unless `ok`.
        auth_info: Left out where nobody is logged in: the account must be activated first.
    """

    status: Literal["ok", "form_error", "token_error"]
    errors: dict[str, list[str]]
    username: str = ""
    auth_info: AuthInfo | msgspec.UnsetType = msgspec.UNSET


class ValidTokenAnswer(Answer):
    """Whether a token is good: `ok` or `token_error`."""

    status: Literal["ok", "token_error"]


class RegisterHandler(EntryHandler):
    """`POST /hr/register/`."""

    contract = Contract(
        "Register", body=Registration, body_kinds=(FORM, JSON), answer=RegisterAnswer, throttled=True
    )

    form: Registration
    audit: Audit
    legal: Legal
    passwords: Passwords
    rules: PasswordRules
    links: Links
    invitations: Invitations
    _invitation: Invitation | None = None

    async def handle(self) -> None:
        """Make an account, and log it in; or have it activated by a letter.

        Then the answer is the same where the address has an account, and its owner gets a letter.
        """
        form, prefix = self.form, self.client_prefix()
        if errors := form.errors(self.rules, self.legal):
            raise WrongForm(errors)
        if await self.throttle.count("register", prefix, 60) > self.policy.register_per_minute:
            self.report("register", "throttled")
            raise TooMany(await self.throttle.wait_s("register", prefix, self.policy.register_per_minute))
        try:
            if form.join and not form.wechat_ticket and not form.invite:
                raise NotFound("nobody of WeCom registers")
            if form.invite:
                self._invitation = await read_invitation(self.links, self.invitations, form.invite)
            if self.policy.require_activation and not self._is_awaited():
                # The time must not tell either whether the address had an account.
                await asyncio.gather(self._begin(), asyncio.sleep(TAKES_S))
                username = fold_email(form.user_email)
                self.answer("ok", "请查收邮件，按邮件完成注册", errors={}, username=username)
                return
            account = await self._create()
        except EmailTaken:
            raise WrongForm({"user_email": ["该邮箱已注册"]}) from None
        except TICKET_ERRORS as error:
            raise WrongForm(ticket_errors(error)) from None
        except InvitationOver:
            raise Declined("token_error", OVER, errors={}) from None
        except NotFound:
            raise WrongForm({"join": [_NO_COMPANY]}) from None
        except CompanyFull:
            raise WrongForm({"join": [f"公司最多 {MOST_MEMBERS} 名成员"]}) from None
        info = await self.auth_info(account)
        self.answer("ok", "注册成功", errors={}, username=account.email, auth_info=info)

    def _is_awaited(self) -> bool:
        """Whether the letter of the invitation went to the address that registers, which proves it."""
        return self._invitation is not None and self._invitation.email == fold_email(self.form.user_email)

    async def _begin(self) -> None:
        """Make an account that a letter activates; or tell the owner of the address that there is one."""
        try:
            await self.note_address(await self._create())
        except EmailTaken:
            owner = await self.accounts.find_by_email(self.form.user_email)
            if owner is None:  # deleted just now
                return
            count = await self.throttle.count("registered", account_key(owner.email), 3600)
            outcome: Literal["refused", "throttled"] = "refused" if count <= LETTERS_PER_HOUR else "throttled"
            self.report("register", outcome, owner.id)
            if outcome == "refused":
                await self.letters.ask(owner.id, "registered")

    async def _create(self) -> Account:
        """Make the account, with the person of the ticket; the ticket is used up.

        Raises:
            EmailTaken: The address has an account. Where that is not told, the ticket is used up too.
            IdentityTaken: The person of WeChat has one.
            TicketRefused: The ticket is no good.
            NotFound, CompanyFull: No company awaits the person of WeCom, or it is full.
        """
        taken: EmailTaken | None = None
        async with self.redeeming(self.form.wechat_ticket) as identity:
            try:
                account = await self._store(identity)
            except EmailTaken as error:
                if not self.policy.require_activation:
                    raise
                taken = error
        if taken is not None:
            raise taken
        if self.form.invite or self.form.join:
            await self.audit.changed(account.member, "join", self.request_id)
        self.report("register", "ok", account.id)
        return account

    async def _store(self, identity: Identity | None) -> Account:
        """Write the account."""
        form, password_hash = self.form, None
        if form.password:
            async with self.passwords.slot():
                password_hash = await self.passwords.hash(form.password)
        # Whether the address is taken is decided by the unique index, so two registrations cannot both win.
        return await self.accounts.create(
            email=form.user_email,
            password_hash=password_hash,
            company_name=form.company_name.strip(),
            phone=form.phone.strip(),
            active=not self.policy.require_activation or self._is_awaited(),
            identity=identity,
            agreed_version=form.terms_version,
            origin=self.marks.origin(self.client_prefix()),
            invitation=self._invitation,
            joins=bool(form.join),
        )


class LoginHandler(EntryHandler):
    """`POST /hr/login/`."""

    contract = Contract("Log in", body=Login, body_kinds=(FORM, JSON), answer=LoginAnswer, throttled=True)

    form: Login
    guesses: Guesses
    passwords: Passwords

    async def handle(self) -> None:
        """Check the password and open a session."""
        form = self.form
        # A password may begin and end with blanks, as `register` takes it.
        missing = {name: ["必填"] for name in ("username", "password") if not getattr(form, name)}
        if missing or not form.username.strip():
            raise turned_down("form_error", "表单有误", missing or {"username": ["必填"]})
        account = await self.accounts.find_by_email(form.username)
        async with self.guesses.attempt(self._guess(account)) as attempt:
            password_hash = account.password_hash if account else None
            right = await self.passwords.verify(password_hash, form.password[:MAX_VERIFIED_CHARS])
            await (attempt.succeeded() if right else attempt.failed())
        if account is None or not right:
            raise turned_down("form_error", "用户名或密码错误", {"password": ["用户名或密码错误"]})
        try:
            # Only whoever may log in is bound: else the ticket is still good once they may.
            async with self.redeeming(form.wechat_ticket if account.may_log_in else "") as identity:
                if identity:
                    await self.identities.bind(account.id, identity, epoch=account.epoch)
        except TICKET_ERRORS as error:
            raise turned_down("form_error", "微信绑定没有成功", ticket_errors(error)) from None
        await self.let_in(account, "login")

    def _guess(self, account: Account | None) -> Guess:
        is_known = account is not None and account.knows(self.marks.mark(account.id, self.client_prefix()))
        return Guess(email=self.form.username, address=self.client_address(), is_known=is_known)


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

    sessions: Sessions
    revocations: Revocations

    async def handle(self) -> None:
        """Revoke the token that the request came with, in every process."""
        async with self.revocations.of(self.user_id):
            await self.sessions.revoke(self.token)
        self.ok()
