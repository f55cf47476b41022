"""What came of the rows of a table: a list to page through, and those that were rejected as a table again."""

from __future__ import annotations

import asyncio
from typing import Annotated, Literal
from urllib.parse import quote

import msgspec

from handlers.admin.desk import DeskHandler, PageOk, Paging
from handlers.admin.table_view import RowView, row_view
from handlers.api.contract import Contract
from handlers.results.export_table import csv_lines
from runtime.slices import Slices
from store.files.table_rows import decode_rows
from store.files.tables import Part, RowOutcome, Table, Tables

_BOM = "\ufeff"


class RowsQuery(Paging):
    """Which rows.

    Attributes:
        status: Those that came to this; left out, all that have come to something.
    """

    status: Literal["accepted", "updated", "duplicate", "rejected", ""] = ""
    size: Annotated[int, msgspec.Meta(ge=1, le=500)] = 100


class RowsAnswer(PageOk):
    """One page of rows, in the order of the table."""

    rows: list[RowView]


class RowsHandler(DeskHandler):
    """`GET /admin/api/tables/{table_id}/rows/`."""

    contract = Contract("What came of a table's rows", query=RowsQuery, answer=RowsAnswer)
    units = 5

    params: RowsQuery
    tables: Tables

    async def handle(self, table_id: str) -> None:
        """Rows that were not imported yet are not there."""
        await self.tables.get(table_id)
        found: list[RowOutcome] = []
        wanted, slices = self.params.status, Slices()
        async for part in self.tables.parts(table_id, with_data=False):
            found += [one for one in part.outcomes or () if wanted in ("", one.status)]
            await slices.rest()
        shown = found[self.params.skip : self.params.skip + self.params.size]
        self.ok(
            rows=[row_view(one) for one in shown],
            total=len(found),
            next_start=self.params.next_of(len(found)),
        )


class RejectedHandler(DeskHandler):
    """`GET /admin/api/tables/{table_id}/rejected.csv`."""

    contract = Contract("The rejected rows, as a table", other_answer="text/csv")
    needs_role = "admin"
    deadline_s = 30.0
    takes_turns = False
    units = 10

    tables: Tables

    async def handle(self, table_id: str) -> None:
        """As they were, with why in a column of its own: to be put right and uploaded again. For Excel."""
        table = await self.tables.get(table_id)
        name = quote(f"{table.file.rpartition('.')[0] or table.file}-未导入.csv", safe="")
        self.set_header("Content-Type", "text/csv; charset=UTF-8")
        self.set_header(
            "Content-Disposition", f"attachment; filename=\"rejected.csv\"; filename*=UTF-8''{name}"
        )
        self.write(_BOM + csv_lines([[*table.header, "未导入原因"]]))
        async for part in self.tables.parts(table_id, with_data=True):
            self.write(await asyncio.to_thread(_rejected, part, table))
        self.finish()


def _rejected(part: Part, table: Table) -> str:
    reasons = {one.row: one.errors for one in part.outcomes or () if one.status == "rejected"}
    width = len(table.header)
    lines = []
    for row in decode_rows(part.data) if reasons else ():
        if row.number in reasons and row.cells:
            cells = [*row.cells, *[""] * (width - len(row.cells))]
            words = "；".join(text for texts in reasons[row.number].values() for text in texts)
            lines.append([*cells, words])
    return csv_lines(lines)
