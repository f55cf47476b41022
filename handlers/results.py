"""A feed's list of results: page through it, read one, delete and restore."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Annotated, Literal

import msgspec

from engine.learner import Learner
from engine.matching.feedback.deletion_reasons import DELETION_REASONS
from engine.matching.lexicon.places import Places
from handlers.api.base import ApiHandler
from handlers.api.contract import Answer, Contract, Flag, Ok
from handlers.feed_form import Money
from handlers.items import Item, Items
from handlers.page_answer import answer_page
from handlers.policies import FeedPolicy
from runtime.decoding import Id
from store.audit.audit import Audit
from store.counter_documents import Counts
from store.errors import NotFound
from store.events import Event, Events
from store.feeds import Feeds
from store.result_counts import ResultCounts
from store.result_documents import Result
from store.result_filter import ResultFilter
from store.result_lists import Order
from store.results import Results
from store.tiers import Listed

DELETE = -150
_REASON = rf" *({'|'.join(DELETION_REASONS)})? *"

# The bound on the index keeps `start * size` far below 64 bits, which is what MongoDB takes.
PageIndex = Annotated[int, msgspec.Meta(ge=0, le=10**9, description="Index of the page, from 0.")]
PageSize = Annotated[int, msgspec.Meta(ge=1, le=50)]


class ListFilter(msgspec.Struct, kw_only=True):
    """Which results of a feed, and in which order. Filters combine.

    Attributes:
        tier: `strong` for what is worth reading, `possible` for the others, `all` for both.
        sort: `time` is newest day first, best score first within a day; `score` is by score alone, `new` by
            `pub_time` alone, newest first.
        latest: 1 for unread results only.
        send: 1 for those that the candidate sent.
        partner: 1 for those that a partner recommended.
        title_match: 1 for those whose title matches; with `extend_match` both kinds.
        extend_match: 1 for those that match otherwise; with `title_match` both kinds.
        reco_time: Listed within so many days.
        current_area: Where the candidate lives: cities, provinces or regions by any of their names, or else a
            part of the address, taken literally.
        salary_min: Yuan a month; the candidate's expected range ends at it or above.
        salary_max: Yuan a month; the candidate's expected range begins at it or below.
    """

    tier: Listed = "strong"
    sort: Order = "time"
    latest: Flag = 0
    send: Flag = 0
    partner: Flag = 0
    title_match: Flag = 0
    extend_match: Flag = 0
    reco_time: Literal[7, 15, 30] | None = None
    current_area: Annotated[str, msgspec.Meta(max_length=50)] = ""
    salary_min: Money | None = None
    salary_max: Money | None = None

    def filter(self, places: Places) -> ResultFilter:
        """The filter as the store takes it."""
        areas = places.whole(self.current_area)
        kinds = {self.title_match, self.extend_match}
        return ResultFilter(
            tier=self.tier,
            unread=bool(self.latest),
            send=bool(self.send),
            partner=bool(self.partner),
            title_match=bool(self.title_match) if len(kinds) == 2 else None,
            since=datetime.now(UTC) - timedelta(days=self.reco_time) if self.reco_time else None,
            area="" if areas else self.current_area,
            areas=areas,
            salary_min=self.salary_min,
            salary_max=self.salary_max,
        )


class ListQuery(ListFilter, kw_only=True):
    """The parameters of `feed_list`.

    Attributes:
        size: Results a page.
    """

    start: PageIndex = 0
    size: PageSize = 10


class FeedListAnswer(Answer):
    """One page of a feed's list; `no_feed` for a feed that the account does not have.

    Attributes:
        total_recommend_count: Strong results that are not deleted.
        newest_recommend_count: Unread ones among them.
        feed_query_count: Those of the tier that the filters leave.
        total_count: What paging can reach.
        possible_count: Results that are only possible and not deleted, whatever the filters.
        next_start: `start` of the next page; -1 on the last.
    """

    status: Literal["ok", "no_feed"]
    total_recommend_count: int
    newest_recommend_count: int
    feed_query_count: int
    total_count: int
    possible_count: int
    next_start: int
    data: list[Item]


class ReadAnswer(Ok):
    """One result."""

    data: Item


class Modification(msgspec.Struct, kw_only=True):
    """The parameters of `modify_feed_result`.

    Attributes:
        reco_index: -150 deletes, 150 restores.
        feedback: Reasons for a deletion, separated by commas. The feed learns from them: candidates to whom
            the same reasons apply score lower from then on. A restoration takes back what was learned.
    """

    feed_id: Id
    resume_id: Id
    reco_index: Literal[-150, 150]
    feedback: Annotated[
        str,
        msgspec.Meta(
            max_length=200,
            pattern=rf"^{_REASON}(,{_REASON})*\Z",
            examples=["salary_high,area"],
            extra={"message": f"应为 {'、'.join(DELETION_REASONS)} 中的原因，用逗号分隔"},
        ),
    ] = ""


class ResultHandler(ApiHandler):
    """Base of the endpoints of results."""

    feeds: Feeds
    results: Results
    items: Items
    events: Events
    learner: Learner

    async def view(self, results: list[Result]) -> list[Item]:
        """Results as the API document gives them."""
        return await self.items.list_for(self.user_id, results, self.request_id)


class FeedListHandler(ResultHandler):
    """`GET /special_feed/feed_list/<feed_id>`."""

    contract = Contract(
        "One page of a feed's results", query=ListQuery, answer=FeedListAnswer, may_be_missing=False
    )

    params: ListQuery
    policy: FeedPolicy
    counts: ResultCounts
    places: Places

    async def handle(self, feed_id: str) -> None:
        """Opening the list counts as a click on the feed. An idle feed is scored again from then on."""
        params, which = self.params, self.params.filter(self.places)
        try:
            await self._open(feed_id)
        except NotFound:
            self.answer("no_feed", "没有这个定制", **_counters(feed_id, Counts(), 0, -1), data=[])
            return
        counts = (await self.counts.read([self.user_id]))[self.user_id]
        tier, length = which.tier, counts.kept_of(feed_id, which.tier)
        # Counting takes the store longer than reading a page, so only what is not known is counted.
        unread = counts.unread_of(feed_id, tier)
        known = {ResultFilter(tier=tier): length, ResultFilter(tier=tier, unread=True): unread}
        found = known[which] if which in known else await self.results.count(feed_id, which, length=length)
        skip = params.start * params.size
        page = await self.results.page(
            feed_id, which, order=params.sort, skip=skip, limit=params.size, length=length
        )
        next_start = params.start + 1 if skip + params.size < found else -1
        await answer_page(self, await self.view(page), **_counters(feed_id, counts, found, next_start))

    async def _open(self, feed_id: str) -> None:
        """Note that the recruiter has opened the list.

        Raises:
            NotFound: The account has no such feed.
        """
        # Nobody opens a list by HEAD, by following another site's link, or by a browser's prefetch.
        if self.request.method == "HEAD" or self.is_cross_site() or self.is_prefetch():
            await self.feeds.get(self.user_id, feed_id)
            return
        feed, must_catch_up = await self.feeds.open(self.user_id, feed_id, self.policy.idle_after)
        if must_catch_up:
            await self.events.publish(Event("feed", user=feed.user, feed=feed.id))


class ReadResultHandler(ResultHandler):
    """`/feed/get/<feed_id>/<resume_id>`."""

    contract = Contract("Read one result: it is marked read", answer=ReadAnswer)
    methods = ("GET", "POST")
    changes_state = True

    audit: Audit

    async def handle(self, feed_id: str, resume_id: str) -> None:
        """The answer has the result as it now is. Reading it again changes nothing but the audit."""
        await self.feeds.get(self.user_id, feed_id)
        result = await self.results.mark_read(self.user_id, feed_id, resume_id)
        self.learner.wake()
        # Before it is read, like a contact: nobody sees a whole resume that is not on record.
        await self.audit.record(self.user_id, "view", [resume_id], self.request_id, feed_id=feed_id)
        items = await self.view([result])
        if not items:
            raise NotFound(f"no resume {resume_id}")
        self.ok(data=items[0])


class ModifyResultHandler(ResultHandler):
    """`/feed/modify_feed_result`."""

    contract = Contract(
        "Delete a result from its list with reasons, or restore it", query=Modification, may_be_missing=True
    )
    methods = ("GET", "POST")
    changes_state = True

    params: Modification

    async def handle(self) -> None:
        """A deleted result keeps its place and state, and gets them back when restored.

        Repeating the request is `ok`.
        """
        feed_id, resume_id = self.params.feed_id, self.params.resume_id
        reasons = [reason for word in self.params.feedback.split(",") if (reason := word.strip())]
        await self.feeds.get(self.user_id, feed_id)
        await self.results.set_deleted(
            self.user_id, feed_id, resume_id, deleted=self.params.reco_index == DELETE, reasons=reasons
        )
        self.learner.wake()
        self.ok()


def _counters(feed_id: str, counts: Counts, found: int, next_start: int) -> dict[str, int]:
    return {
        "total_recommend_count": counts.kept_of(feed_id),
        "newest_recommend_count": counts.unread_of(feed_id),
        "feed_query_count": found,
        "total_count": found,
        "possible_count": counts.kept_of(feed_id, "possible"),
        "next_start": next_start,
    }
