"""`GET /admin/api/sources/`: who sends resumes, when last, how many a day, and what is refused."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime
from typing import Annotated

import msgspec

from handlers.admin.desk import DeskHandler
from handlers.api.contract import Contract, Moment, Ok, Shape
from intake.reasons import REFUSED
from runtime.clock import clock_text
from store.files.arrivals import ARRIVALS, Arrivals, Day, last_days


class SourcesQuery(msgspec.Struct):
    """How far back.

    Attributes:
        days: The last days, today among them; a day begins at midnight in Shanghai.
    """

    days: Annotated[int, msgspec.Meta(ge=1, le=90)] = 14


class SourceDay(Shape):
    """What a source sent on one day."""

    day: str
    accepted: int
    updated: int
    duplicate: int
    rejected: int


class SourceReason(Shape):
    """Why something was refused, and how often.

    Attributes:
        reason: One word.
        text: The same for people.
    """

    reason: str
    text: str
    count: int


class SourceView(Shape):
    """A source, with what it sent over the days that were asked for.

    Attributes:
        source: Its name; "" where a line that was refused did not say.
        last_arrival: When a resume of it was stored or recognised last; null where none was counted.
        reject_rate: The share of what it sent that was refused, 0..1.
        days: One entry a day, the oldest first.
        reasons: The most frequent first.
        tokens: How many valid ingest tokens are its own.
    """

    source: str
    last_arrival: Moment | None
    accepted: int
    updated: int
    duplicate: int
    rejected: int
    reject_rate: float
    days: list[SourceDay]
    reasons: list[SourceReason]
    tokens: int


class SourcesAnswer(Ok):
    """The sources, the one that sent last first.

    Attributes:
        counted_since: The first day that anything was counted on; null where nothing was.
    """

    sources: list[SourceView]
    counted_since: str | None


class SourcesHandler(DeskHandler):
    """`GET /admin/api/sources/`."""

    contract = Contract("Who sends resumes", query=SourcesQuery, answer=SourcesAnswer)
    units = 10

    params: SourcesQuery
    arrivals: Arrivals

    async def handle(self) -> None:
        """Counts are some two seconds late. A source with a token that never sent anything is there too."""
        days = last_days(self.params.days, datetime.now(UTC))
        valid = Counter(
            one.source for one in await self.context.ingest_tokens.list() if one.revoked_at is None
        )
        of_source: dict[str, dict[str, Day]] = {}
        for row in await self.arrivals.days(days):
            of_source.setdefault(row.source, {})[row.day] = row
        # Read after the counts and written before them, so that whatever is counted has its arrival.
        known = {one.source: one.last_arrival for one in await self.arrivals.sources()}
        self.ok(
            sources=[
                _view(source, known.get(source), days, of_source.get(source, {}), valid[source])
                for source in (*known, *sorted(valid.keys() - known.keys()))
            ],
            counted_since=await self.arrivals.counted_since(),
        )


def _view(
    source: str, last: datetime | None, days: list[str], rows: dict[str, Day], tokens: int
) -> SourceView:
    by_day = [
        SourceDay(day=day, **{name: rows[day].counts.get(name, 0) if day in rows else 0 for name in ARRIVALS})
        for day in days
    ]
    sums = {name: sum(getattr(day, name) for day in by_day) for name in ARRIVALS}
    reasons: Counter[str] = Counter()
    for row in rows.values():
        reasons.update(row.reasons)
    return SourceView(
        source=source,
        last_arrival=clock_text(last) if last else None,
        **sums,
        reject_rate=round(sums["rejected"] / (sum(sums.values()) or 1), 4),
        days=by_day,
        reasons=[
            SourceReason(reason=reason, text=REFUSED.get(reason, reason), count=count)
            for reason, count in reasons.most_common()
        ],
        tokens=tokens,
    )
