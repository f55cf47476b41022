"""What a feed's strong results look like as a whole, counted from the results alone.

Words stand in a field that MongoDB cannot look into (`result_documents`), so all of it is counted here. A
long list is read in windows (`list_windows`), its newest results alone, and what was counted is told again
for a minute.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, NamedTuple

import msgspec
from bson import ObjectId
from cachetools import TTLCache

from runtime.slices import Rests, Slices
from store.mongo import Database
from store.notes.candidate_records import CandidateRecords
from store.paging import pages
from store.results.counter_documents import Counts
from store.results.list_windows import SHORT, ListWindows
from store.results.result_documents import UNDER, words_of
from store.results.result_filter import listed
from store.results.work import STEPS, furthest

BIN_POINTS = 10
"""Points that one bar of the distribution of scores stands for."""

_MOST_TERMS = 12
"""How many of the most frequent terms, missing terms and reasons are told."""

_NEEDED = ("day", "score", "read", "deleted", "reasons", "shown")

MOST = 5_000
"""Results that are looked at, the newest. More would take the embedded store longer than a request may."""

_KEPT_S = 60.0
"""Seconds for which the counts of a long list are told again. Those of a short one are counted each time, in
some milliseconds."""

_MAX_LISTS = 500
"""Lists whose counts are kept."""

_NEVER = datetime.fromtimestamp(0, UTC)

_PAGE = 200
"""Results that the driver decodes in one go, in two milliseconds. Fewer would only add round trips."""


class FeedStatistics(msgspec.Struct, frozen=True, kw_only=True):
    """Counts of one feed's strong results; those that are only possible count nowhere.

    Attributes:
        deleted: All deleted results.
        arrivals: Results by the day of their listing, deleted ones too; days without any are left out.
        is_whole: Whether all results were looked at, not only the newest `MOST`.
        total: Results that are not deleted, among those that were looked at.
        read: Of these, the read ones.
        scores: Results that are not deleted, by the number of their bar: 0 has scores from 0 to below 10,
            and so on up to 9, which has 100 too.
        terms: What of the feed most resumes have, and how many do; deleted results do not count.
        missing: The same of what they lack.
        reasons: Why results were deleted, and how often; a result may have several reasons.
    """

    is_whole: bool
    total: int
    read: int
    deleted: int
    arrivals: Mapping[int, int]
    scores: Mapping[int, int]
    terms: Sequence[tuple[str, int]]
    missing: Sequence[tuple[str, int]]
    reasons: Sequence[tuple[str, int]]


class Funnel(NamedTuple):
    """How far people got.

    Attributes:
        steps: How many ever got to each of `work.STEPS`.
        looked: When those were first opened who were opened within the time that was asked for.
    """

    steps: Sequence[int]
    looked: Sequence[datetime]


class _Kept(msgspec.Struct, frozen=True):
    """What was counted, and how many results were read and deleted then."""

    clicks: tuple[int, int]
    told: FeedStatistics


class Statistics:
    """Counts over the collection `results`."""

    def __init__(self, database: Database) -> None:
        self._results = database.results
        self._records = CandidateRecords(database)
        self._windows = ListWindows(database.results)
        self._kept: TTLCache[str, _Kept] = TTLCache(_MAX_LISTS, _KEPT_S)

    async def count_for(self, company_id: str, feed_id: str, *, length: int, unread: int) -> FeedStatistics:
        """Count a feed's strong results; `length` of them are not deleted, of which some are unread."""
        gone = listed(ObjectId(company_id), ObjectId(feed_id), "strong", deleted=True)
        deleted = int(await self._results.count_documents(gone))
        clicks, kept = (length - unread, deleted), self._kept.get(feed_id)
        if kept is not None and kept.clicks == clicks:
            return kept.told
        is_long = length + deleted > SHORT
        counts, slices, seen = _Counts(), Slices(), 0
        async for page in self._newest(company_id, feed_id, length + deleted):
            for document in page:
                counts.add(document)
                await slices.rest()
            seen += len(page)
            if seen >= MOST:
                break
        told = counts.told(deleted=deleted, is_whole=seen < MOST)
        if is_long:
            self._kept[feed_id] = _Kept(clicks, told)
        return told

    async def funnel(self, company_id: str, feed_id: str, counts: Counts, since: datetime) -> Funnel:
        """How far people of a feed's list ever got, of both tiers; `counts` are the company's.

        Since a time it is told when they were looked at.
        """
        own = {"company": ObjectId(company_id), "feed": ObjectId(feed_id)}
        gone = int(await self._results.count_documents({**own, "deleted": True}))
        seen = counts.read.get(feed_id, 0) + gone
        reached: dict[ObjectId, int] = {}
        looked: list[datetime] = []
        for deleted in (False, True, UNDER):
            # In stages: beside the list the embedded store would read every result for the outcome.
            stages: list[dict[str, Any]] = [
                {"$match": {**own, "deleted": deleted}},
                {"$match": {"$or": [{"outcome": {"$exists": True}}, {"read_at": {"$gte": since}}]}},
                {"$project": {"resume": 1, "under": 1, "outcome": 1, "read_at": 1}},
            ]
            async for page in pages(self._results.aggregate(stages), _PAGE):
                if deleted != UNDER:
                    looked += [row["read_at"] for row in page if row.get("read_at", _NEVER) >= since]
                noted = [row for row in page if "outcome" in row]
                records = await self._records.find_for(company_id, [str(row["resume"]) for row in noted])
                for row in noted:
                    if record := records.get(str(row["resume"])):
                        person = row.get("under", row["resume"])
                        step = furthest(record.marks, feed_id)
                        reached[person] = max(reached.get(person, 0), step)
        by_step = [sum(got >= step for got in reached.values()) for step in range(len(STEPS))]
        return Funnel([max(seen, by_step[0]), *by_step[1:]], looked)

    async def _newest(
        self, company_id: str, feed_id: str, length: int
    ) -> AsyncIterator[list[dict[str, Any]]]:
        """A feed's results, deleted ones among them, the newest first where there are many."""
        needed = dict.fromkeys(_NEEDED, 1) | {"_id": 0}
        company, feed, rests = ObjectId(company_id), ObjectId(feed_id), Rests()
        for number, window in enumerate(await self._windows.of(company_id, feed_id, "strong", length)):
            if number:
                await rests.rest()
            for deleted in (False, True):
                which = {**listed(company, feed, "strong", deleted=deleted), **window.where}
                async for page in pages(self._results.find(which, needed), _PAGE):
                    yield page


class _Counts:
    """Sums over a feed's results, one at a time."""

    def __init__(self) -> None:
        self._read = 0
        self._arrivals: Counter[int] = Counter()
        self._scores: Counter[int] = Counter()
        self._terms: Counter[str] = Counter()
        self._missing: Counter[str] = Counter()
        self._reasons: Counter[str] = Counter()

    def add(self, document: Mapping[str, Any]) -> None:
        """Count a result."""
        self._arrivals[document["day"]] += 1
        if document["deleted"]:
            self._reasons.update(document["reasons"])
            return
        self._read += document["read"]
        self._scores[min(int(document["score"] / BIN_POINTS), 100 // BIN_POINTS - 1)] += 1
        words = words_of(document)
        self._terms.update(words.keywords)
        self._missing.update(words.missing)

    def told(self, *, deleted: int, is_whole: bool) -> FeedStatistics:
        return FeedStatistics(
            is_whole=is_whole,
            total=self._scores.total(),
            read=self._read,
            deleted=deleted,
            arrivals=self._arrivals,
            scores=self._scores,
            terms=_most(self._terms),
            missing=_most(self._missing),
            reasons=_most(self._reasons),
        )


def _most(counter: Counter[str]) -> list[tuple[str, int]]:
    """The most frequent texts, most frequent first; equally frequent ones by the text."""
    return sorted(counter.items(), key=lambda item: (-item[1], item[0]))[:_MOST_TERMS]
