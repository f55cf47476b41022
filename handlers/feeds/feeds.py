"""The feeds of an account: the list of them, pausing and deleting one. Their form is in `feed_editor.py`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Annotated, Literal

import msgspec

from handlers.api.base import ApiHandler
from handlers.api.contract import Answer, Contract, Seconds, Shape, Truth
from handlers.api.errors import Declined
from handlers.policies import FeedPolicy
from handlers.views.member_names import MemberName, Names
from runtime.clock import unix_seconds
from runtime.decoding import Id
from store.accounts.accounts import VIP_QUOTA, Accounts
from store.audit.audit import Audit, CompanyAct
from store.errors import QuotaUsedUp
from store.feeds.feed_documents import Feed, FeedForm, FeedRole, SharedRole
from store.feeds.feeds import Feeds
from store.notes.notices import Notices
from store.redis.events import Event, Events
from store.results.counter_documents import Counts
from store.results.result_counters import ResultCounters

JobType = Literal["全职", "兼职", "实习"]
Progress = Annotated[float, msgspec.Meta(ge=0, le=1)]


class FeedMember(Shape):
    """A colleague whom a feed is shared with."""

    id: Id
    name: str
    role: SharedRole


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
        unread_count: Strong results neither read nor deleted.
        possible_count: Results that are only possible and not deleted.
        undecided_count: People of both tiers who were opened or unlocked, and of whom nothing came yet.
        calced: False until every stored resume is scored against it; of a paused one as if nothing had come.
        progress: How much of that is done.
        paused: It keeps its list, and nothing is scored for it until it goes on.
        owner: Whose it is.
        role: What the account is in it: its owner; who works in it; who may look and comment.
        members: Who else is in it.
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
    possible_count: int
    undecided_count: int
    calced: bool
    progress: Progress
    paused: bool
    owner: MemberName
    role: FeedRole
    members: list[FeedMember]


class PageRow(Shape):
    """One row of the list."""

    feed: ListedFeed


class PageData(Shape):
    """The feeds that the account is in.

    Attributes:
        all_feed: Its own first, then those that others share with it; each newest first.
        has_rest_feed: The account may have one more.
        feed_quota: How many feeds in service the account may have.
        vip_feed_quota: How many a VIP may have.
    """

    all_feed: list[PageRow]
    has_rest_feed: bool
    vip_user: bool
    feed_quota: int
    vip_feed_quota: int


class PageAnswer(Answer):
    """The account's feeds; `no_feed` where there is none."""

    status: Literal["ok", "no_feed"]
    data: PageData


class FeedListHandler(ApiHandler):
    """Base of what lists feeds."""

    feeds: Feeds
    counts: ResultCounters
    names: Names
    policy: FeedPolicy

    async def listed(self, feeds: Sequence[Feed]) -> list[ListedFeed]:
        """Feeds of the company with the counts of the moment."""
        users = {user for feed in feeds for user in (feed.owner, *feed.shares)}
        names = await self.names.of(users, known=self.account)
        counts = (await self.counts.read([self.company_id]))[self.company_id]
        now = datetime.now(UTC)
        return [self._view(feed, counts, names, now) for feed in feeds]

    def _view(self, feed: Feed, counts: Counts, names: Mapping[str, MemberName], now: datetime) -> ListedFeed:
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
            unread_count=counts.unread_of(feed.id),
            possible_count=counts.kept_of(feed.id, "possible"),
            undecided_count=counts.undecided.get(feed.id, 0),
            calced=feed.calced,
            progress=round(feed.progress, 3),
            paused=feed.paused,
            owner=names[feed.owner],
            role=feed.role_of(self.user_id) or "own",
            members=[FeedMember(id_, names[id_].name, role) for id_, role in feed.shares.items()],
        )


class FeedPageHandler(FeedListHandler):
    """`GET /special_feed/page/`."""

    contract = Contract("The account's feeds with their unread counts", answer=PageAnswer)

    async def handle(self) -> None:
        """Newest first. The counts are those of the moment."""
        feeds = await self.feeds.list_for(self.member)
        now = datetime.now(UTC)
        quota = self.policy.quota_of(self.account)
        in_service = sum(_is_in_service(feed, now) for feed in feeds if feed.owner == self.user_id)
        data = PageData(
            all_feed=[PageRow(one) for one in await self.listed(feeds)],
            has_rest_feed=in_service < quota,
            vip_user=self.account.vip,
            feed_quota=quota,
            vip_feed_quota=VIP_QUOTA,
        )
        if feeds:
            self.ok(data=data)
        else:
            self.answer("no_feed", "还没有职位", data=data)


class NewPause(msgspec.Struct, kw_only=True):
    """What becomes of a feed.

    Attributes:
        feed_id: The feed.
        paused: 1 pauses it, 0 lets it go on.
    """

    feed_id: Id
    paused: Truth


class PauseAnswer(Answer):
    """How the feed is now; `no_feed` where it stays paused, as the quota is used up."""

    status: Literal["ok", "no_feed"]
    paused: bool


class PauseFeedHandler(ApiHandler):
    """`POST /special_feed/pause/`."""

    contract = Contract(
        "Pause a feed, or let it go on", body=NewPause, answer=PauseAnswer, may_be_missing=True
    )
    methods = ("POST",)

    form: NewPause
    accounts: Accounts
    feeds: Feeds
    events: Events
    notices: Notices
    policy: FeedPolicy
    audit: Audit

    async def handle(self) -> None:
        """A paused feed keeps its list, and nothing is scored for it; its place in the quota is free.

        When it goes on it is scored against what came meanwhile. Both may be repeated.
        """
        feed_id, paused = self.form.feed_id, bool(self.form.paused)
        owner = (await self.feeds.seen_by(self.member, feed_id, "manage")).owner
        try:
            if paused:
                await self.feeds.pause(self.company_id, feed_id)
            else:
                await self.feeds.resume(self.company_id, feed_id, await self._quota_of(owner))
        except QuotaUsedUp:
            raise Declined("no_feed", "没有剩余的职位可用", paused=True) from None
        # Even where nothing changed: the first try may have ended before these.
        if not paused:
            await self.notices.look_again(owner)
        await self.events.publish(Event("feed", company=self.company_id, feed=feed_id))
        act: CompanyAct = "pause" if paused else "resume"
        await self.audit.changed(self.member, act, self.request_id, feed_id=feed_id)
        self.ok(paused=paused)

    async def _quota_of(self, owner: str) -> int:
        """How many feeds in service whoever owns the feed may have."""
        is_own = owner == self.user_id
        return self.policy.quota_of(self.account if is_own else await self.accounts.get(owner))


class DeleteFeedHandler(ApiHandler):
    """`/feed/delete/<feed_id>`."""

    contract = Contract("Delete a feed")
    methods = ("GET", "POST")
    changes_state = True

    feeds: Feeds
    events: Events
    audit: Audit

    async def handle(self, feed_id: str) -> None:
        """Deleting frees the feed's place in the quota. Deleting a feed again is `ok`."""
        await self.feeds.require_seen(self.member, feed_id, "manage")
        await self.feeds.delete(self.company_id, feed_id)
        # Published even if the feed was deleted before: the first try may have ended between the two.
        await self.events.publish(
            Event("feed", company=self.company_id, feed=feed_id),
            Event("removed", company=self.company_id, feed=feed_id),
        )
        await self.audit.changed(self.member, "delete", self.request_id, feed_id=feed_id)
        self.ok()


def _is_in_service(feed: Feed, now: datetime) -> bool:
    return not (feed.paused or feed.has_expired(now))


def job_type(form: FeedForm) -> JobType:
    """The kind of job, which only its title tells."""
    kinds: tuple[JobType, ...] = ("实习", "兼职")
    return next((kind for kind in kinds if kind in form.title), "全职")
