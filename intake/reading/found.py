"""What was read: values with their confidence and the blocks they were read in."""

from __future__ import annotations

from typing import Any, NamedTuple

from intake.reading.lines import Line
from intake.reading.periods import Span


class Found(NamedTuple):
    """A text or a number, how sure it is, 0..1, and the numbers of its first and last block."""

    value: Any
    confidence: float
    first: int
    last: int


_NOTHING = frozenset(
    {"无", "暂无", "没有", "/", "-", "--", "—", "n/a", "na", "none", "null", "nil", "未填写", "不详"}
)
"""Values that say that there is none."""

Entry = dict[str, Found]
"""One job or one school: its fields as `store.resumes.resume_record` spells them."""


def found(value: Any, confidence: float, *lines: Line) -> Found:
    """A value that stands in some lines, at least one."""
    first, last = min(line.block for line in lines), max(line.last for line in lines)
    return Found(value, round(confidence, 2), first, last)


def put(entry: Entry, field: str, value: Any, confidence: float, *lines: Line) -> None:
    """Note a value, unless it is empty or a surer one is there."""
    if value in ("", None) or (isinstance(value, str) and value.strip().lower() in _NOTHING):
        return
    known = entry.get(field)
    if known is None or known.confidence < confidence:
        entry[field] = found(value, confidence, *lines)


def put_span(entry: Entry, span: Span, confidence: float, *lines: Line) -> None:
    """Note when something began and ended, as `put`."""
    put(entry, "start_time", span.start, confidence, *lines)
    put(entry, "end_time", span.end, confidence, *lines)
