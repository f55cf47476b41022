"""Accounts at the desk: found, invited, shut and opened, their limits, their sessions.

No password is ever shown or taken here: who owns the account sets it, by a link in a letter. Without a mail
server the link is in the answer, for the operator to hand over.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

import msgspec

from handlers.accounts import company_name_errors, email_errors, phone_errors
from handlers.admin.desk import DeskHandler, PageOk, Paging
from handlers.api.contract import Answer, Contract, Flag, Moment, Ok, Shape
from handlers.policies import FeedPolicy
from mail.links import Links
from mail.outbox import Outbox
from runtime.clock import clock_text
from runtime.decoding import Errors, Id
from store.account_access import AccountAccess
from store.account_list import AccountList, AccountState, ListedAccount
from store.accounts import Account, Accounts
from store.errors import EmailTaken
from store.letters import Letters
from store.sessions import Sessions

Quota = Annotated[int, msgspec.Meta(ge=0, le=1000)]
ShortText = Annotated[str, msgspec.Meta(max_length=300)]


class FindAccounts(Paging):
    """Which accounts.

    Attributes:
        q: A part of the address or of the company's name; left out, all.
    """

    q: Annotated[str, msgspec.Meta(max_length=100)] = ""
    state: AccountState = ""


class AccountRow(Shape):
    """An account as operators see it.

    Attributes:
        active: Its address is confirmed, or need not be.
        disabled: An operator has shut it.
        quota: Its own number of feeds; null where the ordinary one applies.
        feed_quota: How many feeds it may have, by whatever rule.
        has_password: Whether a password is set.
        wechat: By which apps of WeChat it is opened.
        invited: An operator has invited its owner.
    """

    id: Id
    email: str
    company_name: str
    phone: str
    created_at: Moment
    active: bool
    disabled: bool
    vip: bool
    quota: int | None
    feed_quota: int
    has_password: bool
    wechat: list[str]
    invited: bool


class AccountsAnswer(PageOk):
    """One page of accounts, the newest first; a search finds a thousand at most."""

    accounts: list[AccountRow]


class SessionOfAccount(Shape):
    """Where the account is logged in."""

    id: Id
    created: Moment
    last_used: Moment
    agent: str


class AccountDetail(AccountRow):
    """An account with what it has.

    Attributes:
        feeds: Its feeds, those out of service among them.
        sessions: The one that was used last first.
    """

    feeds: int
    sessions: list[SessionOfAccount]


class AccountAnswer(Ok):
    """One account."""

    account: AccountDetail


class Invitation(msgspec.Struct):
    """Whose account it is to be.

    Attributes:
        email: One account an address, whatever its case.
        phone: May be left out.
        quota: How many feeds it may have; left out, as many as any.
    """

    email: ShortText = ""
    company_name: ShortText = ""
    phone: ShortText = ""
    vip: Flag | bool = 0
    quota: Quota | None = None

    def errors(self) -> Errors:
        """What is wrong with the contents."""
        found = {
            "email": email_errors(self.email),
            "company_name": company_name_errors(self.company_name),
            "phone": phone_errors(self.phone) if self.phone.strip() else [],
        }
        return {name: wrong for name, wrong in found.items() if wrong}


class LinkAnswer(Answer):
    """Whether the link was sent.

    Attributes:
        account_id: Of the account.
        mailed: A letter with the link is on its way.
        link: The link, where there is no mail server to send it.
        errors: With `form_error`.
    """

    status: Literal["ok", "form_error"]
    account_id: Id | None = None
    mailed: bool = False
    link: str | None = None
    errors: dict[str, list[str]] = msgspec.field(default_factory=dict)


class Limits(msgspec.Struct):
    """How much an account may have; what is left out stays.

    Attributes:
        quota: Its own number of feeds, or "" for the ordinary one.
    """

    quota: Quota | Literal[""] | msgspec.UnsetType = msgspec.UNSET
    vip: Flag | bool | msgspec.UnsetType = msgspec.UNSET


class EndedAnswer(Ok):
    """How many sessions were ended."""

    count: Annotated[int, msgspec.Meta(ge=0)]


class AccountsHandler(DeskHandler):
    """`POST /admin/api/accounts/find/`."""

    contract = Contract("Find accounts", body=FindAccounts, answer=AccountsAnswer)
    methods = ("POST",)

    form: FindAccounts
    account_list: AccountList
    policy: FeedPolicy

    async def handle(self) -> None:
        """By POST, as what is searched for may be of a person, and URLs are logged."""
        form = self.form
        found, total = await self.account_list.page(form.q, form.state, skip=form.skip, limit=form.size)
        self.ok(
            accounts=[AccountRow(**_row(one, self.policy)) for one in found],
            total=total,
            next_start=form.next_of(total),
        )


class AccountHandler(DeskHandler):
    """`GET /admin/api/accounts/{account_id}/`."""

    contract = Contract("One account", answer=AccountAnswer)

    account_list: AccountList
    policy: FeedPolicy
    sessions: Sessions

    async def handle(self, account_id: str) -> None:
        """With its sessions, and how many feeds it has."""
        await self.show(account_id)

    async def show(self, account_id: str) -> None:
        """Answer with the account."""
        found = await self.account_list.get(account_id)
        self.ok(
            account=AccountDetail(
                **_row(found, self.policy),
                feeds=await self.account_list.feeds_of(account_id),
                sessions=[
                    SessionOfAccount(
                        id=one.id,
                        created=clock_text(one.created_at),
                        last_used=clock_text(one.used_at),
                        agent=one.agent,
                    )
                    for one in await self.sessions.list_for(account_id)
                ],
            )
        )


class LimitsHandler(AccountHandler):
    """`POST /admin/api/accounts/{account_id}/limits/`."""

    contract = Contract("Set an account's limits", body=Limits, answer=AccountAnswer)
    methods = ("POST",)
    needs_role = "admin"
    changes_state = True

    form: Limits
    accounts: Accounts

    async def handle(self, account_id: str) -> None:
        """A quota below what the account has ends no feed; it makes no new ones."""
        form, limits = self.form, dict[str, int | bool | None]()
        if form.quota is not msgspec.UNSET:
            limits["quota"] = None if form.quota == "" else form.quota
        if form.vip is not msgspec.UNSET:
            limits["vip"] = bool(form.vip)
        await self.accounts.set_limits(account_id, limits)
        await self.show(account_id)


class LinkHandler(DeskHandler):
    """Base of what sends somebody a link that sets their password."""

    methods = ("POST",)
    needs_role = "admin"
    changes_state = True

    accounts: Accounts
    letters: Letters
    links: Links
    outbox: Outbox

    async def send_link(self, account: Account, kind: Literal["invitation", "reset"]) -> None:
        """Have a letter with the link sent, or answer with the link where none can be."""
        if self.outbox.has_smtp:
            await self.letters.ask(account.id, kind)
            self.outbox.wake()
            self.answer("ok", "邮件已发出", account_id=account.id, mailed=True)
            return
        make = self.links.make_invitation if kind == "invitation" else self.links.make_reset
        link = make(account.id, account.epoch)
        self.answer("ok", "没有邮件服务器，请把链接转交给本人", account_id=account.id, link=link)

    def refuse_form(self, errors: Errors) -> None:
        """Answer that the form is wrong."""
        self.answer("form_error", "表单有误", errors=dict(errors))


class InviteHandler(LinkHandler):
    """`POST /admin/api/accounts/invite/`."""

    contract = Contract("Invite a recruiter", body=Invitation, answer=LinkAnswer)

    form: Invitation

    async def handle(self) -> None:
        """Makes the account; its owner sets the password by a link that is good for seven days, once."""
        form = self.form
        if wrong := form.errors():
            self.refuse_form(wrong)
            return
        try:
            account = await self.accounts.create(
                email=form.email,
                password_hash=None,
                company_name=form.company_name.strip(),
                phone=form.phone.strip(),
                vip=bool(form.vip),
                quota=form.quota,
                invited=self.outbox.has_smtp,
            )
        except EmailTaken:
            self.refuse_form({"email": ["这个邮箱已有账号"]})
            return
        await self.send_link(account, "invitation")


class InviteAgainHandler(LinkHandler):
    """`POST /admin/api/accounts/{account_id}/invite/`."""

    contract = Contract("Send an invitation again", answer=LinkAnswer)

    async def handle(self, account_id: str) -> None:
        """Only while the account has no password; after that its owner resets it."""
        account = await self.accounts.get(account_id)
        if account.password_hash is not None:
            self.refuse_form({"account": ["这个账号已设置密码，请用重置密码"]})
            return
        await self.send_link(account, "invitation")


class ResetHandler(LinkHandler):
    """`POST /admin/api/accounts/{account_id}/reset/`."""

    contract = Contract("Let the owner set a new password", answer=LinkAnswer)

    async def handle(self, account_id: str) -> None:
        """The link is good for half an hour, once. The old password holds until then."""
        account = await self.accounts.get(account_id)
        if account.disabled:
            self.refuse_form({"account": ["这个账号已停用，请先启用"]})
            return
        await self.send_link(account, "reset")


class AccessHandler(DeskHandler):
    """Base of what opens and shuts accounts."""

    methods = ("POST",)
    needs_role = "admin"
    changes_state = True

    access: AccountAccess


class DisableHandler(AccessHandler):
    """`POST /admin/api/accounts/{account_id}/disable/`."""

    contract = Contract("Shut an account")

    async def handle(self, account_id: str) -> None:
        """Nobody can log in, and its sessions end within two seconds; nothing of it is deleted."""
        await self.access.disable(account_id)
        self.ok()


class EnableHandler(AccessHandler):
    """`POST /admin/api/accounts/{account_id}/enable/`."""

    contract = Contract("Open an account again")

    async def handle(self, account_id: str) -> None:
        """Its sessions stay ended."""
        await self.access.enable(account_id)
        self.ok()


class EndSessionsHandler(AccessHandler):
    """`POST /admin/api/accounts/{account_id}/end_sessions/`."""

    contract = Contract("End an account's sessions", answer=EndedAnswer)

    async def handle(self, account_id: str) -> None:
        """Sockets are closed with 4401 within two seconds; the account may log in again."""
        self.ok(count=await self.access.end_sessions(account_id))


def _row(found: ListedAccount, policy: FeedPolicy) -> dict[str, Any]:
    account = found.account
    return {
        "id": account.id,
        "email": account.email,
        "company_name": account.company_name,
        "phone": account.phone,
        "created_at": clock_text(found.created_at),
        "active": account.active,
        "disabled": account.disabled,
        "vip": account.vip,
        "quota": account.quota,
        "feed_quota": policy.quota_of(account),
        "has_password": account.password_hash is not None,
        "wechat": sorted(account.wechat),
        "invited": found.invited,
    }
