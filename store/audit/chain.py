"""The chain of one process: the rows of the audit that it wrote, in order.

    chain = AuditChain(database, sealer)
    await chain.append(database.audit, rows)

Each process has a chain of its own, so that processes never wait for each other. A row has the number of its
chain, and its number in it, `seq`, from 1 on without a gap. The collection `audit_chains` has a document for
each chain, with its head: the last row that was acknowledged. So rows that are removed at the end are missed
too. Chains are numbered without a gap as well, and each begins with a hash of the one before. The document 0,
the registry, has the number of the last.

Within a process rows that come in while others are being written wait, and are then written together: two
round trips for all of them. The rows are inserted first, then the head moves, then `append` returns. A
process that is killed between leaves rows behind the head. They are sealed, and count.

What fails or is cancelled leaves it open what was written. The process then begins a new chain, and never
goes on with the old one.

`docs/adr/0032` has the reasons.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import msgspec
from bson import ObjectId
from pymongo import InsertOne
from pymongo.errors import BulkWriteError

from store.audit.rows import Sealer, end_content, link, registry_content, start_of
from store.bulk import write_failed
from store.errors import WriteFailed
from store.mongo import Collection, Database
from store.transactions import again_after_conflict

logger = logging.getLogger(__name__)

REGISTRY = 0
"""The registry's id among the chains, whose numbers begin with 1."""

FIRST = b"\0" * 32
"""What stands in the first chain for the start of the one before."""


class _Chain(msgspec.Struct, frozen=True):
    """A chain that is written to; `seq` and `hash` are of its last row."""

    number: int
    start: bytes
    seq: int
    hash: bytes


class _Batch(msgspec.Struct):
    """Rows that are written together."""

    rows: list[dict[str, Any]] = []
    is_done: bool = False
    error: Exception | None = None


class AuditChain:
    """Appends rows. One object a process; belongs to one event loop."""

    def __init__(self, database: Database, sealer: Sealer) -> None:
        self._database = database
        self._chains = database.audit_chains
        self._sealer = sealer
        self._chain: _Chain | None = None
        self._next = _Batch()
        self._lock = asyncio.Lock()

    async def append(self, audit: Collection, rows: Sequence[Mapping[str, Any]]) -> None:
        """Write rows; on return they are journalled, in the chain, and covered by its head.

        Cancelled, it may have written them all the same.

        Args:
            audit: The collection.
            rows: Without `_id` and what belongs to the chain.

        Raises:
            One of STORE_FAILURES: They may be written or not.
        """
        batch = self._next
        batch.rows += [dict(row) for row in rows]
        async with self._lock:
            # Whoever comes first writes for all that have come so far. If it is cancelled, the next one does.
            if not batch.is_done:
                self._next = _Batch()
                try:
                    await self._write(audit, batch.rows)
                except Exception as error:  # noqa: BLE001 - raised below, for everybody in the batch
                    batch.error = error
                batch.is_done = True
        if batch.error is not None:
            raise batch.error

    async def _write(self, audit: Collection, rows: Sequence[Mapping[str, Any]]) -> None:
        chain = self._chain or await self._open()
        # Until everything is confirmed.
        self._chain = None
        writes, seq, hash_ = [], chain.seq, chain.hash
        for row in rows:
            seq += 1
            place = {"chain": chain.number, "seq": seq}
            document = {"_id": ObjectId(), **row, **place}
            hash_ = link(hash_, document)
            ties = {"hash": hash_, "seal": self._sealer.seal("row", hash_)}
            writes.append(InsertOne(document | ties))
        try:
            # In order: what a crash leaves of them has no gap.
            await audit.bulk_write(writes, ordered=True)
        except BulkWriteError as error:
            raise write_failed(error) from None
        head = self._end(chain.number, chain.start, seq, hash_)
        answer = await self._chains.update_one(
            {"_id": chain.number, "head.seq": chain.seq}, {"$set": {"head": head}}
        )
        if answer.matched_count != 1:
            logger.error(
                "the head of the audit is not as it was left", extra={"data": {"chain": chain.number}}
            )
            raise WriteFailed("the audit's head")
        self._chain = _Chain(chain.number, chain.start, seq, hash_)

    def _end(self, chain: int, start: bytes, seq: int, hash_: bytes) -> dict[str, Any]:
        seal = self._sealer.seal("head", end_content(chain, start, seq, hash_))
        return {"seq": seq, "hash": hash_, "seal": seal}

    @again_after_conflict
    async def _open(self) -> _Chain:
        """Begin a new chain, behind the last there is, and note it in the registry."""
        async with self._database.transaction():
            registry = await self._chains.find_one({"_id": REGISTRY})
            number, previous = registry["last"] if registry else 0, FIRST
            if last := await self._chains.find_one({"_id": number}) if number else None:
                previous = last["start"]
            # One of release 1.0.0 may lag behind.
            while (later := await self._chains.find_one({"_id": number + 1})) is not None:
                number, previous = number + 1, later["start"]
            number += 1
            chain: dict[str, Any] = {"_id": number, "key": self._sealer.name, "previous": previous}
            chain["opened_at"] = now()
            chain["start"] = start_of(chain)
            chain["head"] = self._end(number, chain["start"], 0, chain["start"])
            await self._chains.insert_one(chain)
            if registry is None or is_trusted(registry, self._sealer):
                seal = self._sealer.seal("registry", registry_content({"last": number}))
                fresh = {"last": number, "key": self._sealer.name, "seal": seal}
                await self._chains.update_one({"_id": REGISTRY}, {"$set": fresh}, upsert=True)
            else:
                # Sealed again, it would look as if nothing had happened.
                logger.error("the audit's registry was changed; `manage.py check` says more")
        return _Chain(number, chain["start"], 0, chain["start"])


def is_trusted(registry: Mapping[str, Any], sealer: Sealer) -> bool:
    """Whether a registry is as one of our processes left it, or was sealed with another key."""
    return "seal" in registry and (
        registry["key"] != sealer.name
        or sealer.holds("registry", registry_content(registry), registry["seal"])
    )


def now() -> datetime:
    """The time in whole milliseconds, as MongoDB keeps it: a hash is over what will be read."""
    time = datetime.now(UTC)
    return time.replace(microsecond=time.microsecond // 1000 * 1000)
