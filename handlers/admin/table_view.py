"""Tables as the desk answers with them: in a list, with their columns, and what came of their rows."""

from __future__ import annotations

from typing import Any, Literal

import msgspec

from handlers.admin.desk import PageOk
from handlers.admin.masks import column_name, hidden, hidden_name
from handlers.api.contract import Answer, Moment, Ok, Shape
from intake.tables.fields import FIELDS
from intake.tables.limits import SAMPLES
from runtime.clock import clock_text
from runtime.decoding import Id
from store.files.table_rows import Row
from store.files.tables import RowOutcome, RowStatus, Table, TableState


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
    """A table with its columns.

    Args:
        table: The table.
        rows: Its first rows, for samples.
        is_plain: Show them, and names: of the file, of its sheets and above its columns.
    """
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
