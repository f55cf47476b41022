"""From a line to a resume that can be stored: what a sender may send, checked and filled.

The fields of a resume are defined in `store.resumes.resume_record`. Here each gets its bounds, null is
allowed for it, and the sender's key, the contact and the feeds are added. Unknown fields are ignored, null
counts as absent, and an absent field is stored with its default.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Iterator, Sequence
from typing import Annotated, Any, Literal, get_args, get_origin

import msgspec

from intake.dates import DATE, DATE_MESSAGE, is_no_day
from intake.files.outcome import MAX_SCHOOLS, MAX_TEXT_CHARS, MAX_WORKS
from runtime.decoding import InvalidFields, decode_json, place_of, refuse_nul
from store.ids import is_id
from store.resumes.masked_texts import masked_body
from store.resumes.resume_record import Age, Amount, Date, Education, Resume, Text, Time, Work, Years
from store.resumes.resume_values import IncomingResume

MAX_LINE_BYTES = 1024 * 1024
"""A longer line is rejected by itself, undecoded. It bounds what one upload holds in memory."""
LONG_BYTES = 64 * 1024
"""What is longer is decoded, masked or hashed in a thread, as it takes milliseconds. Most lines have some
3 KiB, for which a thread would cost more than it saves."""
_LOOP_BYTES = 16 * 1024
"""The longest line that is decoded and masked on the loop. The worst text of this length takes some 20 ms."""

_DAY = r"(0[1-9]|[12][0-9]|3[01])"
_MONTH = r"[12][0-9]{3}-(0[1-9]|1[0-2])"
_CLOCK = r"([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]"

SentText = Annotated[str, msgspec.Meta(max_length=MAX_TEXT_CHARS)]
# The patterns end in \Z because $ would let a line end follow.
_SENT: dict[Any, Any] = {
    Text: SentText,
    Date: Annotated[str, msgspec.Meta(pattern=DATE, extra={"message": DATE_MESSAGE})],
    Time: Annotated[str, msgspec.Meta(pattern=rf"^({_MONTH}-{_DAY}( {_CLOCK})?)?\Z")],
    Amount: Annotated[int, msgspec.Meta(ge=0, le=10**9)]
    | Annotated[float, msgspec.Meta(ge=0, le=10**9)]
    | SentText,
    Years: Annotated[int, msgspec.Meta(ge=0, le=100)]
    | Annotated[float, msgspec.Meta(ge=0, le=100)]
    | SentText,
    Age: Annotated[int, msgspec.Meta(ge=0, le=150)],
}
"""What may be sent for each kind of field."""
_MOST = {Education: MAX_SCHOOLS, Work: MAX_WORKS}
"""How many entries each list may have."""

_CHINESE_DIGITS = frozenset("〇零一二三四五六七八九")
_FEWEST_DIGITS = 3
"""Digits of the shortest phone, an extension of a company's."""

MAX_KEY_CHARS = 200
"""Characters of a source's name, and of what it calls a resume."""
Key = Annotated[str, msgspec.Meta(min_length=1, max_length=MAX_KEY_CHARS)]
FeedIds = Annotated[list[str], msgspec.Meta(max_length=100)]


def _sent(kind: type[msgspec.Struct], *bases: type[msgspec.Struct]) -> type[msgspec.Struct]:
    """A stored type as it may be sent: each field has its bounds and takes null.

    An absent text is decoded as "", an absent part or list as null. The digest is made
    of these values.
    """
    fields = []
    for field in msgspec.structs.fields(kind):
        default = None if field.default is msgspec.NODEFAULT else field.default
        fields.append((field.name, _sent_type(field.type) | None, default))
    named = get_origin(kind) or kind
    return msgspec.defstruct(
        named.__name__, fields, bases=bases or None, namespace={"__doc__": named.__doc__}, module=__name__
    )


def _sent_type(hint: Any) -> Any:
    if hint in _SENT:
        return _SENT[hint]
    if get_origin(hint) is list:
        (entry,) = get_args(hint)
        return Annotated[list[_sent(entry)], msgspec.Meta(max_length=_MOST[entry])]  # type: ignore[misc]
    return _sent(hint)


class Sender(msgspec.Struct):
    """The key of a resume.

    Attributes:
        source: Who sends it; together with `source_id` it says which resume this is.
    """

    source: Key
    source_id: Key


# The digest covers all fields in their order, absent ones with their defaults. A field that is added here or
# in `store.resumes.resume_record` therefore makes each resume count as updated once, when it is sent again.
class ResumeRecord(_sent(Resume, Sender)):  # type: ignore[misc]
    """One resume; one of `job_target`, `works` and `self_evaluation` is required.

    Attributes:
        contact_status: `secret` keeps the contact from everybody. Left out, it is `public` for a new resume,
            and an update keeps the stored one.
        consent: On what ground the resume may be kept, in the sender's words. Operators see it, recruiters do
            not; an update without it keeps the stored one.
        collected_at: When it was collected, in the form of `last_contact`. As `consent`.
        person_id: What the site calls the person: resumes of a source with the same one are one person's.
        send_to: Feeds that the candidate sent it to: it is judged there like any other, and listed whatever
            its score.
        partner_for: Feeds that a partner recommends it for: likewise.
    """

    name: SentText | None = ""
    phone: SentText | None = ""
    email: SentText | None = ""
    qq: SentText | None = ""
    contact_status: Literal["public", "secret"] | None = None
    send_to: FeedIds | None = None
    partner_for: FeedIds | None = None
    consent: Annotated[str, msgspec.Meta(max_length=2000)] | None = None
    collected_at: _SENT[Time] | None = None  # type: ignore[valid-type]
    person_id: Annotated[str, msgspec.Meta(max_length=MAX_KEY_CHARS)] | None = None


_decode = msgspec.json.Decoder(ResumeRecord).decode


async def parse_off_loop(line: bytes) -> IncomingResume:
    """The same as `parse_resume`; a long line does not hold the loop up."""
    return await asyncio.to_thread(parse_resume, line) if len(line) > _LOOP_BYTES else parse_resume(line)


class _Named(msgspec.Struct):
    source: str = ""


_decode_named = msgspec.json.Decoder(_Named).decode


def source_of(line: bytes) -> str:
    """Who sent a line that is refused, as far as it says so; "" else, and for a long one."""
    try:
        source = _decode_named(line).source if len(line) <= LONG_BYTES else ""
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return ""
    return source if 0 < len(source) <= MAX_KEY_CHARS and source.isprintable() else ""


def parse_resume(line: bytes) -> IncomingResume:
    """Decode and check one resume: a JSON object, UTF-8, without a byte order mark.

    Raises:
        InvalidFields: The line is refused; `errors` names each field.
    """
    try:
        line.decode("utf-8")  # msgspec does not look at the texts of unknown fields
        sent = _decode(line)
        if b"\\u0000" in line:  # the only way to write a NUL in JSON
            for name in ResumeRecord.__struct_fields__:
                refuse_nul(name, getattr(sent, name))
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        sent = decode_json(ResumeRecord, line)  # slower, and says what is wrong with every field
    resume = msgspec.convert(_without_null(msgspec.to_builtins(sent)), Resume)
    errors = _contents_errors(sent, resume)
    if errors:
        raise InvalidFields(errors)
    resume.job_target.enroll_time = _with_clock(resume.job_target.enroll_time)
    resume.last_contact = _with_clock(resume.last_contact)
    status = sent.contact_status
    contact: dict[str, Any] = {
        "name": sent.name or "",
        "phone": _phone(sent.phone or ""),
        "email": sent.email or "",
        "qq": sent.qq or "",
        **({"person_id": person_id} if (person_id := (sent.person_id or "").strip()) else {}),
        **({"status": status} if status else {}),
    }
    # Nothing but the contact holds from here on how to reach the person.
    body, originals = masked_body(msgspec.to_builtins(resume), contact)
    if originals:
        contact["texts"] = originals
    return IncomingResume(
        source=sent.source,
        source_id=sent.source_id,
        digest=_digest(sent, status or "public"),
        update_digest=_digest(sent, status),
        equal_digests=frozenset() if status else frozenset(_digest(sent, one) for one in _STATUSES),
        body=body,
        contact=contact,
        origin={
            **({"consent": sent.consent} if sent.consent else {}),
            **({"collected_at": _with_clock(sent.collected_at)} if sent.collected_at else {}),
        },
        send_to=[feed_id.lower() for feed_id in sent.send_to or []],
        partner_for=[feed_id.lower() for feed_id in sent.partner_for or []],
    )


_STATUSES = ("public", "secret", None)


def _digest(sent: ResumeRecord, status: str | None) -> str:
    """What was sent, with a `contact_status`. What came to the record later counts only where it was sent."""
    fields = msgspec.to_builtins(sent) | {"contact_status": status}
    for name in ("consent", "collected_at", "person_id"):
        if not fields[name]:
            del fields[name]
    return hashlib.sha256(msgspec.json.encode(fields)).hexdigest()


def _without_null(value: Any) -> Any:
    """Plain values without the fields that are null, so that these get their defaults."""
    if isinstance(value, dict):
        return {name: _without_null(part) for name, part in value.items() if part is not None}
    if isinstance(value, list):
        return [_without_null(part) for part in value]
    return value


def _contents_errors(sent: ResumeRecord, resume: Resume) -> dict[str, list[str]]:
    errors: dict[str, list[str]] = {}
    for name, place, text in _dates(resume):
        if is_no_day(text):
            errors.setdefault(name, []).append(f"{place_of(place)}没有这一天")
    if is_no_day(sent.collected_at or ""):
        errors["collected_at"] = ["没有这一天"]
    if sent.job_target is None and not resume.works and not resume.self_evaluation.strip():
        errors["job_target"] = ["job_target、works、self_evaluation 至少填写一项"]
    for name in ("send_to", "partner_for"):
        if not all(is_id(feed_id) for feed_id in getattr(sent, name) or []):
            errors[name] = ["应为职位编号的列表"]
    return errors


def _dates(resume: Resume) -> Iterator[tuple[str, str, str]]:
    """Every date of a resume: its field, the path below that, and the date."""
    yield "last_contact", "", resume.last_contact
    yield "job_target", ".enroll_time", resume.job_target.enroll_time
    lists: tuple[tuple[str, Sequence[Work | Education]], ...] = (
        ("works", resume.works),
        ("education", resume.education),
    )
    for name, entries in lists:
        for position, entry in enumerate(entries):
            yield name, f"[{position}].start_time", entry.start_time
            yield name, f"[{position}].end_time", entry.end_time


def _phone(text: str) -> str:
    """A phone; empty for what people write in its place (`不肯给`), which nobody can call."""
    return text if sum(char.isdigit() or char in _CHINESE_DIGITS for char in text) >= _FEWEST_DIGITS else ""


def _with_clock(time: str) -> str:
    """A time as clients read it: a day that was sent alone begins at midnight."""
    return f"{time} 00:00:00" if len(time) == len("2025-01-02") else time
