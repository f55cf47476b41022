"""One row of a table to a resume, as `POST /resumes/` takes it."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

import msgspec

from intake.record import parse_resume
from runtime.decoding import InvalidFields
from store.persons.reach import reach_of
from store.resumes.resume_values import IncomingResume

_LISTS = {"work": "works", "education": "education"}
_NUMBER = re.compile(r"[0-9]{1,3}")
_BIRTH = re.compile(r"([12][0-9]{3})(?:\D{1,3}(0?[1-9]|1[0-2])(?!\d)|(0[1-9]|1[0-2]))?")
_CLOCK = re.compile(r"([0-9][-0-9./]*[0-9])(?: |T)[0-9]{1,2}:[0-9]{2}(?::[0-9]{2}(?:\.[0-9]+)?)?")
"""A day with the time of day, which programs write for a day."""
_FLOAT = re.compile(r"(\+?[0-9]{5,20})\.0+")
"""A number as programs write one that they keep with decimals."""
_SCIENTIFIC = re.compile(r"[0-9](?:\.[0-9]+)?[Ee]\+?[0-9]{1,2}")
_TIME = re.compile(
    r"([12][0-9]{3})\D{1,3}([0-9]{1,2})\D{1,3}([0-9]{1,2})\D{0,3}(?:\s+|T)?(?:([0-9]{1,2}):([0-9]{2})(?::([0-9]{2}))?)?"
)
_OLDEST = 150
"""Years that nobody lives; the record takes no higher age."""
_NOTHING = {"", "-", "--", "---", "—", "——", "/", "\\", "无", "暂无", "未填写", "n/a", "null", "none"}
"""What people and programs write into a cell that has nothing to say."""
_SECRET, _PUBLIC = {"secret", "保密", "不公开", "私密"}, {"public", "公开", "不保密"}
_YES, _NO = {"是", "yes", "true"}, {"否", "no", "false"}


def resume_of(cells: Sequence[str], mapping: Mapping[int, str], source: str, today: date) -> IncomingResume:
    """A row, which may be shorter than the header, as a resume to be stored.

    `mapping` has the field of each column, without errors; by `today` an age follows from a birth date.

    Raises:
        InvalidFields: It cannot be taken; each field of the record is named.
    """
    return parse_resume(msgspec.json.encode(record_of(cells, mapping, source, today)))


def record_of(cells: Sequence[str], mapping: Mapping[int, str], source: str, today: date) -> dict[str, Any]:
    """The same as plain values, not checked yet.

    Raises:
        InvalidFields: A cell cannot be what its column is.
    """
    said = {
        field: cells[column]
        for column, field in mapping.items()
        if column < len(cells) and cells[column].lower() not in _NOTHING
    }
    errors: dict[str, list[str]] = {}
    record: dict[str, Any] = {"source": source, "source_id": said.pop("source_id", "") or _id_of(said, cells)}
    for field, text in said.items():
        try:
            _put(record, field, text, today)
        except ValueError as error:
            name = "contact_status" if field == "is_secret" else field.partition(".")[0]
            errors.setdefault(name, []).append(str(error))
    if errors:
        raise InvalidFields(errors)
    return record


def _put(record: dict[str, Any], field: str, text: str, today: date) -> None:
    """Put one cell where it belongs.

    Raises:
        ValueError: It cannot be that; the text says why.
    """
    part, dot, name = field.partition(".")
    if dot and part == "job_target":
        record.setdefault("job_target", {})[name] = text
    elif dot:
        entries = record.setdefault(_LISTS[part], [{}])
        entries[0][name] = _day(text) if name.endswith("_time") else text
    elif field == "age":
        record["age"] = _age(text)
    elif field == "birth":
        record.setdefault("age", _age_of_birth(text, today))
    elif field == "phone" and _SCIENTIFIC.fullmatch(text):
        raise ValueError("电话已被表格软件改成科学计数法，号码不完整，请把该列设为文本后重新导出")
    elif field in ("phone", "qq"):
        whole = _FLOAT.fullmatch(text)
        record[field] = whole[1] if whole else text
    elif field in ("contact_status", "is_secret"):
        status = _status(text, asks_for_secret=field == "is_secret")
        # Of two columns that contradict each other the one that keeps the contact secret counts.
        record["contact_status"] = "secret" if "secret" in (status, record.get("contact_status")) else status
    elif field in ("last_contact", "collected_at"):
        record[field] = _moment(text)
    else:
        record[field] = text


def _id_of(said: Mapping[str, str], cells: Sequence[str]) -> str:
    """What the resume is called where no column says it: the same for the same person's next table.

    It follows from the name and the phone or e-mail; of a row without these, from all that it says.
    """
    reach = reach_of(said.get("phone", ""), said.get("email", ""))
    told = [said.get("name", ""), *reach[-1:]] if reach else list(cells)
    return hashlib.sha256("\0".join(["table", *told]).encode()).hexdigest()


def _age(text: str) -> int:
    found = _NUMBER.search(text)
    if found is None:
        raise ValueError("应为年龄，如 28 或 28岁")
    return int(found[0])


def _age_of_birth(text: str, today: date) -> int:
    found = _BIRTH.search(text)
    if found is None:
        raise ValueError("应为出生日期，如 1995-03 或 1995年3月")
    years = today.year - int(found[1])
    if not 0 <= years <= _OLDEST:  # a day as spreadsheets count it, such as 31048
        raise ValueError("应为出生日期，如 1995-03 或 1995年3月")
    month = int(found[2] or found[3] or 1)
    return max(0, years - (month > today.month))


def _day(text: str) -> str:
    """A date without the time of day."""
    found = _CLOCK.fullmatch(text)
    return found[1] if found else text


def _status(text: str, *, asks_for_secret: bool) -> str:
    word = text.strip().lower()
    if word in _SECRET or word in (_YES if asks_for_secret else _NO):
        return "secret"
    if word in _PUBLIC or word in _YES | _NO:
        return "public"
    raise ValueError("应为 是 或 否" if asks_for_secret else "应为 公开 或 保密")


def _moment(text: str) -> str:
    """A time as the record has it: `YYYY-MM-DD`, or with the time of day."""
    found = _TIME.fullmatch(text.strip())
    if found is None:
        raise ValueError("应为日期，如 2026-01-31 或 2026-01-31 09:30")
    year, month, day, hour, minute, second = found.groups()
    shown = f"{year}-{int(month):02}-{int(day):02}"
    return f"{shown} {int(hour):02}:{minute}:{second or '00'}" if hour else shown
