"""Ends old rows of the audit, in such a way that what is left still proves itself.

A chain gets a base, the last row that has ended: its number and its hash, sealed. The next row follows from
it. The base is stored first and then the rows go, so a process that is killed between leaves rows before the
base. The next one removes them.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from store.audit.rows import Sealer, end_content
from store.mongo import Database

_PART = 500
"""Rows that go in one query. It takes the embedded store 50 ms, in which it answers nobody else."""


class AuditRetention:
    """Cuts the old ends of chains."""

    def __init__(self, database: Database, sealer: Sealer) -> None:
        self._audit = database.audit
        self._chains = database.audit_chains
        self._sealer = sealer

    async def cut(self, before: datetime) -> int:
        """End the rows that were written before a time.

        A row stays as long as an earlier one of its chain. Several processes may do this at once, and one
        that is cancelled or killed leaves the rest to the next.

        Returns:
            How many rows have ended.
        """
        number, ended = 1, 0
        while (chain := await self._chains.find_one({"_id": number})) is not None:
            ended += await self._cut(chain, before)
            number += 1
        # The documents of chains stay, so that their numbers have no gap.
        return ended

    async def _cut(self, chain: Mapping[str, Any], before: datetime) -> int:
        number, base = chain["_id"], chain.get("base")
        kept = base["seq"] if base else 0
        if base:
            await self._remove(number, base.get("from", 0), kept)
        ended = 0
        while last := await self._last_old(number, kept, before):
            seq, hash_ = last
            content = end_content(number, chain["start"], seq, hash_)
            fresh = {
                "seq": seq,
                "hash": hash_,
                "from": kept,
                "key": self._sealer.name,
                "seal": self._sealer.seal("base", content),
            }
            which = {"_id": number, "base.seq": kept} if kept else {"_id": number, "base": None}
            if not (await self._chains.update_one(which, {"$set": {"base": fresh}})).matched_count:
                return ended  # another process does it
            await self._remove(number, kept, seq)
            ended += seq - kept
            kept = seq
        return ended

    async def _last_old(self, number: int, kept: int, before: datetime) -> tuple[int, bytes] | None:
        """The last of the next rows that are all old; None where not even the first is."""
        part = {"chain": number, "seq": {"$gt": kept, "$lte": kept + _PART}}
        rows = await self._audit.find(part, {"seq": 1, "at": 1, "hash": 1}).to_list(None)
        last = None
        for expected, row in enumerate(sorted(rows, key=lambda row: row["seq"]), kept + 1):
            # Behind a gap, whose rows somebody has removed, nothing ends: the gap is to be found.
            if row["seq"] != expected or row["at"] >= before:
                break
            last = row["seq"], row["hash"]
        return last

    async def _remove(self, number: int, above: int, upto: int) -> None:
        if upto > above:
            await self._audit.delete_many({"chain": number, "seq": {"$gt": above, "$lte": upto}})
