"""Tables of people that operators upload: their rows in parts, and what came of each when it was imported.

    table = await tables.create(…)
    part = await tables.next_part(table.id)
    await tables.finish(part, outcomes)

A part is imported as a whole, and what came of its rows is written with its being done. So whoever is killed
in the middle leaves a part that is imported again, which changes nothing: its rows are duplicates then. That
an import goes on is a job of kind `import`.

Rows hold contacts. They are kept packed, a part at a time, for a week; those of a person who is erased go at
once.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Literal

import msgspec
from bson import ObjectId

from store import spans
from store.by_ids import delete_by_ids
from store.documents import read_as
from store.errors import NotFound
from store.ids import table_id
from store.jobs.jobs import Jobs
from store.mongo import Database
from store.persons.reach import all_reach, folded_name
from store.transactions import again_after_conflict

LEFT_FOR = timedelta(seconds=30)
"""How long nobody has asked for the next part of a table when it is imported by itself. Whoever asks for one
after the other gets them all; a page asks again within seconds."""


class Row(msgspec.Struct, array_like=True):
    """One row.

    Attributes:
        number: As the spreadsheet counts, from 1.
        cells: As texts, as many as it has; none of a person who was erased.
    """

    number: int
    cells: list[str]

    def reach(self) -> list[str]:
        """All that looks like a phone or an e-mail, whatever its column is called."""
        return [one for cell in self.cells for one in all_reach(cell)]


encode_rows = msgspec.msgpack.Encoder().encode
decode_rows = msgspec.msgpack.Decoder(list[Row]).decode


def reach_in(data: bytes) -> list[str]:
    """The phones and e-mails in a part."""
    return sorted({one for row in decode_rows(data) for one in row.reach()})


def without(data: bytes, reach: Sequence[str], names: Sequence[str]) -> bytes:
    """A part without the cells of rows that have one of some phones or e-mails, and one of some names.

    Names are as names are compared; "" is in every row.
    """
    gone = set(reach)

    def is_theirs(row: Row) -> bool:
        if gone.isdisjoint(row.reach()):
            return False
        said = [folded_name(cell) for cell in row.cells]
        return any(name in cell for name in names for cell in said)

    return encode_rows([Row(row.number, []) if is_theirs(row) else row for row in decode_rows(data)])


KEPT = timedelta(days=7)
"""How long a table is kept, counted from its upload."""
MOST = 200
"""Tables that are kept at a time; of 20,000 rows each that is some gigabytes."""

TableState = Literal["new", "importing", "done"]
RowStatus = Literal["accepted", "updated", "duplicate", "rejected"]
STATUSES: tuple[RowStatus, ...] = ("accepted", "updated", "duplicate", "rejected")


class TooManyTables(Exception):
    """`MOST` are kept; some have to be dropped first."""


class RowOutcome(msgspec.Struct, frozen=True, array_like=True):
    """What came of one row.

    Attributes:
        row: Its number in the spreadsheet, from 1.
        id: Of the resume; None where none was stored.
    """

    row: int
    status: RowStatus
    id: str | None
    errors: dict[str, list[str]]


class Part(msgspec.Struct, frozen=True, kw_only=True):
    """Some of the rows of a table.

    Attributes:
        number: From 0.
        data: The rows, as `encode_rows` makes them.
        outcomes: What came of each; None before.
    """

    id: str
    number: int
    data: bytes = b""
    outcomes: list[RowOutcome] | None


class Table(msgspec.Struct, frozen=True, kw_only=True):
    """A table.

    Attributes:
        sheet: The sheet that was read; "" of a text.
        mapping: Column -> field: as proposed, and from the import's start on the one in force.
        done: How many have an outcome.
        counts: What came of these.
    """

    id: str
    file: str
    source: str
    sheet: str
    sheets: list[str]
    header: list[str]
    mapping: dict[int, str]
    state: TableState
    rows: int
    done: int
    counts: dict[str, int]
    created_at: datetime


class Tables:
    """The collections `tables` and `table_parts`."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._jobs = Jobs(database)
        self._tables = database.tables
        self._parts = database.table_parts

    async def create(
        self,
        sha256: str,
        *,
        file: str,
        source: str,
        sheet: str,
        sheets: Sequence[str],
        header: Sequence[str],
        mapping: Mapping[int, str],
        rows: int,
        parts: Sequence[tuple[bytes, Sequence[str]]],
    ) -> Table:
        """Keep a table; the same bytes of the same source and sheet are the same table, as it stands.

        `parts` are the rows, packed, with the phones and e-mails in them. For the rest see `Table`.

        Raises:
            TooManyTables: Too many are kept already.
        """
        id_ = ObjectId(table_id(source, sheet, sha256))
        if await self._tables.find_one({"_id": id_, "is_whole": True}, {"_id": 1}) is None:
            if await self._tables.count_documents(_kept()) >= MOST:
                raise TooManyTables
            await self._drop(id_)  # what is left of one that was cut off while it came, or is old
            document = {
                "_id": id_,
                "file": file,
                "source": source,
                "sheet": sheet,
                "sheets": list(sheets),
                "header": list(header),
                "mapping": _plain(mapping),
                "state": "new",
                "rows": rows,
                "created_at": datetime.now(UTC),
            }
            # Before its parts, so that nothing is left that nobody would find; and whole behind them.
            await self._tables.update_one({"_id": id_}, {"$setOnInsert": document}, upsert=True)
            for number, (data, reach) in enumerate(parts):
                part = {"table": id_, "n": number, "data": data, "reach": list(reach), "done": False}
                key = {"_id": f"{id_}:{number}"}
                await self._parts.update_one(key, {"$setOnInsert": part}, upsert=True)
            await self._tables.update_one({"_id": id_}, {"$set": {"is_whole": True}})
        return await self.get(str(id_))

    async def get(self, id_: str) -> Table:
        """One table. All that take an id raise `NotFound` where there is none, or its week is over."""
        document = await self._tables.find_one({"_id": ObjectId(id_), **_kept()})
        if document is None:
            raise NotFound(f"no table {id_}")
        return await self._table(document)

    async def page(self, *, skip: int, limit: int) -> tuple[list[Table], int]:
        """Some of the tables, the latest first, and how many there are."""
        total = int(await self._tables.count_documents(_kept()))
        found = self._tables.find(_kept()).sort("created_at", -1).skip(skip).limit(limit)
        return [await self._table(document) for document in await found.to_list(None)], total

    @again_after_conflict
    async def begin(self, table: Table, mapping: Mapping[int, str]) -> None:
        """Put a mapping in force, and ask for the import by it; nothing where another began first."""
        change = {"$set": {"mapping": _plain(mapping), "state": "importing"}}
        which = {"_id": ObjectId(table.id), "state": "new"}
        async with self._database.transaction():
            if (await self._tables.update_one(which, change)).matched_count:
                await self._jobs.ask("import", table.id, datetime.now(UTC) + LEFT_FOR)

    async def next_part(self, id_: str) -> Part | None:
        """The first part that is not done; None where all are."""
        which = {"table": ObjectId(id_), "done": False}
        found = await self._parts.find(which).sort("n", 1).limit(1).to_list(1)
        return _part(found[0]) if found else None

    async def finish(self, part: Part, outcomes: Sequence[RowOutcome]) -> list[RowOutcome]:
        """Note what came of a part's rows; returns what stands there, which somebody else may have noted."""
        counts = dict.fromkeys(STATUSES, 0)
        for one in outcomes:
            counts[one.status] += 1
        change = {"$set": {"done": True, "outcomes": msgspec.to_builtins(list(outcomes)), "counts": counts}}
        await self._parts.update_one({"_id": part.id, "done": False}, change)
        document = await self._parts.find_one({"_id": part.id}, {"outcomes": 1})
        if document is None:  # dropped meanwhile
            raise NotFound(f"no part {part.id}")
        return msgspec.convert(document.get("outcomes", []), list[RowOutcome])

    async def end(self, id_: str) -> bool:
        """Note that every part is done; false where one is not."""
        if await self.next_part(id_) is not None:
            return False
        which = {"_id": ObjectId(id_), "state": "importing"}
        await self._tables.update_one(which, {"$set": {"state": "done"}})
        return True

    async def restart(self, id_: str) -> Table:
        """Forget what came of the rows, so that all are imported again; what is stored stays."""
        await self.get(id_)
        # The state first: an import that goes on elsewhere finds no mapping in force, and ends.
        await self._tables.update_one({"_id": ObjectId(id_)}, {"$set": {"state": "new"}})
        change = {"$set": {"done": False}, "$unset": {"outcomes": "", "counts": ""}}
        await self._parts.update_many({"table": ObjectId(id_)}, change)
        return await self.get(id_)

    async def parts(self, id_: str, *, with_data: bool) -> AsyncIterator[Part]:
        """The parts in their order, one at a time."""
        fields = None if with_data else {"data": 0}
        number = 0
        while True:
            document = await self._parts.find_one({"_id": f"{id_}:{number}"}, fields)
            if document is None:
                return
            yield _part(document)
            number += 1

    async def first_part(self, id_: str) -> Part | None:
        """The first part; None where it is gone."""
        document = await self._parts.find_one({"_id": f"{id_}:0"})
        return _part(document) if document else None

    async def drop(self, id_: str) -> None:
        """Delete a table with its rows; the resumes that came of it stay."""
        await self.get(id_)
        await self._drop(ObjectId(id_))

    async def has(self, reach: Sequence[str]) -> bool:
        """Whether a row has somebody's phone or e-mail."""
        return await self._parts.find_one({"reach": {"$in": list(reach)}}, {"_id": 1}) is not None

    async def erase(self, reach: Sequence[str], names: Sequence[str]) -> int:
        """Take the rows out that have a phone or an e-mail and a name of somebody, within a transaction.

        Returns in how many parts. For the arguments see `without`.
        """
        found = await self._parts.find({"reach": {"$in": list(reach)}}, {"_id": 1}).to_list(None)
        for which in found:
            part = await self._parts.find_one(which, {"data": 1})
            left = without(bytes(part["data"]), reach, names)
            await self._parts.update_one(which, {"$set": {"data": left, "reach": reach_in(left)}})
        return len(found)

    async def sweep(self, now: datetime) -> AsyncIterator[int]:
        """Delete tables that were kept for long enough; gives a 1 for each, so as to rest."""
        until = now - KEPT
        # All at once first, as mostly nothing is found.
        async for rows in spans.before(
            self._tables, "created_at", until, fields={"_id": 1}, first=spans.EVER
        ):
            for row in rows:
                await self._drop(row["_id"])
                yield 1

    async def _drop(self, id_: ObjectId) -> None:
        await self._parts.delete_many({"table": id_})
        await delete_by_ids(self._tables, [id_])

    async def _table(self, document: Mapping[str, Any]) -> Table:
        which = {"table": document["_id"], "done": True}
        done = await self._parts.find(which, {"counts": 1}).to_list(None)
        counts: dict[str, int] = {name: sum(part["counts"][name] for part in done) for name in STATUSES}
        mapping = {int(column): field for column, field in document["mapping"].items()}
        return read_as(Table, document, mapping=mapping, done=sum(counts.values()), counts=counts)


def _kept() -> dict[str, Any]:
    return {"created_at": {"$gte": datetime.now(UTC) - KEPT}, "is_whole": True}


def _plain(mapping: Mapping[int, str]) -> dict[str, str]:
    return {str(column): field for column, field in mapping.items()}


def _part(document: Mapping[str, Any]) -> Part:
    outcomes = msgspec.convert(document.get("outcomes"), list[RowOutcome] | None)
    return read_as(Part, document, number=document["n"], outcomes=outcomes)
