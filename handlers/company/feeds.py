"""`/company/feeds/`: the feeds of colleagues, which owners share, give away, pause, edit and delete."""

from __future__ import annotations

import msgspec

from handlers.api.contract import Contract, Ok
from handlers.company.company import require_owner
from handlers.feeds.feeds import FeedListHandler, ListedFeed
from handlers.results.results import PageIndex, PageSize


class ColleaguesFeedsQuery(msgspec.Struct, kw_only=True):
    """Which page of them.

    Attributes:
        size: Feeds a page.
    """

    start: PageIndex = 0
    size: PageSize = 20


class ColleaguesFeedsAnswer(Ok):
    """One page of them, the newest first.

    Attributes:
        next_start: `start` of the next page; -1 on the last.
        data: As in the account's own list. `role` is `own` where the account is not in the feed.
    """

    next_start: int
    data: list[ListedFeed]


class ColleaguesFeedsHandler(FeedListHandler):
    """`GET /company/feeds/`."""

    contract = Contract(
        "The feeds of colleagues", query=ColleaguesFeedsQuery, answer=ColleaguesFeedsAnswer, by_role=True
    )

    params: ColleaguesFeedsQuery

    async def handle(self) -> None:
        """For owners: those that are shared with nobody, too; their lists stay with who is in them."""
        require_owner(self)
        skip, size = self.params.start * self.params.size, self.params.size
        found = await self.feeds.of_colleagues(self.member, skip=skip, limit=size + 1)
        self.ok(
            next_start=self.params.start + 1 if len(found) > size else -1,
            data=await self.listed(found[:size]),
        )
