"""A feed's list of results: page through it, read one, delete and restore."""

from __future__ import annotations

import time
from typing import Annotated, Literal

import msgspec

from engine.learning.feedback_learner import FeedbackLearner
from engine.matching.analysis.analyzer import Analyzer
from engine.matching.feedback.deletion_reasons import DELETION_REASONS
from engine.matching.lexicon.places import Places
from handlers.api.base import ApiHandler
from handlers.api.contract import Answer, Contract, Ok
from handlers.api.errors import Declined
from handlers.feeds.occupations import NOTHING_UNDERSTOOD, UnderstoodView, understood_view
from handlers.policies import FeedPolicy
from handlers.results.list_filter import ListFilter
from handlers.results.list_picks import ListPicks
from handlers.views.items import Item, Items
from handlers.views.page_answer import answer_page
from runtime.decoding import Id
from store.audit.audit import Audit
from store.errors import NotFound
from store.feeds.feed_documents import Feed
from store.feeds.feeds import Feeds
from store.persons.person_records import PersonRecords
from store.redis.events import Event, Events
from store.results.counter_documents import Counts
from store.results.result_counters import ResultCounters
from store.results.result_documents import Result
from store.results.result_filter import ResultFilter
from store.results.results import Results
from store.results.work import UNDECIDED

DELETE = -150
_REASON = rf"( *({'|'.join(DELETION_REASONS)}))? *"
Feedback = Annotated[
    str,
    msgspec.Meta(
        max_length=200,
        pattern=rf"^{_REASON}(,{_REASON})*\Z",
        examples=["salary_high,area"],
        extra={"message": f"应为 {'、'.join(DELETION_REASONS)} 中的原因，用逗号分隔"},
    ),
]

_ANSWERS_S = 1.2
"""Seconds from a request for a list on, after which how many results pass its filter is estimated: of tens of
thousands it would take longer than a request may."""
_COUNTS_S = 0.2
"""Seconds for which is counted in any case, so that a second request for the same has counted further."""

# The bound on the index keeps `start * size` far below 64 bits, which is what MongoDB takes.
PageIndex = Annotated[int, msgspec.Meta(ge=0, le=10**9, description="Index of the page, from 0.")]
PageSize = Annotated[int, msgspec.Meta(ge=1, le=50)]


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
        feed_query_count: Those of the tier that the filters leave. Of tens of thousands it may be estimated
            at first; the next request for them has counted on.
        total_count: What paging can reach; the same number.
        possible_count: Results that are only possible and not deleted, whatever the filters.
        searched_count: How many results a search has looked at, the first of the list; 0 without `search`.
        next_start: `start` of the next page; -1 on the last.
        understood: The occupations that the feed asks for.
    """

    status: Literal["ok", "no_feed"]
    total_recommend_count: int
    newest_recommend_count: int
    feed_query_count: int
    total_count: int
    possible_count: int
    searched_count: int
    next_start: int
    understood: UnderstoodView
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
    feedback: Feedback = ""


class ResultHandler(ApiHandler):
    """Base of the endpoints of results."""

    feeds: Feeds
    results: Results
    items: Items
    events: Events
    learner: FeedbackLearner

    async def view(self, results: list[Result]) -> list[Item]:
        """Results as the API document gives them."""
        return await self.items.list_for(self.member, results, self.request_id)


class FeedListHandler(ResultHandler):
    """`GET /special_feed/feed_list/<feed_id>`."""

    contract = Contract(
        "One page of a feed's results", query=ListQuery, answer=FeedListAnswer, may_be_missing=False
    )

    searches_by = "search"

    params: ListQuery
    policy: FeedPolicy
    counts: ResultCounters
    places: Places
    picks: ListPicks
    analyzer: Analyzer

    async def handle(self, feed_id: str) -> None:
        """Opening the list counts as a click on the feed. An idle feed is scored again from then on."""
        began, params, which = time.monotonic(), self.params, self.params.filter(self.places)
        try:
            feed = await self._open(feed_id)
        except NotFound:
            raise Declined(
                "no_feed",
                "没有这个职位",
                **_counters(feed_id, Counts(), 0, -1),
                searched_count=0,
                understood=NOTHING_UNDERSTOOD,
                data=[],
            ) from None
        counts = (await self.counts.read([self.company_id]))[self.company_id]
        tier, length = which.tier, counts.kept_of(feed_id, which.tier)
        if which.removed:
            length = await self.results.count_removed(self.company_id, feed_id, which)
        picked = await self.picks.pick(
            self.member, feed_id, params, which, length=length, request_id=self.request_id
        )
        which = picked.which
        # Counting takes the store longer than reading a page, so only what is not known is counted.
        unread = counts.unread_of(feed_id, tier)
        known = {
            ResultFilter(tier=tier): length,
            ResultFilter(tier=tier, read=False): unread,
            ResultFilter(tier=tier, removed=True): length,
            ResultFilter(tier="all", work=UNDECIDED): counts.undecided.get(feed_id, 0),
        }
        skip = params.start * params.size
        if which.resumes is not None:
            page, found = await self.results.page_of_some(
                self.company_id, feed_id, which, order=params.sort, skip=skip, limit=params.size
            )
        else:
            # One more, which tells whether there is a next page.
            more = await self.results.page(
                self.company_id,
                feed_id,
                which,
                order=params.sort,
                skip=skip,
                limit=params.size + 1,
                length=length,
            )
            page = more[: params.size]
            if which in known:
                found = known[which]
            elif len(more) <= params.size and (page or not skip):
                found = skip + len(page)
            else:
                within_s = max(_COUNTS_S, began + _ANSWERS_S - time.monotonic())
                counted = await self.results.count(
                    self.company_id, feed_id, which, length=length, within_s=within_s
                )
                found = max(counted, skip + len(more)) if page else min(counted, skip)  # a page too far
        next_start = params.start + 1 if skip + params.size < found else -1
        await answer_page(
            self,
            await self.view(page),
            **_counters(feed_id, counts, found, next_start),
            searched_count=picked.looked_at,
            understood=understood_view(self.analyzer, feed.form),
        )

    async def _open(self, feed_id: str) -> Feed:
        """Note that who works in the feed has opened the list; gives the feed.

        Raises:
            NotFound: The account is in no such feed.
        """
        feed = await self.feeds.seen_by(self.member, feed_id)
        # Nobody opens a list by HEAD, by following another site's link, or by a browser's prefetch.
        is_page = not (self.request.method == "HEAD" or self.is_cross_site() or self.is_prefetch())
        if not is_page or feed.role_of(self.user_id) == "view":
            return feed
        feed, must_catch_up = await self.feeds.open(feed, self.policy.idle_after)
        if must_catch_up:
            await self.events.publish(Event("feed", company=feed.company, feed=feed.id))
        return feed


class ReadResultHandler(ResultHandler):
    """`/feed/get/<feed_id>/<resume_id>`."""

    contract = Contract("Read one result: it is marked read", answer=ReadAnswer)
    methods = ("GET", "POST")
    changes_state = True

    audit: Audit

    async def handle(self, feed_id: str, resume_id: str) -> None:
        """The answer has the result as it now is. Reading it again changes nothing but the audit.

        Who may only look at the feed marks nothing read.
        """
        feed = await self.feeds.seen_by(self.member, feed_id)
        if feed.role_of(self.user_id) == "view":
            result = await self.results.get(self.company_id, feed_id, resume_id)
        else:
            result = await self.results.mark_read(self.company_id, feed_id, resume_id)
            self.learner.wake()
        # Before it is read, like a contact: nobody sees a whole resume that is not on record.
        await self.audit.record(self.member, "view", [resume_id], self.request_id, feed_id=feed_id)
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
    records: PersonRecords

    async def handle(self) -> None:
        """A deleted result keeps its place and state, and gets them back when restored.

        Repeating the request is `ok`.
        """
        feed_id, resume_id = self.params.feed_id, self.params.resume_id
        await self.feeds.seen_by(self.member, feed_id, "work")
        await self.results.set_deleted(
            self.company_id,
            feed_id,
            resume_id,
            deleted=self.params.reco_index == DELETE,
            reasons=reasons_in(self.params.feedback),
        )
        if self.params.reco_index == DELETE:
            await self.records.release(self.company_id, resume_id)
        self.learner.wake()
        self.ok()


def reasons_in(feedback: str) -> list[str]:
    """The reasons that a text names."""
    return [reason for word in feedback.split(",") if (reason := word.strip())]


def _counters(feed_id: str, counts: Counts, found: int, next_start: int) -> dict[str, int]:
    return {
        "total_recommend_count": counts.kept_of(feed_id),
        "newest_recommend_count": counts.unread_of(feed_id),
        "feed_query_count": found,
        "total_count": found,
        "possible_count": counts.kept_of(feed_id, "possible"),
        "next_start": next_start,
    }
