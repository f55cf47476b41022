"""Bytes of a table to rows of texts: spreadsheets by calamine, everything else as text with separators.

A formula is what it was worth when the file was saved; calamine computes nothing, and runs no macro. Numbers
become texts as people write them: a phone that Excel keeps as a number has its digits, and no `.0`.
"""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import date, datetime, time, timedelta
from itertools import chain
from typing import Any

import python_calamine as calamine

from intake.files.decoding import decode_text
from intake.tables.limits import MAX_CELL, MAX_CHARACTERS, MAX_COLUMNS, MAX_ROWS, RefusedTable

_ZIP, _COMPOUND = b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_SEPARATORS = ",\t;|，"
_LOOKED_AT = 20
"""Lines of a text by which its separator is told."""
_LOOKED_AT_CHARACTERS = 200_000
"""The same for a text of few and long lines."""
_NO_LIMIT = 2**31 - 1
_MOST_DIGITS = 1e15
"""Numbers above it have lost digits as Excel keeps them; they are written as they are."""

_END = "\ue000"
"""Stands behind the last row of a text, so that it is seen whether that row has ended."""

_GUARDED = tuple(f"'{sign}" for sign in "=+-@＝＋－＠")
"""How a text begins that would be a formula to Excel, with the apostrophe that keeps it from being one."""

Numbered = Iterator[tuple[int, list[str]]]
"""Rows with their numbers, from 1, blank ones left out."""


def rows_of(data: bytes, sheet: str) -> tuple[str, list[str], Numbered]:
    """The sheet that is read, all sheets, and the rows.

    Args:
        data: The file.
        sheet: Which sheet; "" for the first that is shown and holds something.

    Raises:
        RefusedTable: It cannot be read; also while its rows are read.
    """
    if not data.strip(b" \t\r\n\0\xef\xbb\xbf"):
        raise RefusedTable("empty")
    if data.startswith((_ZIP, _COMPOUND)):
        return _spreadsheet(data, sheet)
    text = decode_text(data)
    if text is None or data[:5] == b"%PDF-":
        raise RefusedTable("unknown_kind")
    if sheet:
        raise RefusedTable("no_sheet")
    return "", [], _checked(_text_rows(text))


def _spreadsheet(data: bytes, name: str) -> tuple[str, list[str], Numbered]:
    try:
        book = calamine.CalamineWorkbook.from_filelike(io.BytesIO(data))
    except calamine.PasswordError:
        raise RefusedTable("encrypted") from None
    except calamine.CalamineError:
        raise RefusedTable("unknown_kind" if _is_other_archive(data) else "corrupt") from None
    shown = [
        one.name
        for one in book.sheets_metadata
        if one.typ == calamine.SheetTypeEnum.WorkSheet and one.visible == calamine.SheetVisibleEnum.Visible
    ] or list(book.sheet_names)
    if name and name not in shown:
        raise RefusedTable("no_sheet")
    for candidate in [name] if name else shown:
        try:
            sheet = book.get_sheet_by_name(candidate)
        except calamine.CalamineError:
            raise RefusedTable("corrupt") from None
        # Not `total_height` and `total_width`: of one row, and of one column, these are 0 too.
        if sheet.height or candidate == name:
            if sheet.width > MAX_COLUMNS:
                raise RefusedTable("too_many_columns")
            return candidate, shown, _checked(map(_text, row) for row in sheet.iter_rows())
    raise RefusedTable("empty")


def _is_other_archive(data: bytes) -> bool:
    """Whether it is a document or an archive of another kind, such as a Word file."""
    return b"word/" in data[:4096] or (b"xl/" not in data and b"content.xml" not in data)


def _text_rows(text: str) -> Iterator[list[str]]:
    csv.field_size_limit(_NO_LIMIT)  # of the whole process; `_checked` bounds what is read
    # Not strict: what people paste has quotation marks anywhere.
    reader = csv.reader(chain(io.StringIO(text, newline=""), [_END]), delimiter=_separator(text))
    row: list[str] | None = None
    try:
        for following in reader:
            if row is not None:
                yield row
            row = following
    except csv.Error:
        raise RefusedTable("corrupt") from None
    # Within a quotation that nobody ends all that follows is one cell: whole rows of other people.
    if row != [_END]:
        raise RefusedTable("open_quote")


def _separator(text: str) -> str:
    """What parts the cells: that with which the most rows are as wide as each other.

    How often it stands there tells nothing: a text about a person is full of commas.
    """
    start = "\n".join(text[:_LOOKED_AT_CHARACTERS].splitlines()[:_LOOKED_AT])

    def evenness(separator: str) -> tuple[int, int]:
        """How many rows have the commonest width of several cells, and this width."""
        try:
            widths = Counter(map(len, csv.reader(io.StringIO(start, newline=""), delimiter=separator)))
        except csv.Error:
            return 0, 0
        return max(((rows, width) for width, rows in widths.items() if width > 1), default=(0, 0))

    return max(_SEPARATORS, key=evenness)


def _checked(rows: Iterable[Iterable[str]]) -> Numbered:
    """Rows within the bounds, blank ones left out."""
    count = characters = 0
    for number, row in enumerate(rows, 1):
        cells = [_clean(cell) for cell in row]
        while cells and not cells[-1]:
            cells.pop()
        if not cells:
            continue
        count += 1
        characters += sum(map(len, cells))
        if len(cells) > MAX_COLUMNS:
            raise RefusedTable("too_many_columns")
        if count > MAX_ROWS + 1 or number > 4 * MAX_ROWS:
            raise RefusedTable("too_many_rows")
        if characters > MAX_CHARACTERS:
            raise RefusedTable("too_large")
        yield number, cells


def _clean(text: str) -> str:
    text = text[:MAX_CELL].replace("\r\n", "\n").replace("\0", "").replace("\xa0", " ").strip()
    if text.startswith(_GUARDED):
        text = text[1:]  # as tables write it that are safe to open, our own among them
    # Lone surrogates come from broken files; nothing can store them.
    return text.encode("utf-8", "replace").decode("utf-8")


def _text(value: Any) -> str:
    """A cell as a person would type it."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, float):
        return f"{value:.0f}" if value.is_integer() and abs(value) < _MOST_DIGITS else f"{value:.15g}"
    if isinstance(value, datetime):
        return f"{value:%Y-%m-%d %H:%M:%S}" if value.time() != time() else f"{value:%Y-%m-%d}"
    if isinstance(value, date):
        return f"{value:%Y-%m-%d}"
    if isinstance(value, (time, timedelta, int)):
        return str(value)
    return ""
