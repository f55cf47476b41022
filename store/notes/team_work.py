"""What each member of a company did within a time: whom they looked at, unlocked, called, and asked to come.

    counts, is_whole = await team_work.count(company, since, until)
    counts["…"].called                    # of the member's id; who did nothing has no entry

Nothing is counted beforehand. Openings and unlocks are rows of the audit; calls and interviews are marks. A
person counts once a member, however often they were opened or called.
"""

from __future__ import annotations

import time
from collections import Counter, defaultdict
from collections.abc import AsyncGenerator
from contextlib import aclosing
from datetime import datetime
from typing import Any

import msgspec
from bson import ObjectId

from runtime.slices import Slices
from store import spans
from store.mongo import Database

MOST_ROWS = 10_000
"""Rows of the audit that are read, and people with marks: a week of twenty recruiters who open a hundred
people a day. Where there are more the oldest are left out."""
LONGEST_S = 0.8
"""Seconds that each of the two reads may take, as a request has 2.5: the embedded store reads some 3,000 rows
in it. What was not read by then is left out, too."""

_ACTS = {"view": "looked_at", "unlock": "unlocked"}
_CALLED = frozenset({"已联系", "没接", "稍后再打", "加了微信", "对方不考虑", "约面试", "不合适"})
"""What is noted after a call, whatever came of it. Who was only looked at is removed without a mark."""
_INTERVIEW = "约面试"
Row = dict[str, Any]


class MemberWork(msgspec.Struct, frozen=True, kw_only=True):
    """How many people a member looked at, unlocked, called, and agreed on an interview with."""

    looked_at: int = 0
    unlocked: int = 0
    called: int = 0
    interviews: int = 0


class TeamWork:
    """Reads the collections `audit` and `candidate_records`. Every read is for one company."""

    def __init__(self, database: Database) -> None:
        self._audit = database.audit
        self._records = database.candidate_records

    async def count(
        self, company_id: str, since: datetime, until: datetime
    ) -> tuple[dict[str, MemberWork], bool]:
        """What was done from `since` on and before `until`, by account, and whether that is all of it."""
        company, slices = ObjectId(company_id), Slices()
        where = {"company": company}
        people: defaultdict[tuple[str, str], set[ObjectId]] = defaultdict(set)
        fields = dict.fromkeys(("user", "action", "resumes"), 1)
        acts, has_all_acts = await _newest(
            spans.before(
                self._audit,
                "at",
                until,
                where=where,
                fields=fields,
                beside={"action": {"$in": list(_ACTS)}},
                since=since,
            )
        )
        for row in acts:
            people[str(row["user"]), _ACTS[row["action"]]].update(row["resumes"])
            await slices.rest()
        fields = dict.fromkeys(("resume", "marks.name", "marks.at", "marks.by"), 1)
        marked, has_all_marks = await _newest(
            spans.before(self._records, "marks.at", until, where=where, fields=fields, since=since)
        )
        for row in marked:
            for mark in (one for one in row["marks"] if since <= one["at"] < until):
                by = str(mark.get("by", company))
                if mark["name"] in _CALLED:
                    people[by, "called"].add(row["resume"])
                if mark["name"] == _INTERVIEW:
                    people[by, "interviews"].add(row["resume"])
            await slices.rest()
        counts: defaultdict[str, Counter[str]] = defaultdict(Counter)
        for (member, what), some in people.items():
            counts[member][what] = len(some)
        return {id_: MemberWork(**of) for id_, of in counts.items()}, has_all_acts and has_all_marks


async def _newest(parts: AsyncGenerator[list[Row], None]) -> tuple[list[Row], bool]:
    """What can be read, and whether that is all."""
    rows, began = list[Row](), time.monotonic()
    async with aclosing(parts):
        async for part in parts:
            rows += part
            if len(rows) > MOST_ROWS or time.monotonic() - began > LONGEST_S:
                return rows[:MOST_ROWS], False
    return rows, True
