"""The header of a job: which of its pieces is the company and which the title.

Pieces that are surely one of them decide the order in which both stand, and this order decides where nothing
else tells.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

import msgspec

from intake.reading.found import Entry, put, put_span
from intake.reading.labels import Pair
from intake.reading.lines import Line
from intake.reading.periods import NO_SPAN, Span, find_date, find_span
from intake.reading.pieces import PieceReader, is_pay

SURE = 2.0
"""Points from which a piece is what it looks like."""
LIKELY = 1.5
"""Points from which it probably is."""

_GLUED = re.compile(
    r"^(.{2,40}?(?:公司|集团|银行|医院|事务所|研究院|分公司|支行)(?:\([^()]{1,12}\))?)"
    r"(?!有限|股份|集团|公司|控股|责任|[一-鿿]{0,6}分)([^()\s分总子][^\s]{1,20})$"
)
_SENTENCE = re.compile(
    r"^(?:我?(?:曾|先后)?(?:在|于|就职于|任职于|供职于|受雇于|加入|入职)\s?)(.{2,40}?)\s?[,，]?\s?(?:担任|任职|出任|任|做|从事|当)(?!务|职)\s?(.{2,24}?)(?:一职|岗位|工作|职务|职位)?$"
)
_BREAKS = re.compile(r"\s?[-/·,，、:：]\s?|\s")
_NO_COMPANY = re.compile(
    r"(?:[区部组级省市]|方向|高级|资深|初级|中级|首席|助理)$|^(?:高级|资深|初级|中级|首席|副|助理|实习)"
)
_HAN = re.compile(r"[\u4e00-\u9fff]")
_NOTE = re.compile(r"\s?[(\[【（]([^()\[\]【】（）]{1,30})[)\]】）]\s?$")
_KIND = re.compile(
    r"(?:全职|兼职|实习|full[- ]?time|part[- ]?time|internship|contract|远程|现场"
    r"|remote|on-?site|hybrid|自由职业|合同工|外包|正式)",
    re.IGNORECASE,
)
_DURATION = re.compile(
    r"\(?(?:共|约)?\s?\d{1,2}\s?(?:年|个月|years?|yrs?|months?|mos?)\s?(?:零?\s?\d{1,2}\s?(?:个?月|months?|mos?))?\)?",
    re.IGNORECASE,
)


class Header(msgspec.Struct):
    """What stands above a job's description.

    Attributes:
        span: When it was.
        end: The line behind its last.
        lines: Its lines.
        pieces: Its texts without labels, each with its line.
        pairs: Its labels with their values.
        left: Pieces that are no field.
        told: What a sentence behind it says.
        has_other: Whether one of them may be a company.
    """

    span: Span = NO_SPAN
    end: int = 0
    lines: list[Line] = []
    pieces: list[tuple[str, Line]] = []
    pairs: list[tuple[Pair, Line]] = []
    left: list[str] = []
    told: str = ""
    has_other: bool = False

    def label(self, field: str) -> tuple[str, Line] | None:
        """The value of a label, with its line."""
        return next(
            ((pair.value, line) for pair, line in self.pairs if pair.field == field and pair.value), None
        )

    def parts(self, reader: PieceReader) -> Iterator[tuple[str, Line]]:
        """The pieces without brackets, each split where it holds both a company and a title."""
        for piece, line in self.pieces:
            for bare in unwrap(piece, reader):
                for part in split(bare, reader):
                    yield part, line

    def names(self, reader: PieceReader) -> list[tuple[str, Line]]:
        """The parts that may be a company or a title."""
        names = [one for one in self.parts(reader) if len(one[0]) > 1 and not is_fact(one[0], reader)]
        if len(names) == 1 and not self.label("company") and (parts := split_unknown(names[0][0], reader)):
            return [(part, names[0][1]) for part in parts]
        return names

    def lacks(self, reader: PieceReader) -> tuple[bool, bool]:
        """Whether company and title are still to come."""
        names = [piece for piece, _ in self.names(reader)]
        has_company = bool(self.label("company")) or any(
            reader.company(piece) >= LIKELY > reader.title(piece) for piece in names
        )
        has_title = bool(self.label("title")) or any(
            reader.title(piece) >= SURE > reader.company(piece) for piece in names
        )
        unknown = sum(reader.company(piece) < LIKELY and reader.title(piece) < SURE for piece in names)
        # Two unknown pieces are both.
        return not has_company and unknown + has_title < 2, not has_title and unknown + has_company < 2

    def is_sure(self, reader: PieceReader) -> bool:
        """Whether it names a company or a title beyond doubt."""
        if self.label("company") or self.label("title"):
            return True
        return any(
            reader.company(piece) >= 2.5 or reader.title(piece) >= SURE for piece, _ in self.names(reader)
        )

    def is_nothing(self, reader: PieceReader) -> bool:
        """Whether it names nothing at all."""
        return not self.names(reader) and not self.label("company") and not self.label("title")


class Order:
    """Whether companies stand before titles in a resume, learned from the headers that leave no doubt."""

    def __init__(self) -> None:
        self._first = 0

    def learn(self, header: Header, reader: PieceReader) -> None:
        """Take a header into account."""
        names = [piece for piece, _ in header.names(reader)]
        company = [
            at for at, piece in enumerate(names) if reader.company(piece) >= SURE > reader.title(piece)
        ]
        title = [at for at, piece in enumerate(names) if reader.title(piece) >= SURE > reader.company(piece)]
        if len(company) == len(title) == 1:
            self._first += 1 if company < title else -1

    def bonus(self, company: int, title: int) -> float:
        """Points for a company and a title at these places. Most resumes name the company first."""
        is_first = company < title
        if not self._first:
            return 0.3 if is_first else 0.0
        return 0.8 if is_first == (self._first > 0) else 0.0


class _Choice(NamedTuple):
    points: float
    company: int
    title: int


def read_header(header: Header, order: Order, reader: PieceReader) -> Entry:
    """The fields that a header says."""
    entry: Entry = {}
    lines = header.lines
    put_span(entry, header.span, 0.95, *lines)
    put(entry, "duration", header.span.duration, 0.95, *lines)
    for pair, line in header.pairs:
        _take_pair(entry, _whole_name(pair, header, reader), line)
        if pair.field == "department" and pair.value:
            header.left.append(pair.value)
    names = header.names(reader)
    for part, line in header.parts(reader):
        if is_fact(part, reader):
            _take_fact(entry, part, line, reader, header)
    chosen: set[int] = set()
    needs_company, needs_title = "compnay_name" not in entry, "position_title" not in entry
    best = _choose(
        [piece for piece, _ in names], order, reader, needs_company=needs_company, needs_title=needs_title
    )
    if best.company >= 0:
        piece, line = names[best.company]
        piece = re.sub(
            r"^(?:曾?在(?!线)|于(?=.{3})|(?:就职|任职|供职|受雇)于|加入|入职)(?=[\u4e00-\u9fff]{2})",
            "",
            piece,
        )
        put(entry, "compnay_name", piece, _sureness(reader.company(piece)), line)
        chosen.add(best.company)
    if best.title >= 0:
        piece, line = names[best.title]
        piece = re.sub(r"^(?:做|任|担任|从事|曾任)(?=[\u4e00-\u9fffA-Za-z]{2})", "", piece)
        if (bare := re.sub(r"(?:一职|岗位|工作|职务)$", "", piece)) != piece and reader.title(bare) >= SURE:
            piece = bare
        put(entry, "position_title", piece, _sureness(reader.title(piece)), line)
        chosen.add(best.title)
    left = [piece for at, (piece, _) in enumerate(names) if at not in chosen]
    header.left += left
    header.has_other = any(reader.title(piece) < SURE for piece in left)
    return entry


def _whole_name(pair: Pair, header: Header, reader: PieceReader) -> Pair:
    """A label's company or title without what else its value says: `船务部/船务经理`, `某某公司(国企)`."""
    if pair.field not in ("company", "title"):
        return pair
    name, *facts = unwrap(pair.value, reader)
    if pair.field == "title":
        *facts, name = [*facts, *split(name, reader)]
        header.left += [fact for fact in facts if reader.department(fact)]
    return pair._replace(value=name)


def _choose(
    names: list[str], order: Order, reader: PieceReader, *, needs_company: bool, needs_title: bool
) -> _Choice:
    """Which piece is the company and which the title; -1 for none."""
    names = names[:8]
    company = [reader.company(piece) for piece in names]
    title = [reader.title(piece) for piece in names]
    best = _Choice(-9.0, -1, -1)
    if needs_company and needs_title and len(names) >= 2:
        for one in range(len(names)):
            for other in range(len(names)):
                if one != other:
                    points = company[one] - 0.7 * title[one] + title[other] - 0.7 * company[other]
                    # What stands first is likelier to be a name than what follows.
                    points += order.bonus(one, other) - 0.15 * (one + other)
                    best = max(best, _Choice(points, one, other))
        if best.points > -1:
            return best
    if len(names) == 1 or (names and needs_company != needs_title):
        if not needs_company:
            at = max(range(len(names)), key=lambda at: title[at] - company[at] - 0.1 * at)
            return _Choice(0, -1, at) if title[at] > 0 or len(names) == 1 else _Choice(0, -1, -1)
        at = max(range(len(names)), key=lambda at: company[at] - title[at] - 0.1 * at)
        if not needs_title:
            return _Choice(0, at, -1) if company[at] > 0 or title[at] < SURE else _Choice(0, -1, -1)
        return _Choice(0, -1, at) if title[at] > max(company[at], 0) else _Choice(0, at, -1)
    return best if best.points > -9 else _Choice(0, -1, -1)


def _sureness(points: float) -> float:
    for least, confidence in ((3.0, 0.93), (2.0, 0.88), (1.5, 0.8), (1.0, 0.7)):
        if points >= least:
            return confidence
    return 0.55


def unwrap(piece: str, reader: PieceReader) -> list[str]:
    """A piece without the facts in brackets behind it, and these: `某某公司(100-499人)[2年]`."""
    facts: list[str] = []
    while (note := _NOTE.search(piece)) and note.start():
        said = note[1].strip()
        # A place in brackets is part of a company's name.
        if not is_fact(said, reader) or reader.place(said):
            break
        facts.append(said)
        piece = piece[: note.start()].rstrip()
    return [piece, *facts]


def split(piece: str, reader: PieceReader) -> list[str]:
    """A piece that holds a company and a title as the two, another one as it is."""
    if len(piece) < 4 or len(piece) > 90:
        return [piece]
    if said := _SENTENCE.match(piece):
        return [said[1], said[2]]
    whole = max(reader.company(piece), reader.title(piece))
    glued = _GLUED.match(piece)
    if glued and reader.title(glued[2]) >= SURE > reader.company(glued[2]):
        return [glued[1], glued[2].strip(" -/·")]
    best, parts = 0.0, [piece]
    for number, found in enumerate(_BREAKS.finditer(piece)):
        if number >= 8:
            break
        head, tail = piece[: found.start()].strip(), piece[found.end() :].strip()
        if len(head) < 2 or len(tail) < 2 or head.count("(") != head.count(")"):
            continue
        is_latin = head[-1].isascii() and tail[0].isascii()
        forth = reader.company(head) + reader.title(tail)
        back = reader.title(head) + reader.company(tail)
        points = max(forth, back)
        company, title = (head, tail) if forth >= back else (tail, head)
        if (
            found[0].strip() == "/"
            and found[0] == "/"
            and (reader.company(piece) >= 3 or (reader.title(tail) >= SURE and reader.company(head) < LIKELY))
        ):
            continue
        good = reader.title(title) >= SURE and (
            reader.company(company) >= LIKELY or (not is_latin and reader.title(company) < 1)
        )
        good = good or (reader.company(company) >= 3 and (reader.title(title) >= 1 or not is_latin))
        # A department before a title.
        if reader.department(head) and reader.title(tail) >= SURE:
            return [head, tail]
        if good and points > best and (points > whole or reader.company(company) >= LIKELY):
            best, parts = points, [head, tail]
    if len(parts) == 2:
        return [part for one in parts for part in (split(one, reader) if one != piece else [one])]
    return parts


def split_unknown(piece: str, reader: PieceReader) -> list[str]:
    """A piece that holds an unknown company and a title, with one blank between them; else none."""
    parts = piece.split(" ")
    if (
        len(parts) != 2
        or reader.company(piece) >= LIKELY
        or _NO_COMPANY.search(parts[0])
        or not _HAN.search(piece)
    ):
        return []
    head, tail = parts
    is_name = len(head) >= 2 and len(tail) >= 2 and reader.title(head) < 1 <= reader.title(tail)
    return parts if is_name and not reader.department(head) else []


def is_fact(piece: str, reader: PieceReader) -> bool:
    """Whether a piece is a fact beside company and title."""
    return bool(
        _KIND.fullmatch(piece)
        or _DURATION.fullmatch(piece)
        or is_circumstance(piece, reader)
        or (reader.department(piece) and reader.company(piece) < 3 and reader.title(piece) < SURE)
    )


def is_circumstance(piece: str, reader: PieceReader) -> bool:
    """Whether a piece says where a job was, at what kind of company, or for what pay."""
    return (
        reader.company_kind(piece)
        or reader.scale(piece)
        or reader.place(piece)
        or reader.industry(piece)
        or is_pay(piece)
    )


def is_duration(text: str) -> bool:
    """Whether a text says how long something was, and nothing else."""
    return bool(_DURATION.fullmatch(text))


def _take_fact(entry: Entry, piece: str, line: Line, reader: PieceReader, header: Header) -> None:
    if _KIND.fullmatch(piece) or reader.place(piece):
        return
    if _DURATION.fullmatch(piece):
        put(entry, "duration", piece.strip("()"), 0.9, line)
    elif reader.scale(piece):
        put(entry, "company_scale", piece, 0.9, line)
    elif reader.company_kind(piece):
        put(entry, "company_category", piece, 0.9, line)
    elif is_pay(piece):
        put(entry, "salary", piece, 0.8, line)
    elif reader.industry(piece):
        put(entry, "industry_category", piece, 0.8, line)
    else:
        header.left.append(piece)


FIELDS = {
    "company": "compnay_name",
    "title": "position_title",
    "industry": "industry_category",
    "company_kind": "company_category",
    "company_scale": "company_scale",
    "job_kind": "position_category",
    "job_salary": "salary",
}
"""The field of a job by its label."""


def _take_pair(entry: Entry, pair: Pair, line: Line) -> None:
    if field := FIELDS.get(pair.field):
        value = pair.value
        if span := find_span(value):
            put_span(entry, span, 0.9, line)
            value = f"{value[: span.begin]} {value[span.stop :]}".strip(" ()|-")
        put(entry, field, value[:200], 0.97, line)
    elif pair.field == "dates" and (span := find_span(pair.value)):
        put_span(entry, span, 0.97, line)
        put(entry, "duration", span.duration, 0.97, line)
    elif pair.field == "started":
        put(entry, "start_time", find_date(pair.value), 0.97, line)
    elif pair.field == "ended":
        put(entry, "end_time", find_date(pair.value), 0.97, line)
