"""The sections of a resume: where each begins, and of what kind it is.

A heading is a line that is a heading's word and nothing else. Within jobs and projects the same words also
stand above parts of one job (`技术栈`, `荣誉`), so there a heading must be set like the others.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

import msgspec

from engine.matching.text.normalise import squeeze
from intake.reading.labels import LabelReader
from intake.reading.lines import Line
from intake.reading.periods import find_span
from intake.reading.words import MAX_HEADING_CHARS, Words

HEAD = "head"
"""The kind of what stands above the first heading."""
_STRONG = frozenset({"works", "education", "target", "personal", "evaluation", "internships"})
"""Kinds whose headings every resume has in its own way; they show how headings are set."""
_INLINE = frozenset(
    {"evaluation", "skills", "certificates", "languages", "other", "publications", "training", "campus"}
)
"""Kinds whose text may stand behind their heading on the same line."""
_DEEP = frozenset({"works", "internships", "projects"})
"""Kinds with headings of their own inside."""
_WITH_TEXT = re.compile(r"^[\W\d]{0,4}([^:：]{2,12}?)\s?[】\]]?\s?[:：]\s?(?=\S)")


class Section(msgspec.Struct):
    """A section.

    Attributes:
        kind: One of those in `words.toml`, or `HEAD`.
        heading: Its heading; None where it has none.
        lines: What stands below it.
        left: What of it nothing has read yet.
    """

    kind: str
    heading: Line | None
    lines: list[Line]
    left: list[Line] = []

    def __post_init__(self) -> None:
        self.left = self.lines

    @property
    def title(self) -> str:
        """Its heading without decoration."""
        return re.sub(r"^[\W_]+|[\W_]+$", "", self.heading.text) if self.heading else ""


class _Mark(NamedTuple):
    style: tuple[float, bool, bool]
    before: str
    behind: str


def split_sections(lines: Sequence[Line], words: Words) -> list[Section]:
    """The sections of a resume in their order; the first is what stands above all headings."""
    lines = _without_side_headings(lines, words)
    kinds = [words.section(line.text) if not _is_row(line) else None for line in lines]
    marks = {_mark(line) for line, kind in zip(lines, kinds, strict=True) if kind in _STRONG}
    sections = [Section(HEAD, None, [])]
    for line, kind in zip(lines, kinds, strict=True):
        current = sections[-1]
        if (
            kind
            and (kind in _STRONG or current.kind not in _DEEP or _mark(line) in marks)
            and not _is_inner(line, kind, current, marks)
        ):
            sections.append(Section(kind, line, []))
        elif inline := _inline(line, words, current.kind):
            sections.append(Section(inline[0], msgspec.structs.replace(line, text=inline[1]), [inline[2]]))
        else:
            current.lines.append(line)
    return sections


def _is_inner(line: Line, kind: str, current: Section, marks: set[_Mark]) -> bool:
    """Whether a heading's word is one of a part: `工作概况：` within a job, where headings have no colon."""
    if current.kind not in _DEEP or kind == current.kind or kind not in ("evaluation", "personal", "works"):
        return False
    return _mark(line).behind == ":" and any(mark.behind != ":" for mark in marks)


def _mark(line: Line) -> _Mark:
    before = re.match(r"[^\w\s]?", line.text)
    behind = re.search(r"[^\w\s]?$", line.text)
    return _Mark(line.style, before[0] if before else "", behind[0] if behind else "")


def _is_row(line: Line) -> bool:
    return sum(bool(cell) for cell in line.cells) > 1


def _without_side_headings(lines: Sequence[Line], words: Words) -> list[Line]:
    """Lines in which a heading that stands in the first cell of a row is a line of its own."""
    told: list[Line] = []
    labels = {"".join(label.split()) for found in words.labels.values() for label in found}
    heading = ""
    for line in lines:
        first = line.cells[0] if line.cells else ""
        if _is_row(line) and first and words.section(first) and squeeze(first.strip(":： ")) not in labels:
            if first != heading:
                told.append(msgspec.structs.replace(line, text=first, cells=()))
            heading = first
            cells = line.cells[1:]
            filled = [cell for cell in cells if cell]
            told.append(
                msgspec.structs.replace(line, text="\t".join(filled), cells=cells if len(filled) > 1 else ())
            )
        else:
            told.append(line)
    return told


def _inline(line: Line, words: Words, current: str) -> tuple[str, str, Line] | None:
    """The kind, heading and text of a line such as `自我评价：…`."""
    found = _WITH_TEXT.match(line.text[: MAX_HEADING_CHARS * 2])
    if not found or current in _DEEP:
        return None
    kind = words.section(found[1])
    if kind not in _INLINE or kind == current:
        return None
    return kind, found[1], msgspec.structs.replace(line, text=line.text[found.end() :], cells=())


def implied_sections(section: Section, jobs: LabelReader, schools: LabelReader) -> list[Section]:
    """A section without the jobs and schools in it that have labels and no heading; these as sections."""
    begin = _first_with(section.lines, jobs, "company")
    school = _first_with(section.lines, schools, "school")
    if begin is None:
        return [section]
    end = school if school is not None and school > begin else len(section.lines)
    parts = [
        Section(section.kind, section.heading, section.lines[:begin]),
        Section("works", None, section.lines[begin:end]),
    ]
    return [*parts, Section("education", None, section.lines[end:])] if end < len(section.lines) else parts


def _first_with(lines: Sequence[Line], labels: LabelReader, field: str) -> int | None:
    """The first line of an entry with a label, near which is a span of time."""
    for at, line in enumerate(lines):
        pairs = labels.pairs_in(line)
        if any(pair.field == field and pair.value for pair in pairs):
            near = range(max(0, at - 1), min(len(lines), at + 4))
            spans = [one for one in near if find_span(lines[one].text[:200])]
            if spans:
                return min(at, spans[0])
    return None
