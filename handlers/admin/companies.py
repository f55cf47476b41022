"""Companies at the desk: found, with who is in them and how many feeds, and their quota."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime
from typing import Annotated, Any, Literal

import msgspec

from handlers.admin.accounts import QuotaOrOrdinary
from handlers.admin.desk import AdminHandler, DeskHandler, PageOk, Paging
from handlers.api.contract import Answer, Contract, Count, Moment, Ok, Shape
from handlers.api.errors import WrongForm
from handlers.policies import FeedPolicy
from runtime.clock import clock_text
from runtime.decoding import Id
from store.accounts.companies import CompanyRole
from store.accounts.company_list import CompanyList, ListedCompany
from store.accounts.invitations import MOST_MEMBERS
from store.ends.mergers import Mergers
from store.errors import CompanyFull, MergerUnderWay
from store.feeds.feeds import Feeds


class FindCompanies(Paging):
    """Which companies.

    Attributes:
        q: A part of the name; left out, all.
    """

    q: Annotated[str, msgspec.Meta(max_length=100)] = ""


class CompanyRow(Shape):
    """A company as operators see it.

    Attributes:
        members: How many accounts are in it.
        feeds: How many feeds they have, those out of service among them.
        quota: How many feeds each member may have; null where that is said by account.
    """

    id: Id
    name: str
    created_at: Moment
    members: Count
    feeds: Count
    quota: int | None


class CompaniesAnswer(PageOk):
    """One page of companies, the newest first; a search finds a thousand at most."""

    companies: list[CompanyRow]


class DeskMember(Shape):
    """An account in the company.

    Attributes:
        live_feeds: How many feeds in service it owns.
        feed_quota: How many it may have, by whatever rule.
    """

    id: Id
    email: str
    role: CompanyRole
    disabled: bool
    live_feeds: Count
    feed_quota: Count


class CompanyDetail(CompanyRow):
    """A company with who is in it.

    Attributes:
        accounts: Owners first, then by when they came.
        arriving: How many feeds are still on their way, of a company that was merged into it.
    """

    accounts: list[DeskMember]
    arriving: Count


class DeskCompanyAnswer(Ok):
    """One company."""

    company: CompanyDetail


class CompanyLimits(msgspec.Struct):
    """How much a company may have.

    Attributes:
        quota: How many feeds each member may have; -1 for the ordinary number.
    """

    quota: QuotaOrOrdinary


class CompaniesHandler(DeskHandler):
    """`POST /admin/api/companies/find/`."""

    contract = Contract("Find companies", body=FindCompanies, answer=CompaniesAnswer)
    methods = ("POST",)
    changes_state = False

    form: FindCompanies
    company_list: CompanyList

    async def handle(self) -> None:
        """By POST, as what is searched for may be of a person, and URLs are logged."""
        form = self.form
        found, total = await self.company_list.page(form.q, skip=form.skip, limit=form.size)
        self.ok(companies=[CompanyRow(**_fields(one)) for one in found], **form.of(total))


class DeskCompanyHandler(DeskHandler):
    """`GET /admin/api/companies/{company_id}/`."""

    contract = Contract("One company", answer=DeskCompanyAnswer)

    company_list: CompanyList
    feeds: Feeds
    mergers: Mergers
    policy: FeedPolicy

    async def handle(self, company_id: str) -> None:
        """With its members, and how many feeds each has in service."""
        await self.show(company_id)

    async def show(self, company_id: str) -> None:
        """Answer with the company."""
        arriving = await self.mergers.arriving(company_id)  # first: none is neither on its way nor there
        company, members = await self.company_list.get(company_id)
        live = Counter(await self.feeds.live_owners(company_id, datetime.now(UTC)))
        self.ok(
            company=CompanyDetail(
                **_fields(company),
                arriving=arriving,
                accounts=[
                    DeskMember(
                        id=one.id,
                        email=one.email,
                        role=one.role,
                        disabled=one.disabled,
                        live_feeds=live[one.id],
                        feed_quota=self.policy.quota_of(one),
                    )
                    for one in members
                ],
            )
        )


class CompanyLimitsHandler(AdminHandler, DeskCompanyHandler):
    """`POST /admin/api/companies/{company_id}/limits/`."""

    contract = Contract("Set a company's quota", body=CompanyLimits, answer=DeskCompanyAnswer)

    form: CompanyLimits

    async def handle(self, company_id: str) -> None:
        """It holds for each member, in place of what was said of their accounts, and for who comes later.

        A quota below what somebody has ends no feed; they make no new ones.
        """
        quota = self.form.quota
        await self.company_list.set_quota(company_id, None if quota < 0 else quota)
        await self.show(company_id)


class Merger(msgspec.Struct):
    """Where a company goes.

    Attributes:
        into: The company into which it goes.
    """

    into: Id


class MergedAnswer(Answer):
    """The company into which it went.

    Attributes:
        errors: Why that cannot be, with `form_error`.
    """

    status: Literal["ok", "form_error"]
    company: CompanyDetail | None = None
    errors: dict[str, list[str]] = msgspec.field(default_factory=dict)


class CompanyMergeHandler(AdminHandler, DeskCompanyHandler):
    """`POST /admin/api/companies/{company_id}/merge/`."""

    contract = Contract("Merge a company into another one", body=Merger, answer=MergedAnswer)

    form: Merger

    async def handle(self, company_id: str) -> None:
        """For a company that was registered twice; there is no way back.

        Who is in it is in the other one at once, in the role they have. Their feeds follow within minutes,
        one at a time, with lists, states and what was noted.
        """
        into = self.form.into
        try:
            await self.mergers.merge(company_id, into)
        except MergerUnderWay:
            raise WrongForm({"into": ["其中一家刚合并过，请十分钟后再试"]}) from None
        except CompanyFull:
            raise WrongForm({"into": [f"合并后会超过 {MOST_MEMBERS} 名成员"]}) from None
        await self.show(into)


def _fields(company: ListedCompany) -> dict[str, Any]:
    return {**msgspec.structs.asdict(company), "created_at": clock_text(company.created_at)}
