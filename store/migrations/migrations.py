"""Numbered changes of what is stored, each made once and in order, before anybody is served.

A process may be killed in the middle of a change, so a change is idempotent: the next process makes it
again. Servers are restarted one after the other, so a change leaves what the release before it reads; before
one in `ALONE`, which does not, all are stopped.

A new index needs no change; it is added to `mongo.INDEXES`. An index whose keys change takes a new name
there, and a change here that drops the old one.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Collection, Sequence

from store.errors import OtherRelease
from store.jobs.jobs import Jobs
from store.migrations.backfills_into_jobs import backfills_into_jobs
from store.migrations.favourites_of_members import favourites_of_members
from store.migrations.into_companies import into_companies
from store.migrations.into_work import into_work
from store.migrations.settle_originals import settle_originals
from store.mongo import Database
from store.redis.registry import Registry

logger = logging.getLogger(__name__)

Change = Callable[[Database], Awaitable[None]]

_KEY = {"_id": "schema"}

_WAIT_S = 0.2
"""Seconds between two looks at whether another process has made a change."""


MIGRATIONS: Sequence[Change] = (
    into_companies,
    backfills_into_jobs,
    settle_originals,
    into_work,
    favourites_of_members,
)
"""The changes since 1.0.0; the first is number 1. A change that was released is never changed, moved or
removed: databases hold the number of changes that were made."""

ALONE: Collection[Change] = (into_companies, backfills_into_jobs, into_work, favourites_of_members)
"""Those that servers of the release before would undo: they write what nobody finds, or counts."""


async def migrate(
    database: Database, changes: Sequence[Change] = MIGRATIONS, *, registry: Registry | None = None
) -> list[int]:
    """Make the changes that are missing, or wait while another process makes them; gives their numbers.

    The registry knows which servers run: those of this release say so only after its changes.

    Raises:
        OtherRelease: The database was changed by a later release than this one, or servers of an earlier one
            run.
    """
    made: list[int] = []
    while True:
        done = await _done(database)
        if done > len(changes):
            raise OtherRelease(
                f"the database is of a newer release: it has change {done}, this release knows {len(changes)}"
            )
        if done == len(changes):
            return made
        # One lease for all that are missing: each costs some writes, and a new database needs every change.
        async with Jobs(database).holding("migration") as job:
            if not job:
                await asyncio.sleep(_WAIT_S)
                continue
            needs_alone = any(change in ALONE for change in changes[done:])
            found = await registry.by_role() if registry and needs_alone else None
            if others := sorted({name for names in (found or {}).values() for name in names}):
                raise OtherRelease(f"servers of an earlier release run, stop them: {', '.join(others)}")
            for number, change in list(enumerate(changes, 1))[done:]:
                # Another process may have made it before we had the lease, or while we stood still.
                if await _done(database) != number - 1:
                    break
                name = change.__name__.strip("_")
                logger.info("changing the database", extra={"data": {"number": number, "name": name}})
                await change(database)
                await database.meta.update_one(_KEY, {"$max": {"number": number}}, upsert=True)
                made.append(number)


async def _done(database: Database) -> int:
    document = await database.meta.find_one(_KEY)
    return int(document.get("number", 0)) if document else 0
