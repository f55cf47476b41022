"""Tables at the desk: uploaded, looked at, imported a piece at a time, dropped.

The page asks for one piece after the other, so it shows how far the import is. Where the operator closes it
the import goes on by itself, see `TableImporter.go_on`. Nothing of that needs the same process.
"""

from __future__ import annotations

import re
from typing import Annotated, Any

import msgspec

from handlers.admin.desk import AdminHandler, DeskHandler, Paging
from handlers.admin.files import DeskFileHandler
from handlers.admin.table_view import (
    ImportAnswer,
    PreviewedRow,
    TableAnswer,
    TablePreview,
    TablesAnswer,
    UploadAnswer,
    row_view,
    table_row,
    table_view,
)
from handlers.api.contract import JSON, MULTIPART, Contract
from handlers.api.errors import BadRequest, WrongForm
from handlers.ingest.resume_files import Binary
from handlers.ingest.uploads import busy
from intake.files.reader import ReaderBusy
from intake.record import Key
from intake.tables.fields import mapping_errors
from intake.tables.importing import TableImporter
from intake.tables.limits import REFUSALS, RefusedTable
from runtime.decoding import decode_pairs
from store.files.tables import MOST, Table, Tables, TooManyTables

_COLUMN = re.compile(r"[0-9]{1,3}")
Columns = Annotated[dict[str, str], msgspec.Meta(max_length=200)]


class TableFields(msgspec.Struct):
    """The fields of the form that are no file.

    Attributes:
        source: Whose resumes they are.
        sheet: Which sheet of a spreadsheet; left out, the first that holds something.
    """

    source: Key
    sheet: Annotated[str, msgspec.Meta(max_length=200)] = ""


class TableForm(TableFields, kw_only=True):
    """A table, with what holds for all of it.

    Attributes:
        file: One file: CSV (UTF-8 or GBK, with commas, semicolons or tabs), XLSX, XLS or ODS, at most 10 MiB.
    """

    file: Binary


class Mapped(msgspec.Struct):
    """What the columns are.

    Attributes:
        mapping: The index of a column, as text, to a field of `fields`, or "" for none. Left out, the one
            that was proposed or is in force.
    """

    mapping: Columns = {}


class UploadHandler(DeskFileHandler):
    """`POST /admin/api/tables/upload/`: its form is taken in as those of files are."""

    contract = Contract(
        "Upload a table of people",
        body=TableForm,
        body_kinds=(MULTIPART,),
        answer=UploadAnswer,
        refuses_unknown=True,
    )

    importer: TableImporter

    async def handle(self) -> None:
        """It is read and kept, and nothing is imported yet. The same file again is the same table."""
        with self.at_work() as form:
            if form is None:
                return
            fields = decode_pairs(TableFields, form.fields, unknown="refuse", blank_is_absent=True)
            if len(form.files) != 1:
                raise BadRequest({"file": ["请选择一个表格文件"]})
            (file,) = form.files
            if file.is_too_long:
                raise _unreadable("too_large")
            data = await file.read()
            file.close()
            try:
                table = await self.importer.take(file.name, data, source=fields.source, sheet=fields.sheet)
            except RefusedTable as refused:
                raise _unreadable(refused.reason) from None
            except TooManyTables:
                raise WrongForm({"file": [f"已保留 {MOST} 个表格，请先删除不需要的"]}) from None
            except ReaderBusy:
                if not self._finished:
                    raise busy() from None
                return
            self.ok(table=table_view(table, await self.importer.first_rows(table), is_plain=True))


def _unreadable(reason: Any) -> WrongForm:
    return WrongForm({"file": [REFUSALS[reason]]}, REFUSALS[reason])


class TablesHandler(DeskHandler):
    """`GET /admin/api/tables/`."""

    contract = Contract("Tables that were uploaded", query=Paging, answer=TablesAnswer)

    params: Paging
    tables: Tables

    async def handle(self) -> None:
        """Their rows go a week after the upload; resumes that came of them stay."""
        found, total = await self.tables.page(skip=self.params.skip, limit=self.params.size)
        tables = [table_row(table, is_plain=self.sees_people) for table in found]
        self.ok(tables=tables, **self.params.of(total))


class TableHandler(DeskHandler):
    """`GET /admin/api/tables/{table_id}/`."""

    contract = Contract("One table", answer=TableAnswer)

    importer: TableImporter
    tables: Tables

    async def handle(self, table_id: str) -> None:
        """Values of people are shown to an admin alone, and that they are is put into the audit."""
        table = await self.tables.get(table_id)
        if self.sees_people:
            await self.note()
        await self.show(table)

    async def show(self, table: Table) -> None:
        """Answer with a table."""
        is_plain = self.sees_people
        rows = await self.importer.first_rows(table) if is_plain else []
        self.ok(table=table_view(table, rows, is_plain=is_plain))


class RestartHandler(AdminHandler, TableHandler):
    """`POST /admin/api/tables/{table_id}/restart/`."""

    contract = Contract("Import a table anew", answer=TableAnswer)

    async def handle(self, table_id: str) -> None:
        """What came of its rows is forgotten, and another mapping may be given. What is stored stays."""
        await self.show(await self.tables.restart(table_id))


class DropHandler(AdminHandler):
    """`POST /admin/api/tables/{table_id}/drop/`."""

    contract = Contract("Delete a table")

    tables: Tables

    async def handle(self, table_id: str) -> None:
        """Its rows, and what is known of them; resumes that came of them stay."""
        await self.tables.drop(table_id)
        self.ok()


class MappedHandler(AdminHandler):
    """Base of what goes by a mapping."""

    form: Mapped
    importer: TableImporter
    tables: Tables

    def mapping_of(self, table: Table) -> dict[int, str]:
        """The mapping that was given, or the table's own; a wrong one is declined."""
        given = self.form.mapping
        if not given:
            mapping = table.mapping
        elif not all(_COLUMN.fullmatch(column) for column in given):
            raise _wrong_mapping(["应为列号（从 0 起）到字段的对应"])
        else:
            mapping = {int(column): field for column, field in given.items() if field}
        if wrong := mapping_errors(mapping, len(table.header)):
            raise _wrong_mapping(wrong)
        return mapping


def _wrong_mapping(errors: list[str]) -> WrongForm:
    return WrongForm({"mapping": errors}, "列的对应有误")


class PreviewHandler(MappedHandler):
    """`POST /admin/api/tables/{table_id}/preview/`."""

    contract = Contract("What the first rows would be", body=Mapped, body_kinds=(JSON,), answer=TablePreview)

    async def handle(self, table_id: str) -> None:
        """Nothing is stored."""
        table = await self.tables.get(table_id)
        records = await self.importer.preview(table, self.mapping_of(table))
        self.ok(records=[PreviewedRow(row, record, errors) for row, record, errors in records])


class ImportHandler(MappedHandler):
    """`POST /admin/api/tables/{table_id}/import/`."""

    contract = Contract(
        "Import the next piece of a table", body=Mapped, body_kinds=(JSON,), answer=ImportAnswer
    )
    is_noted = False  # its beginning is, and not each of a hundred pieces
    # Two hundred rows take some tenths of a second; a store that is far behind makes them wait.
    deadline_s = 15.0
    takes_turns = False

    async def handle(self, table_id: str) -> None:
        """On return the piece is durable. Ask again until the state is `done`; again after a lost answer.

        A mapping is taken at the beginning. A piece that two ask for at once is imported once, as its rows
        are the same.
        """
        table = await self.tables.get(table_id)
        if table.state == "new":
            mapping = self.mapping_of(table)
            await self.note()
            await self.tables.begin(table, mapping)
            table = await self.tables.get(table_id)
        elif self.form.mapping and self.mapping_of(table) != table.mapping:
            raise _wrong_mapping(["导入已经开始，不能更改；要更改请先重新开始"])
        outcomes = await self.importer.import_next(table)
        self.ok(
            table=table_row(await self.tables.get(table_id), is_plain=self.sees_people),
            results=[row_view(one) for one in outcomes],
        )
