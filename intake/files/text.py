"""Plain text and Markdown: a line is a block; `#` marks a heading and `|` the cells of a row."""

from __future__ import annotations

import re

from intake.files.decoding import decode_text
from intake.files.document import Block, Document
from intake.files.letters import clean
from intake.files.outcome import MAX_BLOCKS, MAX_CHARACTERS, Refused

_HEADING = re.compile(r"#{1,6}\s++(.+)")
_ROW = re.compile(r"\|(.+)\|")
_RULE = re.compile(r"[-=*_|:\s]{3,}")
# No bracket within brackets, else a line of ten thousand of them is looked through once for each.
_MARKS = re.compile(r"\*\*(.+?)\*\*|__(.+?)__|`([^`]+)`|!?\[([^\[\]]+)\]\([^()\s]*\)")
_ALL_BOLD = re.compile(r"\*\*[^*]+\*\*:?|__[^_]+__:?")
_WIDE_BLANK = re.compile(r"[ \u3000]{3,}|\u3000{2}")
"""Blanks that part two things of one line, as people set a table with the space bar."""


def read_text(data: bytes) -> Document:
    """The lines of a text.

    Raises:
        Refused: `unknown_kind` for bytes that are no text, `too_large`.
    """
    text = decode_text(data)
    if text is None:
        raise Refused("unknown_kind")
    return Document(blocks=blocks_of(text))


def blocks_of(text: str) -> list[Block]:
    """The lines of a text that is decoded.

    Raises:
        Refused: `too_large`.
    """
    # Counted before anything is done with it: ten million blanks are a file as well.
    if len(text) > 10 * MAX_CHARACTERS or text.count("\n") > 10 * MAX_BLOCKS:
        raise Refused("too_large", "txt")
    return [block for line in re.split(r"[\n\f\v\x85\u2028\u2029]", text) if (block := _block(line.strip()))]


def _block(line: str) -> Block | None:
    if not line or _RULE.fullmatch(line):
        return None
    heading = _HEADING.fullmatch(line)
    if heading:
        line = heading[1].rstrip("#").rstrip() or "#"
    is_bold = bool(_ALL_BOLD.fullmatch(line))
    line = _MARKS.sub(lambda match: next(group for group in match.groups() if group is not None), line)
    cells: tuple[str, ...] = ()
    if row := _ROW.fullmatch(line):
        cells = tuple(clean(cell).replace("\t", " ") for cell in row[1].split("|"))
        line = "\t".join(cell for cell in cells if cell)
        cells = cells if len(cells) > 1 else ()
    shown = clean(_WIDE_BLANK.sub("\t", line))
    return Block(text=shown, cells=cells, is_bold=is_bold, is_heading=bool(heading)) if shown else None
