"""Which of a feed's results to list: each filter is a field and a condition here."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any

import msgspec
from bson import ObjectId

from store.tiers import Listed, listed


class ResultFilter(msgspec.Struct, frozen=True, kw_only=True):
    """Filters of a feed's list. They combine; None, False and an empty text do not filter.

    Attributes:
        tier: The list that is filtered.
        since: Only what entered the list at that time or later.
        area: A part of the address, taken literally.
        areas: Keys of cities and provinces of which the address names one.
        salary_min: Yuan a month; together with `salary_max` a range that the person's wish must overlap.
    """

    tier: Listed = "strong"
    unread: bool = False
    send: bool = False
    partner: bool = False
    title_match: bool | None = None
    since: datetime | None = None
    area: str = ""
    areas: tuple[str, ...] = ()
    salary_min: int | None = None
    salary_max: int | None = None

    def listed(self, feed_id: str) -> dict[str, Any]:
        """The query for the list that is filtered."""
        return listed(ObjectId(feed_id), self.tier)

    def query(self) -> dict[str, Any]:
        """The filter as MongoDB takes it, beside `listed`; empty where it lets everything pass.

        Every value is typed, so no operator of a client's reaches it.
        """
        query: dict[str, Any] = {}
        if self.unread:
            query["read"] = False
        if self.send:
            query["send"] = True
        if self.partner:
            query["partner"] = True
        if self.title_match is not None:
            query["title_match"] = self.title_match
        if self.since is not None:
            query["pub_time"] = {"$gte": self.since}
        if self.area:
            query["address"] = {"$regex": re.escape(self.area)}
        if self.areas:
            query["areas"] = {"$in": list(self.areas)}
        # A person's wish is a range too. The two overlap where each begins before the other ends.
        if self.salary_min is not None:
            query["salary_high"] = {"$gte": self.salary_min}
        if self.salary_max is not None:
            query["salary_low"] = {"$lte": self.salary_max}
        return query
