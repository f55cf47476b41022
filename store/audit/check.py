"""Verifies the audit's chains: finds each row that was changed, removed, inserted or put elsewhere.

What can be proved, and what cannot, is in `docs/adr/0032`. Reading beside running servers is safe: they
append behind what is read, and retention cuts before it.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import suppress
from typing import Any

import msgspec

from store.audit.chain import FIRST, REGISTRY, is_trusted
from store.audit.rows import Sealer, end_content, link, start_of
from store.errors import STORE_FAILURES
from store.mongo import Database

_PART = 1000
"""Rows that are read at once; the embedded store takes 25 ms for them."""

_RECHECKS = 3
"""How often a chain is looked at again before it is reported. Retention may cut it between two reads."""

_MOST_NAMED = 50
"""Rows outside of all chains that are named. More would only fill the screen."""

_NO_NUMBER = {"$not": {"$type": ["int", "long"]}}


class Verified(msgspec.Struct):
    """What is known of the chains that hold.

    Attributes:
        foreign: Chains that were sealed with another key: their links were verified, their seals not.
    """

    rows: int = 0
    last: int = 0
    foreign: list[int] = []


class AuditCheck:
    """Reads the audit once; writes nothing."""

    def __init__(self, database: Database, sealer: Sealer) -> None:
        self._audit = database.audit
        self._chains = database.audit_chains
        self._sealer = sealer
        self.verified = Verified()

    async def broken(self, tick: Callable[[str], None] = lambda _: None) -> AsyncIterator[str]:
        """Give a line for each break, and leave in `verified` what was read.

        Args:
            tick: Called with "audit" for each row.
        """
        self.verified = verified = Verified()
        registry = await self._chains.find_one({"_id": REGISTRY})
        last = registry["last"] if registry else 0
        if registry and not is_trusted(registry, self._sealer):
            yield "the audit's registry of chains was changed"
        number, previous = 1, FIRST
        while True:
            chain = await self._chains.find_one({"_id": number})
            if chain is None and number > last:
                break
            if chain is None:
                yield f"audit chain {number} is missing"
                previous = b""
            else:
                # One that was just begun has one by now.
                if registry is None and number == 1 and not await self._chains.find_one({"_id": REGISTRY}):
                    yield "the audit's registry of chains is missing"
                if previous and chain["previous"] != previous:
                    yield f"audit chain {number} does not follow from the one before"
                for line in await self._chain(chain, verified, tick):
                    yield line
                previous = chain["start"]
            number += 1
        verified.last = number - 1
        async for line in self._strays(number - 1):
            yield line

    async def _chain(
        self, chain: Mapping[str, Any], verified: Verified, tick: Callable[[str], None]
    ) -> list[str]:
        """What is broken in a chain; it is read again where something seems to be."""
        number = chain["_id"]
        lines: list[str] = []
        for _ in range(_RECHECKS):
            rows, lines = await self._verify(chain)
            if not lines:
                break
            chain = await self._chains.find_one({"_id": number}) or chain
        for _ in range(rows):
            tick("audit")
        verified.rows += rows
        if chain["key"] != self._sealer.name:
            verified.foreign.append(number)
        return lines

    async def _verify(self, chain: Mapping[str, Any]) -> tuple[int, list[str]]:
        """Verify one chain; returns how many rows it has, and what is broken."""
        number, start, head = chain["_id"], chain["start"], chain["head"]
        lines = []
        if start_of(chain) != start:
            lines.append(f"audit chain {number} was changed")
        if not self._holds_end("head", chain["key"], number, start, head):
            lines.append(f"the head of audit chain {number} was changed")
        base = chain.get("base") or {"seq": 0, "hash": start}
        if base["seq"] and not self._holds_end("base", base["key"], number, start, base):
            lines.append(f"the base of audit chain {number} was changed")
        reading = _Reading(number, base["seq"], base["hash"], lines)
        while True:
            upto = reading.seq + _PART
            part = {"chain": number, "seq": {"$gt": reading.seq, "$lte": upto}}
            rows = await self._audit.find(part).to_list(None)
            for row in sorted(rows, key=lambda row: row["seq"]):
                self._row(reading, row, chain["key"], head)
            if not rows:
                if upto >= head["seq"]:
                    break
                reading.skip_to(upto)
        if reading.seq < head["seq"]:
            reading.skip_to(head["seq"])
        beyond = {"chain": number, "seq": {"$gt": upto}}
        rows = await self._audit.find(beyond, {"_id": 1}).to_list(_MOST_NAMED)
        lines += [f"audit row {row['_id']} is beyond the end of chain {number}" for row in rows]
        if base["seq"]:
            lines += await self._before_base(chain, base["seq"])
        return reading.count, lines

    def _row(self, reading: _Reading, row: Mapping[str, Any], key: str, head: Mapping[str, Any]) -> None:
        if not reading.take(row):
            return
        is_sealed = key != self._sealer.name or self._sealer.holds("row", row["hash"], row.get("seal"))
        is_linked = reading.previous is None or link(reading.previous, row) == row["hash"]
        if not (is_sealed and is_linked):
            reading.lines.append(f"{_name(row)} was changed, or is not where it was")
        elif row["seq"] == head["seq"] and row["hash"] != head["hash"]:
            reading.lines.append(f"{_name(row)} is not the last one that was acknowledged")
        reading.previous = row["hash"]

    async def _before_base(self, chain: Mapping[str, Any], base: int) -> list[str]:
        """Rows that have ended and are still there may be what retention could not remove yet; not others."""
        if chain["key"] != self._sealer.name:
            return []
        ended = {"chain": chain["_id"], "seq": {"$lte": base}}
        return [
            f"{_name(row)} was inserted"
            for row in await self._audit.find(ended).to_list(_MOST_NAMED)
            if not self._sealer.holds("row", row.get("hash", b""), row.get("seal"))
        ]

    def _holds_end(self, kind: str, key: str, number: int, start: bytes, end: Mapping[str, Any]) -> bool:
        content = end_content(number, start, end["seq"], end["hash"])
        return key != self._sealer.name or self._sealer.holds(kind, content, end["seal"])

    async def _strays(self, last: int) -> AsyncIterator[str]:
        """Rows that are in no chain, or name one that there is not."""
        for row in await self._audit.find({"chain": None}, {"_id": 1}).to_list(_MOST_NAMED):
            yield f"audit row {row['_id']} is in no chain"
        for which in ({"$gt": last}, {"$lt": 1}):
            for row in await self._audit.find({"chain": which}, {"chain": 1}).to_list(_MOST_NAMED):
                # A process may have begun a chain just now.
                number = row["chain"]
                if number < 1 or await self._chains.find_one({"_id": number}, {"_id": 1}) is None:
                    yield f"audit row {row['_id']} is in chain {number}, which there is not"
        # No index helps with these two, so an embedded store with very many rows does not answer in time.
        # What is found here is in no chain, and proves nothing against anybody.
        odd: tuple[dict[str, Any], ...] = (
            {"chain": {"$exists": True, **_NO_NUMBER}},
            {"chain": {"$exists": True}, "seq": _NO_NUMBER},
        )
        with suppress(*STORE_FAILURES):
            for query in odd:
                for row in await self._audit.find(query, {"_id": 1}).to_list(_MOST_NAMED):
                    yield f"audit row {row['_id']} is in no chain"


class _Reading:
    """How far one chain has been read: up to which row, what it hashes to, what was broken."""

    def __init__(self, chain: int, seq: int, previous: bytes, lines: list[str]) -> None:
        self.chain = chain
        self.seq = seq
        self.previous: bytes | None = previous
        self.lines = lines
        self.count = 0

    def take(self, row: Mapping[str, Any]) -> bool:
        """Go on to a row; false where it stands where another one stands already, or between two."""
        seq = row["seq"]
        if not isinstance(seq, int) or seq <= self.seq:
            self.lines.append(f"{_name(row)} was inserted")
            return False
        if not isinstance(row.get("hash"), bytes):
            self.lines.append(f"{_name(row)} has no hash")
            self.seq, self.previous = seq, None
            return False
        if seq > self.seq + 1:
            self.skip_to(seq - 1)
        self.seq = seq
        self.count += 1
        return True

    def skip_to(self, seq: int) -> None:
        """Note that the rows up to `seq` are not there."""
        first = self.seq + 1
        which = f"row {first}" if first == seq else f"rows {first} to {seq}"
        self.lines.append(f"audit chain {self.chain} lacks {which}")
        self.seq, self.previous = seq, None


def _name(row: Mapping[str, Any]) -> str:
    return f"audit row {row['_id']} (chain {row['chain']}, row {row['seq']})"
