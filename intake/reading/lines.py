"""A document as lines: clean text, where it stands, and how it is set. What it means is for others."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence

import msgspec

from intake.files.document import Document
from runtime.nfkc import nfkc

MAX_LINES = 5_000
"""Lines of a document that are read. Thirty full pages have some 2,000."""
MAX_LINE_CHARS = 20_000
"""Characters of a line that are read. A paragraph of a resume has some hundreds."""
GAP = "  "
"""What stands for any wide blank within a line."""

UNSEEN = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\u00ad\u200b-\u200f\u2028-\u202e\u2060\ufeff\ud800-\udfff\ue000-\uf8ff]"
)
"""Characters that nobody sees, and private ones, which are icons."""
_BLANKS = re.compile(r"[^\S\t\n]{2,}")
_QUOTE = re.compile(r"^(?:>\s{0,2}){1,8}(?=\S)")
_HASHES = re.compile(r"^#{1,6}\s{1,3}(?=\S)")
_STRONG = re.compile(r"\*\*|(?<!\w)__|__(?!\w)|`")
_SLANTED = re.compile(r"(?<![\w*_])([*_])([^\s*_][^*_]{0,120})\1(?![\w*_])")
_LINK = re.compile(r"\[([^\[\]]{1,80})\]\((?:https?:|mailto:|tel:)[^()\s]{1,300}\)")
_PAGE_NUMBER = re.compile(
    r"(?:第?\s?\d{1,3}\s?页?\s?[/,共|]\s?(?:共\s?)?\d{1,3}\s?页?|第\s?\d{1,3}\s?页|-\s?\d{1,3}\s?-|page\s?\d{1,3}(?:\s?of\s?\d{1,3})?)",
    re.IGNORECASE,
)
BULLET = re.compile(
    r"^(?:[•·●▪◆■□➢➤▶►★☆※○◦‣⁃∙✓✔√\-–—*>»+]+\s{0,3}(?=\S)|[(（]?\d{1,2}[)）、]\s?|\d{1,2}\.(?!\d)\s?|[(（][一二三四五六七八九十]{1,2}[)）]|[①-⑳]|[a-zA-Z][).]\s)"
)
"""What a list's item begins with."""
NUMBER = re.compile(r"^(?:[(（]?(?:\d{1,2}|[一二三四五六七八九十]{1,2})[)）、]\s?|\d{1,2}\.(?!\d)\s?|[①-⑳])")
"""The number of an item. A line that begins with it may still be a header."""
_HAN_EDGE = re.compile(r"[\u3000-\u9fff\uff00-\uffef]")
_SHORT_FORM = re.compile(r"\b(?:inc|ltd|co|corp|llc|[a-z])\.$", re.IGNORECASE)
_ENDS = re.compile(r"[。.!?！？;；:：]$")


class Line(msgspec.Struct, frozen=True):
    """One line.

    Attributes:
        text: What stands there, never empty; wide blanks are two.
        cells: Of a row of a table its cells, empty ones too; else empty.
        block: The number of its block.
        page: Its page, from 1.
        left: Where it begins, in points; 0 where that is not known.
        right: Where it ends, likewise.
        style: How it is set: size, whether bold, whether a heading of the file itself.
        last: The number of its last block, where several were put together.
    """

    text: str
    cells: tuple[str, ...]
    block: int
    page: int
    left: float
    right: float
    style: tuple[float, bool, bool]
    last: int

    @property
    def size(self) -> float:
        """Of its letters, in points; 0 where that is not known."""
        return self.style[0]


def read_lines(document: Document) -> list[Line]:
    """The lines of a document, without page numbers."""
    lines: list[Line] = []
    for number, block in enumerate(document.blocks):
        if len(lines) >= MAX_LINES:
            break
        cells = tuple(clean(cell.replace("\n", " ")) for cell in block.cells)
        for text in [block.text] if cells else block.text.split("\n"):
            text = clean(text[:MAX_LINE_CHARS].replace("\n", " "))
            if text and not _PAGE_NUMBER.fullmatch(text):
                bare = without_marks(text)
                style = (
                    round(block.size, 1),
                    block.is_bold or (bare != text and text.startswith("**") and text.endswith("**")),
                    block.is_heading or bool(_HASHES.match(text)),
                )
                place = block.page, block.left, block.right
                if bare:
                    lines.append(Line(bare, tuple(map(without_marks, cells)), number, *place, style, number))
    return lines


def without_marks(text: str) -> str:
    """A line without the marks of Markdown and of quoting."""
    if text[0:1] in (">", "#"):
        text = _HASHES.sub("", _QUOTE.sub("", text))
    if "*" in text or "_" in text or "`" in text:
        text = _SLANTED.sub(r"\2", _STRONG.sub("", text))
    return (_LINK.sub(r"\1", text) if "](" in text else text).strip()


def clean(text: str) -> str:
    """Text in NFKC without what nobody sees; full-width forms and odd blanks are plain ones."""
    text = UNSEEN.sub("", text)
    return _unspaced(_BLANKS.sub(GAP, nfkc(text).replace("\xa0", " ")).strip())


def _unspaced(text: str) -> str:
    """A line without the blanks between its letters, where a file sets each letter by itself."""
    pieces = text.split(" ") if text.count(" ") * 3 > len(text) else []
    alone = sum(len(piece) <= 1 for piece in pieces)
    if len(pieces) < 6 or alone < 0.7 * len(pieces) or len(_HAN_EDGE.findall(text)) < 3:
        return text
    return "".join(pieces)


def body_size(lines: Iterable[Line]) -> float:
    """The size in which most of the text is set; 0 where none is known."""
    sizes: Counter[float] = Counter()
    for line in lines:
        sizes[line.size] += len(line.text)
    return sizes.most_common(1)[0][0] if sizes else 0


def is_prose(text: str) -> bool:
    """Whether a line is a sentence or an item of a list, and so no header of anything."""
    if len(text) > 90 or BULLET.match(text) or "。" in text or ";" in text:
        return True
    if text.endswith((".", "!")):
        return len(text) > 8 and not _SHORT_FORM.search(text)
    return len(text) > 25 and text.endswith((",", "、"))


def joined(lines: Sequence[Line]) -> str:
    """The text of some lines, a paragraph a line: what was broken at the margin is put together again."""
    margins: dict[int, float] = {}
    for line in lines:
        column = round(line.left / 40)
        margins[column] = max(margins.get(column, 0), line.right)
    widest = max((width(line.text) for line in lines), default=0)
    texts: list[str] = []
    before: Line | None = None
    for line in lines:
        if before and texts and _goes_on(before, line, margins.get(round(before.left / 40), 0), widest):
            edges = texts[-1][-1], line.text[0]
            # A hyphen stays, as nobody knows whether it is the word's own.
            glue = "" if edges[0] == "-" or any(map(_HAN_EDGE.match, edges)) else " "
            texts[-1] += glue + line.text
        else:
            texts.append(line.text)
        before = line
    return "\n".join(texts)


def _goes_on(before: Line, line: Line, margin: float, widest: int) -> bool:
    """Whether a line is the rest of the paragraph of the one before."""
    if before.cells or line.cells or BULLET.match(line.text) or before.style != line.style:
        return False
    if before.right:
        # A line is full when the next character would not have fitted, or a long Latin word.
        room = 2.5 * (before.size or 10) if _HAN_EDGE.match(line.text) else 6 * (before.size or 10)
        is_full = before.right >= margin - room and before.right - before.left > 150
        return is_full and not (
            _ENDS.search(before.text) and before.right < margin - 1.2 * (before.size or 10)
        )
    # A text without layout that was broken by its writer: full lines are about as wide as the widest.
    is_full = 60 <= widest <= 120 and width(before.text) >= widest - 6
    return is_full and not _ENDS.search(before.text)


def width(text: str) -> int:
    """Columns that a text takes: two for each wide character."""
    return len(text) + len(_HAN_EDGE.findall(text))
