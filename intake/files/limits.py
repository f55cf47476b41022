"""How much of a file is read, and the refusal of one that has more."""

from __future__ import annotations

from intake.files.outcome import Reason

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
MAX_PARTS = 100
"""Files in one mail. People send 20 at a time."""
MAX_MAIL_DEPTH = 3
"""How deep mails may lie in mails: a forward of a forward is looked into, a joke with a thousand is not."""
MAX_PIXELS = 40_000_000
"""Of a picture, once unpacked: twice what a telephone takes. It needs 160 MB while it is read."""


class Refused(Exception):
    """A file gets no place.

    Attributes:
        reason: Why.
        kind: What the bytes are, as far as that is known.
    """

    def __init__(self, reason: Reason, kind: str = "") -> None:
        super().__init__(reason)
        self.reason: Reason = reason
        self.kind = kind
