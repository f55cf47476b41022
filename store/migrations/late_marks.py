"""Lists the marked people of records that servers of the release before wrote, which say nothing of it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from store import spans
from store.mongo import Database
from store.notes.notes import STANDING, standing, stands
from store.persons.person_entries import PersonEntries
from store.results.listed_once import ListedOnce

_FIELDS = dict.fromkeys(("user", "resume", "marks", "marked_under", *STANDING), 1)


async def list_marked(database: Database) -> None:
    """Have each record with marks say what the latest is, and each person once in the lists by mark.

    A second time changes nothing.
    """
    records = database.dossiers
    listed_once = ListedOnce(database, PersonEntries(database))
    now = datetime.now(UTC) + timedelta(days=1)  # clocks differ
    async for rows in spans.before(records, "marks.at", now, fields=_FIELDS):
        late = []
        for row in rows:
            says = standing(row["user"], row["marks"])
            if any(row.get(name) != says.get(name) for name in ("mark", "marked_at", "remind_on")):
                which = {"_id": row["_id"], "user": row["user"], "marks": row["marks"]}
                await records.update_one(which, stands(row["user"], row["marks"]))
                late.append(str(row["resume"]))
        await listed_once.settle(late)
