"""A table in the child process: bytes to a head and parts, each as bytes that the server need not unpack.

The header is the row with the most words that are known, among the first few: above it may stand a title.
"""

from __future__ import annotations

from collections.abc import Iterator

from intake.tables.cells import rows_of
from intake.tables.fields import propose
from intake.tables.limits import (
    HEADER_WITHIN,
    MAX_PART_CHARACTERS,
    PART_ROWS,
    Head,
    RefusedTable,
    encode_head,
)
from store.files.tables import Row, encode_rows

_NAMING = ("source_id", "person_id")
"""Fields that say which resume or person a row is, for the tables that follow too."""
_LONGEST_NUMBER = 6
"""Digits of a row's number."""


def parts_of(data: bytes, sheet: str) -> Iterator[bytes]:
    """The rows below the header in parts, and the head at the end; of what is refused the head alone."""
    try:
        yield from _parts(data, sheet)
    except RefusedTable as refused:
        yield encode_head(Head(refusal=refused.reason))


def _parts(data: bytes, sheet: str) -> Iterator[bytes]:
    shown, sheets, rows = rows_of(data, sheet)
    first: list[tuple[int, list[str]]] = []
    for row in rows:
        first.append(row)
        if len(first) == HEADER_WITHIN:
            break
    if not first:
        raise RefusedTable("empty")
    at = _header_at([cells for _, cells in first])
    header = first[at][1]
    width, count, held, part = len(header), 0, 0, list[Row]()
    looked_at = part
    for number, cells in (*first[at + 1 :], *rows):
        width = max(width, len(cells))
        count += 1
        size = sum(map(len, cells))
        if part and (len(part) == PART_ROWS or held + size > MAX_PART_CHARACTERS):
            yield encode_rows(part)
            held, part = 0, []
        held += size
        part.append(Row(number, cells))
    if not part:
        raise RefusedTable("no_rows")
    yield encode_rows(part)
    header = [*header, *[""] * (width - len(header))]
    mapping = {
        column: field
        for column, field in propose(header).items()
        if field not in _NAMING or not _is_running(looked_at, column)
    }
    yield encode_head(Head(sheet=shown, sheets=sheets, header=header, rows=count, mapping=mapping))


def _is_running(rows: list[Row], column: int) -> bool:
    """Whether a column numbers the rows of this very table, from 0 or 1 on.

    As the name of a resume it would make whoever has the same number in the source's next table the same one.
    """
    values = [row.cells[column] for row in rows if column < len(row.cells) and row.cells[column]]
    numbers = [int(value) for value in values if value.isdecimal() and len(value) <= _LONGEST_NUMBER]
    return 0 < len(numbers) == len(values) and numbers in (
        [*range(len(values))],
        [*range(1, len(values) + 1)],
    )


def _header_at(rows: list[list[str]]) -> int:
    """The row with the most columns that are known; of several the first, and of none the first row."""
    known = [len(propose(cells)) for cells in rows]
    best = max(known)
    # One word that is known may stand in any row of values; a header has several, or is the first row.
    return known.index(best) if best > 1 else 0
