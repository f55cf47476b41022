"""Tables by the lines that are drawn around their cells.

Without the lines a cell of several lines would be read across with its neighbours, and a label that stands in
the middle of the height of its row in the middle of the text that it is the label of.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import msgspec

from intake.files.document import Block
from intake.files.layout import Piece
from intake.files.rows import row_blocks

_NEAR_PT = 2.0
"""How far two lines stand apart that mean one, and how far one may fall short of a corner."""
_BESIDE_PT = 10.0
"""White between two cells of one row at most, as tables of web pages have it."""
_MOST_RULES = 4000
"""Lines of a page up to which tables are looked for. Beyond, it is a drawing."""
_FULL_EM = 1.3
"""White behind a line in its cell up to which the line ends because the cell does."""
_MOST_WRAPPED = 4
"""Lines of a cell up to which they may be one that is wrapped."""


class Rule(msgspec.Struct, frozen=True):
    """A drawn line, in points from the upper left corner: `at` a height or, of an upright one, at a width."""

    is_upright: bool
    at: float
    begin: float
    end: float


class _Cell(msgspec.Struct):
    left: float
    top: float
    right: float
    bottom: float
    pieces: list[Piece] = []


def is_parted(rules: Sequence[Rule], left: float, right: float, y: float) -> bool:
    """Whether an upright line stands between two letters."""
    return any(
        rule.is_upright and left - _NEAR_PT <= rule.at <= right + _NEAR_PT and rule.begin <= y <= rule.end
        for rule in rules
    )


Lines = Callable[[Sequence[Piece]], list[Block]]


def with_tables(pieces: Sequence[Piece], rules: Sequence[Rule], lines: Lines) -> list[Piece]:
    """The pieces of a page, those in tables as one piece a row, which has the row's blocks.

    Args:
        pieces: All text of the page.
        rules: All lines that are drawn on it.
        lines: Makes blocks of the pieces in a cell.
    """
    upright = [rule for rule in rules if rule.is_upright]
    level = [rule for rule in rules if not rule.is_upright]
    if len(upright) < 2 or len(level) < 2 or len(rules) > _MOST_RULES:
        return list(pieces)
    cells: dict[tuple[int, ...], _Cell] = {}
    others = []
    for piece in pieces:
        box = _box_around(piece, upright, level)
        if box is None:
            others.append(piece)
            continue
        key = tuple(round(edge / _NEAR_PT) for edge in box)
        cells.setdefault(key, _Cell(*box)).pieces.append(piece)
    tables = [row for row in _rows_of(list(cells.values())) if len(row) > 1]
    in_tables = {id(cell) for row in tables for cell in row}
    # A frame around a page or a chapter is no table; what stands in it is read as if it were not there.
    others += [piece for cell in cells.values() if id(cell) not in in_tables for piece in cell.pieces]
    return others + [_row_piece(row, lines) for row in tables]


def _box_around(
    piece: Piece, upright: Sequence[Rule], level: Sequence[Rule]
) -> tuple[float, float, float, float] | None:
    x, y = (piece.left + piece.right) / 2, (piece.top + piece.bottom) / 2
    beside = [rule.at for rule in upright if rule.begin - _NEAR_PT <= y <= rule.end + _NEAR_PT]
    across = [rule.at for rule in level if rule.begin - _NEAR_PT <= x <= rule.end + _NEAR_PT]
    left, right = [at for at in beside if at <= x], [at for at in beside if at > x]
    top, bottom = [at for at in across if at <= y], [at for at in across if at > y]
    if not (left and right and top and bottom):
        return None
    return max(left), max(top), min(right), min(bottom)


def _rows_of(cells: list[_Cell]) -> list[list[_Cell]]:
    """Cells that begin at one height side by side, from above; a cell over several rows is in its first."""
    rows: list[list[_Cell]] = []
    for cell in sorted(cells, key=lambda cell: (round(cell.top / (2 * _NEAR_PT)), cell.left)):
        row = rows[-1] if rows else None
        if (
            row
            and abs(row[0].top - cell.top) <= 2 * _NEAR_PT
            and -_NEAR_PT <= cell.left - row[-1].right <= _BESIDE_PT
        ):
            row.append(cell)
        else:
            rows.append([cell])
    # The further rows beside a cell that spans them have one cell each where the table has two columns.
    spanning = [cell for row in rows for cell in row if len(row) > 1]
    for row in rows:
        if len(row) == 1 and any(
            one is not row[0]
            and one.top - _NEAR_PT <= row[0].top
            and row[0].bottom <= one.bottom + _NEAR_PT
            and -_NEAR_PT <= row[0].left - one.right <= _BESIDE_PT
            for one in spanning
        ):
            row.append(_Cell(row[0].right, row[0].top, row[0].right, row[0].bottom))
    return rows


def _row_piece(row: Sequence[_Cell], lines: Lines) -> Piece:
    texts = [lines(cell.pieces) for cell in row]
    if sum(len(blocks) > 1 for blocks in texts) > 1:
        texts = [_unwrapped(blocks, cell) for blocks, cell in zip(texts, row, strict=True)]
    pieces = [piece for cell in row for piece in cell.pieces]
    return Piece(
        text=pieces[0].text,
        left=min(piece.left for piece in pieces),
        top=min(piece.top for piece in pieces),
        right=max(piece.right for piece in pieces),
        bottom=min(piece.bottom for piece in pieces),
        size=pieces[0].size,
        blocks=row_blocks(texts),
    )


def _unwrapped(blocks: list[Block], cell: _Cell) -> list[Block]:
    """One line where a short text is wrapped because its cell is narrow; else the lines as they are."""
    if not 1 < len(blocks) <= _MOST_WRAPPED or any(block.cells for block in blocks):
        return blocks
    if any(cell.right - block.right > _FULL_EM * block.size for block in blocks[:-1]):
        return blocks
    text = blocks[0].text
    for block in blocks[1:]:
        between = " " if text[-1].isascii() and text[-1].isalpha() and block.text[0].isascii() else ""
        text += between + block.text
    return [
        msgspec.structs.replace(
            blocks[0],
            text=text,
            right=max(block.right for block in blocks),
            bottom=blocks[-1].bottom,
            is_bold=all(block.is_bold for block in blocks),
        )
    ]
