"""Whom a member has marked last, over all feeds: by that mark, and by the day to come back to them.

Whoever a colleague has marked since is theirs to come back to.

The embedded store finds all that a query asks for before it gives the first of it, so of ten thousand people
nothing here asks for all at once: pages are read by spans of time, newest first, reminders by spans of days.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from operator import itemgetter
from typing import Any

import msgspec
from bson import ObjectId

from runtime.slices import Rests
from store import spans
from store.accounts.companies import Companies, Member
from store.by_ids import object_ids
from store.mongo import Database

_FIELDS = dict.fromkeys(("resume", "mark", "marked_at", "remind_on", "remind_at"), 1)
_DAYS = (0, 1, 7, 30, 90, 365, 10 * 365)
"""Where spans of days end, counted from today to either side. Recruiters remind themselves within weeks;
what is older or later is in the last spans."""


class MarkCounts(msgspec.Struct, frozen=True, kw_only=True):
    """How many people a member has marked.

    Attributes:
        by_mark: By the name of their latest mark.
        due: Whose day to come back has come.
        later: Whose day is to come.
    """

    by_mark: Mapping[str, int]
    due: int
    later: int

    @property
    def total(self) -> int:
        """All of them."""
        return sum(self.by_mark.values())


class Marked:
    """The collection `candidate_records`, as far as records stand for marked people.

    Every read is for one member.
    """

    def __init__(self, database: Database) -> None:
        self._records = database.candidate_records
        self._companies = Companies(database)

    async def page(self, member: Member, mark: str, *, skip: int, limit: int) -> list[str]:
        """Resumes of marked people, the latest mark first; by the name of that mark, "" for any."""
        return await _cut(self._newest_first(member, {"mark": mark} if mark else {}), skip, limit)

    async def of_company(self, company_id: str, mark: str, *, limit: int) -> list[str]:
        """Resumes of people whose latest mark has a name, whoever made it, in no order."""
        found: list[str] = []
        for member in (await self._companies.members([company_id])).get(company_id, []):
            found += await self.page(member, mark, skip=0, limit=limit - len(found))
        return found

    async def reminders(
        self, member: Member, mark: str, today: date, *, skip: int, limit: int, few: bool = False
    ) -> list[str]:
        """Resumes of people to come back to: today's, then those that are overdue, then by the coming days.

        The day is one in China, the mark as `page` takes it. Of so `few` all may be asked for at once; each
        span is a query.
        """
        return await _cut(self._by_day(member, mark, today, (0,) if few else _DAYS), skip, limit)

    async def counts(self, member: Member, today: date) -> MarkCounts:
        """How many there are by mark, and to come back to."""
        by_mark: Counter[str] = Counter()
        due = later = 0
        # Whoever is in the lists with a reminder is in the list of reminders too.
        async for rows in self._newest_first(member):
            by_mark.update(row["mark"] for row in rows)
            days = [row["remind_on"] for row in rows if row.get("remind_on")]
            is_due = sum(day <= today.isoformat() for day in days)
            due, later = due + is_due, later + len(days) - is_due
        return MarkCounts(by_mark=dict(by_mark), due=due, later=later)

    async def _newest_first(
        self, member: Member, which: Mapping[str, Any] = {}
    ) -> AsyncIterator[list[dict[str, Any]]]:
        now, rests = datetime.now(UTC) + timedelta(days=1), Rests()  # clocks differ
        where = {"marked_of": _whose(member), **which}
        async for rows in spans.before(
            self._records,
            "marked_at",
            now,
            where=where,
            fields=_FIELDS,
            beside={"company": ObjectId(member.company)},
        ):
            yield sorted(rows, key=lambda row: (row["marked_at"], row["_id"]), reverse=True)
            await rests.rest()

    async def _by_day(
        self, member: Member, mark: str, today: date, ends: Sequence[int]
    ) -> AsyncIterator[list[dict[str, Any]]]:
        rests = Rests()
        for is_due in (True, False):
            for near, far in zip((-1, *ends), (*ends, None), strict=True):
                if not is_due and far == 0:
                    continue
                span = _span(today, near + 1, far, is_due=is_due)
                which = {"remind_of": _whose(member), "remind_on": span}
                # Two steps, as in `spans`.
                stages: list[dict[str, Any]] = [
                    {"$match": which},
                    {"$match": {"company": ObjectId(member.company)}},
                    {"$project": _FIELDS},
                ]
                found = await self._records.aggregate(stages).to_list(None)
                rows = [row for row in found if not mark or row["mark"] == mark]
                rows.sort(key=_hour)
                rows.sort(key=itemgetter("remind_on"), reverse=is_due)
                if rows:
                    yield rows
                await rests.rest()


def _whose(member: Member) -> ObjectId | dict[str, Any]:
    """Whose marks are a member's to come back to."""
    users = object_ids([member.user, *member.heir_of])
    return users[0] if len(users) == 1 else {"$in": users}


def _hour(row: Mapping[str, Any]) -> tuple[str, Any]:
    """By the hour within a day; who has none comes first."""
    return row.get("remind_at", ""), row["_id"]


def _span(today: date, near: int, far: int | None, *, is_due: bool) -> dict[str, str]:
    """The days from `near` to `far` days away from today, into the past or the future; None has no end."""
    sign = -1 if is_due else 1
    first = (today + timedelta(days=sign * near)).isoformat()
    last = (today + timedelta(days=sign * far)).isoformat() if far is not None else "" if is_due else "~"
    low, high = (last, first) if is_due else (first, last)
    return {"$gte": low, "$lte": high}


async def _cut(pages: AsyncIterator[list[dict[str, Any]]], skip: int, limit: int) -> list[str]:
    found: list[str] = []
    async for rows in pages:
        found += [str(row["resume"]) for row in rows[skip : skip + limit - len(found)]]
        skip = max(0, skip - len(rows))
        if len(found) >= limit:
            break
    return found
