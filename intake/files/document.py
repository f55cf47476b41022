"""What a file says, and where: blocks of text in the order in which a person reads them.

Tables hold data, a row of which is one thing, or they hold a page together, and then each cell is a text of
its own. A row is of the first kind where at most one of its cells has several lines.
"""

from __future__ import annotations

from collections.abc import Sequence

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
        pages: How many it has; 1 where the kind has no pages.
        title: Its subject or title, as far as the file names one.
    """

    blocks: list[Block]
    pages: int = 1
    title: str = ""


def row_blocks(cells: Sequence[Sequence[Block]]) -> list[Block]:
    """The blocks of one row.

    Args:
        cells: The lines of each cell, in reading order; none for an empty one.

    Returns:
        A row of the first lines and the further lines of the one long cell; cell after cell where several are
        long or hold tables.
    """
    filled = [cell for cell in cells if cell]
    long = [cell for cell in filled if len(cell) > 1]
    if len(filled) < 2 or len(long) > 1 or any(block.cells for cell in filled for block in cell[:1]):
        return [block for cell in cells for block in cell]
    firsts = [cell[0] for cell in filled]
    texts = tuple(cell[0].text.replace("\t", " ") if cell else "" for cell in cells)
    row = msgspec.structs.replace(
        firsts[0],
        text="\t".join(text for text in texts if text),
        cells=texts,
        top=min(block.top for block in firsts),
        right=max(block.right for block in firsts),
        bottom=max(block.bottom for block in firsts),
        is_bold=all(block.is_bold for block in firsts),
        is_heading=any(block.is_heading for block in firsts),
    )
    return [row, *(block for cell in long for block in cell[1:])]
