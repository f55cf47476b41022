"""From pieces of text that stand somewhere on a page to lines in the order in which a person reads them.

    blocks = lines_of(pieces, page=1)

A page is cut along the white between its columns where the two sides are texts of their own: a sidebar, two
columns. Where the lines of both sides stand at the same heights, they are rows, of a table or of dates beside
what they date, and are read across. In the idea this is the recursive XY-cut (Nagy and Seth 1984).

Headers and footers, which stand on each page, are read once, and a number of a page never.

Nothing here knows PDF: OCR gives pieces as well.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import Counter
from collections.abc import Sequence
from itertools import pairwise

import msgspec

from intake.files.document import Block
from intake.files.letters import clean

WIDE_GAP_EM = 1.5
"""White between two pieces of one line, in heights of its letters, from which they are things of their own.
Words of a justified line stand up to one apart, as does a single full-width blank."""
_WORD_GAP_EM = 0.2
"""White that is a blank between Latin words."""
_WIDE_LETTERS_GAP_EM = 0.6
"""White that is a blank between Chinese characters, which are often spaced out."""
_GUTTER_EM = 1.2
"""The least white between two columns."""
_FEWEST_LINES = 3
"""Lines that each of two columns has at least."""
_ROWS_SHARE = 0.6
"""Of the lines of the shorter side that have one beside them, the share that stands level with one, and from
which both are rows. Of lines that have nothing to do with one another about a fifth does by chance."""
_LEVEL_EM = 0.15
"""Difference of two baselines that are level."""
_BESIDE_EM = 1.0
"""Difference of two baselines up to which a line has another beside it. A heading above a row has none."""
_SAME_LINE_EM = 0.5
"""Difference of two baselines up to which smaller letters may belong to a line of larger ones."""
_ALIGNED_PT = 2.0
"""Difference of the left sides of two lines that begin at one."""
_ABOVE_EM = 3
"""How far a line stands above the beginning of the other column to be above both."""
_DEEPEST = 12
"""How often columns are looked for within columns."""
_MOST_PIECES = 3000
"""Pieces of a page up to which columns are looked for, as that takes time by the square of them."""


class Piece(msgspec.Struct):
    """Text on one baseline without a wide gap; in points from the upper left corner of the page.

    Attributes:
        bottom: Its baseline.
        size: Of its letters.
        blocks: What it is in full, where it stands for a row of a table; its `text` is not read then.
    """

    text: str
    left: float
    top: float
    right: float
    bottom: float
    size: float
    is_bold: bool = False
    blocks: list[Block] = []


def lines_of(pieces: Sequence[Piece], page: int) -> list[Block]:
    """The lines of one page, in reading order."""
    shown = [piece for piece in pieces if piece.text.strip()]
    if len(shown) > _MOST_PIECES:
        return _rows(shown, page)
    return [block for region in _regions(shown, _DEEPEST) for block in _rows(region, page)]


def gap_text(left: str, right: str, gap: float, size: float) -> str:
    """What stands between two pieces of one line: nothing, a blank, or a tab."""
    if gap >= WIDE_GAP_EM * size:
        return "\t"
    wide = _is_wide(left[-1:]) and _is_wide(right[:1])
    return " " if gap > (_WIDE_LETTERS_GAP_EM if wide else _WORD_GAP_EM) * size else ""


def _is_wide(letter: str) -> bool:
    return letter >= "\u2e80"


def _regions(pieces: list[Piece], depth: int) -> list[list[Piece]]:
    """Parts of a page that are read one after another, each of them across."""
    if depth and len(pieces) >= 2 * _FEWEST_LINES and (cut := _columns(pieces)):
        return [region for part in cut for region in _regions(part, depth - 1) if region]
    return [pieces]


def _columns(pieces: list[Piece]) -> tuple[list[Piece], ...] | None:
    """What is above two columns, the left one, the right one, what is below; None where there are none."""
    size = sorted(piece.size for piece in pieces)[len(pieces) // 2] or 10.0
    best_height, best = 0.0, None
    # One edge every two points at most, so that a page of scattered letters takes no longer than it is wide.
    edges = sorted(
        {int(piece.left / 2): piece.left for piece in sorted(pieces, key=_left, reverse=True)}.values()
    )
    ordered = sorted(pieces, key=lambda piece: piece.bottom)
    for x in edges[1:]:
        # Every stretch of lines of which none crosses the white left of `x`.
        stretch: list[Piece] = []
        for piece in [*ordered, None]:
            if piece is not None and (piece.right <= x - _GUTTER_EM * size or piece.left >= x - 0.1):
                stretch.append(piece)
                continue
            height = _height_of_columns(stretch, x, size)
            if height:
                # Of two the one that runs farther: the other ends at lines that it parts, such as a date at
                # the end of a line from its beginning.
                height += stretch[-1].bottom - stretch[0].bottom
                # And of two the one at which a column begins: what else is right of a date at the end of a
                # line may be another column.
                height *= 1 + _share_at(x, stretch)
            if height > best_height:
                best_height, best = height, (x, stretch[0].bottom, stretch[-1].bottom)
            stretch = []
    if best is None:
        return None
    x, first, last = best
    # A name over one of them is over both.
    beside = max(min(piece.bottom for piece in side) for side in _sides(pieces, x, first, last))
    higher = [piece.bottom for piece in pieces if first <= piece.bottom < beside - _ABOVE_EM * size]
    first = max(higher) + 0.01 if higher else first
    above = [piece for piece in pieces if piece.bottom < first]
    below = [piece for piece in pieces if piece.bottom > last]
    return above, *_sides(pieces, x, first, last), below


def _share_at(x: float, stretch: Sequence[Piece]) -> float:
    """How much of what stands right of `x` begins there."""
    right = [piece.left - x for piece in stretch if piece.left >= x - 0.1]
    return sum(one <= _ALIGNED_PT for one in right) / len(right)


def _left(piece: Piece) -> float:
    return piece.left


def _sides(pieces: Sequence[Piece], x: float, first: float, last: float) -> tuple[list[Piece], list[Piece]]:
    """What stands left and right of `x`, between two heights."""
    within = [piece for piece in pieces if first <= piece.bottom <= last]
    left = [piece for piece in within if piece.left < x - 0.1]
    return left, [piece for piece in within if piece.left >= x - 0.1]


def _height_of_columns(stretch: Sequence[Piece], x: float, size: float) -> float:
    """How high two columns stand beside one another; 0 where the two sides are none."""
    if len(stretch) < 2 * _FEWEST_LINES:
        return 0.0
    left = _baselines([piece for piece in stretch if piece.left < x - 0.1])
    right = _baselines([piece for piece in stretch if piece.left >= x - 0.1])
    if min(len(left), len(right)) < _FEWEST_LINES:
        return 0.0
    height = min(left[-1], right[-1]) - max(left[0], right[0])
    if height < _FEWEST_LINES * size:
        return 0.0
    few, many = sorted((left, right), key=len)
    apart = [_nearest(one, many) / size for one in few]
    level = sum(one <= _LEVEL_EM for one in apart)
    beside = sum(one <= _BESIDE_EM for one in apart)
    return 0.0 if beside and level >= _ROWS_SHARE * beside else height


def _nearest(one: float, others: Sequence[float]) -> float:
    """How far the nearest of some heights in order is away."""
    at = bisect_left(others, one)
    return min(abs(other - one) for other in others[max(0, at - 1) : at + 1])


def _baselines(pieces: Sequence[Piece]) -> list[float]:
    """The baselines of the lines, each once, from above."""
    found: list[float] = []
    for piece in sorted(pieces, key=lambda piece: piece.bottom):
        if not found or piece.bottom - found[-1] > _LEVEL_EM * piece.size:
            found.append(piece.bottom)
    return found


def _rows(pieces: Sequence[Piece], page: int) -> list[Block]:
    rows: list[list[Piece]] = []
    for piece in sorted(pieces, key=lambda piece: piece.bottom):
        row = rows[-1] if rows else None
        # A line grows by what stands level with its first piece, larger letters deciding.
        if (
            row
            and not piece.blocks
            and not row[0].blocks
            and piece.bottom - row[0].bottom <= _nearness(row[0], piece)
        ):
            row.append(piece)
        else:
            rows.append([piece])
    blocks: list[Block] = []
    for row in rows:
        if row[0].blocks:
            blocks += row[0].blocks
        elif line := _line(sorted(row, key=_left), page):
            blocks.append(line)
    return blocks


def _nearness(first: Piece, piece: Piece) -> float:
    # Two pieces one above the other are two lines, however near.
    if piece.left < first.right - 0.3 * piece.size and first.left < piece.right - 0.3 * piece.size:
        return _LEVEL_EM * min(first.size, piece.size)
    return _SAME_LINE_EM * min(first.size, piece.size)


def _line(row: Sequence[Piece], page: int) -> Block | None:
    text = row[0].text
    for before, piece in pairwise(row):
        size = max(before.size, piece.size)
        text += gap_text(text, piece.text, piece.left - before.right, size) + piece.text
    text = clean(text)
    if not text:
        return None
    longest = max(row, key=lambda piece: len(piece.text))
    return Block(
        text=text,
        page=page,
        left=round(row[0].left, 1),
        top=round(min(piece.top for piece in row), 1),
        right=round(max(piece.right for piece in row), 1),
        bottom=round(max(piece.bottom for piece in row), 1),
        size=round(longest.size, 1),
        is_bold=all(piece.is_bold for piece in row),
    )


_EDGE = 0.1
"""Share of a page's height, above and below, in which headers and footers stand."""
_PAGE_NUMBER = re.compile(
    r"[-–—~·－～\s]*+(第?\s*+\d{1,3}\s*+页?\s*+([/／,，]|of|共)?\s*+(共?\s*+\d{1,3}\s*+页?)?|page\s*+\d{1,3}(\s*+(/|of)\s*+\d{1,3})?)[-–—~·－～\s]*+",
    re.IGNORECASE,
)
_DIGITS = re.compile(r"\d+")


def without_repeated(pages: Sequence[Sequence[Block]], heights: Sequence[float]) -> list[Block]:
    """The lines of pages of such heights in points, without page numbers, each header and footer once."""
    edges = [
        [_is_at_edge(block, height) for block in blocks]
        for blocks, height in zip(pages, heights, strict=True)
    ]
    counts = Counter(
        key
        for blocks, at_edge in zip(pages, edges, strict=True)
        for key in {_key(block) for block, is_edge in zip(blocks, at_edge, strict=True) if is_edge}
    )
    least = max(2, 0.6 * len(pages))
    seen: set[str] = set()
    kept = []
    for blocks, at_edge in zip(pages, edges, strict=True):
        for block, is_edge in zip(blocks, at_edge, strict=True):
            if is_edge:
                if _PAGE_NUMBER.fullmatch(block.text):
                    continue
                key = _key(block)
                if counts[key] >= least and key in seen:
                    continue
                seen.add(key)
            kept.append(block)
    return kept


def _key(block: Block) -> str:
    return _DIGITS.sub("#", block.text)


def _is_at_edge(block: Block, height: float) -> bool:
    return block.bottom <= _EDGE * height or block.top >= (1 - _EDGE) * height
