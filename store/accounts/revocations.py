"""Revocations: the accounts whose sessions were ended lately, so that every process reads them anew.

    async with revocations.of(user_id):
        await sessions.end(user_id)

A socket was let in once, and stays until it is told; a request goes by what `known_sessions` has. An event
over Redis tells at once; where it is lost, `look` finds the account here, well within the two seconds that
are promised. What happened to which session is not said: whoever hears it reads the truth.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta

from bson import ObjectId

from store.mongo import Database, time_of
from store.redis.events import Event, Events

EVERY_S = 0.5
"""Seconds between two looks; each costs two small queries. More would come too near the promise."""
_LATELY = timedelta(seconds=30)
"""How long an account is told of again at each look. What ends its sessions comes after the note that it is
about to, and a look that falls between the two finds nothing ended yet. It also bridges a short absence of
MongoDB; after a longer one the hub's own reads find what has ended."""


class Revocations:
    """The collection `revocations`. Belongs to one event loop."""

    def __init__(self, database: Database, events: Events) -> None:
        self._database = database
        self._revocations = database.revocations
        self._events = events

    @asynccontextmanager
    async def of(self, user_id: str) -> AsyncIterator[None]:
        """End sessions of an account in the block; every process reads them anew then.

        Raises:
            One of STORE_FAILURES: MongoDB does not answer; the block is not entered.
        """
        # Before the block: a process that is killed in it has noted what it may have done.
        await self._revocations.update_one(
            {"_id": ObjectId(user_id)}, {"$currentDate": {"updated_at": True}}, upsert=True
        )
        yield
        await self._events.publish(Event("revoked", user=user_id))

    async def look(self) -> None:
        """Tell this process of the accounts."""
        now = await time_of(self._database)
        lately = self._revocations.find({"updated_at": {"$gte": now - _LATELY}}, {"_id": 1})
        for note in await lately.to_list(None):
            self._events.tell_here(Event("revoked", user=str(note["_id"])))
