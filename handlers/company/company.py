"""`/company/`: its name, its members, and who did what in it."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime
from typing import Literal

import msgspec

from handlers.accounts.accounts import company_name_errors
from handlers.api.base import ApiHandler
from handlers.api.contract import Answer, Contract, Flag, Ok, Seconds, Shape
from handlers.api.errors import BadRequest
from handlers.results.results import PageIndex, PageSize
from handlers.views.member_names import MemberName, Names
from runtime.clock import unix_seconds
from runtime.decoding import Id
from store.accounts.accounts import Account, Accounts
from store.accounts.companies import OWNER, Companies, CompanyRole
from store.accounts.corporations import APP, Corporations
from store.accounts.invitations import Invitations
from store.audit.audit import Audit
from store.audit.history import AuditHistory
from store.errors import CorporationTaken, NotAllowed
from store.feeds.feeds import Feeds
from wechat.wechat import Wechat

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
        wecom: Whether who is a member of the WeCom corporation may join without an invitation; `none` where
            the server has no WeCom.
    """

    name: str
    role: CompanyRole
    wecom: Literal["on", "off", "none"]
    members: list[MemberView]


class CompanyAnswer(Answer):
    """The company as it is kept.

    Attributes:
        errors: What is wrong with `name` or `wecom`, with `form_error`; then nothing was changed.
    """

    status: Literal["ok", "form_error"]
    errors: dict[str, list[str]]
    data: CompanyData


class CompanyChange(msgspec.Struct, kw_only=True):
    """What changes; what is left out stays.

    Attributes:
        name: 1 to 100 characters.
        wecom: 1 lets the members of the WeCom corporation join, of which the owner is one; 0 ends that.
    """

    name: str | None = None
    wecom: Flag | None = None


class CompanyHandler(ApiHandler):
    """`/company/`."""

    contract = Contract(
        "The company and its members; an owner changes it", body=CompanyChange, answer=CompanyAnswer
    )
    methods = ("GET", "POST")

    form: CompanyChange
    accounts: Accounts
    companies: Companies
    corporations: Corporations
    feeds: Feeds
    invitations: Invitations
    audit: Audit
    wechat: Wechat

    async def handle(self) -> None:
        """Every member sees who is in it."""
        errors: dict[str, list[str]] = {}
        if self.request.method == "POST":
            require_owner(self)
            errors = await self._change()
        status = "form_error" if errors else "ok"
        msg = errors.get("wecom", ["表单有误"])[0] if errors else "ok"
        self.answer(status, msg, errors=errors, data=await self._view())

    async def _change(self) -> dict[str, list[str]]:
        """Change the company, or say what is wrong."""
        name, wecom = self.form.name, self.form.wecom
        if name is None and wecom is None:
            raise BadRequest({"name": ["必填"]})
        if name is not None and (wrong := company_name_errors(name)):
            return {"name": wrong}
        if wecom is not None and (said := await self._let_in(bool(wecom))):
            return {"wecom": [said]}
        if name is not None:
            await self.accounts.set_profile(self.user_id, company_name=name.strip())
            await self.audit.changed(self.member, "rename", self.request_id)
        return {}

    async def _let_in(self, on: bool) -> str:
        """Let members of the corporation join, or nobody; says why not, "" where it is done."""
        corpid = self.wechat.apps.appids.get(APP, "")
        way = (await self.accounts.get(self.user_id)).wechat.get(APP)
        if on and not corpid:
            return "服务器没有开通企业微信"
        if on and (way is None or way.appid != corpid):
            return "请先在“登录方式”里绑定你的企业微信"
        try:
            await self.corporations.bind(self.member, corpid if on else "")
        except CorporationTaken:
            return "你们企业的成员已可加入另一家公司，请联系管理员合并"
        await self.audit.changed(self.member, "wecom", self.request_id)
        return ""

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
        corpid = self.wechat.apps.appids.get(APP)
        is_on = bool(corpid) and await self.corporations.of(self.company_id) == corpid
        wecom: Literal["on", "off", "none"] = "on" if is_on else "off" if corpid else "none"
        return CompanyData(name=name, role=self.member.role, members=rows, wecom=wecom)


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
        act: What was changed in the company: `rename`, `wecom`, `invite`, `withdraw`, `join`, `role`,
            `remove`; or what became of a feed: `submit`, `edit`, `pause`, `resume`, `delete`, `share`,
            `transfer`, `revoke` of a hand-over. Empty of the others.
        about: The member that was about.
        resumes: About whom.
        feed_id: Of which feed; empty where it was about none.
        feed_title: Its title now; empty where it is gone.
    """

    time: Seconds
    by: MemberName
    action: str
    act: str
    about: MemberName | None
    resumes: list[Id]
    feed_id: str
    feed_title: str


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
    feeds: Feeds
    names: Names

    async def handle(self) -> None:
        """For owners. Rows name people by their resumes' ids alone."""
        require_owner(self)
        skip, size = self.params.start * self.params.size, self.params.size
        most = max(0, min(size + 1, MOST_ROWS - skip))
        found = await self.audit_history.of_company(self.company_id, skip=skip, limit=most) if most else []
        rows = found[:size]
        names = await self.names.of({id_ for row in rows for id_ in (row.account, row.about) if id_})
        titles = await self.feeds.titles(self.company_id, {row.feed for row in rows if row.feed})
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
                    feed_title=titles.get(row.feed, ""),
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
