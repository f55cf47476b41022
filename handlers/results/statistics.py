"""`GET /special_feed/statistics/<feed_id>`: a feed's results in numbers, for charts."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import Annotated, Literal

import msgspec

from handlers.api.base import ApiHandler
from handlers.api.contract import Contract, Count, Ok, Shape
from handlers.api.fairness import HEAVY
from runtime.clock import SHANGHAI, begin_of, day_of, monday_of
from store.feeds.feeds import Feeds
from store.results.result_counters import ResultCounters
from store.results.statistics import BIN_POINTS, Statistics
from store.results.work import STEPS, Work

_WEEKS = 8
"""For how many weeks it is told when people were looked at, this one included."""


class StatisticsQuery(msgspec.Struct, kw_only=True):
    """The parameters of `statistics`.

    Attributes:
        days: How many days of arrivals, today included.
    """

    days: Literal[7, 30, 90] = 30


class DayCount(Shape):
    """The results listed on one day."""

    day: Annotated[str, msgspec.Meta(pattern="^[0-9]{4}-[0-9]{2}-[0-9]{2}$", description="In China.")]
    count: Count


class ScoreCount(Shape):
    """The results of one range of scores.

    Attributes:
        low: Inclusive.
        high: Exclusive, but for 100.
    """

    low: int
    high: int
    count: Count


class TermCount(Shape):
    """How often one term is found."""

    term: str
    count: Count


class ReasonCount(Shape):
    """How often one reason was given.

    Attributes:
        reason: As `feedback` of `modify_feed_result` names it.
    """

    reason: str
    count: Count


class FunnelStep(Shape):
    """How many people ever got so far.

    Attributes:
        work: `undecided` counts whoever was looked at.
    """

    work: Work
    count: Count


class WeekCount(Shape):
    """How many people were first opened in one week."""

    week: Annotated[
        str, msgspec.Meta(pattern="^[0-9]{4}-[0-9]{2}-[0-9]{2}$", description="Its Monday in China.")
    ]
    count: Count


class StatisticsView(Shape):
    """A feed's strong results in numbers. Those of a list of more than 200 may be a minute old.

    What is below `deleted_count` tells of the 5,000 newest results.

    Attributes:
        total_count: Results that are not deleted.
        read_count: Read ones among them.
        deleted_count: Deleted results.
        arrivals: Each of the days, oldest first; deleted results count on the day they were listed.
        scores: Each tenth of the range, lowest first; without deleted results.
        terms: What of the feed most resumes have, most frequent first, at most 12.
        missing: What of the feed most resumes lack, most frequent first, at most 12.
        reasons: Why results were deleted, most frequent first.
        funnel: How many people of both tiers ever got to `undecided`, `contacted`, `interview`, `offer` and
            `hired`, deleted ones among them.
        looked: Of these, those who were first opened in each of the last eight weeks, oldest first.
    """

    total_count: Count
    read_count: Count
    deleted_count: Count
    arrivals: list[DayCount]
    scores: list[ScoreCount]
    terms: list[TermCount]
    missing: list[TermCount]
    reasons: list[ReasonCount]
    funnel: list[FunnelStep]
    looked: list[WeekCount]


class StatisticsAnswer(Ok):
    """A feed's results in numbers."""

    data: StatisticsView


class StatisticsHandler(ApiHandler):
    """Counts, without a word of any resume but the terms that the feed asks for."""

    contract = Contract("A feed's results in numbers", query=StatisticsQuery, answer=StatisticsAnswer)

    units = HEAVY

    params: StatisticsQuery
    feeds: Feeds
    counts: ResultCounters
    statistics: Statistics

    async def handle(self, feed_id: str) -> None:
        """Reading the statistics does not count as opening the feed's list."""
        # Refuses a feed of another account.
        await self.feeds.seen_by(self.member, feed_id)
        numbers = (await self.counts.read([self.company_id]))[self.company_id]
        kept, unread = numbers.kept_of(feed_id), numbers.unread_of(feed_id)
        counts = await self.statistics.count_for(self.company_id, feed_id, length=kept, unread=unread)
        now, days = datetime.now(UTC), self.params.days
        mondays = [monday_of(now - timedelta(weeks=before)) for before in reversed(range(_WEEKS))]
        funnel = await self.statistics.funnel(self.company_id, feed_id, numbers, begin_of(mondays[0]))
        looked = Counter(map(monday_of, funnel.looked))
        moments = [now - timedelta(days=before) for before in reversed(range(days))]
        lows = range(0, 100, BIN_POINTS)
        self.ok(
            data=StatisticsView(
                total_count=counts.total if counts.is_whole else kept,
                read_count=counts.read if counts.is_whole else kept - unread,
                deleted_count=counts.deleted,
                arrivals=[
                    DayCount(f"{one.astimezone(SHANGHAI):%Y-%m-%d}", counts.arrivals.get(day_of(one), 0))
                    for one in moments
                ],
                scores=[
                    ScoreCount(low, low + BIN_POINTS, counts.scores.get(number, 0))
                    for number, low in enumerate(lows)
                ],
                terms=[TermCount(*row) for row in counts.terms],
                missing=[TermCount(*row) for row in counts.missing],
                reasons=[ReasonCount(*row) for row in counts.reasons],
                funnel=[FunnelStep(work, count) for work, count in zip(STEPS, funnel.steps, strict=True)],
                looked=[WeekCount(str(monday), looked[monday]) for monday in mondays],
            )
        )
