"""Where jobs and schools stand: below their headings, or, where no heading tells, in what looks like them."""

from __future__ import annotations

from collections.abc import Sequence

from engine.matching.lexicon import experience
from intake.reading.forms import column_labels
from intake.reading.found import Entry
from intake.reading.labels import JOB, PERSON, SCHOOL, LabelReader
from intake.reading.layouts import Layout
from intake.reading.lines import Line, is_prose
from intake.reading.names import NameReader
from intake.reading.periods import find_span
from intake.reading.pieces import PieceReader, piece_reader, pieces_of
from intake.reading.schools import SchoolReader
from intake.reading.sections import HEAD, Section, implied_sections
from intake.reading.works import WorkReader

PERSONAL = frozenset({HEAD, "personal", "target"})
"""Kinds of sections that tell of the person and of what they look for."""
JOBS = frozenset({"works", "internships"})
"""Kinds that hold jobs."""
UNNAMED = "unnamed"
"""The kind of what has spans of time and stands below no heading of its own."""
_NEVER_JOBS = JOBS | {"projects", "campus", "training", "publications", "certificates"}
NEAR = 2
"""Lines around the name of a school that may tell of it."""


class Readers:
    """What reads the parts of a resume, with the words of its layout."""

    def __init__(self, layout: Layout) -> None:
        words = layout.words
        self.pieces = piece_reader()
        self.names = NameReader(words)
        self.person = LabelReader(words, PERSON)
        self.all = LabelReader(words, (*PERSON, *JOB, *SCHOOL))
        self.jobs = LabelReader(words, JOB)
        self.school = LabelReader(words, SCHOOL)
        self.works = WorkReader(self.pieces, self.jobs, layout.works)
        self.schools = SchoolReader(self.pieces, self.school)


def with_unnamed(sections: Sequence[Section], readers: Readers) -> list[Section]:
    """Sections in which what has no heading, or one that nobody knows, is a section of its own."""
    told: list[Section] = []
    for section in sections:
        if section.kind not in PERSONAL:
            told.append(section)
            continue
        for part in implied_sections(section, readers.jobs, readers.school):
            told += _cut(part, readers) if part.kind in PERSONAL else [part]
    return told


def _cut(section: Section, readers: Readers) -> list[Section]:
    lines = section.lines
    for at, line in enumerate(lines):
        text = line.text[:200]
        if not find_span(text) or readers.person.pairs(text) or (section.kind == HEAD and at < 1):
            continue
        while at > 1 and _is_header(lines[at - 1], readers):
            at -= 1
        if at and (
            column_labels(lines[at - 1], readers.jobs) or column_labels(lines[at - 1], readers.school)
        ):
            at -= 1
        return [
            Section(section.kind, section.heading, lines[:at]),
            Section(UNNAMED, None, lines[at:]),
        ]
    return [section]


def _is_header(line: Line, readers: Readers) -> bool:
    if is_prose(line.text) or readers.person.pairs(line.text):
        return False
    reader = readers.pieces
    return any(reader.company(one) >= 2.5 or reader.school(one) for one in pieces_of(line.text[:100]))


def read_career(sections: Sequence[Section], readers: Readers) -> tuple[list[Entry], list[Entry]]:
    """The jobs and the schools of a resume."""
    works: list[Entry] = []
    schools: list[Entry] = []
    for section in sections:
        if section.kind in JOBS:
            entries, section.left = readers.works.read(section.lines)
            works += entries
        elif section.kind == "education":
            entries, section.left = readers.schools.read(section.lines)
            schools += entries
    for section in sections:
        if section.kind not in _NEVER_JOBS and (section.kind == UNNAMED or not works):
            entries, section.left = readers.works.read(section.left, is_sure=False)
            works += entries
    if not schools:
        for section in sections:
            if section.kind not in ("projects", "certificates", "publications"):
                near = _near_schools(section.left, readers.pieces)
                entries, _ = readers.schools.read(near)
                schools += [entry for entry in entries if "school" in entry and len(entry) > 1]
                if entries:
                    section.left = [line for line in section.left if line not in near]
    return _latest_first(works), _latest_first(schools)


def _latest_first(entries: list[Entry]) -> list[Entry]:
    starts = [entry["start_time"].value if "start_time" in entry else "" for entry in entries]
    return list(experience.latest_first(entries, starts))


def _near_schools(lines: Sequence[Line], pieces: PieceReader) -> list[Line]:
    """The lines that name a school beside a degree or a time, and the short ones around them."""
    kept: set[int] = set()
    for at, line in enumerate(lines):
        if len(line.text) > 120 or not pieces.school(line.text):
            continue
        near = range(max(0, at - NEAR), min(len(lines), at + NEAR + 1))
        tells = [
            one
            for one in near
            if len(lines[one].text) <= 120 and (find_span(lines[one].text) or pieces.degree(lines[one].text))
        ]
        if tells:
            kept |= {at, *(one for one in tells if one == at or not is_prose(lines[one].text))}
    return [line for at, line in enumerate(lines) if at in kept]
