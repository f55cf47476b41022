"""Jobs: where each begins in its section, what its header says, and its description.

Nearly every job has one span of time. The lines around it are its header, and how many of them stand before
the span is the same for all jobs of a resume: what the first one does, the others do too.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

import msgspec

from engine.matching.lexicon import experience
from intake.reading.forms import labelled_header, read_table
from intake.reading.found import Entry, put
from intake.reading.headers import FIELDS, Header, Order, is_circumstance, is_duration, read_header
from intake.reading.labels import LabelReader, Pair
from intake.reading.lines import BULLET, NUMBER, Line, is_prose, joined
from intake.reading.periods import Span, broken_span, find_date, find_span
from intake.reading.pieces import PieceReader, pieces_of

MAX_HEADER_CHARS = 130
"""Characters of the longest line of a header."""
MAX_BEFORE = 3
"""Lines of a header that may stand before its span of time."""
MAX_BEHIND = 6
"""Lines of a header that may stand behind it."""

_OF_PROJECT = re.compile(
    r"^[\W\d]{0,4}(?:所属|主要)?(?:项目|课题|project)\s?"
    r"(?:[:：]|[一二三四五六七八九十\d]{1,2}\s?[:：、.]|(?:名称|时间|周期|经历|描述|name|period)\s?[:：]?)",
    re.IGNORECASE,
)
_VERB = re.compile(
    r"负责|参与|主要|完成|协助|制定|组织|管理|根据|配合|从事|熟悉|使用|项目|业绩|主导|带领|独立"
)

_BELOW = frozenset({"job_salary", "industry", "company_kind", "company_scale"})
"""Labels that may stand below a header, among the lines of the description."""


class Anchor(msgspec.Struct):
    """A line with a job's span of time.

    Attributes:
        at: Its place among the lines of the section.
        size: How many lines the span takes.
        span: The span; its place counts in the last of these lines.
        rest: What else the line says.
        told: What follows the first sentence, where the line is sentences.
    """

    at: int
    size: int
    span: Span
    rest: str
    told: str = ""


class WorkReader:
    """Reads jobs out of the lines of a section."""

    def __init__(
        self, pieces: PieceReader, labels: LabelReader, shapes: Sequence[re.Pattern[str]] = ()
    ) -> None:
        self._pieces = pieces
        self._labels = labels
        self._shapes = shapes

    def read(self, lines: Sequence[Line], *, is_sure: bool = True) -> tuple[list[Entry], list[Line]]:
        """The jobs of a section in their order, and the lines that belong to none.

        Args:
            lines: The section without its heading.
            is_sure: Whether the heading says that these are jobs. Else only what has a company or a title
                that is one beyond doubt counts.
        """
        table, lines = read_table(lines, self._labels, self._pieces)
        anchors = self._anchors(lines)
        before = self._before(lines, anchors, is_sure=is_sure)
        headers: list[Header] = []
        bodies: list[list[Line]] = []
        loose: list[Line] = []
        below = loose
        order = Order()
        at = 0
        for number, anchor in enumerate(anchors):
            begin = max(at, anchor.at - self._taken(lines, anchor, before, at))
            below.extend(lines[at:begin])
            following = anchors[number + 1] if number + 1 < len(anchors) else None
            end = (
                following.at - self._taken(lines, following, before, anchor.at + anchor.size)
                if following
                else len(lines)
            )
            header = self._header(lines, begin, anchor, max(end, anchor.at + anchor.size), before)
            if self._is_school(header, lines):
                below = loose
                below.extend(lines[begin : header.end])
            elif bodies and self._is_within(header, headers[-1]):
                below.extend(lines[begin : header.end])
            elif header.is_nothing(self._pieces) or not (is_sure or header.is_sure(self._pieces)):
                below = below if is_sure else loose
                below.extend(lines[begin : header.end])
            else:
                order.learn(header, self._pieces)
                headers.append(header)
                bodies.append([])
                below = bodies[-1]
            at = header.end
        below.extend(lines[at:])
        entries = [read_header(header, order, self._pieces) for header in headers]
        for position, (entry, header, body) in enumerate(zip(entries, headers, bodies, strict=True)):
            self._inherit(entries, position, header)
            self._describe(entry, header, body)
        if not anchors:
            labelled, below = labelled_header(loose, self._labels)
            if labelled:
                entries = [read_header(labelled, order, self._pieces)]
                self._describe(entries[0], labelled, below)
                loose = []
        return [entry for entry in table + entries if entry], loose

    # Where jobs begin.

    def _anchors(self, lines: Sequence[Line]) -> list[Anchor]:
        anchors: list[Anchor] = []
        at = 0
        while at < len(lines):
            anchor = self._anchor(lines, at)
            if anchor:
                anchors.append(anchor)
            at += anchor.size if anchor else 1
        return anchors

    def _anchor(self, lines: Sequence[Line], at: int) -> Anchor | None:
        line = lines[at]
        text = line.text
        if len(text) > MAX_HEADER_CHARS * 2 or _OF_PROJECT.match(text):
            return None
        span = find_span(text)
        following = lines[at + 1].text if at + 1 < len(lines) else ""
        size = 1
        if (not span or not span.end) and (broken := broken_span(text, following)):
            span, size = broken, 2
        if not span:
            started = [pair for pair in self._labels.pairs(text) if pair.field == "started"]
            if started and (start := find_date(started[0].value)):
                span = Span(start, "", "", started[0].begin, started[0].end)
        if not span:
            return None
        head, tail = text[: span.begin].rstrip(), text[span.stop :].lstrip()
        if head.endswith(("(", "[", "【")) and tail.startswith((")", "]", "】")):
            head, tail = head[:-1], tail[1:]
        rest = f"{head}\t{tail}"
        if size == 2:
            rest = "\t".join(one.partition("\t")[2] for one in (text, following)).strip("\t")
        bare = rest.strip()
        if BULLET.match(text) and len(bare) > 40:
            return None
        # `2018年3月至2020年5月，在某公司任会计。负责…`: the first sentence is the header.
        bare, _, told = bare.partition("。")
        if told or text.endswith("。"):
            rest = rest.partition("。")[0]
        if len(bare) > MAX_HEADER_CHARS or len(re.findall(r"[,，;；]", bare)) > 3:
            return None
        # `2018.03-2019.05 负责…`: a sentence that says when.
        return (
            None
            if re.match(r"[\W]{0,3}(?:期间|负责|参与|主要|担任过)", bare) and len(bare) > 25
            else Anchor(at, size, span, rest, told.strip())
        )

    def _before(self, lines: Sequence[Line], anchors: Sequence[Anchor], *, is_sure: bool) -> list[Line]:
        """The lines of the first header that stand before its span: the pattern of all headers."""
        if not anchors:
            return []
        first = anchors[0]
        run: list[Line] = []
        for line in reversed(lines[: first.at]):
            if self._is_text(line) or len(run) == MAX_BEFORE:
                break
            run.insert(0, line)
        if is_sure and run and len(run) == first.at <= 2 and all(len(line.text) <= 60 for line in run):
            return run
        while run and not self._looks_like_header(run[0]) and len(run) > 1:
            run.pop(0)
        if run and not any(map(self._looks_like_header, run)):
            # Nothing known: it is a header only where the span's own line is not.
            is_bare = len(first.rest.strip(" \t|·,-()")) < 2
            return run[-1:] if is_bare and len(run[-1].text) <= 40 else []
        return run

    def _looks_like_header(self, line: Line) -> bool:
        text = line.text
        if any(pair.field != "duties" for pair in self._labels.pairs(text)):
            return True
        return any(
            self._pieces.company(piece) >= 1.5 or self._pieces.title(piece) >= 2 for piece in pieces_of(text)
        )

    def _is_text(self, line: Line) -> bool:
        """Whether a line is part of a description; a number before a company or a title makes it none."""
        bare, reader = NUMBER.sub("", line.text), self._pieces
        if bare == line.text or is_prose(bare) or len(bare) > 60:
            return is_prose(line.text) or len(line.text) > MAX_HEADER_CHARS
        if any(pair.field != "duties" for pair in self._labels.pairs(bare)):
            return False
        return not any(reader.company(one) >= 2.5 or reader.title(one) >= 3 for one in pieces_of(bare))

    def _is_title(self, line: Line) -> bool:
        return any(self._pieces.title(piece) >= 2 for piece in pieces_of(line.text))

    def _taken(self, lines: Sequence[Line], anchor: Anchor, before: list[Line], least: int) -> int:
        """How many lines before an anchor belong to its header, going by the first header."""
        taken = 0
        is_grouped = False
        for model in reversed(before):
            at = anchor.at - taken - 1
            if at < least or self._is_text(lines[at]):
                break
            if is_duration(model.text) and not is_duration(lines[at].text):
                # Positions grouped by company: only the first of a group has the company above it.
                is_grouped = True
                continue
            has_style = lines[at].style == model.style and model.style[1:] != (False, False)
            # A name that nothing tells but its place is short, and no sentence about what was done.
            is_short = not is_grouped and len(lines[at].text) <= 30 and not _VERB.match(lines[at].text)
            if not (has_style or is_short or self._looks_like_header(lines[at])):
                break
            taken += 1
        return taken

    # Headers.

    def _header(
        self, lines: Sequence[Line], begin: int, anchor: Anchor, limit: int, before: Sequence[Line]
    ) -> Header:
        # Where companies stand before the span, one behind it is that of the next job.
        is_above = any(not self._is_title(line) and not is_duration(line.text) for line in before)
        header = Header(span=anchor.span, end=anchor.at + anchor.size)
        for line in lines[begin : anchor.at]:
            self._add(header, line, NUMBER.sub("", line.text))
        header.lines += lines[anchor.at : header.end]
        self._add(header, lines[anchor.at], NUMBER.sub("", anchor.rest))
        while header.end < min(limit, anchor.at + anchor.size + MAX_BEHIND):
            line = lines[header.end]
            if not self._goes_on(header, line, is_company_above=is_above):
                break
            self._add(header, line, line.text)
            header.end += 1
        header.told = anchor.told
        return header

    def _add(self, header: Header, line: Line, text: str) -> None:
        header.lines.append(line)
        bare = text.strip(" \t|·")
        if shape := next(filter(None, (shape.fullmatch(bare) for shape in self._shapes)), None):
            header.pairs += [
                (Pair(field, value.strip(), -1, -1), line)
                for field, value in shape.groupdict().items()
                if value
            ]
            return
        pairs = self._labels.cell_pairs(line.cells) or self._labels.pairs(text)
        header.pairs += [(pair, line) for pair in pairs]
        if pairs and pairs[0].begin < 0:
            return
        header.pieces += [(piece, line) for piece in pieces_of(self._labels.rest(text, pairs))]

    def _goes_on(self, header: Header, line: Line, *, is_company_above: bool) -> bool:
        """Whether a line behind the span is still part of the header."""
        text = line.text
        if is_prose(text) or len(text) > MAX_HEADER_CHARS or find_span(text):
            return False
        if pairs := self._labels.pairs_in(line):
            return all(pair.field != "duties" and len(pair.value) <= 60 for pair in pairs)
        if self._labels.field(text) is not None:
            return False
        pieces = pieces_of(text)
        if not pieces or len(pieces) > 6 or len(text) > 80:
            return False
        lacks_company, lacks_title = header.lacks(self._pieces)
        lacks_company = lacks_company and not is_company_above
        for piece in pieces:
            if (lacks_title and self._pieces.title(piece) >= 2) or (
                lacks_company and self._pieces.company(piece) >= 1.5
            ):
                return True
        if all(is_circumstance(one, self._pieces) or self._pieces.department(one) for one in pieces):
            return True
        if not header.pieces and not header.pairs:
            return len(text) <= 40 and (lacks_company or lacks_title)
        # The name that is still to come, where nothing tells it but its place.
        is_name = (
            len(pieces) == 1
            and len(text) <= 14
            and not _VERB.match(text)
            and not text.endswith((":", "：", ","))
        )
        return is_name and lacks_company != lacks_title and (lacks_title or self._pieces.title(text) < 1)

    def _is_within(self, header: Header, before: Header) -> bool:
        """Whether a span is that of a project within the job before it."""
        if header.pairs or not all(before.span[:2]) or header.is_sure(self._pieces):
            return False
        first, last = experience.month(before.span.start), experience.month(before.span.end)
        start, end = experience.month(header.span.start), experience.month(header.span.end)
        lies = first is not None and start is not None and start >= first
        return bool(lies and (last is None or (end is not None and end <= last)))

    def _is_school(self, header: Header, lines: Sequence[Line]) -> bool:
        """Whether a span is the time at a school that stands among the jobs."""
        text = " ".join(piece for piece, _ in header.pieces)
        if header.pairs or not self._pieces.school(text):
            return False
        if any(self._pieces.title(piece) >= 2.5 for piece, _ in header.names(self._pieces)):
            return False
        near = [text, *(line.text for line in lines[header.end : header.end + 2] if len(line.text) <= 20)]
        return any(self._pieces.degree(one) for one in near)

    # What a job says.

    def _inherit(self, entries: Sequence[Entry], position: int, header: Header) -> None:
        """A further position at the company of the one before: its header has a title and nothing else."""
        entry = entries[position]
        if position and "position_title" in entry and "compnay_name" not in entry and not header.has_other:
            above = entries[position - 1].get("compnay_name")
            if above and above.confidence >= 0.8:
                entry["compnay_name"] = above._replace(confidence=0.6)

    def _without_duties(self, text: str) -> str:
        """A line without the labels that it begins with (`工作内容：工作职责：…`)."""
        for _ in range(3):
            pairs = self._labels.pairs(text)
            if not pairs or pairs[0].field != "duties" or pairs[0].begin > 2:
                break
            value, begin, end = pairs[0].value, pairs[0].begin, pairs[0].end
            text = text[text.index(value, begin) if value else end :].strip(" \t:：")
        return text

    def _describe(self, entry: Entry, header: Header, body: Sequence[Line]) -> None:
        texts: list[Line] = []
        if header.left:
            line = header.lines[0]
            texts.append(msgspec.structs.replace(line, text="，".join(header.left), cells=()))
        if header.told:
            texts.append(msgspec.structs.replace(header.lines[-1], text=header.told, cells=()))
        for line in body:
            pairs = self._labels.pairs(line.text)
            if pairs and pairs[0].begin <= 2:
                field, value = pairs[0].field, pairs[0].value
                if field == "duties":
                    if behind := self._without_duties(line.text):
                        texts.append(msgspec.structs.replace(line, text=behind, cells=()))
                    continue
                if field in _BELOW and len(value) <= 40 and FIELDS[field] not in entry:
                    put(entry, FIELDS[field], value, 0.9, line)
                    continue
            if self._labels.field(line.text) == "duties":
                continue
            texts.append(line)
        if texts:
            put(entry, "job_desc", joined(texts), 0.9, *texts)
