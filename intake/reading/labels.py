"""Labels and their values within a line: `姓 名：张三  性别：男`, cells of a form, `期望薪资 15-20K`.

Which labels count depends on what is read: of a person, of one job, of one school.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from intake.reading.lines import GAP, NUMBER, Line
from intake.reading.words import Words, any_of

PERSON = (
    "name", "gender", "age", "birth", "phone", "email", "qq", "wechat", "person_id", "address", "work_years",
    "work_since", "degree", "school", "major", "graduated", "state", "arrival", "target_job", "target_area",
    "target_salary", "target_industry", "target_kind", "nothing", "company", "title",
)  # fmt: skip
JOB = (
    "company", "title", "dates", "started", "ended", "department", "industry", "company_kind",
    "company_scale", "job_kind", "job_salary", "duties", "reference",
)  # fmt: skip
SCHOOL = ("school", "major", "degree", "dates", "started", "ended", "graduated", "reference")

_ENDS = re.compile(rf"\t|{GAP}|\s[|｜]\s|[|｜;；]")
# A label is its last word, whatever more it says: `就读专业`, `所任职位`.
_BEFORE = r"(?:就读|获得|所获|所学|所读|任职|就职|所任|所在|当前|目前|最近|本人|主要)?"
_MARKS = " \t:|｜;；,，、·•/-【】"


class Pair(NamedTuple):
    """A label with its value.

    Attributes:
        field: What the label stands for.
        value: "" where nothing stands behind it.
        begin: Where the label begins in the line.
        end: Where the value ends.
    """

    field: str
    value: str
    begin: int
    end: int


class LabelReader:
    """Finds labels of some fields; of two with the same label that of the first."""

    def __init__(self, words: Words, fields: Sequence[str]) -> None:
        self._fields: dict[str, str] = {}
        for field in fields:
            for label in words.labels.get(field, ()):
                self._fields.setdefault(_key(label), field)
        any_label = any_of(label for field in fields for label in words.labels.get(field, ()))
        # A label stands at the start, or behind a blank or a mark; a Latin one ends where its word ends.
        start = r"(?:(?<=^)|(?<=[\s|,;:/、·•【\[(\]】)*○●▪■◆★☆➤>.]))"
        self._colon = re.compile(
            rf"{start}{_BEFORE}({any_label})\s{{0,3}}(?:\([^()]{{1,10}}\))?\s{{0,3}}[】\]]?\s{{0,3}}[:：]",
            re.IGNORECASE,
        )
        # Without a colon a Latin word is hardly ever a label.
        han = any_of(
            label
            for field in fields
            for label in words.labels.get(field, ())
            if not label.isascii() or field in ("email", "qq")
        )
        self._bare = re.compile(
            rf"(?:^|(?<=\t)|(?<={GAP}))[【\[]?{_BEFORE}({han})[】\]]?(?=\s|$)", re.IGNORECASE
        )
        self._whole = re.compile(rf"{_BEFORE}({any_label})", re.IGNORECASE)

    def field(self, text: str) -> str | None:
        """The field of a text that is nothing but a label, such as a cell of a form."""
        text = NUMBER.sub("", text)
        if len(text) > 30:
            return None
        found = self._whole.fullmatch(text.strip(" :：【】[]*"))
        return self._fields[_key(found[1])] if found else None

    def pairs(self, text: str) -> list[Pair]:
        """The labels of a line with their values, in their order.

        A value reaches to the next label; behind the last one of a line to a mark or a wide blank.
        """
        marks = [
            (found.start(), found.end(), self._fields[_key(found[1])]) for found in self._colon.finditer(text)
        ]
        if not marks:
            marks = [
                (found.start(), found.end(), self._fields[_key(found[1])])
                for found in self._bare.finditer(text)
            ]
        pairs = []
        for position, (begin, behind, field) in enumerate(marks):
            last = marks[position + 1][0] if position + 1 < len(marks) else len(text)
            skip = len(text[behind:last]) - len(text[behind:last].lstrip(" \t"))
            # A gap right behind the colon belongs to it; the next one ends the value.
            stop = _ENDS.search(text, behind + skip, last)
            end = stop.start() if stop else last
            pairs.append(Pair(field, text[behind:end].strip(_MARKS), begin, end))
        return pairs

    def pairs_in(self, line: Line) -> list[Pair]:
        """The labels of a line, of a table or not, with their values."""
        return self.cell_pairs(line.cells) if line.cells else self.pairs(line.text)

    def cell_pairs(self, cells: Sequence[str]) -> list[Pair]:
        """The labels of a row of a table whose values stand in the cells behind them."""
        pairs = []
        position = 0
        while position < len(cells):
            cell = cells[position]
            field = self.field(cell)
            follows = position + 1 < len(cells) and self.field(cells[position + 1]) is None
            if field and follows and cells[position + 1]:
                pairs.append(Pair(field, cells[position + 1].strip(_MARKS), -1, -1))
                position += 1
            elif not field:
                pairs += [pair._replace(begin=-1, end=-1) for pair in self.pairs(cell)]
            position += 1
        return pairs

    def rest(self, text: str, pairs: Iterable[Pair]) -> str:
        """A line without its labels and their values."""
        kept, at = [], 0
        for pair in pairs:
            if pair.begin >= 0:
                kept.append(text[at : pair.begin])
                at = pair.end
        return GAP.join([*kept, text[at:]]).strip(_MARKS)


def _key(label: str) -> str:
    return "".join(label.lower().split())
