"""Change 2: what feeds of release 1.0.0 said of their backfills becomes jobs.

A feed waited, or was scored just then, as long as it had `backfill_due`; without that its progress is 1. The
job comes first, so that a change that was killed goes on where it was.
"""

from __future__ import annotations

from datetime import UTC, datetime

from pymongo import UpdateOne

from store.accounts.companies import Member
from store.bulk import bulk
from store.jobs.jobs import Jobs
from store.mongo import Database, drop_index
from store.parts import in_parts

_PAGE = 500
"""Feeds that are read in one go."""
_GONE = {"backfill_due": "", "backfill_by": ""}
_STATE = dict.fromkeys(("company", "owner", "deleted", "backfill_due"), 1)


async def backfills_into_jobs(database: Database) -> None:
    """Make the change."""
    jobs, now = Jobs(database), datetime.now(UTC)
    async for page in in_parts(database.feeds, {}, _PAGE, _STATE):
        waiting = [feed for feed in page if "backfill_due" in feed]
        of = {
            str(feed["_id"]): Member(str(feed["owner"]), str(feed["company"]))
            for feed in waiting
            if not feed["deleted"]
        }
        await jobs.ask_all("backfill", dict.fromkeys(of, now), of=of)
        writes = [UpdateOne({"_id": feed["_id"]}, {"$unset": _GONE}) for feed in waiting]
        await bulk(database.feeds, writes)
    await drop_index(database.feeds, "due")
    await database.drop_collection("passes")
