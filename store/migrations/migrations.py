"""Numbered changes of what is stored, each made once and in order, before anybody is served.

A process may be killed in the middle of a change, so a change is idempotent: the next process makes it
again. Servers are restarted one after the other, so a change leaves what the release before it reads.

A new index needs no change; it is added to `mongo.INDEXES`. An index whose keys change takes a new name
there, and a change here that drops the old one.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime, timedelta

from pymongo import UpdateOne
from pymongo.errors import DuplicateKeyError

from store.audit.chain import REGISTRY, now
from store.bulk import bulk
from store.errors import NewerDatabase
from store.feeds.leases import holding
from store.migrations.late_filter_values import give_filter_values
from store.migrations.late_marks import list_marked
from store.migrations.late_masking import mask_again, mask_all
from store.migrations.late_tiers import give_tiers
from store.mongo import Database, drop_index
from store.paging import pages
from store.persons.person_finding import find_persons
from store.resumes.contact_filling import fill_contacts, plan_again

logger = logging.getLogger(__name__)

Change = Callable[[Database], Awaitable[None]]

_KEY = {"_id": "schema"}

_WAIT_S = 0.2
"""Seconds between two looks at whether another process has made a change."""

_ADOPTING = timedelta(days=1)
"""How long rows without a chain may join one: longer than any restart of all servers takes."""

_PART = 100
"""Results that are changed in one go."""


async def _quarantine_with_time(database: Database) -> None:
    """A quarantined resume says since when it is; before, it held the reason alone."""
    async for page in pages(database.resumes.find({}, {"quarantine": 1})):
        for document in page:
            reason = document.get("quarantine")
            if isinstance(reason, str):
                value = {"reason": reason, "at": datetime.now(UTC)}
                change = {"$set": {"set_aside": True, "quarantine": value}}
                await database.resumes.update_one({"_id": document["_id"], "quarantine": reason}, change)


async def _backfills_by_sparse_index(database: Database) -> None:
    """The index of feeds that wait is sparse; with a partial one the embedded store read every feed."""
    await drop_index(database.feeds, "backfill")


async def _sessions_without_ttl(database: Database) -> None:
    """Logins remove expired sessions; the embedded store's own way to do so brought it to a standstill."""
    await drop_index(database.sessions, "ttl")


async def _profiles_without_key_terms_index(database: Database) -> None:
    """An index in each process's memory finds the candidates of a feed; MongoDB's own made writes dear.

    Profiles of the release before have no `updated_at` to be read by. They need none: they are of other
    rules, and are made anew.
    """
    await drop_index(database.profiles, "key_terms")


async def _clicks_by_one_index(database: Database) -> None:
    """Clicked results are found by one index instead of three.

    Feeds learn anew of all clicks, so no pending one can be lost. A result in the former form stays in it
    until it is scored again, which the change of the rules in this release does with most: to write them all
    anew would take the embedded store minutes before anybody is served.
    """
    results = database.results
    async for page in pages(database.feeds.find({}, {"_id": 1})):
        for feed in page:
            # A feed at a time, by the former indexes: the embedded store cannot read all results in time.
            for which in ({"read": True}, {"deleted": True}, {"untaught": True}):
                async for rows in pages(results.find({"feed": feed["_id"], **which}, {"clicked": 1}), _PART):
                    marks = [feed["_id"], f"pending {feed['_id']}"]
                    change = {
                        "$addToSet": {"clicked": {"$each": marks}},
                        "$inc": {"clicks": 1},
                        "$unset": {"untaught": ""},
                    }
                    await bulk(
                        results,
                        [UpdateOne({"_id": row["_id"]}, change) for row in rows if "clicked" not in row],
                    )
    for name in ("untaught", "deleted", "read"):
        await drop_index(results, name)


async def _audit_in_chains(database: Database) -> None:
    """Rows of the audit are in chains. `store.audit.adoption` takes in those of the release before.

    Its servers may write some more, so there is a day for it. A database without accounts is new, and none of
    its rows were ever without a chain.
    """
    if await database.accounts.find_one({}, {"_id": 1}) is None and not await database.audit.find_one({}):
        return
    registry = {"_id": REGISTRY, "last": 0, "adopts_until": now() + _ADOPTING}
    with contextlib.suppress(DuplicateKeyError):  # a process that made the change before was killed
        await database.audit_chains.insert_one(registry)


async def _mask_contacts_in_texts(database: Database) -> None:
    """Contacts in the texts of stored resumes are masked, and the originals put beside the contact."""
    await mask_all(database)


async def _contacts_with_reach(database: Database) -> None:
    """A person is found by phone or e-mail, and a contact says when there was news of its resume."""
    await fill_contacts(database)
    await plan_again(database)


async def _results_in_tiers(database: Database) -> None:
    """Results of the release before are strong or possible by their stored score.

    The index that only those releases need goes. What they do with it they also do without, and slower.
    """
    await give_tiers(database)
    await drop_index(database.results, "unread")


async def _persons_once_in_a_list(database: Database) -> None:
    """Of one person's results in a list one is listed, and the others stand under it.

    What servers of the release before write until they are restarted is found an hour later.
    """
    await find_persons(database)
    await plan_again(database)


async def _marked_people_in_lists(database: Database) -> None:
    """People are listed by their latest mark.

    Marks that servers of the release before make until they are restarted are listed an hour later.
    """
    await list_marked(database)
    await plan_again(database)


async def _filter_values_of_kept_results(database: Database) -> None:
    """What may never be scored again gets what lists are filtered by; scoring gives it to everything else."""
    await give_filter_values(database)


async def _lists_by_account(database: Database) -> None:
    """Indexes of lists begin with the account, as the shard key does.

    Servers of the release before need the former ones until they are restarted: these go an hour later.
    """
    await plan_again(database)


async def _mask_more_in_texts(database: Database) -> None:
    """More kinds of contacts are masked in texts than when these were stored.

    What servers of the release before take in until they are restarted stays as it is until it comes again.
    """
    await mask_again(database)


MIGRATIONS: Sequence[Change] = (
    _quarantine_with_time,
    _backfills_by_sparse_index,
    _sessions_without_ttl,
    _profiles_without_key_terms_index,
    _clicks_by_one_index,
    _contacts_with_reach,
    _audit_in_chains,
    _mask_contacts_in_texts,
    _results_in_tiers,
    _persons_once_in_a_list,
    _marked_people_in_lists,
    _filter_values_of_kept_results,
    _lists_by_account,
    _mask_more_in_texts,
)
"""The first is number 1. A change that was released is never changed, moved or removed: databases hold the
number of changes that were made."""


async def migrate(database: Database, process: str, changes: Sequence[Change] = MIGRATIONS) -> list[int]:
    """Make the changes that are missing, or wait while another process makes them.

    Args:
        database: What to change.
        process: This process's name, under which it holds the lease.
        changes: All changes there are.

    Returns:
        The numbers of the changes that this process made.

    Raises:
        NewerDatabase: The database was changed by a later release than this one.
        One of STORE_FAILURES: MongoDB does not answer.
    """
    made: list[int] = []
    while True:
        done = await _done(database)
        if done > len(changes):
            raise NewerDatabase(
                f"the database is of a newer release: it has change {done}, this release knows {len(changes)}"
            )
        if done == len(changes):
            return made
        # One lease for all that are missing: each costs two writes, and a new database needs every change.
        async with holding(database, str(_KEY["_id"]), process) as is_ours:
            if not is_ours:
                await asyncio.sleep(_WAIT_S)
                continue
            for number, change in list(enumerate(changes, 1))[done:]:
                # Another process may have made it before we had the lease, or while we stood still.
                if await _done(database) != number - 1:
                    break
                name = change.__name__.strip("_")
                logger.info("changing the database", extra={"data": {"number": number, "name": name}})
                await change(database)
                await database.meta.update_one(_KEY, {"$max": {"number": number}})
                made.append(number)


async def _done(database: Database) -> int:
    document = await database.meta.find_one(_KEY)
    return int(document.get("number", 0)) if document else 0
