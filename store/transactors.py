"""Transactors: which process has which sessions, so that the transactions of a dead one are ended.

A process that is killed in the middle of a transaction holds what it has written until MongoDB ends that by
its age, a minute say; the embedded store does not even when the connection is gone. So each process notes its
sessions, of which it has as many as transactions at once. Every few seconds each looks for sessions of
processes of which Redis says nothing, and ends them. One that lives all the same does its own again.

Where no answer came in time, the command may come to the store after the end of its transaction, and begin
another: that session, which the driver does not use again, is ended then too.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Collection
from typing import Any

from pymongo.errors import InvalidOperation

from runtime.waiting import wait_at_most

_LEAVES_WITHIN_S = 2.0
"""Seconds for which a process that ends waits for its transactions, as long as for any answer."""
EVERY_S = 5.0
"""Seconds between two looks for sessions of the dead."""


class Transactors:
    """The collection `transactors`, as one process writes it. Belongs to one event loop.

    `living` gives the processes that are there, as far as they said so; None where that is not known.
    """

    def __init__(
        self, database: Any, process: str, living: Callable[[], Awaitable[Collection[str] | None]]
    ) -> None:
        self._sessions = database.transactors
        self._admin = database.client.admin
        self._process = process
        self._living = living
        self._noted: set[bytes] = set()
        self._doubtful: set[bytes] = set()
        self._open: set[bytes] = set()
        """Sessions with a transaction under way."""
        self._is_quiet = asyncio.Event()
        self._is_quiet.set()
        self._is_leaving = False

    async def begin(self, session_id: bytes) -> None:
        """Note a session of this process before a transaction.

        Raises:
            InvalidOperation: The process leaves: nobody would end what it begins now.
        """
        if self._is_leaving:
            raise InvalidOperation("no transaction after close")
        self._open.add(session_id)
        self._is_quiet.clear()
        await self.note(session_id)

    def end(self, session_id: bytes) -> None:
        """Note that a transaction is over."""
        self._open.discard(session_id)
        if not self._open:
            self._is_quiet.set()

    async def note(self, session_id: bytes) -> None:
        """Note a session, once."""
        if session_id not in self._noted:
            await self._sessions.update_one(
                {"_id": session_id}, {"$set": {"process": self._process}}, upsert=True
            )
            self._noted.add(session_id)

    def doubt(self, session_id: bytes) -> None:
        """Have a session ended with those of the dead."""
        self._doubtful.add(session_id)

    async def end_those_of_the_dead(self) -> None:
        """End the transactions of processes that are gone, and own ones that may have been left."""
        await self._end([*self._doubtful])
        living = await self._living()
        if living is None:
            return
        rows = await self._sessions.find({}).to_list(None)
        await self._end([row["_id"] for row in rows if row["process"] not in {*living, self._process}])

    async def leave(self) -> None:
        """End the sessions of this process, which ends: once what is under way is over, or takes too long.

        A command that is on its way while its session is ended would begin another transaction.
        """
        self._is_leaving = True
        await wait_at_most(self._is_quiet, _LEAVES_WITHIN_S)
        await self._end([*self._noted])

    async def _end(self, ids: list[bytes]) -> None:
        if ids:
            await self._admin.command("killSessions", [{"id": id_} for id_ in ids])
            await self._sessions.delete_many({"_id": {"$in": ids}})
            self._noted.difference_update(ids)
            self._doubtful.difference_update(ids)
