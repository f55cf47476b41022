"""`/company/`: its name, its members, and who did what in it."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime
from typing import Literal

import msgspec

from handlers.accounts.accounts import company_name_errors
from handlers.api.base import ApiHandler
from handlers.api.contract import Answer, Contract, Ok, Seconds, Shape
from handlers.results.results import PageIndex, PageSize
from handlers.views.member_names import MemberName, Names
from runtime.clock import unix_seconds
from runtime.decoding import Id
from store.accounts.accounts import Account, Accounts
from store.accounts.companies import OWNER, Companies, CompanyRole
from store.accounts.invitations import Invitations
from store.audit.audit import Audit
from store.audit.history import AuditHistory
from store.errors import NotAllowed
from store.feeds.feeds import Feeds

MOST_ROWS = 1_000
"""Rows of the audit that pages can reach; operators read further."""


class MemberView(Shape):
    """A member, or somebody who is invited.

    Attributes:
        id: The account's; of who is invited the invitation's.
        name: What colleagues call them; empty of who is invited.
        username: The e-mail address.
        state: `invited` until they follow the link in the letter.
        live_feeds: How many feeds in service they own.
    """

    id: Id
    name: str
    username: str
    role: CompanyRole
    state: Literal["active", "invited"]
    live_feeds: int


class CompanyData(Shape):
    """The company of the account.

    Attributes:
        role: What the account is in it.
        members: Owners first, then by when they came; who is invited last.
    """

    name: str
    role: CompanyRole
    members: list[MemberView]


class CompanyAnswer(Answer):
    """The company as it is kept.

    Attributes:
        errors: What is wrong with the name, with `form_error`; then nothing was changed.
    """

    status: Literal["ok", "form_error"]
    errors: dict[str, list[str]]
    data: CompanyData


class NewName(msgspec.Struct):
    """What changes.

    Attributes:
        name: 1 to 100 characters.
    """

    name: str


class CompanyHandler(ApiHandler):
    """`/company/`."""

    contract = Contract(
        "The company and its members; an owner renames it", body=NewName, answer=CompanyAnswer
    )
    methods = ("GET", "POST")

    form: NewName
    accounts: Accounts
    companies: Companies
    feeds: Feeds
    invitations: Invitations
    audit: Audit

    async def handle(self) -> None:
        """Every member sees who is in it."""
        errors: dict[str, list[str]] = {}
        if self.request.method == "POST":
            require_owner(self)
            if wrong := company_name_errors(self.form.name):
                errors["name"] = wrong
            else:
                await self.accounts.set_profile(self.user_id, company_name=self.form.name.strip())
                await self.audit.record(self.member, "company", [], self.request_id, act="rename")
        status, msg = ("form_error", "表单有误") if errors else ("ok", "ok")
        self.answer(status, msg, errors=errors, data=await self._view())

    async def _view(self) -> CompanyData:
        now = datetime.now(UTC)
        members = await members_in_order(self.companies, self.accounts, self.company_id)
        live = Counter(await self.feeds.live_owners(self.company_id, now))
        rows = [
            MemberView(
                id=one.id,
                name=one.shown_name,
                username=one.email,
                role=one.role,
                state="active",
                live_feeds=live[one.id],
            )
            for one in members
        ]
        rows += [
            MemberView(id=one.id, name="", username=one.email, role=one.role, state="invited", live_feeds=0)
            for one in await self.invitations.list_for(self.company_id)
        ]
        name = await self.companies.name_of(self.company_id)
        return CompanyData(name=name, role=self.member.role, members=rows)


class AuditQuery(msgspec.Struct, kw_only=True):
    """The parameters of the company's audit.

    Attributes:
        size: Rows a page.
    """

    start: PageIndex = 0
    size: PageSize = 20


class AuditView(Shape):
    """One thing that somebody did.

    Attributes:
        by: Who did it.
        action: `unlock`, `list`, `search`, `export` and `original` showed contacts, `view` a whole resume;
            `export_list` took a list out; `company` is said by `act`.
        act: What was changed in the company: `rename`, `invite`, `withdraw`, `join`, `role`, `remove`,
            `share`, `transfer`; empty of the others.
        about: The member that was about.
        resumes: About whom.
        feed_id: Of which feed; empty where it was about none.
    """

    time: Seconds
    by: MemberName
    action: str
    act: str
    about: MemberName | None
    resumes: list[Id]
    feed_id: str


class CompanyAuditAnswer(Ok):
    """One page of it, the newest first.

    Attributes:
        next_start: `start` of the next page; -1 on the last, and where the 1,000 newest end.
    """

    next_start: int
    data: list[AuditView]


class CompanyAuditHandler(ApiHandler):
    """`GET /company/audit/`."""

    contract = Contract(
        "Who did what in the company", query=AuditQuery, answer=CompanyAuditAnswer, by_role=True
    )

    params: AuditQuery
    audit_history: AuditHistory
    names: Names

    async def handle(self) -> None:
        """For owners. Rows name people by their resumes' ids alone."""
        require_owner(self)
        skip, size = self.params.start * self.params.size, self.params.size
        most = max(0, min(size + 1, MOST_ROWS - skip))
        found = await self.audit_history.of_company(self.company_id, skip=skip, limit=most) if most else []
        rows = found[:size]
        names = await self.names.of({id_ for row in rows for id_ in (row.account, row.about) if id_})
        self.ok(
            next_start=self.params.start + 1 if len(found) > size else -1,
            data=[
                AuditView(
                    time=unix_seconds(row.at),
                    by=names[row.account],
                    action=row.action,
                    act=row.act,
                    about=names.get(row.about),
                    resumes=row.resumes,
                    feed_id=row.feed,
                )
                for row in rows
            ],
        )


async def members_in_order(companies: Companies, accounts: Accounts, company_id: str) -> list[Account]:
    """Who is in a company: owners first, then by when they came."""
    members = (await companies.members([company_id])).get(company_id, [])
    found = await accounts.find([one.user for one in members])
    return sorted(found.values(), key=lambda one: (one.role != OWNER, one.id))


def require_owner(handler: ApiHandler) -> None:
    """Check that an owner of the company asks.

    Raises:
        NotAllowed: It is somebody else.
    """
    if handler.member.role != OWNER:
        raise NotAllowed
