"""`/company/work/`: what members did in a week, for the owners of the company."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Annotated

import msgspec

from handlers.api.base import ApiHandler
from handlers.api.contract import Contract, Ok, Shape
from handlers.api.fairness import HEAVY
from handlers.company.company import members_in_order, require_owner
from handlers.views.member_names import MemberName, Names
from runtime.clock import begin_of, monday_of
from store.accounts.accounts import Accounts
from store.accounts.companies import Companies
from store.notes.team_work import MemberWork, TeamWork

Count = Annotated[int, msgspec.Meta(ge=0)]
Day = Annotated[str, msgspec.Meta(pattern="^[0-9]{4}-[0-9]{2}-[0-9]{2}$", description="In China.")]


class WorkQuery(msgspec.Struct, kw_only=True):
    """Which week.

    Attributes:
        week: How many weeks back; 0 is the one that has begun on Monday.
    """

    week: Annotated[int, msgspec.Meta(ge=0, le=51)] = 0


class MemberWorkView(Shape):
    """What a member did: with how many people, each counted once.

    Attributes:
        looked_at: Whose resume they opened.
        unlocked: Whose contact they unlocked, or were given again.
        called: Of whom they noted what came of a call.
        interviews: With whom they agreed on an interview.
    """

    member: MemberName
    looked_at: Count
    unlocked: Count
    called: Count
    interviews: Count


class WorkAnswer(Ok):
    """The work of one week.

    Attributes:
        first_day: Its Monday.
        last_day: Its Sunday.
        is_whole: False where the week has so much that its first days are left out.
        data: The members in the order of `GET /company/`, then who has left the company since.
    """

    first_day: Day
    last_day: Day
    is_whole: bool
    data: list[MemberWorkView]


class WorkHandler(ApiHandler):
    """`GET /company/work/`."""

    contract = Contract("What members did in a week", query=WorkQuery, answer=WorkAnswer, by_role=True)
    units = HEAVY

    params: WorkQuery
    accounts: Accounts
    companies: Companies
    names: Names
    team_work: TeamWork

    async def handle(self) -> None:
        """For owners. Nobody is ranked."""
        require_owner(self)
        monday = monday_of(datetime.now(UTC)) - timedelta(weeks=self.params.week)
        since = begin_of(monday)
        counts, is_whole = await self.team_work.count(self.company_id, since, since + timedelta(weeks=1))
        members = await members_in_order(self.companies, self.accounts, self.company_id)
        ids = dict.fromkeys([*(one.id for one in members), *sorted(counts)])
        names = await self.names.of(ids)
        self.ok(
            first_day=monday.isoformat(),
            last_day=(monday + timedelta(days=6)).isoformat(),
            is_whole=is_whole,
            data=[_view(names[id_], counts.get(id_, MemberWork())) for id_ in ids],
        )


def _view(member: MemberName, work: MemberWork) -> MemberWorkView:
    return MemberWorkView(member, work.looked_at, work.unlocked, work.called, work.interviews)
