"""Puts lines together again that were broken in a narrow column, or in a cell of a form.

What is broken in a description is joined when the description is; here are labels, their values, and headers.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

import msgspec

from intake.reading.labels import LabelReader
from intake.reading.lines import BULLET, Line, is_prose
from intake.reading.periods import find_span

_CELL = re.compile(r"([\u4e00-\u9fff]{1,6})[\t ](.+)")
_TAIL = re.compile(r"([\u4e00-\u9fff]{1,4}[:：]?)(?:[\t ](.*))?")
_ALONE = frozenset(
    {"company", "title", "dates", "started", "ended", "school", "major", "degree", "phone", "email", "name"}
)
"""Labels that may stand on a line of their own, above their value. Others are headings too."""
_ADDRESS = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)*\.[a-z]{2,12}", re.ASCII)
MAX_TAIL_CHARS = 16
"""Characters of the rest of a bracket that stands on the next line."""


def mended(lines: Sequence[Line], labels: LabelReader) -> list[Line]:
    """Lines with broken labels and broken brackets made whole."""
    whole: list[Line] = []
    for line in lines:
        before = whole[-1] if whole else None
        if before and _is_value(whole, line, labels):
            whole[-1] = _merged(before, line, f"{before.text.rstrip(':： ')}: {line.text}")
        elif before and (
            text := _with_label(before.text, line.text, labels)
            or _with_bracket(before.text, line.text)
            or _with_address(before, line)
        ):
            whole[-1] = _merged(before, line, text)
        else:
            whole.append(line)
    return whole


def _is_value(whole: Sequence[Line], line: Line, labels: LabelReader) -> bool:
    """Whether a line is the value of the label that stands alone on the line before it."""
    label = whole[-1]
    field = labels.field(label.text)
    if field not in _ALONE or label.cells or line.cells or "\t" in line.text:
        return False
    # `学历` is a heading too: a degree is short.
    if len(line.text) > (8 if field == "degree" else 60) or is_prose(line.text):
        return False
    # Labels in a row are the columns of a table that was taken apart.
    is_column = len(whole) > 1 and labels.field(whole[-2].text) is not None
    return not is_column and labels.field(line.text) is None and not labels.pairs(line.text)


def _with_label(text: str, following: str, labels: LabelReader) -> str:
    """`所属行 ⇥ 互联网` and `业: ⇥ 软件` as `所属行业: ⇥ 互联网软件`; "" where it is no broken label."""
    head = _CELL.fullmatch(text[:300])
    tail = _TAIL.fullmatch(following[:300]) if head else None
    if not head or not tail or labels.field(head[1]) is not None or labels.field(head[1] + tail[1]) is None:
        return ""
    return f"{head[1]}{tail[1].rstrip(':：')}:\t{head[2]}{tail[2] or ''}"


def _with_bracket(text: str, following: str) -> str:
    """A header whose last bracket is closed on the next line; "" for any other line."""
    if len(text) > 120 or len(following) > MAX_TAIL_CHARS:
        return ""
    for opening, closing in ("()", "[]"):
        if (
            text.count(opening) > text.count(closing)
            and closing in following
            and opening not in following
            and find_span(text)
        ):
            return text + following
    return ""


def _with_address(before: Line, line: Line) -> str:
    """An e-mail address alone on two lines, as a narrow column breaks it; "" for any other lines."""
    if before.cells or line.cells or abs(before.left - line.left) > 3 or before.page != line.page:
        return ""
    text = before.text + line.text
    if len(text) > 64 or text.count("@") != 1 or not _ADDRESS.fullmatch(text):
        return ""
    # A whole address with a word below it, a skill for instance, is none that is broken.
    head = "@" in before.text and _is_unfinished("email", before.text)
    tail = before.text[-1] in "-_." and "@" in line.text
    return text if head or tail else ""


def with_whole_values(lines: Sequence[Line], labels: LabelReader) -> list[Line]:
    """Lines of labels in which a value that was broken at the margin of its column is whole."""
    margins: dict[int, float] = {}
    for line in lines:
        margins[_column(line)] = max(margins.get(_column(line), 0), line.right)
    whole: list[Line] = []
    for line in lines:
        before = whole[-1] if whole else None
        if before and _breaks_off(before, line, margins.get(_column(line), 0), labels):
            glue = (
                " "
                if before.text[-1].isascii() and line.text[0].isascii() and before.text[-1] not in ":@-_"
                else ""
            )
            if "@" in before.text or "@" in line.text:
                glue = ""
            whole[-1] = _merged(before, line, before.text + glue + line.text)
        else:
            whole.append(line)
    return whole


def _breaks_off(before: Line, line: Line, margin: float, labels: LabelReader) -> bool:
    if before.cells or line.cells or BULLET.match(line.text) or len(line.text) > 40 or "\t" in line.text:
        return False
    pairs = labels.pairs(before.text)
    if (
        not pairs
        or pairs[-1].end < len(before.text)
        or labels.pairs(line.text)
        or labels.field(line.text) is not None
    ):
        return False
    if not pairs[-1].value:
        return True
    if pairs[-1].field in ("phone", "email") and line.text[0].isascii() and before.text[-1].isascii():
        return _is_unfinished(pairs[-1].field, pairs[-1].value)
    has_layout = before.right > 0 and abs(before.left - line.left) < 6 and before.page == line.page
    return has_layout and before.right >= margin - 1.6 * (before.size or 10)


def _is_unfinished(field: str, value: str) -> bool:
    if field == "email":
        return not re.search(r"@[\w.-]+\.(?:com|cn|net|org|edu|hk|tw|io|me|top|xyz|vip|example)$", value)
    return len(re.sub(r"\D", "", value)) % 11 not in (0, 2) or value.rstrip().endswith(("/", "-"))


def _column(line: Line) -> int:
    return round(line.left / 20)


def _merged(before: Line, line: Line, text: str) -> Line:
    return msgspec.structs.replace(
        before, text=text, cells=(), last=line.last, right=max(before.right, line.right)
    )
