"""What became of a file, or of one part of it: what was read, or the refusal.

And how much is read of a file, and kept of a resume, at most; and a file's name as people may be shown it.
"""

from __future__ import annotations

import re
from typing import Any, Literal

import msgspec

from intake.files.document import Kind
from intake.files.letters import clean

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


class ReadResume(msgspec.Struct, frozen=True, kw_only=True):
    """A resume that was read out of a document.

    Attributes:
        record: As `intake.record` takes it, without `source` and `source_id`; only fields that the document
            says, never made up ones.
        confidence: By the path of each field (`name`, `works[0].position_title`), 0..1.
        to_confirm: Whether a person should look at it, as it has no name or no work.
    """

    record: dict[str, Any]
    confidence: dict[str, float]
    to_confirm: bool = False


class Outcome(msgspec.Struct, frozen=True, kw_only=True):
    """What became of one file, or of one attachment; either `resume` or `refusal` is there.

    Attributes:
        file: Its name, for people; of an attachment that of the mail, ` / `, and its own.
        kind: What the bytes are; "" where that is not known.
        refusal: Why it gets no place.
        part: The bytes of an attachment; None for the file itself.
        reach: The phones and e-mails in the text of what gets no place, as `store.persons.reach` spells them.
    """

    file: str
    kind: Kind
    pages: int = 1
    resume: ReadResume | None = None
    refusal: Reason | None = None
    part: bytes | None = None
    reach: list[str] = []


MAX_BYTES = 10 * 1024 * 1024
"""Of one file, as `POST /resumes/file/` takes it. A resume with photographs has 1 MiB to 5 MiB."""
MAX_MAIL_BYTES = 40 * 1024 * 1024
"""Of a mail with all its attachments: what the large mail hosts let through, with Base64 and all."""
MAX_PAGES = 30
"""Pages of a resume. The longest that people send, of professors, have about 20."""
MAX_CHARACTERS = 200_000
"""Of all text of a file: several times what 30 pages of fine print hold. More is no resume but a book."""
MAX_BLOCKS = 10_000
"""Lines of a file. At 60 lines a page, 30 pages have 1,800."""
MAX_LINE = 2000
"""Characters of a block. A longer line, which a person would not read as one either, is several blocks, so
that patterns that look at a line stay quick."""
MAX_WORKS, MAX_SCHOOLS = 200, 50
"""Jobs and schools of a resume."""
MAX_TEXT_CHARS = 100_000
"""Characters of one field of a resume."""
MAX_PARTS = 100
"""Files in one mail. People send 20 at a time."""
MAX_MAIL_DEPTH = 3
"""How deep mails may lie in mails: a forward of a forward is looked into, a joke with a thousand is not."""
MAX_PIXELS = 40_000_000
"""Of a picture, once unpacked: twice what a telephone takes. It needs 160 MB while it is read."""


class Refused(Exception):
    """A file gets no place; `kind` is what its bytes are, where whoever asks does not know that."""

    def __init__(self, reason: Reason, kind: str = "") -> None:
        super().__init__(reason)
        self.reason: Reason = reason
        self.kind = kind


_LONGEST = 200
"""Characters of a name. Of a longer one the beginning is shown."""


def file_name(name: str) -> str:
    """A name without a path and without control characters; `?` for one of which nothing is left."""
    return clean(re.split(r"[\\/]", name)[-1]).replace("\t", " ")[:_LONGEST] or "?"
