"""What a file says, and where: blocks of text in the order in which a person reads them."""

from __future__ import annotations

import msgspec

Kind = str
"""`pdf`, `docx`, `doc`, `rtf`, `html`, `mht`, `eml`, `txt`, `json`, `png` or `jpeg`, as the bytes say."""


class Block(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One line, or one row of a table.

    Attributes:
        text: What stands there as people see it, without blanks at its ends; never empty. Of a row, its cells
            with a tab between two.
        cells: The cells of a row of a table that the file itself calls one, empty ones too; else empty.
        page: Its page, from 1; 1 where the kind has no pages.
        left: Where it begins on its page, in points from the upper left corner, as `top`, `right` and
            `bottom`; 0 where the kind has no layout.
        size: Of its letters, in points; 0 where that is not known.
        is_bold: Whether all of it is.
        is_heading: Whether the file itself calls it a heading.
    """

    text: str
    cells: tuple[str, ...] = ()
    page: int = 1
    left: float = 0
    top: float = 0
    right: float = 0
    bottom: float = 0
    size: float = 0
    is_bold: bool = False
    is_heading: bool = False


class Document(msgspec.Struct, frozen=True, kw_only=True):
    """A file as it reads.

    Attributes:
        kind: What the bytes are.
        pages: How many it has; 1 where the kind has no pages.
        title: Its subject or title, as far as the file names one.
        sender: From whom a mail is; "" for all else.
    """

    kind: Kind
    blocks: list[Block]
    pages: int = 1
    title: str = ""
    sender: str = ""
