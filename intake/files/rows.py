"""Rows of tables: what a reader of a document does with cells, of whichever kind the document is.

Tables hold data, a row of which is one thing, or they hold a page together, and then each cell is a text of
its own. A row is of the first kind where at most one of its cells has several lines.
"""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from intake.files.document import Block


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
