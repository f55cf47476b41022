"""Reads the audit, for operators.

Rows are read in spans of time, from now backwards (`store.spans`): somebody may look at the last twenty of
millions.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping
from contextlib import aclosing
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

import msgspec
from bson import ObjectId

from store import spans
from store.documents import read_as
from store.mongo import Collection, Database

EARLIEST = datetime(2020, 1, 1, tzinfo=UTC)
"""Before this there was no audit."""

_SHORTEST_SPAN = timedelta(milliseconds=1)  # the precision of MongoDB's times
_AHEAD = timedelta(days=1)
"""How far the clock of another machine may be ahead."""


MOST_OF_RESUME = 5000
"""Rows about one resume that a page is cut from. Only a machine opens a resume as often."""


class AuditRow(msgspec.Struct, frozen=True, kw_only=True):
    """One row; what it does not have is empty. For the fields see `Audit.record`.

    Attributes:
        chain, seq: Where it stands; 0 in a row that is in no chain.
    """

    at: datetime
    action: str
    account: str
    resumes: list[str]
    feed: str = ""
    command: str = ""
    operator: str = ""
    request: str
    chain: int = 0
    seq: int = 0
    act: str = ""
    about: str = ""


class Place(NamedTuple):
    """Where a row stands among all others in order of time."""

    at: datetime
    chain: int
    seq: int

    @classmethod
    def of(cls, row: AuditRow) -> Place:
        """The place of a row."""
        return cls(row.at, row.chain, row.seq)


class AuditHistory:
    """Reads the collection `audit`; changes nothing."""

    def __init__(self, database: Database) -> None:
        self._audit = database.audit

    async def rows(
        self, *, account: str | None = None, resume: str | None = None, since: datetime | None = None
    ) -> list[AuditRow]:
        """The rows that all of the given conditions hold for, in order of time."""
        return (await self.page(account=account, resume=resume, since=since))[::-1]

    async def page(
        self,
        *,
        account: str | None = None,
        resume: str | None = None,
        since: datetime | None = None,
        before: Place | None = None,
        limit: int | None = None,
    ) -> list[AuditRow]:
        """The last rows that all of the given conditions hold for, the newest first.

        Args:
            account: Who acted, or whom an operator's command was about.
            resume: About whom; a page is cut from the first `MOST_OF_RESUME` rows that are about them.
            since: From then on.
            before: Behind which row of an earlier page to go on.
            limit: How many at most; None for all.
        """
        earliest, rows = since or EARLIEST, list[AuditRow]()
        user = {"user": ObjectId(account)} if account is not None else {}
        if resume is not None:
            about = self._audit.find({"resumes": ObjectId(resume)}).limit(MOST_OF_RESUME if limit else 0)
            parts = _one_part(await about.to_list(None))
        else:
            until = before.at + _SHORTEST_SPAN if before else None
            parts = newest_first(self._audit, user, since=earliest, until=until)
        async with aclosing(parts):
            async for part in parts:
                found = sorted(map(_row, part), key=Place.of, reverse=True)
                rows += [
                    row
                    for row in found
                    if row.at >= earliest
                    and account in (None, row.account)
                    and (before is None or Place.of(row) < before)
                ]
                if limit and len(rows) >= limit:
                    break
        return rows[:limit]

    async def of_company(self, company_id: str, *, skip: int, limit: int) -> list[AuditRow]:
        """The rows of what a company's members did, the newest first; from `skip` on, `limit` at most."""
        rows: list[AuditRow] = []
        parts = newest_first(self._audit, {"company": ObjectId(company_id)})
        async with aclosing(parts):
            async for part in parts:
                rows += sorted(map(_row, part), key=Place.of, reverse=True)
                if len(rows) >= skip + limit:
                    break
        return rows[skip : skip + limit]

    async def commands(self, since: datetime) -> list[AuditRow]:
        """The commands that operators have given since then, in order of time."""
        found = await self._audit.find({"commanded_at": {"$gte": since}}).to_list(None)
        return sorted((_row(row) for row in found), key=lambda row: row.at)


def newest_first(
    audit: Collection,
    where: Mapping[str, Any],
    *,
    since: datetime = EARLIEST,
    until: datetime | None = None,
) -> AsyncGenerator[list[dict[str, Any]], None]:
    """Give the rows of the audit some at a time, the newest first; those given together are in no order.

    There is an index of `at`, and of what `where` asks together with `at`.
    """
    return spans.before(audit, "at", until or datetime.now(UTC) + _AHEAD, where=where, since=since)


def _row(row: Mapping[str, Any]) -> AuditRow:
    return read_as(AuditRow, row, account=str(row.get("user", "")))


async def _one_part(rows: list[dict[str, Any]]) -> AsyncGenerator[list[dict[str, Any]], None]:
    yield rows
