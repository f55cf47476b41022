"""What was read: values with their confidence and the blocks they were read in."""

from __future__ import annotations

from typing import Any, NamedTuple

from intake.files.outcome import Place
from intake.reading.lines import Line


class Found(NamedTuple):
    """A value.

    Attributes:
        value: A text, or a number.
        confidence: 0..1.
        page: The page where it begins, from 1.
        first: The number of its first block.
        last: The number of its last block.
    """

    value: Any
    confidence: float
    page: int
    first: int
    last: int

    @property
    def place(self) -> Place:
        return Place(self.page, self.first, self.last)


Entry = dict[str, Found]
"""One job or one school: its fields as `store.resume_record` spells them."""


def found(value: Any, confidence: float, *lines: Line) -> Found:
    """A value that stands in some lines, at least one."""
    blocks = [line.block for line in lines]
    first = min(lines, key=lambda line: line.block)
    return Found(value, round(confidence, 2), first.page, min(blocks), max(blocks))


def put(entry: Entry, field: str, value: Any, confidence: float, *lines: Line) -> None:
    """Note a value, unless it is empty or a surer one is there."""
    if value in ("", None):
        return
    known = entry.get(field)
    if known is None or known.confidence < confidence:
        entry[field] = found(value, confidence, *lines)
