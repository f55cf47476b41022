"""JSON Resume (https://jsonresume.org/schema) to the ingest record, name by name.

Nothing is guessed, so each field is certain.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import msgspec

from intake.files.decoding import decode_text
from intake.files.letters import clean
from intake.files.outcome import MAX_CHARACTERS, MAX_SCHOOLS, MAX_WORKS, ReadResume, Refused

_PARTS = ("basics", "work", "education", "skills", "projects", "volunteer")
_LONGEST = 20_000
_DATE = re.compile(r"([12]\d{3})(?:-(0[1-9]|1[0-2]))?(?:-\d{2})?(?:T.*)?")


def read_json_resume(data: bytes) -> ReadResume:
    """The record that a JSON Resume says.

    Raises:
        Refused: `unknown_kind` for other JSON, `no_resume` for one that says neither who nor what.
    """
    text = decode_text(data) or ""
    try:
        value = msgspec.json.decode(text.encode("utf-8", "replace"))
    except (msgspec.MsgspecError, RecursionError):
        raise Refused("corrupt") from None
    if len(text) > 5 * MAX_CHARACTERS:
        raise Refused("too_large")
    if not isinstance(value, dict) or not any(isinstance(value.get(part), dict | list) for part in _PARTS):
        raise Refused("unknown_kind")
    record = _record(value)
    if not record:
        raise Refused("no_resume")
    works = record.get("works", [])
    if not (works or record.get("job_target") or record.get("self_evaluation")):
        if not record.get("education"):
            raise Refused("no_resume")
        record["self_evaluation"] = "\n".join(_texts(record["education"]))
    return ReadResume(
        record=record,
        confidence=dict.fromkeys(_paths(record), 1.0),
        to_confirm=not record.get("name") or not works,
    )


def _record(value: dict[str, Any]) -> dict[str, Any]:
    basics = _dict(value.get("basics"))
    location = _dict(basics.get("location"))
    skills = [
        ":".join(part for part in (_text(one, "name"), _joined(one, "keywords")) if part)
        for one in _dicts(value, "skills")
    ]
    about = [_text(basics, "summary"), "\n".join(skill for skill in skills if skill)]
    record = {
        "name": _text(basics, "name"),
        "phone": _text(basics, "phone"),
        "email": _text(basics, "email"),
        "address": _text(location, "city") or _text(location, "region") or _text(location, "address"),
        "job_target": _filled({"job_career": _text(basics, "label")}),
        "works": [work for one in _dicts(value, "work")[:MAX_WORKS] if (work := _work(one))],
        "education": [school for one in _dicts(value, "education")[:MAX_SCHOOLS] if (school := _school(one))],
        "self_evaluation": "\n".join(part for part in about if part),
    }
    return _filled(record)


def _work(one: dict[str, Any]) -> dict[str, Any]:
    duties = [_text(one, "summary") or _text(one, "description"), _joined(one, "highlights", "\n")]
    work = _filled(
        {
            "compnay_name": _text(one, "name") or _text(one, "company"),
            "position_title": _text(one, "position"),
            "job_desc": "\n".join(part for part in duties if part),
        }
    )
    return work and work | _dates(one)


def _school(one: dict[str, Any]) -> dict[str, Any]:
    school = _filled(
        {"school": _text(one, "institution"), "major": _text(one, "area"), "degree": _text(one, "studyType")}
    )
    return school and school | _dates(one)


def _dates(one: dict[str, Any]) -> dict[str, str]:
    dates = {}
    for ours, theirs in (("start_time", "startDate"), ("end_time", "endDate")):
        if match := _DATE.fullmatch(_text(one, theirs)):
            dates[ours] = "-".join(part for part in match.groups() if part)
    if "start_time" in dates and not _text(one, "endDate"):
        dates["end_time"] = "至今"  # the schema: without an end it goes on
    return dates


def _filled(fields: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in fields.items() if value}


def _dict(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _dicts(value: dict[str, Any], name: str) -> list[dict[str, Any]]:
    entries = value.get(name)
    return [one for one in entries if isinstance(one, dict)] if isinstance(entries, list) else []


def _text(value: dict[str, Any], name: str) -> str:
    text = value.get(name)
    if not isinstance(text, str):
        return ""
    return "\n".join(line for part in text.split("\n") if (line := clean(part)))[:_LONGEST]


def _joined(value: dict[str, Any], name: str, between: str = "、") -> str:
    entries = value.get(name)
    texts = [clean(one) for one in entries if isinstance(one, str)] if isinstance(entries, list) else []
    return between.join(text for text in texts if text)[:_LONGEST]


def _texts(entries: list[dict[str, Any]]) -> Iterator[str]:
    for entry in entries:
        yield " ".join(str(value) for value in entry.values())


def _paths(value: Any, path: str = "") -> Iterator[str]:
    if isinstance(value, dict):
        for name, part in value.items():
            yield from _paths(part, f"{path}.{name}" if path else name)
    elif isinstance(value, list):
        for position, part in enumerate(value):
            yield from _paths(part, f"{path}[{position}]")
    else:
        yield path
