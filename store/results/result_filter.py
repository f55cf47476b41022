"""Which of a feed's results to list: each filter is a field and a condition here.

A list has two tiers: results that are worth reading, and those that are only possible. A result says
`possible: true`, or null where it is strong (`docs/adr/0039`). So whatever asks for strong
results asks for null.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Literal

import msgspec
from bson import ObjectId

from store.by_ids import object_ids
from store.results.work import OPEN, REJECTED, Work

Tier = Literal["strong", "possible"]
"""Of a result."""
Listed = Literal["strong", "possible", "all"]
"""What a list shows."""


def is_possible(document: Mapping[str, Any]) -> bool:
    """Whether a stored result is only possible."""
    return bool(document.get("possible"))


def mark_of(*, strong: bool) -> bool | None:
    """What a result of a tier says of it, as it is stored and as it is asked for."""
    return None if strong else True


def listed(company: Any, feed: Any, tier: Listed, *, deleted: bool = False) -> dict[str, Any]:
    """The query for a feed's results of a tier: how the index `tier` begins, or `page` for all."""
    query = {"company": company, "feed": feed, "deleted": deleted}
    return query if tier == "all" else {**query, "possible": mark_of(strong=tier == "strong")}


_WEEK = timedelta(weeks=1)


class ResultFilter(msgspec.Struct, frozen=True, kw_only=True):
    """Filters of a feed's list. They combine; None, False and what is empty do not filter.

    Attributes:
        removed: The deleted results instead of the others.
        resumes: Only results of these resumes, each read by its id; None for all of the list.
        read: Only what was opened, or only what was not; None for both.
        looked_from: Only what was first opened in the week from that moment on.
        since: Only what entered the list at that time or later.
        areas: Keys of cities and provinces of which the address names one.
        area_texts: Parts of the address, taken literally; one of them, or one of `areas`, is enough.
        salary_min: Yuan a month; together with `salary_max` a range that the person's wish must overlap.
        degree_min: Rank of the least degree, 1..6. Who has an unknown one is left out, as for `years`.
        years_min: Whole years of work; to `years_max`, which is included.
        schools: Classes of schools, of which one is enough.
        hunting: States of `hunting_states`, of which one is enough.
    """

    tier: Listed = "strong"
    removed: bool = False
    resumes: tuple[str, ...] | None = None
    without: tuple[str, ...] = ()
    read: bool | None = None
    looked_from: datetime | None = None
    send: bool = False
    partner: bool = False
    title_match: bool | None = None
    since: datetime | None = None
    areas: tuple[str, ...] = ()
    area_texts: tuple[str, ...] = ()
    salary_min: int | None = None
    salary_max: int | None = None
    degree_min: int = 0
    years_min: int | None = None
    years_max: int | None = None
    score_min: float = 0.0
    schools: tuple[str, ...] = ()
    hunting: tuple[str, ...] = ()
    work: Work | Literal[""] = ""

    def listed(self, company_id: str, feed_id: str) -> dict[str, Any]:
        """The query for the list that is filtered."""
        return listed(ObjectId(company_id), ObjectId(feed_id), self.tier, deleted=self.removed)

    def query(self) -> dict[str, Any]:
        """The filter as MongoDB takes it, beside `listed`; empty where it lets everything pass.

        Every value is typed, so no operator of a client's reaches it.
        """
        query: dict[str, Any] = {}
        if self.without:
            query["resume"] = {"$nin": object_ids(self.without)}
        if self.read is not None:
            query["read"] = self.read
        if self.looked_from is not None:
            query["read_at"] = {"$gte": self.looked_from, "$lt": self.looked_from + _WEEK}
        if self.send:
            query["send"] = True
        if self.partner:
            query["partner"] = True
        if self.title_match is not None:
            query["title_match"] = self.title_match
        if self.since is not None:
            query["pub_time"] = {"$gte": self.since}
        query |= self._places()
        # A person's wish is a range too. The two overlap where each begins before the other ends.
        if self.salary_min is not None:
            query["salary_high"] = {"$gte": self.salary_min}
        if self.salary_max is not None:
            query["salary_low"] = {"$lte": self.salary_max}
        if self.degree_min:
            query["degree"] = {"$gte": self.degree_min}
        if years := _range(self.years_min, self.years_max):
            query["years"] = years
        if self.score_min:
            query["score"] = {"$gte": self.score_min}
        if self.schools:
            query["schools"] = {"$in": list(self.schools)}
        if self.hunting:
            query["hunting"] = {"$in": list(self.hunting)}
        if self.work:
            stands = self._stands()
            query["work"] = stands[0] if len(stands) == 1 else {"$in": stands}
        return query

    def _stands(self) -> list[Work | None]:
        """What is stored of those who stand so, as `result_from` says it."""
        stored = None if self.work == "new" else self.work or None
        if not self.removed:
            return [stored]
        return [REJECTED, *OPEN] if stored == REJECTED else [one for one in (stored,) if one not in OPEN]

    def _places(self) -> dict[str, Any]:
        by_key = {"areas": {"$in": list(self.areas)}}
        by_text = {"address": {"$regex": "|".join(map(re.escape, self.area_texts))}}
        if self.areas and self.area_texts:
            return {"$or": [by_key, by_text]}
        return by_key if self.areas else by_text if self.area_texts else {}


def _range(least: int | None, most: int | None) -> dict[str, int]:
    return {op: value for op, value in (("$gte", least), ("$lte", most)) if value is not None}
