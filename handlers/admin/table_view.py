"""Tables as the desk answers with them: in a list, with their columns, and what came of their rows.

Of the rows there is a list to page through, and those that were rejected are given out as a table again.
"""

from __future__ import annotations

import asyncio
from typing import Annotated, Any, Literal

import msgspec

from handlers.admin.desk import DeskHandler, PageOk, Paging, column_name, hidden, hidden_name
from handlers.api.contract import Answer, Contract, Moment, Ok, Shape
from handlers.results.export_table import BOM, csv_lines
from intake.tables.fields import FIELDS
from intake.tables.limits import SAMPLES
from runtime.clock import clock_text
from runtime.decoding import Id
from runtime.slices import Slices
from store.files.tables import Part, Row, RowOutcome, RowStatus, Table, Tables, TableState, decode_rows


class ColumnView(Shape):
    """A column.

    Attributes:
        index: From 0.
        header: What stands above it; its letter for a viewer, as a table without a header has a person there.
        samples: Some values of it, for an admin.
    """

    index: int
    header: str
    samples: list[str]


class FieldView(Shape):
    """What a column may be.

    Attributes:
        field: For `mapping`.
        label: What people call it.
    """

    field: str
    label: str


class TableCounts(Shape):
    """How many rows came to what."""

    accepted: int
    updated: int
    duplicate: int
    rejected: int


class TableRow(Shape):
    """A table in a list.

    Attributes:
        file: The name of its file; a viewer sees a known ending alone.
        sheet: The sheet that was read, `***` for a viewer; "" of a text.
        state: `new` before the first piece, `done` after the last.
        rows: Rows below the header, blank ones left out.
        done: How many of them have come to something.
    """

    id: Id
    file: str
    source: str
    sheet: str
    state: TableState
    rows: int
    done: int
    counts: TableCounts
    created_at: Moment


class TableView(TableRow):
    """A table with its columns.

    Attributes:
        sheets: All sheets of the file, those that are hidden left out; `***` each for a viewer.
        mapping: Column -> field: as proposed, and from the import's start on the one in force.
        first_rows: The first five, for an admin.
        fields: All that a column may be.
    """

    sheets: list[str]
    mapping: dict[str, str]
    columns: list[ColumnView]
    first_rows: list[list[str]]
    fields: list[FieldView]


class TablesAnswer(PageOk):
    """One page of tables, the latest first; they are kept for a week."""

    tables: list[TableRow]


class TableAnswer(Ok):
    """One table."""

    table: TableView


class UploadAnswer(Answer):
    """A table, or why it cannot be read.

    Attributes:
        errors: With `form_error`.
    """

    status: Literal["ok", "form_error"]
    table: TableView | None = None
    errors: dict[str, list[str]] = msgspec.field(default_factory=dict)


class RowView(Shape):
    """What came of one row.

    Attributes:
        row: Its number in the spreadsheet, from 1.
        id: Of the resume; null where none was stored.
        errors: Why it was rejected, by field.
    """

    row: int
    status: RowStatus
    id: Id | None
    errors: dict[str, list[str]]


class ImportAnswer(Answer):
    """What came of the next piece.

    Attributes:
        table: How far the import is; it is over with the state `done`.
        results: The rows of this piece.
        errors: With `form_error`.
    """

    status: Literal["ok", "form_error"]
    table: TableRow | None = None
    results: list[RowView] = msgspec.field(default_factory=list)
    errors: dict[str, list[str]] = msgspec.field(default_factory=dict)


class PreviewedRow(Shape):
    """What a row would be.

    Attributes:
        record: As `POST /resumes/` takes it.
        errors: Why it would be rejected, by field.
    """

    row: int
    record: dict[str, Any]
    errors: dict[str, list[str]]


class TablePreview(Answer):
    """What the first rows would be."""

    status: Literal["ok", "form_error"]
    records: list[PreviewedRow] = msgspec.field(default_factory=list)
    errors: dict[str, list[str]] = msgspec.field(default_factory=dict)


def table_row(table: Table, *, is_plain: bool) -> TableRow:
    """A table as it stands in a list; `is_plain` as in `table_view`."""
    return TableRow(**_row(table, is_plain=is_plain))


def table_view(table: Table, rows: list[Row], *, is_plain: bool) -> TableView:
    """A table with its columns; where `is_plain`, with samples of its first rows, and with all names."""
    return TableView(
        **_row(table, is_plain=is_plain),
        sheets=table.sheets if is_plain else [hidden(sheet) for sheet in table.sheets],
        mapping={str(column): field for column, field in sorted(table.mapping.items())},
        columns=[
            ColumnView(index=at, header=text, samples=_samples(rows, at))
            if is_plain
            else ColumnView(index=at, header=column_name(at), samples=[])
            for at, text in enumerate(table.header)
        ],
        first_rows=[row.cells for row in rows] if is_plain else [],
        fields=[FieldView(field=field, label=label) for field, label in FIELDS.items()],
    )


def row_view(one: RowOutcome) -> RowView:
    """What came of a row, as answers have it."""
    return RowView(row=one.row, status=one.status, id=one.id, errors=one.errors)


def _samples(rows: list[Row], column: int) -> list[str]:
    values = [row.cells[column] for row in rows if column < len(row.cells) and row.cells[column]]
    return list(dict.fromkeys(values))[:SAMPLES]


def _row(table: Table, *, is_plain: bool) -> dict[str, Any]:
    return {
        "id": table.id,
        "file": table.file if is_plain else hidden_name(table.file),
        "source": table.source,
        "sheet": table.sheet if is_plain else hidden(table.sheet),
        "state": table.state,
        "rows": table.rows,
        "done": table.done,
        "counts": TableCounts(**table.counts),
        "created_at": clock_text(table.created_at),
    }


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
        self.ok(rows=[row_view(one) for one in shown], **self.params.of(len(found)))


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
        name = f"{table.file.rpartition('.')[0] or table.file}-未导入.csv"
        self.attach("text/csv; charset=UTF-8", "rejected.csv", name)
        self.write(BOM + csv_lines([[*table.header, "未导入原因"]]))
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
