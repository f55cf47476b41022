"""What a feed's results look like as a whole, counted from the results alone.

Words stand in a field that MongoDB cannot look into (`result_documents`), so all of it is counted here, in
one read of the feed's results.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

import msgspec
from bson import ObjectId

from runtime.clock import day_of
from runtime.slices import Slices
from store.mongo import Database
from store.paging import pages
from store.result_documents import SHOWN_FIELDS, words_of

BIN_POINTS = 10
"""Points that one bar of the distribution of scores stands for."""

_MOST_TERMS = 12
"""How many of the most frequent terms, missing terms and reasons are told."""

_NEEDED = ("day", "score", "read", "deleted", "reasons", *SHOWN_FIELDS)

_PAGE = 200
"""Results that the driver decodes in one go, in two milliseconds. Fewer would only add round trips."""


class FeedStatistics(msgspec.Struct, frozen=True, kw_only=True):
    """Counts of one feed's results.

    Attributes:
        arrivals: Results by the day of their listing, deleted ones too; days without any are left out.
        total: Results that are not deleted.
        read: Of these, the read ones.
        scores: Results that are not deleted, by the number of their bar: 0 has scores from 0 to below 10,
            and so on up to 9, which has 100 too.
        terms: What of the feed most resumes have, and how many do; deleted results do not count.
        missing: The same of what they lack.
        reasons: Why results were deleted, and how often; a result may have several reasons.
    """

    total: int
    read: int
    deleted: int
    arrivals: Mapping[int, int]
    scores: Mapping[int, int]
    terms: Sequence[tuple[str, int]]
    missing: Sequence[tuple[str, int]]
    reasons: Sequence[tuple[str, int]]


class Statistics:
    """Counts over the collection `results`."""

    def __init__(self, database: Database) -> None:
        self._results = database.results

    async def count_for(self, feed_id: str, *, now: datetime, days: int) -> FeedStatistics:
        """Count a feed's results; of arrivals only those of the last `days` days, today included."""
        since = day_of(now - timedelta(days=days - 1))
        counts, slices = _Counts(), Slices()
        cursor = self._results.find({"feed": ObjectId(feed_id)}, dict.fromkeys(_NEEDED, 1) | {"_id": 0})
        async for page in pages(cursor, _PAGE):
            for document in page:
                counts.add(document, since)
                await slices.rest()
        return counts.told()


class _Counts:
    """Sums over a feed's results, one at a time."""

    def __init__(self) -> None:
        self._read = 0
        self._deleted = 0
        self._arrivals: Counter[int] = Counter()
        self._scores: Counter[int] = Counter()
        self._terms: Counter[str] = Counter()
        self._missing: Counter[str] = Counter()
        self._reasons: Counter[str] = Counter()

    def add(self, document: Mapping[str, Any], since: int) -> None:
        """Count a result, and its arrival if that was on the day `since` or later."""
        if document["day"] >= since:
            self._arrivals[document["day"]] += 1
        if document["deleted"]:
            self._deleted += 1
            self._reasons.update(document["reasons"])
            return
        self._read += document["read"]
        self._scores[min(int(document["score"] / BIN_POINTS), 100 // BIN_POINTS - 1)] += 1
        words = words_of(document)
        self._terms.update(words.keywords)
        self._missing.update(words.missing)

    def told(self) -> FeedStatistics:
        return FeedStatistics(
            total=self._scores.total(),
            read=self._read,
            deleted=self._deleted,
            arrivals=self._arrivals,
            scores=self._scores,
            terms=_most(self._terms),
            missing=_most(self._missing),
            reasons=_most(self._reasons),
        )


def _most(counter: Counter[str]) -> list[tuple[str, int]]:
    """The most frequent texts, most frequent first; equally frequent ones by the text."""
    return sorted(counter.items(), key=lambda item: (-item[1], item[0]))[:_MOST_TERMS]
