"""The feeds of an account: the list of them, and deleting one. Their form is in `feed_editor.py`."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Literal

import msgspec

from handlers.api.base import ApiHandler
from handlers.api.contract import Answer, Contract, Seconds, Shape
from handlers.policies import FeedPolicy
from runtime.clock import unix_seconds
from runtime.decoding import Id
from store.accounts import Accounts
from store.events import Event, Events
from store.feed_documents import Feed, FeedForm
from store.feeds import Feeds
from store.result_counts import ResultCounts

JobType = Literal["全职", "兼职", "实习"]
Progress = Annotated[float, msgspec.Meta(ge=0, le=1)]


class ListedFeed(Shape):
    """A feed in the account's list.

    Attributes:
        partner_feed: Partners recommend candidates for it.
        talent_level: Joined by `, `.
        expect_area: Joined by `,`.
        start_time: When its service began.
        last_click_time: When its list was last opened.
        has_expire: Its service is over.
        expire_status: True when nobody has opened the list for `idle_days`: new resumes are not scored until
            somebody does.
        unread_count: Results neither read nor deleted.
        calced: False until every stored resume is scored against it.
        progress: How much of that is done.
    """

    id: Id
    title: str
    job_type: JobType
    feed_type: Annotated[Literal[1, 2], msgspec.Meta(description="1 ordinary, 2 VIP")]
    partner_feed: bool
    job_desc: str
    keywords: list[str]
    salary_min: int
    salary_max: int
    talent_level: str
    expect_area: str
    start_time: Seconds
    last_click_time: Seconds
    has_expire: bool
    expire_status: bool
    unread_count: int
    calced: bool
    progress: Progress


class PageRow(Shape):
    """One row of the list."""

    feed: ListedFeed


class PageData(Shape):
    """The account's feeds.

    Attributes:
        all_feed: Newest first.
        has_rest_feed: The account may have one more.
    """

    all_feed: list[PageRow]
    has_rest_feed: bool
    vip_user: bool


class PageAnswer(Answer):
    """The account's feeds; `no_feed` where there is none."""

    status: Literal["ok", "no_feed"]
    data: PageData


class FeedPageHandler(ApiHandler):
    """`GET /special_feed/page/`."""

    contract = Contract("The account's feeds with their unread counts", answer=PageAnswer)

    accounts: Accounts
    feeds: Feeds
    counts: ResultCounts
    policy: FeedPolicy

    async def handle(self) -> None:
        """Newest first. The counts are those of the moment."""
        account = await self.accounts.get(self.user_id)
        feeds = await self.feeds.list_for(self.user_id)
        counts = (await self.counts.read([self.user_id]))[self.user_id]
        now = datetime.now(UTC)
        in_service = sum(not feed.has_expired(now) for feed in feeds)
        data = PageData(
            all_feed=[PageRow(self._view(feed, counts.unread_of(feed.id), now)) for feed in feeds],
            has_rest_feed=in_service < self.policy.quota_of(account),
            vip_user=account.vip,
        )
        if feeds:
            self.ok(data=data)
        else:
            self.answer("no_feed", "还没有新增任何定制", data=data)

    def _view(self, feed: Feed, unread: int, now: datetime) -> ListedFeed:
        form = feed.form
        return ListedFeed(
            id=feed.id,
            title=form.title,
            job_type=job_type(form),
            feed_type=2 if feed.vip else 1,
            partner_feed=feed.partner,
            job_desc=form.job_desc,
            keywords=form.keywords,
            salary_min=form.salary_min,
            salary_max=form.salary_max,
            talent_level=", ".join(form.talent_level),
            expect_area=",".join(form.expect_area),
            start_time=unix_seconds(feed.start_time),
            last_click_time=unix_seconds(feed.last_click_time),
            has_expire=feed.has_expired(now),
            expire_status=feed.is_idle(now, self.policy.idle_after),
            unread_count=unread,
            calced=feed.calced,
            progress=round(feed.progress, 3),
        )


class DeleteFeedHandler(ApiHandler):
    """`/feed/delete/<feed_id>`."""

    contract = Contract("Delete a feed")
    methods = ("GET", "POST")
    changes_state = True

    feeds: Feeds
    events: Events

    async def handle(self, feed_id: str) -> None:
        """Deleting frees the feed's place in the quota. Deleting it again is `ok`."""
        await self.feeds.delete(self.user_id, feed_id)
        # Published even if the feed was deleted before: the first try may have ended between the two.
        await self.events.publish(
            Event("feed", user=self.user_id, feed=feed_id),
            Event("removed", user=self.user_id, feed=feed_id),
        )
        self.ok()


def job_type(form: FeedForm) -> JobType:
    """The kind of job, which only its title tells."""
    kinds: tuple[JobType, ...] = ("实习", "兼职")
    return next((kind for kind in kinds if kind in form.title), "全职")
