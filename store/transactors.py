"""Transactors: which process has which sessions, so that the transactions of a dead one are ended.

A process that is killed in the middle of a transaction holds what it has written until MongoDB ends that by
its age, a minute say; the embedded store does not even when the connection is gone. So each process notes its
sessions, of which it has as many as transactions at once. Every few seconds each looks for sessions of
processes of which Redis says nothing, and ends them. One that lives all the same does its own again.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection
from typing import Any

EVERY_S = 5.0
"""Seconds between two looks for sessions of the dead."""


class Transactors:
    """The collection `transactors`, as one process writes it. Belongs to one event loop.

    Args:
        database: The driver's.
        process: This process, unique among all.
        living: Gives the processes that are there, as far as they said so; None where that is not known.
    """

    def __init__(
        self, database: Any, process: str, living: Callable[[], Awaitable[Collection[str] | None]]
    ) -> None:
        self._sessions = database.transactors
        self._admin = database.client.admin
        self._process = process
        self._living = living
        self._noted: set[bytes] = set()

    async def note(self, session_id: bytes) -> None:
        """Note a session of this process before its first transaction."""
        if session_id not in self._noted:
            await self._sessions.insert_one({"_id": session_id, "process": self._process})
            self._noted.add(session_id)

    async def end_those_of_the_dead(self) -> None:
        """End the transactions of processes that are gone."""
        living = await self._living()
        if living is None:
            return
        rows = await self._sessions.find({}).to_list(None)
        ids = [row["_id"] for row in rows if row["process"] not in {*living, self._process}]
        if ids:
            await self._admin.command("killSessions", [{"id": id_} for id_ in ids])
            await self._sessions.delete_many({"_id": {"$in": ids}})

    async def leave(self) -> None:
        """Forget the sessions of this process, which ends."""
        if self._noted:
            await self._sessions.delete_many({"process": self._process})
