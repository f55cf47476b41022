"""Feeds: the form, submit, the list, delete."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from types import MappingProxyType
from typing import Annotated, Literal

import msgspec

from handlers.api.base import ApiHandler
from handlers.api.contract import Answer, Contract, Seconds, Shape
from handlers.feed_form import NO_LIMIT, SubmittedFeed, check_form
from handlers.feed_view import FeedView, feed_view
from handlers.options import Area, DomainOption, Option, OptionLists
from runtime.decoding import Errors, Id, OptionalId
from store.accounts import Account, Accounts
from store.errors import NotFound, QuotaUsedUp
from store.events import Event, Events
from store.feeds import Feed, FeedForm, Feeds
from store.results import Results


class FeedPolicy(msgspec.Struct, frozen=True):
    """The settings that feeds are subject to."""

    feed_quota: int
    service_days: int
    idle_after: timedelta


JobType = Literal["全职", "兼职", "实习"]
Progress = Annotated[float, msgspec.Meta(ge=0, le=1)]
Unset = msgspec.UnsetType


class EditData(Shape):
    """The form with what it chooses from; nothing at all where there is no form.

    Attributes:
        expect_area: The cities of `areas` that are chosen most.
        areas: Provinces with their cities.
        calced: False until every stored resume is scored against the feed.
        progress: How much of that is done.
    """

    feed: FeedView | Unset = msgspec.UNSET
    company_prefer: list[Option] | Unset = msgspec.UNSET
    expect_area: list[str] | Unset = msgspec.UNSET
    areas: list[Area] | Unset = msgspec.UNSET
    job_welfare: list[str] | Unset = msgspec.UNSET
    job_domain: list[DomainOption] | Unset = msgspec.UNSET
    talent_level: list[Option] | Unset = msgspec.UNSET
    company_stage: list[Option] | Unset = msgspec.UNSET
    calced: bool | Unset = msgspec.UNSET
    progress: Progress | Unset = msgspec.UNSET


class EditAnswer(Answer):
    """The form, if there is one: `feed_error` for a feed that the account does not have."""

    status: Literal["ok", "feed_error", "no_rest_feed"]
    data: EditData


class SubmitAnswer(Answer):
    """What became of the form.

    Attributes:
        errors: What is wrong with each field, with `form_error`.
        feed_id: Empty unless `ok`.
        redirect_url: The feed's list; empty unless `ok`.
        username: The account's e-mail address.
        mission_time: When the newcomer's mission began.
        show_mission: True once, for the account's first feed.
    """

    status: Literal["ok", "form_error", "feed_error", "no_feed"]
    errors: dict[str, list[str]]
    feed_id: OptionalId
    redirect_url: str
    username: str
    mission_time: Seconds
    show_mission: bool


class ListedFeed(Shape):
    """A feed in the account's list.

    Attributes:
        partner_feed: Partners recommend candidates for it.
        talent_level: Joined by `, `.
        expect_area: Joined by `,`.
        start_time: When its service began.
        last_click_time: When its list was last opened.
        has_expire: Its service is over.
        expire_status: It rests, as nobody has opened its list for long; opening wakes it.
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


class FeedHandler(ApiHandler):
    """What the feed endpoints have in common."""

    accounts: Accounts
    feeds: Feeds
    results: Results
    events: Events
    option_lists: OptionLists
    policy: FeedPolicy

    def quota(self, account: Account) -> int:
        """How many live feeds the account may have."""
        return account.feed_quota(self.policy.feed_quota)


class EditFeedHandler(FeedHandler):
    """`GET /special_feed/edit_feed/[<feed_id>/]`."""

    contract = Contract("The form of a feed, with its option lists", answer=EditAnswer, may_be_missing=False)

    async def handle(self, feed_id: str = "") -> None:
        """The form is empty without a feed; `no_rest_feed` where the account may have no more feeds."""
        account = await self.accounts.get(self.user_id)
        if not feed_id:
            if await self.feeds.has_free_slot(self.user_id, self.quota(account)):
                empty = FeedForm(title="", salary_min=0, salary_max=NO_LIMIT)
                self._give(feed_view("", empty, account.company_name), calced=False, progress=0.0)
            else:
                self.answer("no_rest_feed", "没有剩余的定制可用", data={})
            return
        try:
            feed = await self.feeds.get(self.user_id, feed_id)
        except NotFound:
            self.answer("feed_error", "没有这个定制", data={})
            return
        view = feed_view(feed.id, feed.form, account.company_name)
        self._give(view, calced=feed.calced, progress=feed.progress)

    def _give(self, view: FeedView, *, calced: bool, progress: float) -> None:
        state = {"feed": view, "calced": calced, "progress": round(progress, 3)}
        self.ok(data={**state, **self.option_lists.view()})


class SubmitFeedHandler(FeedHandler):
    """`POST /special_feed/submit_feed/`."""

    contract = Contract(
        "Create a feed, or replace the form of one",
        body=SubmittedFeed,
        refuses_unknown=True,
        answer=SubmitAnswer,
    )
    methods = ("POST",)
    changes_state = True

    form: SubmittedFeed

    async def handle(self) -> None:
        """With `feed_id` the form of that feed is replaced; stored resumes are scored against it at once.

        Unknown fields are refused: a misspelt wish would be ignored in silence.
        """
        account = await self.accounts.get(self.user_id)
        form, errors = check_form(self.form, self.option_lists)
        if errors:
            self._refuse(account, "form_error", "表单有误", errors)
            return
        try:
            feed_id = await self._save(account, form)
        except NotFound:
            self._refuse(account, "feed_error", "没有这个定制")
            return
        except QuotaUsedUp:
            self._refuse(account, "no_feed", "没有剩余的定制可用")
            return
        await self.events.publish(Event("feed", user=self.user_id, feed=feed_id))
        await self._accept(account, feed_id)

    async def _save(self, account: Account, form: FeedForm) -> str:
        """Submit the form; returns the feed's id."""
        if self.form.feed_id:
            await self.feeds.update(self.user_id, self.form.feed_id, form)
            return self.form.feed_id
        feed = await self.feeds.create(
            self.user_id,
            form,
            quota=self.quota(account),
            service_days=self.policy.service_days,
            vip=account.vip,
        )
        return feed.id

    async def _accept(self, account: Account, feed_id: str) -> None:
        """Answer `ok`; the account's first feed begins the newcomer's mission, which is shown that once."""
        began_at, is_new = account.mission_at, False
        if began_at is None:
            began_at, is_new = await self.accounts.start_mission(self.user_id)
        self.ok(
            errors={},
            feed_id=feed_id,
            redirect_url=f"/special_feed/feed_list/{feed_id}",
            username=account.email,
            mission_time=_seconds(began_at),
            show_mission=is_new,
        )

    def _refuse(self, account: Account, status: str, msg: str, errors: Errors = MappingProxyType({})) -> None:
        self.answer(
            status,
            msg,
            errors=dict(errors),
            feed_id="",
            redirect_url="",
            username=account.email,
            mission_time=_seconds(account.mission_at),
            show_mission=False,
        )


class FeedPageHandler(FeedHandler):
    """`GET /special_feed/page/`."""

    contract = Contract("The account's feeds with their unread counts", answer=PageAnswer)

    async def handle(self) -> None:
        """Newest first. The counts are those of the moment."""
        account = await self.accounts.get(self.user_id)
        feeds = await self.feeds.list_of(self.user_id)
        counts = await self.results.unread_counts([feed.id for feed in feeds])
        now = datetime.now(UTC)
        in_service = sum(not feed.has_expired(now) for feed in feeds)
        data = PageData(
            all_feed=[PageRow(self._view(feed, counts[feed.id], now)) for feed in feeds],
            has_rest_feed=in_service < self.quota(account),
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
            start_time=_seconds(feed.start_time),
            last_click_time=_seconds(feed.last_click_time),
            has_expire=feed.has_expired(now),
            expire_status=feed.is_idle(now, self.policy.idle_after),
            unread_count=unread,
            calced=feed.calced,
            progress=round(feed.progress, 3),
        )


class DeleteFeedHandler(FeedHandler):
    """`/feed/delete/<feed_id>`."""

    contract = Contract("Delete a feed")
    methods = ("GET", "POST")
    changes_state = True

    async def handle(self, feed_id: str) -> None:
        """Its slot is free again. A second time is `ok` too."""
        await self.feeds.delete(self.user_id, feed_id)
        # Always: the first try may have ended between the deletion and telling of it.
        await self.events.publish(
            Event("feed", user=self.user_id, feed=feed_id),
            Event("removed", user=self.user_id, feed=feed_id),
        )
        self.ok()


def job_type(form: FeedForm) -> JobType:
    """The kind of job, which only its title tells."""
    kinds: tuple[JobType, ...] = ("实习", "兼职")
    return next((kind for kind in kinds if kind in form.title), "全职")


def _seconds(moment: datetime | None) -> int:
    return int(moment.timestamp()) if moment else 0
