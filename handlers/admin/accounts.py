"""Accounts at the desk: found, shut and opened, their limits, their sessions."""

from __future__ import annotations

from typing import Annotated, Any

import msgspec

from handlers.admin.desk import AdminHandler, DeskHandler, PageOk, Paging
from handlers.api.contract import Contract, Count, Moment, Ok, Shape, Truth
from handlers.policies import FeedPolicy
from runtime.clock import clock_text
from runtime.decoding import Id
from store.accounts.account_list import AccountAccess, AccountList, AccountState, ListedAccount
from store.accounts.accounts import Accounts
from store.accounts.sessions import Sessions

Quota = Annotated[int, msgspec.Meta(ge=0, le=1000)]
QuotaOrOrdinary = Annotated[int, msgspec.Meta(ge=-1, le=1000)]
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


class Limits(msgspec.Struct):
    """How much an account may have; what is left out stays.

    Attributes:
        quota: Its own number of feeds; -1 for the ordinary one.
    """

    quota: QuotaOrOrdinary | None = None
    vip: Truth | None = None


class EndedAnswer(Ok):
    """How many sessions were ended."""

    count: Count


class AccountsHandler(DeskHandler):
    """`POST /admin/api/accounts/find/`."""

    contract = Contract("Find accounts", body=FindAccounts, answer=AccountsAnswer)
    methods = ("POST",)
    changes_state = False

    form: FindAccounts
    account_list: AccountList
    policy: FeedPolicy

    async def handle(self) -> None:
        """By POST, as what is searched for may be of a person, and URLs are logged."""
        form = self.form
        found, total = await self.account_list.page(form.q, form.state, skip=form.skip, limit=form.size)
        self.ok(accounts=[AccountRow(**_row(one, self.policy)) for one in found], **form.of(total))


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
                feeds=await self.account_list.feeds_of(found.account),
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


class LimitsHandler(AdminHandler, AccountHandler):
    """`POST /admin/api/accounts/{account_id}/limits/`."""

    contract = Contract("Set an account's limits", body=Limits, answer=AccountAnswer)

    form: Limits
    accounts: Accounts

    async def handle(self, account_id: str) -> None:
        """A quota below what the account has ends no feed; it makes no new ones."""
        form, limits = self.form, dict[str, int | bool | None]()
        if form.quota is not None:
            limits["quota"] = None if form.quota < 0 else form.quota
        if form.vip is not None:
            limits["vip"] = bool(form.vip)
        await self.accounts.set_limits(account_id, limits)
        await self.show(account_id)


class AccessHandler(AdminHandler):
    """Base of what opens and shuts accounts."""

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
