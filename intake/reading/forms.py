"""Jobs in tables with a row of labels above the columns, and jobs of which nothing but labels tells."""

from __future__ import annotations

from collections.abc import Sequence

from intake.reading.found import Entry, put
from intake.reading.headers import Header, Order, read_header
from intake.reading.labels import LabelReader, Pair
from intake.reading.lines import Line
from intake.reading.periods import Span, find_span
from intake.reading.pieces import PieceReader

NO_SPAN = Span("", "", "", 0, 0)
"""Stands for a time that is not said."""


def column_labels(line: Line, labels: LabelReader) -> list[str | None]:
    """What each column of a table holds, where a row is nothing but labels; else nothing."""
    fields = [labels.field(cell) for cell in line.cells]
    told = sum(field is not None for field in fields)
    is_whole = all(field or not cell for field, cell in zip(fields, line.cells, strict=True))
    return fields if told >= 2 and is_whole else []


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
            has_span = any(find_span(cell) for cell in row.cells)
            if len(row.cells) == len(fields) and (has_span or not entries or all(row.cells)):
                entries.append(_read_row(fields, row, pieces))
            elif entries and row.cells:
                _add_text(entries[-1], " ".join(filter(None, row.cells)), row)
            else:
                rest.append(row)
        return [entry for entry in entries if {"compnay_name", "position_title"} & entry.keys()], rest
    return [], list(lines)


def _read_row(fields: Sequence[str | None], row: Line, pieces: PieceReader) -> Entry:
    header = Header(span=NO_SPAN, begin=0, end=0, lines=[row])
    for field, cell in zip(fields, row.cells, strict=True):
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
    header = Header(span=NO_SPAN, begin=0, end=0)
    body: list[Line] = []
    for line in lines:
        pairs = labels.cell_pairs(line.cells) if line.cells else labels.pairs(line.text)
        if pairs and not body and pairs[0].field != "duties":
            header.lines.append(line)
            header.pairs += [(pair, line) for pair in pairs]
        else:
            body.append(line)
    is_job = any(pair.field in ("company", "title") for pair, _ in header.pairs)
    return (header, body) if is_job else (None, list(lines))
