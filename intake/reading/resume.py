"""A document as a resume: its sections to their readers, and what they read to one record."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date
from functools import cache
from typing import Any

import msgspec

from intake.files.document import Document
from intake.files.outcome import MAX_SCHOOLS, MAX_TEXT_CHARS, MAX_WORKS, ReadResume, Reason
from intake.reading.career import PERSONAL, UNNAMED, Readers, read_career, with_unnamed
from intake.reading.contacts import emails, phones
from intake.reading.found import Entry, Found, found
from intake.reading.kinds import Signs, refusal
from intake.reading.layouts import Layout, layout_of
from intake.reading.lines import Line, body_size, clean, is_prose, joined, read_lines
from intake.reading.mending import mended, with_whole_values
from intake.reading.person import PersonReader
from intake.reading.sections import Section, split_sections
from intake.reading.spelling import RESTORED, Spelling

LEAST_CHARS = 12
"""Characters below which a document says nothing."""
NAME_LINES = 16
"""Lines from the top among which a name is looked for."""
_RESUME = re.compile(r"(?:简\s?历|履\s?历表?|resume|résumé|curriculum vitae|\bcv)\W*$", re.IGNORECASE)
_TITLE = re.compile(r"简历|应聘|求职|resume|\bcv\b", re.IGNORECASE)


_readers = cache(Readers)


def read_resume(document: Document, today: date | None = None) -> ReadResume | Reason:
    """The resume that a document is, with what it says alone, or why it is none.

    Ages are counted from dates of birth up to `today`, by default the day of the call.
    """
    lines = read_lines(document)
    if sum(len(line.text) for line in lines) < LEAST_CHARS:
        return "empty"
    document = msgspec.structs.replace(document, title=clean(document.title))
    layout = layout_of(lines, document.title)
    readers = _readers(layout)
    try:
        return _read(document, layout.kept(lines), layout, readers, today or date.today())  # noqa: DTZ011
    finally:
        readers.pieces.forget()


def _read(
    document: Document, lines: list[Line], layout: Layout, readers: Readers, today: date
) -> ReadResume | Reason:
    sections = split_sections(mended(lines, readers.all), layout.words)
    sections = with_unnamed(sections, readers)
    for section in sections:
        if section.kind in PERSONAL:
            section.lines = with_whole_values(section.lines, readers.person)
    person = PersonReader(layout.words, readers.pieces, readers.names, readers.person, today)
    near = [line for section in sections if section.kind in ("head", "personal") for line in section.lines]
    for section in sections:
        if section.kind in PERSONAL:
            section.left = person.read(section.lines, section.kind)
    size = body_size(lines)
    top = [
        *near[:NAME_LINES],
        *(line for line in lines if line.page == 1 and size and line.size > size * 1.25),
    ]
    name_line = person.read_name(list(dict.fromkeys(top or lines[:NAME_LINES])), document.title, size)
    person.read_contacts([line for section in sections for line in section.lines])

    works, schools = read_career(sections, readers)
    if not schools and person.school.keys() & {"school", "degree", "major"}:
        schools = [person.school]
    elif len(schools) == 1:
        schools = [person.school | schools[0]] if "degree" not in schools[0] else schools
    if not works and person.job.keys() >= {"compnay_name", "position_title"}:
        works = [person.job]

    signs = Signs(
        has_name="name" in person.fields,
        has_contact=bool(person.fields.keys() & {"phone", "email"}),
        has_person=bool(person.fields.keys() & {"gender", "age"}),
        works=sum("start_time" in entry for entry in works),
        whole_works=sum(entry.keys() >= {"start_time", "compnay_name", "position_title"} for entry in works),
        schools=len(schools),
        sections={section.kind for section in sections[1:]} - {UNNAMED},
        is_called_resume=bool(
            _TITLE.search(document.title)
            or any(len(line.text) <= 30 and _RESUME.search(line.text) for line in lines[:8])
        ),
    )
    if reason := refusal(lines, signs):
        return reason
    evaluation = _evaluation(sections, name_line)
    has_practice = bool(works) or any(section.kind in ("projects", "internships") for section in sections)
    to_confirm = not signs.has_name or not (works or (schools and has_practice))
    record, paths = _record(person, works[:MAX_WORKS], schools[:MAX_SCHOOLS], evaluation)
    _restore(record, paths, Spelling(document))
    confidence = {path: value.confidence for path, value in paths.items()}
    return ReadResume(record=record, confidence=confidence, to_confirm=to_confirm)


def _evaluation(sections: Sequence[Section], name_line: Line | None) -> Found | None:
    """What the person says of themselves, and below it, with its heading, what has no field of its own."""
    own: list[str] = []
    more: list[str] = []
    used: list[Line] = []
    for section in sections:
        lines = section.left
        if section.kind in PERSONAL:
            lines = [
                line
                for line in lines
                if line is not name_line
                and not _is_contact(line.text)
                and (is_prose(line.text) or len(line.text) > 10)
            ]
        if not lines or section.kind == "family":
            continue
        used += lines
        text = joined(lines)
        if section.kind in ("evaluation", UNNAMED, *PERSONAL):
            own.append(text)
        else:
            more.append(f"{section.title}\n{text}" if section.title else text)
    text = "\n\n".join([*own, *more])[:MAX_TEXT_CHARS]
    return found(text, 0.9 if own else 0.8, *used) if text else None


def _is_contact(text: str) -> bool:
    return len(text) <= 90 and bool(next(emails(text), None) or next(phones(text), None))


def _record(
    person: PersonReader, works: Sequence[Entry], schools: Sequence[Entry], evaluation: Found | None
) -> tuple[dict[str, Any], dict[str, Found]]:
    """The record, and each of its fields as it was found, by its path."""
    paths: dict[str, Found] = {}
    fields = dict(person.fields)
    if evaluation:
        fields["self_evaluation"] = evaluation
    record: dict[str, Any] = {"job_target": _plain(person.target, "job_target.", paths)}
    record |= _plain(fields, "", paths)
    for name, entries in (("works", works), ("education", schools)):
        record[name] = [_plain(entry, f"{name}[{number}].", paths) for number, entry in enumerate(entries)]
    return record, paths


def _plain(entry: Entry, prefix: str, paths: dict[str, Found]) -> dict[str, Any]:
    """The values of an entry; what is too long for a field is cut."""
    for field, value in entry.items():
        paths[prefix + field] = value
    return {
        field: value.value[:MAX_TEXT_CHARS] if isinstance(value.value, str) else value.value
        for field, value in entry.items()
    }


def _restore(record: dict[str, Any], paths: dict[str, Found], spelling: Spelling) -> None:
    """Spell the texts of a record as the document does."""
    parts = [("", record), ("job_target.", record["job_target"])]
    for name in ("works", "education"):
        parts += [(f"{name}[{number}].", entry) for number, entry in enumerate(record[name])]
    for prefix, entry in parts:
        for field in [field for field in entry if field in RESTORED]:
            entry[field] = spelling.restored(entry[field], paths[prefix + field].first)[:MAX_TEXT_CHARS]
