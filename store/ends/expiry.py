"""What ends by its own clock: sessions, tickets, windows of limits, and other notes of some hours or days.

    async for ended in expire(database, now): ...

A row of `EXPIRING` says in which field a collection has a time, and how long after it a document is of no
use. No reader believes a document that is over, so it matters to nobody how late it goes: retention takes
them away some at a time (`engine.ends.retention`). TTL indexes would do so on a MongoDB of its own; the
embedded one's can bring it to a standstill.

What ends together with something else, as a candidate record with its resume, ends there. docs/privacy.md has
every collection with its end.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from typing import NamedTuple

from runtime.clock import SHANGHAI
from store import spans
from store.accounts import operators
from store.by_ids import chunks, delete_by_ids, update_by_ids
from store.jobs.jobs import FAILED_FOR
from store.mongo import Database
from store.notes import handovers

_DAYS_COUNTED = timedelta(days=400)
"""How long it is known what a source sent on a day: a year and a month, to compare with the year before."""
_REVOKED_FOR = timedelta(hours=1)
"""How long a note of a revocation stays. It is told of for half a minute; the rest is for clocks that
differ."""
_ROWS = 500
"""Rows of days that end in one look, which comes again within hours."""


class Expiring(NamedTuple):
    """One kind of document that ends.

    Attributes:
        field: Where its time is; there is an index of it.
        kept: How long after that time it stays.
    """

    collection: str
    field: str
    kept: timedelta = timedelta(0)


EXPIRING = (
    Expiring("sessions", "expires_at"),
    Expiring("operator_sessions", "created_at", operators.LONGEST),
    Expiring("wechat_tickets", "expires_at"),
    Expiring("revocations", "updated_at", _REVOKED_FOR),
    Expiring("invitations", "ends_at"),
    Expiring("allowances", "ends_at"),
    Expiring("repeats", "ends_at"),
    Expiring("handovers", "until", handovers.KEPT),
    Expiring("jobs", "failed_at", FAILED_FOR),
    # Of resumes that came to their end alone; see `erasures.ENDED_FOR`.
    Expiring("erasures", "ends_at"),
)


async def expire(database: Database, now: datetime) -> AsyncIterator[int]:
    """Delete what is over, or take it out of what stays, some at a time.

    Gives the number of each part, so that the caller can rest.
    """
    for one in EXPIRING:
        collection, moment = database[one.collection], now - one.kept
        fields = {one.field: 1}
        async for rows in spans.before(collection, one.field, moment, fields=fields, first=spans.EVER):
            for part in chunks([row["_id"] for row in rows]):
                # A session that is used meanwhile is not over any more.
                await delete_by_ids(collection, part, where={one.field: {"$lt": moment}})
                yield len(part)
    # The account stays; where it was registered from goes.
    young = {"origin_until": {"$lt": now}}
    rows = await database.accounts.find(young, {"_id": 1}).limit(_ROWS).to_list(None)
    for part in chunks([row["_id"] for row in rows]):
        await update_by_ids(database.accounts, part, {"$unset": {"origin": "", "origin_until": ""}})
        yield len(part)
    # By the name of the day, which sorts as the days do. "ever", the row of a source itself, sorts behind.
    oldest = {"day": {"$lt": str((now - _DAYS_COUNTED).astimezone(SHANGHAI).date())}}
    rows = await database.arrivals.find(oldest, {"_id": 1}).limit(_ROWS).to_list(None)
    for part in chunks([row["_id"] for row in rows]):
        await delete_by_ids(database.arrivals, part)
        yield len(part)
