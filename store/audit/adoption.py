"""Takes rows of the release before into a chain.

Servers are restarted one after the other, and those of the release before write rows without a chain until
they are gone. So every process that prepares the stores takes in what there is, for a day after the
migration that says until when. From then on a row without a chain is one that somebody inserted.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from pymongo import UpdateOne

from store.audit.chain import REGISTRY, AuditChain, is_trusted
from store.audit.history import newest_first
from store.audit.rows import Sealer
from store.by_ids import chunks, find_by_ids
from store.feeds.leases import holding
from store.mongo import Database

_WAIT_S = 0.2
"""Seconds between two looks at whether another process has done it."""


async def adopt(database: Database, chain: AuditChain, sealer: Sealer, process: str) -> int:
    """Take in the rows that are in no chain, in order of time; returns how many.

    One process does it at a time, as it makes migrations. Killed, it leaves the rest to the next.
    """
    registry = await database.audit_chains.find_one({"_id": REGISTRY})
    if registry is None or not is_trusted(registry, sealer):
        return 0
    until = registry.get("adopts_until")
    if until is None or until <= datetime.now(UTC):
        return 0
    while True:
        async with holding(database, "schema", process) as is_ours:
            if is_ours:
                return await _adopt(database, chain)
        await asyncio.sleep(_WAIT_S)


async def _adopt(database: Database, chain: AuditChain) -> int:
    if await database.audit.find_one({"chain": None}, {"_id": 1}) is None:
        return 0
    ids: list[tuple[datetime, Any]] = []
    async for rows in newest_first(database.audit, {}, fields={"at": 1, "chain": 1}):
        ids += [(row["at"], row["_id"]) for row in rows if "chain" not in row]
    ids.sort()
    for part in chunks([id_ for _, id_ in ids]):
        rows = sorted(await find_by_ids(database.audit, part), key=lambda row: (row["at"], row["_id"]))
        await chain.adopt(database.audit, rows, _change)
    return len(ids)


def _change(row: Mapping[str, Any], fields: Mapping[str, Any]) -> UpdateOne:
    return UpdateOne({"_id": row["_id"], "chain": None}, {"$set": dict(fields)})
