"""RTF by striprtf, which is told where cells and rows end by characters that no text has."""

from __future__ import annotations

import re

from striprtf.striprtf import rtf_to_text

from intake.files.document import Block, Document, row_blocks
from intake.files.letters import clean
from intake.files.outcome import MAX_CHARACTERS, Refused

_PICTURE = re.compile(
    r"\{\\(?:\*\\shppict|pict|nonshppict|object|\*\\objdata|\*\\datastore|\*\\themedata)\b[^{}]*"
)
"""The head of a picture or of an object, with its dots in hexadecimal digits: they are read letter by letter
else, which takes seconds a megabyte."""
_HIDDEN = re.compile(r"\\v(?![a-z0-9])[^{}]*?(?=\\v0\b|[{}]|\Z)")
_ROW_BEGINS, _ROW_ENDS, _CELL_ENDS = "\x1d", "\x1e", "\x1f"
_MARKED = (
    (re.compile(r"\\trowd(?![a-z])"), r"\\'1d\\trowd"),
    (re.compile(r"\\(?:nest)?row(?![a-z])"), r"\\'1e "),
    (re.compile(r"\\(?:nest)?cell(?![a-z])"), r"\\'1f "),
)


def read_rtf(data: bytes) -> Document:
    """The lines and rows of an RTF file.

    Raises:
        Refused: `corrupt`, `empty`, `too_large`.
    """
    source = data.lstrip(b" \t\r\n\0\xef\xbb\xbf").decode("latin-1")
    if "\\rtf" not in source[:10]:
        raise Refused("corrupt")
    source = _HIDDEN.sub("", _PICTURE.sub("{\\\\*", source))
    for control, mark in _MARKED:
        source = control.sub(mark, source)
    # Letters beyond ASCII are written as such by some programs, in the code page that the head names.
    source = re.sub("[\x80-\xff]", lambda match: f"\\'{ord(match[0]):02x}", source)
    text: str = rtf_to_text(source, errors="replace")  # type: ignore[no-untyped-call]
    text = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")  # pairs are written in halves
    if len(text) > 10 * MAX_CHARACTERS:
        raise Refused("too_large")
    return Document(blocks=_blocks(text))


def _blocks(text: str) -> list[Block]:
    blocks: list[Block] = []
    cells: list[list[Block]] = []
    held = ""
    for part in re.split(f"([{_ROW_BEGINS}{_ROW_ENDS}{_CELL_ENDS}])", text):
        if part == _ROW_BEGINS:
            if not cells:  # Word says it again behind the cells
                blocks += _lines(held)
                held = ""
        elif part == _CELL_ENDS:
            cells.append(_lines(held))
            held = ""
        elif part == _ROW_ENDS:
            blocks += row_blocks(cells) + _lines(held)
            cells, held = [], ""
        else:
            held += part
    return blocks + row_blocks(cells) + _lines(held)


def _lines(text: str) -> list[Block]:
    return [Block(text=shown) for line in text.split("\n") if (shown := clean(line))]
