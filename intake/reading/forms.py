"""Jobs in tables with a row of labels above the columns, and jobs of which nothing but labels tells."""

from __future__ import annotations

import re
from collections.abc import Sequence

from intake.reading.found import Entry, put
from intake.reading.headers import Header, Order, read_header
from intake.reading.labels import LabelReader, Pair
from intake.reading.lines import Line
from intake.reading.periods import date_text, find_span, is_date
from intake.reading.pieces import PieceReader

_VALUE = re.compile(r"\d|[:：]")


def column_labels(line: Line, labels: LabelReader) -> list[str | None]:
    """What each column of a table holds, where a row is nothing but labels; else nothing."""
    cells = cells_of(line)
    fields = [labels.field(cell) for cell in cells]
    told = sum(field is not None for field in fields)
    # A column more may have a label that nobody knows; a row with values is none of labels.
    is_plain = all(
        field or (len(cell) <= 12 and not _VALUE.search(cell))
        for field, cell in zip(fields, cells, strict=True)
    )
    return fields if told >= 2 and told >= 0.6 * sum(map(bool, cells)) and is_plain else []


def cells_of(line: Line) -> tuple[str, ...]:
    """The cells of a row, of a table that only looks like one too."""
    return line.cells or (tuple(line.text.split("\t")) if "\t" in line.text else ())


def read_table(
    lines: Sequence[Line], labels: LabelReader, pieces: PieceReader
) -> tuple[list[Entry], list[Line]]:
    """The jobs of a table with a row of labels, and the lines outside of it."""
    for at, line in enumerate(lines):
        fields = column_labels(line, labels)
        if not fields:
            continue
        entries: list[Entry] = []
        rest = list(lines[:at])
        for row in lines[at + 1 :]:
            cells = cells_of(row)
            says = {field for field, cell in zip(fields, cells, strict=False) if field and cell}
            if len(cells) == len(fields) and says & {"company", "title"}:
                entries.append(_read_row(fields, row, pieces))
            elif entries and cells and len(cells) == len(fields):
                _add_text(entries[-1], " ".join(filter(None, cells)), row)
            elif entries and not cells and is_date(row.text) and "end_time" not in entries[-1]:
                # The end of a span that was broken in its cell.
                put(entries[-1], "end_time", date_text(row.text), 0.8, row)
            else:
                rest.append(row)
        return [entry for entry in entries if {"compnay_name", "position_title"} & entry.keys()], rest
    return [], list(lines)


def _read_row(fields: Sequence[str | None], row: Line, pieces: PieceReader) -> Entry:
    header = Header(lines=[row])
    for field, cell in zip(fields, cells_of(row), strict=True):
        span = find_span(cell)
        if span and field in ("dates", "started", None):
            header.span = span
        elif field and cell:
            header.pairs.append((Pair(field, cell, -1, -1), row))
    entry = read_header(header, Order(), pieces)
    for pair, _ in header.pairs:
        if pair.field == "duties":
            _add_text(entry, pair.value, row)
    return entry


def _add_text(entry: Entry, text: str, row: Line) -> None:
    known = entry.pop("job_desc", None)
    put(entry, "job_desc", f"{known.value}\n{text}" if known else text, 0.85, row)


def labelled_header(lines: Sequence[Line], labels: LabelReader) -> tuple[Header | None, list[Line]]:
    """The header of a job without any date whose company or title has a label, and what stands below it."""
    header = Header()
    body: list[Line] = []
    for line in lines:
        pairs = labels.pairs_in(line)
        if pairs and not body and pairs[0].field != "duties":
            header.lines.append(line)
            header.pairs += [(pair, line) for pair in pairs]
        else:
            body.append(line)
    is_job = any(pair.field in ("company", "title") for pair, _ in header.pairs)
    return (header, body) if is_job else (None, list(lines))
