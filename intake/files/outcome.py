"""What became of a file, or of one part of it."""

from __future__ import annotations

from typing import Any, Literal

import msgspec

from intake.files.document import Kind

Reason = Literal[
    "encrypted",
    "corrupt",
    "empty",
    "too_large",
    "too_many_pages",
    "too_slow",
    "too_deep",
    "unknown_kind",
    "no_text",
    "job_advert",
    "contract",
    "invoice",
    "no_resume",
]
"""Why a file gets no place. `no_text` is a scan where no OCR is installed; `too_slow` also a file that the
reader did not survive; `too_deep` a mail in a mail in a mail in a mail."""


class Place(msgspec.Struct, frozen=True, array_like=True):
    """Where in a document a field stands: the page, from 1, and the numbers of its first and last block."""

    page: int
    first: int
    last: int


class ReadResume(msgspec.Struct, frozen=True, kw_only=True):
    """A resume that was read out of a document.

    Attributes:
        record: As `intake.record` takes it, without `source` and `source_id`; only fields that the document
            says, never made up ones.
        confidence: By the path of each field (`name`, `works[0].position_title`), 0..1.
        places: By the same paths, where it was read.
        to_confirm: Whether a person should look at it, as it has no name or no work.
    """

    record: dict[str, Any]
    confidence: dict[str, float]
    places: dict[str, Place] = {}
    to_confirm: bool = False


class Outcome(msgspec.Struct, frozen=True, kw_only=True):
    """What became of one file, or of one attachment; either `resume` or `refusal` is there.

    Attributes:
        file: Its name, for people; of an attachment that of the mail, ` / `, and its own. kind: What the
        bytes are; "" where that is not known. pages: How many it has. resume: What it says. refusal: Why it
        gets no place. part: The bytes of an attachment; None for the file itself. reach: The phones and
        e-mails in the text of what gets no place, in the spelling of `store.persons.reach`.
    """

    file: str
    kind: Kind
    pages: int = 1
    resume: ReadResume | None = None
    refusal: Reason | None = None
    part: bytes | None = None
    reach: list[str] = []
