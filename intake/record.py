"""The ingest record: what a line may hold, and how it becomes a stored resume.

Fields are spelled as in the API document (`compnay_name`); unknown ones are ignored, null counts as
absent, and what is absent is stored as an empty text.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from datetime import date
from typing import Annotated, Any, Literal

import msgspec

from runtime.decoding import InvalidFields, decode_json, refuse_nul
from store.ids import is_id
from store.resumes import IncomingResume

MAX_LINE_BYTES = 1024 * 1024

_DAY = r"(0[1-9]|[12][0-9]|3[01])"
_MONTH = r"[12][0-9]{3}-(0[1-9]|1[0-2])"

Text = Annotated[str, msgspec.Meta(max_length=100_000)] | None
Date = Annotated[str, msgspec.Meta(pattern=rf"^({_MONTH}(-{_DAY})?|至今)?\Z")] | None
Time = (
    Annotated[
        str, msgspec.Meta(pattern=rf"^({_MONTH}-{_DAY}( ([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9])?)?\Z")
    ]
    | None
)
Amount = (
    Annotated[int, msgspec.Meta(ge=0, le=10**9)]
    | Annotated[float, msgspec.Meta(ge=0, le=10**9)]
    | Annotated[str, msgspec.Meta(max_length=100_000)]
    | None
)
Key = Annotated[str, msgspec.Meta(min_length=1, max_length=200)]


class JobTarget(msgspec.Struct):
    """What the candidate looks for.

    Attributes:
        salary: Yuan a month: a number, or a text as people write it: `8000-12000`, `15K以上`, `面议`.
        enroll_time: `YYYY-MM-DD HH:MM:SS` or `YYYY-MM-DD`.
    """

    job_career: Text = ""
    salary: Amount = ""
    job_category: Text = ""
    job_hunting_state: Text = ""
    job_industry: Text = ""
    enroll_time: Time = ""
    expectation_area: Text = ""


class Education(msgspec.Struct):
    """One school.

    Attributes:
        start_time: `YYYY-MM`, `YYYY-MM-DD` or `至今`.
        end_time: `YYYY-MM`, `YYYY-MM-DD` or `至今`.
    """

    school: Text = ""
    start_time: Date = ""
    end_time: Date = ""
    degree: Text = ""
    major: Text = ""


class Work(msgspec.Struct):
    """One job.

    Attributes:
        salary: Yuan a month: a number, or a text as people write it.
        start_time: `YYYY-MM`, `YYYY-MM-DD` or `至今`.
        end_time: `YYYY-MM`, `YYYY-MM-DD` or `至今`.
    """

    salary: Amount = ""
    company_category: Text = ""
    start_time: Date = ""
    position_category: Text = ""
    company_scale: Text = ""
    compnay_name: Text = ""
    industry_category: Text = ""
    position_title: Text = ""
    job_desc: Text = ""
    duration: Text = ""
    end_time: Date = ""


class ResumeRecord(msgspec.Struct):
    """One resume; one of `job_target`, `works` and `self_evaluation` is required.

    Attributes:
        source: Who sends it; together with `source_id` it says which resume this is.
        work_years: A number, or a text as people write it: `5年`, `3-5年`, `应届`.
        last_contact: `YYYY-MM-DD HH:MM:SS` or `YYYY-MM-DD`, in Asia/Shanghai.
        contact_status: `secret` keeps the contact from everybody.
        send_to: Feeds that the candidate sent it to: it is listed there whatever its score.
        partner_for: Feeds that a partner recommends it for: it is listed there whatever its score.
    """

    source: Key
    source_id: Key
    job_target: JobTarget | None = None
    education: Annotated[list[Education], msgspec.Meta(max_length=50)] | None = None
    works: Annotated[list[Work], msgspec.Meta(max_length=200)] | None = None
    address: Text = ""
    gender: Text = ""
    age: Annotated[int, msgspec.Meta(ge=0, le=150)] | None = None
    self_evaluation: Text = ""
    work_years: (
        Annotated[int, msgspec.Meta(ge=0, le=100)]
        | Annotated[float, msgspec.Meta(ge=0, le=100)]
        | Annotated[str, msgspec.Meta(max_length=100_000)]
        | None
    ) = ""
    hr_evaluate: Text = ""
    last_contact: Time = ""
    name: Text = ""
    phone: Text = ""
    email: Text = ""
    qq: Text = ""
    contact_status: Literal["public", "secret"] | None = "public"
    send_to: Annotated[list[str], msgspec.Meta(max_length=100)] | None = None
    partner_for: Annotated[list[str], msgspec.Meta(max_length=100)] | None = None


_decode = msgspec.json.Decoder(ResumeRecord).decode
_BODY_FIELDS = (
    *("job_target", "education", "works", "address", "gender", "age"),
    *("self_evaluation", "work_years", "hr_evaluate", "last_contact"),
)


def parse_resume(line: bytes) -> IncomingResume:
    """Decode and check one resume.

    Args:
        line: A JSON object, UTF-8, without a byte order mark.

    Raises:
        InvalidFields: The line is refused; `errors` names each field.
    """
    try:
        line.decode("utf-8")  # msgspec does not look at the texts of unknown fields
        record = _decode(line)
        if b"\\u0000" in line:  # the only way to write a NUL in JSON
            for name in ResumeRecord.__struct_fields__:
                refuse_nul(name, getattr(record, name))
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        record = decode_json(ResumeRecord, line)  # slower, and says what is wrong with every field
    errors = _contents_errors(record)
    if errors:
        raise InvalidFields(errors)
    send_to = [feed_id.lower() for feed_id in record.send_to or []]
    partner_for = [feed_id.lower() for feed_id in record.partner_for or []]
    return IncomingResume(
        source=record.source,
        source_id=record.source_id,
        digest=hashlib.sha256(msgspec.json.encode(record)).hexdigest(),
        body=_body(record),
        contact={
            "name": record.name or "",
            "phone": record.phone or "",
            "email": record.email or "",
            "qq": record.qq or "",
            "status": record.contact_status or "public",
        },
        send_to=send_to,
        partner_for=partner_for,
    )


def _dates(record: ResumeRecord) -> Iterator[tuple[str, str | None]]:
    """Every date of a record, with the path to it."""
    yield "last_contact", record.last_contact
    if record.job_target is not None:
        yield "job_target.enroll_time", record.job_target.enroll_time
    lists: tuple[tuple[str, Sequence[Work | Education] | None], ...] = (
        ("works", record.works),
        ("education", record.education),
    )
    for name, entries in lists:
        for position, entry in enumerate(entries or ()):
            yield f"{name}[{position}].start_time", entry.start_time
            yield f"{name}[{position}].end_time", entry.end_time


def _is_no_day(text: str | None) -> bool:
    """Whether a well-formed date names a day that no calendar has."""
    if not text or len(text) < 10:
        return False
    try:
        date.fromisoformat(text[:10])
    except ValueError:
        return True
    return False


def _contents_errors(record: ResumeRecord) -> dict[str, list[str]]:
    errors = {path: ["没有这一天"] for path, text in _dates(record) if _is_no_day(text)}
    if record.job_target is None and not record.works and not (record.self_evaluation or "").strip():
        errors["job_target"] = ["job_target、works、self_evaluation 至少填写一项"]
    for name in ("send_to", "partner_for"):
        if not all(is_id(feed_id) for feed_id in getattr(record, name) or []):
            errors[name] = ["应为定制编号的列表"]
    return errors


def _body(record: ResumeRecord) -> dict[str, Any]:
    """The API document's record, with every field of it and null nowhere but in `age`."""
    whole = msgspec.to_builtins(record)
    body = {name: whole[name] for name in _BODY_FIELDS}
    body["job_target"] = _filled(body["job_target"] or msgspec.to_builtins(JobTarget()))
    body["education"] = [_filled(school) for school in body["education"] or []]
    body["works"] = [_filled(work) for work in body["works"] or []]
    body["job_target"]["enroll_time"] = _with_clock(body["job_target"]["enroll_time"])
    body["last_contact"] = _with_clock(body["last_contact"] or "")
    return {name: value if name == "age" else _or_empty(value) for name, value in body.items()}


def _with_clock(time: str) -> str:
    """A time as clients read it: a day that was sent alone begins at midnight."""
    return f"{time} 00:00:00" if len(time) == len("2025-01-02") else time


def _filled(fields: dict[str, Any]) -> dict[str, Any]:
    return {name: _or_empty(value) for name, value in fields.items()}


def _or_empty(value: Any) -> Any:
    return "" if value is None else value
