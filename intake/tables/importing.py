"""Tables taken in: read in a child, kept in parts, and imported a part at a time.

    importer = TableImporter(reader, tables, storing)
    table = await importer.take("people.xlsx", data, source="headhunter", sheet="")
    outcomes = await importer.import_next(table)          # again and again, until `table.state` is done
    due = await importer.go_on(job)                       # imports what nobody asks for any more

What is answered is durable. A part whose answer was lost is imported again, which makes duplicates of its
rows and nothing else. Where nobody asks for the next part for a while, as the page was closed or the server
was killed, some server imports it.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from typing import Any

from intake.files.reader import FileReader
from intake.storing import Storing
from intake.tables.limits import FIRST_ROWS, RefusedTable, decode_head
from intake.tables.records import record_of, resume_of
from runtime.clock import SHANGHAI
from runtime.decoding import InvalidFields
from runtime.slices import Slices
from store.errors import NotFound
from store.files.tables import LEFT_FOR, Part, Row, RowOutcome, Table, Tables, decode_rows, reach_in
from store.jobs.jobs import Job, Jobs
from store.resumes.resume_values import IncomingResume

_BATCH = 100
"""Resumes that are stored at a time, as of an upload."""

_WAIT_S = 0.1
"""Seconds between two looks whether somebody else is through with a part."""


class TableImporter:
    """Takes tables in. Belongs to one event loop."""

    def __init__(self, reader: FileReader, tables: Tables, storing: Storing, jobs: Jobs) -> None:
        self._reader = reader
        self._tables = tables
        self._storing = storing
        self._jobs = jobs

    async def take(self, name: str, data: bytes, *, source: str, sheet: str) -> Table:
        """Read a table and keep it: the sheet that is named, or for "" the first that holds something.

        Raises:
            RefusedTable: It cannot be read.
            ReaderBusy: Too many files wait.
            TooManyTables: Too many are kept.
        """
        *parts, last = await self._reader.table(data, sheet) or [b""]
        if not last:
            raise RefusedTable("too_slow")
        head = decode_head(last)
        if head.refusal:
            raise RefusedTable(head.refusal)
        return await self._tables.create(
            await asyncio.to_thread(lambda: hashlib.sha256(data).hexdigest()),
            file=name,
            source=source,
            sheet=head.sheet,
            sheets=head.sheets,
            header=head.header,
            mapping=head.mapping,
            rows=head.rows,
            parts=[(part, await asyncio.to_thread(reach_in, part)) for part in parts],
        )

    async def first_rows(self, table: Table) -> list[Row]:
        """Some rows to look at."""
        part = await self._tables.first_part(table.id)
        return decode_rows(part.data)[:FIRST_ROWS] if part else []

    async def preview(
        self, table: Table, mapping: Mapping[int, str]
    ) -> list[tuple[int, dict[str, Any], dict[str, list[str]]]]:
        """What the first rows would be: number, record, errors."""
        shown = []
        for row in await self.first_rows(table):
            record, errors = dict[str, Any](), dict[str, list[str]]()
            try:
                record = record_of(row.cells, mapping, table.source, _today())
                resume_of(row.cells, mapping, table.source, _today())
            except InvalidFields as error:
                errors = {name: list(texts) for name, texts in error.errors.items()}
            shown.append((row.number, record, errors))
        return shown

    async def import_next(self, table: Table) -> list[RowOutcome]:
        """Import the next part by the mapping in force; on return what came of it is durable.

        Returns:
            What came of each row; nothing where all are done.

        Raises:
            NotFound: The table was dropped meanwhile.
        """
        while True:
            async with self._jobs.holding("import", table.id) as job:
                if job is not None:
                    outcomes = await self._next_part(table)
                    if not await self._tables.end(table.id):
                        # What is left is imported by itself where nobody asks for it.
                        await self._jobs.put_off([job], datetime.now(UTC) + LEFT_FOR)
                    return outcomes
            await asyncio.sleep(_WAIT_S)  # another one imports a part

    async def go_on(self, job: Job) -> datetime | None:
        """Import the next part of a table, and say when the one after that is due; None where it is done."""
        try:
            table = await self._tables.get(job.key)
            if table.state != "importing":
                return None
            await self._next_part(table)
        except NotFound:
            return None
        return None if await self._tables.end(table.id) else datetime.now(UTC)

    async def _next_part(self, table: Table) -> list[RowOutcome]:
        if (part := await self._tables.next_part(table.id)) is None:
            return []
        return await self._tables.finish(part, await self._import(part, table))

    async def _import(self, part: Part, table: Table) -> list[RowOutcome]:
        rows = await asyncio.to_thread(decode_rows, part.data)
        outcomes: dict[int, RowOutcome] = {}
        batch: dict[str, tuple[int, IncomingResume]] = {}
        today, slices = _today(), Slices()
        for row in rows:
            await slices.rest()
            if not row.cells:  # of somebody who was erased
                outcomes[row.number] = _rejected(row.number, {"phone": ["此人的信息已被删除"]})
                continue
            try:
                resume = resume_of(row.cells, table.mapping, table.source, today)
            except InvalidFields as error:
                self._storing.refused(table.source, "invalid")
                outcomes[row.number] = _rejected(row.number, error.errors)
                continue
            # A batch holds a resume once: of two rows for it the later updates the earlier.
            if resume.id in batch or len(batch) >= _BATCH:
                await self._store(batch, outcomes)
            batch[resume.id] = (row.number, resume)
        await self._store(batch, outcomes)
        return [outcomes[row.number] for row in rows]

    async def _store(
        self, batch: dict[str, tuple[int, IncomingResume]], outcomes: dict[int, RowOutcome]
    ) -> None:
        held = list(batch.values())
        batch.clear()
        if not held:
            return
        for (number, resume), stored in zip(
            held, await self._storing.save([resume for _, resume in held]), strict=True
        ):
            if stored.outcome == "erased" or stored.outcome == "feed":
                outcomes[number] = _rejected(number, stored.errors)
            else:
                outcomes[number] = RowOutcome(number, stored.outcome, resume.id, {})


def _rejected(number: int, errors: Mapping[str, Sequence[str]]) -> RowOutcome:
    return RowOutcome(number, "rejected", None, {name: list(texts) for name, texts in errors.items()})


def _today() -> date:
    return datetime.now(SHANGHAI).date()
