"""Schools: one entry a school, with its degree, major and span of time, in whatever order they stand."""

from __future__ import annotations

import re
from collections.abc import Sequence

from intake.reading.forms import cells_of, column_labels
from intake.reading.found import Entry, put, put_span
from intake.reading.labels import LabelReader
from intake.reading.lines import BULLET, Line, is_prose
from intake.reading.periods import broken_span, find_date, find_span, is_date
from intake.reading.pieces import PieceReader

_SPLIT = re.compile(
    r"\t|\s{2,}|\s?[|｜;；]\s?|\s[/·•,，\-–—@]{1,2}\s|[,，、·•/](?=\s?\S)|(?<=[\u4e00-\u9fff)）])\s(?=[\u4e00-\u9fff(（])|(?<=[\u4e00-\u9fff])[—–-](?=[\u4e00-\u9fff])|\s[-–]\s?|\(|\)|（|）"
)
_LATIN_DEGREE = re.compile(
    r"^['’]?s?\s?(?:degree)?\s?(?:(?:of|in)\s)?(?:(?:science|arts|engineering"
    r"|business administration|laws?|education|economics|management|commerce)\b(?=\s?(?:$"
    r"|in\b|[,(:-])))?\s?(?:(?:in\b|degree\b)\s?)?[,\-–:]?\s?",
    re.IGNORECASE,
)
_COURSES = re.compile(
    r"课程|gpa|绩点|排名|论文|导师|奖学金|研究方向|荣誉|成绩|courses?|thesis|rank|honou?rs?|coursework|dissertation|活动|社团",
    re.IGNORECASE,
)
_STUDIED = re.compile(r"^(?:毕业于|就读于|就读|考入|进入|在|于|毕业|主修|攻读)(?=[\u4e00-\u9fff]{3})")
_MAJOR_END = re.compile(r"(?:专业|方向|系)$")
_NO_MAJOR = re.compile(
    r"^[\W\d]+$|\d{4}|[@。!！?？]|学历|学位|^(?:至今|现在|本科|第一|最高|毕业|已|未|无|级|届|gpa)",
    re.IGNORECASE,
)
_YEAR_GRADE = re.compile(r"((?:19|20)\d{2})\s?(?:届|年毕业|年\d{1,2}月毕业|级)")


class SchoolReader:
    """Reads schools out of the lines of a section."""

    def __init__(self, pieces: PieceReader, labels: LabelReader) -> None:
        self._pieces = pieces
        self._labels = labels

    def read(self, lines: Sequence[Line]) -> tuple[list[Entry], list[Line]]:
        """The schools of a section in their order, and the lines that say more than an entry can hold."""
        entries: list[Entry] = []
        left: list[Line] = []
        columns: list[str | None] = []
        pending: Entry = {}
        waiting: list[Line] = []
        for number, line in enumerate(lines):
            if fields := column_labels(line, self._labels):
                columns = fields
                continue
            if columns and len(cells_of(line)) == len(columns):
                entries.append(self._read_row(columns, line))
                continue
            said = self._read_line(line, lines[number + 1].text if number + 1 < len(lines) else "")
            if not said and entries and not pending and self._is_lone_major(entries[-1], line):
                put(entries[-1], "major", line.text.strip(" :：()|"), 0.75, line)
                continue
            if not said or (_COURSES.search(line.text) and "school" not in said and "start_time" not in said):
                if not is_date(line.text):
                    left.append(line)
                continue
            # A line begins another school when it says again what the one before has said.
            current = pending if pending or not entries else entries[-1]
            clashes = any(
                field in said and field in current and said[field].value != current[field].value
                for field in ("school", "start_time")
            )
            if current is not pending and clashes:
                current = pending = {}
            elif current is pending and clashes and "school" not in pending:
                # Two spans without a school between them: the first is nobody's.
                pending.clear()
                left += waiting
                waiting = []
            if current is pending:
                waiting.append(line)
            for field, value in said.items():
                if field not in current:
                    current[field] = value
            if current is pending and "school" in pending:
                entries.append(pending)
                pending, waiting = {}, []
        if pending.keys() >= {"major", "degree"}:
            entries.append(pending)
        else:
            left += waiting
        return _spread(entries), left

    def _is_lone_major(self, entry: Entry, line: Line) -> bool:
        """Whether a line right behind a school without a major is nothing but one."""
        is_next = max(value.last for value in entry.values()) + 1 >= line.block
        return (
            "major" not in entry
            and is_next
            and len(line.text) <= 20
            and not line.cells
            and not BULLET.match(line.text)
            and ":" not in line.text
            and self._may_be_major(line.text)
        )

    def _read_row(self, columns: Sequence[str | None], row: Line) -> Entry:
        entry: Entry = {}
        for field, cell in zip(columns, cells_of(row), strict=True):
            if cell:
                self._take_label(entry, field or "", cell, row)
        if "school" not in entry:
            entry = self._read_line(row, "") | entry
        return entry

    def _read_line(self, line: Line, following: str) -> Entry:
        """What a line says of a school."""
        entry: Entry = {}
        text = line.text
        if len(text) > 240:
            return entry
        pairs = self._labels.pairs_in(line)
        for pair in pairs:
            self._take_label(entry, pair.field, pair.value, line)
        if pairs and pairs[0].begin < 0:
            return entry
        text = self._labels.rest(text, pairs) if pairs else text
        span = find_span(text)
        if span:
            put_span(entry, span, 0.95, line)
            text = f"{text[: span.begin]}\t{text[span.stop :]}"
        elif broken := broken_span(text, following):
            put_span(entry, broken, 0.9, line)
            text = text.partition("\t")[2]
        elif graduated := _YEAR_GRADE.search(text):
            if "级" not in graduated[0]:
                put(entry, "end_time", graduated[1], 0.8, line)
            text = text.replace(graduated[0], "\t")
        elif (date := find_date(text)) and self._pieces.school(text):
            put(entry, "end_time", date, 0.7, line)
            text = re.sub(
                r"(?:毕业时间|毕业)?\s?[:：]?\s?(?:19|20)\d\d\s?[-./年]?\s?(?:\d{1,2}\s?月?)?\s?(?:毕业)?",
                "\t",
                text,
                count=1,
            )
        if is_prose(text) and not entry and not self._pieces.school(text):
            return {}
        unknown: list[str] = []
        for piece in _SPLIT.split(text):
            piece = _STUDIED.sub("", (piece or "").strip(" \t:：|-–—·•*#、,，。"))
            if piece:
                self._take_piece(entry, piece, line, unknown)
        if {"school", "degree"} & entry.keys() or span:
            for piece in unknown:
                # Behind a Latin school a place may follow as well.
                is_told = "degree" in entry or ("school" in entry and not piece.isascii())
                is_job = self._pieces.company(piece) >= 1.5 or self._pieces.title(piece) >= 2
                is_told = is_told or not (piece.isascii() or is_job)
                if "major" not in entry and is_told and self._may_be_major(piece):
                    put(
                        entry,
                        "major",
                        _MAJOR_END.sub("", piece) if piece.endswith("专业") else piece,
                        0.85 if "school" in entry else 0.7,
                        line,
                    )
        return entry

    def _take_label(self, entry: Entry, field: str, value: str, line: Line) -> None:
        span = find_span(value)
        if span and field in ("dates", "started", "ended", "graduated", "school", ""):
            put_span(entry, span, 0.97, line)
            value = f"{value[: span.begin]} {value[span.stop :]}".strip(" ()|-")
        if field in ("school", "major") and value:
            bare = re.sub(r"[(（][^()（）]*[)）]$", "", value).strip() if field == "school" else value
            degree = self._pieces.degree(value)
            if degree and field == "school" and degree[0] in value[len(bare) :]:
                put(entry, "degree", degree[0], 0.8, line)
            put(entry, field, (bare or value)[:100], 0.97, line)
        elif field == "degree":
            degree = self._pieces.degree(value)
            put(entry, "degree", degree[0] if degree else value[:20], 0.97 if degree else 0.6, line)
        elif field == "started":
            put(entry, "start_time", find_date(value), 0.97, line)
        elif field in ("ended", "graduated"):
            put(entry, "end_time", find_date(value), 0.95, line)

    def _take_piece(self, entry: Entry, piece: str, line: Line, unknown: list[str]) -> None:
        if self._pieces.is_school_note(piece):
            return
        school = self._pieces.school(piece) if "school" not in entry else ""
        if school and not _COURSES.search(piece):
            put(entry, "school", school, 0.93, line)
            piece = piece.replace(school, " ", 1).strip(" -,·")
        degree = self._pieces.degree(piece)
        if degree:
            put(entry, "degree", degree[0].strip(), 0.93, line)
            head, tail = piece[: degree.start()].strip(" -,·/"), piece[degree.end() :]
            if degree[0].isascii():
                tail = _LATIN_DEGREE.sub("", tail, count=1)
            rest = [part.strip(" -,·/:") for part in (head, tail)]
            unknown += [part for part in rest if len(part) > 1 and not self._pieces.is_school_note(part)]
        elif piece:
            unknown.append(piece)

    def _may_be_major(self, piece: str) -> bool:
        return (
            2 <= len(piece) <= 50
            and not _NO_MAJOR.search(piece)
            and not _COURSES.search(piece)
            and not self._pieces.is_school_note(piece)
            and not self._pieces.place(piece)
            and not (piece.endswith(("学院", "大学", "学校")) and len(piece) > 3)
        )


def _spread(entries: list[Entry]) -> list[Entry]:
    """Schools of which one was read in two parts are one."""
    merged: list[Entry] = []
    for entry in entries:
        if (
            merged
            and merged[-1].get("school")
            and entry.get("school")
            and merged[-1]["school"].value == entry["school"].value
            and not (entry.keys() & merged[-1].keys()) - {"school"}
        ):
            merged[-1] = entry | merged[-1]
        else:
            merged.append(entry)
    return merged
