"""Tables by the lines that are drawn around their cells.

Without the lines a cell of several lines would be read across with its neighbours, and a label that stands in
the middle of the height of its row in the middle of the text that it is the label of.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise

import msgspec

from intake.files.document import Block, row_blocks
from intake.files.layout import Piece, lines_of

_NEAR_PT = 2.0
"""How far two lines stand apart that mean one, and how far one may fall short of a corner."""
_BESIDE_PT = 10.0
"""White between two cells of one row at most, as tables of web pages have it."""
_MOST_COMPARED = 500_000
"""Lines times texts of a page up to which tables are looked for. A page full of them has a third of it."""
_FULL_EM = 1.3
"""White behind a line in its cell up to which the line ends because the cell does."""
_CLOSES, _OPENS = tuple("，。、；：！？）】》”"), tuple("（【《“")
_LATIN_WORD = re.compile(r"[!-~]+")
_LATIN_EM = 0.6
"""Width of a Latin letter. A word of these goes to the next line as a whole."""
_NARROW_PT = 150
"""Cells that are wrapped because they are narrow, also where they are the only one of their row."""
_MOST_WRAPPED = 4
"""Lines of a cell up to which they may be one that is wrapped."""
_SHORT = 40
"""Characters up to which a text may be one however many lines it takes, as a column that has room for one
character breaks it."""
_BROKEN = re.compile(r"\d\n[年月日]|[-–—~～至]\n(?=\d|至今|今|现在)|\d\n[-–—~～至]")
"""A span of time that goes on in the next line, wherever the line ends."""


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


def with_tables(pieces: Sequence[Piece], rules: Sequence[Rule], page: int) -> list[Piece]:
    """The pieces of a page, those in tables as one piece a row, which has the row's blocks."""
    upright = [rule for rule in rules if rule.is_upright]
    level = [rule for rule in rules if not rule.is_upright]
    level += _edges(upright)
    if len(upright) < 2 or len(level) < 2 or len(rules) * len(pieces) > _MOST_COMPARED:
        return list(pieces)
    cells: dict[tuple[int, ...], _Cell] = {}
    others = []
    for piece in pieces:
        middle = (piece.left + piece.right) / 2, (piece.top + piece.bottom) / 2
        box = _box_around(*middle, upright, level)
        if box is None:
            others.append(piece)
            continue
        key = tuple(round(edge / _NEAR_PT) for edge in box)
        cells.setdefault(key, _Cell(*box)).pieces.append(piece)
    filled = list(cells.values())
    rows = _rows_of(filled + _empty_beside(filled, upright, level))
    tables = [row for row in rows if len(row) > 1 and any(cell.pieces for cell in row)]
    in_tables = {id(cell) for row in tables for cell in row}
    # A frame around a page or a chapter is no table; what stands in it is read as if it were not there.
    others += [piece for cell in cells.values() if id(cell) not in in_tables for piece in cell.pieces]
    return others + [_row_piece(row, page) for row in tables]


def _edges(upright: Sequence[Rule]) -> list[Rule]:
    """Where the upright lines of a page begin and end: a row that the page cuts has no other line there."""
    if not upright:
        return []
    top, bottom = min(rule.begin for rule in upright), max(rule.end for rule in upright)
    cut = (
        (top, [rule.at for rule in upright if rule.begin <= top + _NEAR_PT]),
        (bottom, [rule.at for rule in upright if rule.end >= bottom - _NEAR_PT]),
    )
    return [Rule(False, height, min(at), max(at)) for height, at in cut]


def _empty_beside(cells: Sequence[_Cell], upright: Sequence[Rule], level: Sequence[Rule]) -> list[_Cell]:
    """The cells in which nothing stands, so that what is below one head of a column stays below it."""
    found: list[_Cell] = []
    # One look a row: its cells have one height, but for those that span others.
    for _, cell in sorted({round(cell.bottom): cell for cell in cells}.items()):
        y = (cell.top + cell.bottom) / 2
        edges: list[float] = []
        for at in sorted(rule.at for rule in upright if rule.begin - _NEAR_PT <= y <= rule.end + _NEAR_PT):
            if not edges or at - edges[-1] > _NEAR_PT:
                edges.append(at)
        for left, right in pairwise(edges):
            box = _box_around((left + right) / 2, y, upright, level)
            if (
                box
                and right - left > _BESIDE_PT
                and abs(box[1] - cell.top) <= 2 * _NEAR_PT
                and abs(box[3] - cell.bottom) <= 2 * _NEAR_PT
                and not any(
                    other.left <= (left + right) / 2 <= other.right and other.top <= y <= other.bottom
                    for other in cells
                )
            ):
                found.append(_Cell(*box))
    return found


def _box_around(
    x: float, y: float, upright: Sequence[Rule], level: Sequence[Rule]
) -> tuple[float, float, float, float] | None:
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


def _row_piece(row: Sequence[_Cell], page: int) -> Piece:
    texts = [lines_of(cell.pieces, page) for cell in row]
    several = sum(len(blocks) > 1 for blocks in texts) > 1
    texts = [
        _unwrapped(blocks, cell) if several or cell.right - cell.left < _NARROW_PT else blocks
        for blocks, cell in zip(texts, row, strict=True)
    ]
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


def _needed(text: str) -> float:
    """The width in which a line does not go on with a text, in heights of its letters."""
    if word := _LATIN_WORD.match(text):
        return max(_FULL_EM, _LATIN_EM * len(word[0]))
    # No line begins with a mark that closes, and none ends with one that opens.
    return _FULL_EM + (text[1:2] in _CLOSES) + (text[0] in _OPENS)


def _unwrapped(blocks: list[Block], cell: _Cell) -> list[Block]:
    """One line where a short text is wrapped because its cell is narrow; else the lines as they are."""
    if len(blocks) < 2 or any(block.cells for block in blocks):
        return blocks
    if len(blocks) > _MOST_WRAPPED and sum(len(block.text) for block in blocks) > _SHORT:
        return blocks
    is_upright = all(len(block.text) == 1 for block in blocks[:-1])
    for block, following in pairwise([] if is_upright else blocks):
        if _BROKEN.search(f"{block.text[-2:]}\n{following.text[:2]}"):
            continue
        if cell.right - block.right > _needed(following.text) * block.size:
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
