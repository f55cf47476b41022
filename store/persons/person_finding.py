"""Finds out who is one person among all resumes that are stored, and settles every list by it.

It is a numbered change, and done once more an hour later: a server of the release before, which runs until it
is restarted too, goes on storing contacts and results and knows of no persons.
"""

from __future__ import annotations

from store.by_ids import SIZE
from store.mongo import Database
from store.paging import pages
from store.persons.persons import Persons
from store.redis.events import Event
from store.results.result_counters import ResultCounters
from store.shards.parts import in_parts


class _Nobody:
    """Who is told of the lists that change before anybody is served."""

    async def publish(self, *events: Event) -> None:
        """Say nothing."""


async def find_persons(database: Database) -> None:
    """Find out what is not known, and settle what is not settled; a second time changes nothing."""
    counters = ResultCounters(database, _Nobody())
    persons = Persons(database, counters)
    # By way of the profiles, which can be read in parts; resumes that are set aside have none.
    async for page in in_parts(database.profiles, {}, SIZE, {"_id": 1}):
        await persons.find_out([str(row["_id"]) for row in page])
        await counters.settle()
    async for page in pages(database.resumes.find({"set_aside": True}, {"_id": 1}), SIZE):
        await persons.find_out([str(row["_id"]) for row in page])
        await counters.settle()
