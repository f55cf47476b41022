"""Leases in the collection `meta`: what one process does at a time, while the others wait.

    async with holding(database, "rescoring", process) as is_ours:
        if is_ours: ...

A lease ends by itself some seconds after its process was killed, so whatever is done under one bears being
begun again, and in the worst case being done by two at once.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

from pymongo.errors import DuplicateKeyError

from store.errors import STORE_FAILURES
from store.mongo import Database

_LEASE = timedelta(seconds=10)
"""How long a process that was killed makes the next one wait. A living one renews its lease three times in
this time."""


@contextlib.asynccontextmanager
async def holding(database: Database, name: str, process: str) -> AsyncIterator[bool]:
    """Hold a lease, where it is free, until the context is left; it is renewed meanwhile.

    Args:
        database: Where it is.
        name: The document of `meta` that has it, which may hold other fields too.
        process: This process.

    Yields:
        Whether it is ours; false while another process holds it.
    """
    if not await _take(database, name, process):
        yield False
        return
    renewal = asyncio.create_task(_renew(database, name, process))
    try:
        yield True
    finally:
        renewal.cancel()
        with contextlib.suppress(*STORE_FAILURES):  # then it ends by itself
            await database.meta.update_one(
                {"_id": name, "held_by": process}, {"$unset": {"held_by": "", "held_until": ""}}
            )


async def _take(database: Database, name: str, process: str) -> bool:
    """Take a lease, or renew it where it is ours; false while another process holds it."""
    now = datetime.now(UTC)
    free = [{"held_by": {"$exists": False}}, {"held_by": process}, {"held_until": {"$lte": now}}]
    try:
        await database.meta.update_one(
            {"_id": name, "$or": free},
            {"$set": {"held_by": process, "held_until": now + _LEASE}},
            upsert=True,
        )
    except DuplicateKeyError:  # the document is there, and not free: the upsert tried to add a second one
        return False
    return True


async def _renew(database: Database, name: str, process: str) -> None:
    while True:
        await asyncio.sleep(_LEASE.total_seconds() / 3)
        # Where it fails two processes may do the work at once, which it bears.
        with contextlib.suppress(*STORE_FAILURES):
            await _take(database, name, process)
