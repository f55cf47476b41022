"""The letters of a page of a PDF, as pieces of text: runs on one baseline without a wide gap."""

from __future__ import annotations

import ctypes
import math
import re
from collections import Counter
from collections.abc import Sequence

import msgspec
import pypdfium2 as pdfium
import pypdfium2.raw as pdf

from intake.files.layout import WIDE_GAP_EM, Piece, gap_text
from intake.files.outcome import MAX_CHARACTERS
from intake.files.pdf_rules import rules_of
from intake.files.ruled import Rule, is_parted

_BOLD = re.compile(r"bold|black|heavy|semibold|demi(?!light)", re.IGNORECASE)
_BOLD_WEIGHT = 600
_HYPHEN = 0x02
"""What PDFium says for a hyphen at the end of a line. It may belong to an address that is broken there."""
_SMALLEST_PT = 1.5
"""Letters below this size nobody sees; some resumes hide words for machines in them."""
_UPRIGHT = 0.05
"""Quarters of a turn by which a line may slant."""
_TWIN_EM = 0.1
"""How far apart the same letter is drawn twice to look bold."""
_SAMPLE = 50
"""Letters of a page that are asked which way its lines run."""
FEW_LETTERS = 15
"""Letters of a page up to which it may be a scan that somebody stamped."""
_MOST_UNMAPPED = 0.3
"""Share of a page's letters without a character from which its text is of no use."""


class PageText(msgspec.Struct):
    """What is written on a page.

    Attributes:
        pieces: Its text; none where most letters have no character.
        letters: How many have one.
        rules: The lines drawn on it.
        height: Of the page as one holds it to read, in points.
    """

    pieces: list[Piece]
    letters: int
    rules: list[Rule]
    height: float


def text_of(page: pdfium.PdfPage) -> PageText:
    """Read a page."""
    text = pdf.FPDFText_LoadPage(page.raw)
    if not text:
        return PageText([], 0, [], page.get_height())
    try:
        turns = _turns(text)
        place = Placing(page, turns)
        rules = rules_of(page, place.point)
        upright = [rule for rule in rules if rule.is_upright]
        pieces, letters = _read_letters(text, place, turns, upright)
        return PageText(pieces, letters, rules, place.height)
    finally:
        pdf.FPDFText_ClosePage(text)


def _turns(text: pdf.FPDF_TEXTPAGE) -> int:
    """The direction of most lines. Whether the page says that it is shown turned does not matter then."""
    count = pdf.FPDFText_CountChars(text)
    letters = range(0, count, max(1, count // _SAMPLE))
    found = Counter(round(_direction(text, letter)[0]) % 4 for letter in letters)
    return found.most_common(1)[0][0] if found else 0


def _direction(text: pdf.FPDF_TEXTPAGE, letter: int) -> tuple[float, float]:
    """The direction of a letter's line in quarters of a turn, and by how much it is enlarged."""
    matrix = pdf.FS_MATRIX()
    pdf.FPDFText_GetMatrix(text, letter, ctypes.byref(matrix))
    return math.atan2(matrix.b, matrix.a) / (math.pi / 2), math.hypot(matrix.c, matrix.d) or 1.0


class Placing:
    """From a page's own coordinates to those from the upper left corner of the page as one holds it to read.

    `turns` is the direction of its lines in quarters of a turn, against the clock.
    """

    def __init__(self, page: pdfium.PdfPage, turns: int) -> None:
        self._turns = turns
        self._left, self._bottom, self._right, self._top = page.get_bbox()
        self.height = self._right - self._left if turns % 2 else self._top - self._bottom

    def sides(self, box: pdf.FS_RECTF) -> tuple[float, float]:
        """The left and the right side of a letter."""
        if self._turns == 0:
            return box.left - self._left, box.right - self._left
        one, other = self.point(box.left, box.top)[0], self.point(box.right, box.bottom)[0]
        return min(one, other), max(one, other)

    def point(self, x: float, y: float) -> tuple[float, float]:
        """How far from the left and from the top."""
        x, y = x - self._left, self._top - y
        if self._turns == 0:
            return x, y
        width, height = self._right - self._left, self._top - self._bottom
        return ((height - y, x), (width - x, height - y), (y, width - x))[self._turns - 1]


class _Style:
    """What the letters of one text object have in common."""

    def __init__(self, text: pdf.FPDF_TEXTPAGE, letter: int, turns: int) -> None:
        quarters, scale = _direction(text, letter)
        self.size = abs(pdf.FPDFText_GetFontSize(text, letter)) * scale
        # Slanting text is a watermark, or a stamp.
        away = quarters - turns
        self.is_shown = abs(away - 4 * round(away / 4)) < _UPRIGHT and self.size >= _SMALLEST_PT
        name = ctypes.create_string_buffer(128)
        flags = ctypes.c_int()
        pdf.FPDFText_GetFontInfo(text, letter, name, 128, ctypes.byref(flags))
        # Word and browsers make bold of a font that has none by drawing the outline as well.
        mode = pdf.FPDFTextObj_GetTextRenderMode(pdf.FPDFText_GetTextObject(text, letter))
        self.is_bold = (
            bool(_BOLD.search(name.value.decode("latin-1")))
            or pdf.FPDFText_GetFontWeight(text, letter) >= _BOLD_WEIGHT
            or mode == pdf.FPDF_TEXTRENDERMODE_FILL_STROKE
        )


def _read_letters(
    text: pdf.FPDF_TEXTPAGE, place: Placing, turns: int, upright: Sequence[Rule]
) -> tuple[list[Piece], int]:
    pieces: list[Piece] = []
    styles: dict[int, _Style] = {}
    drawn: set[tuple[int, int, int]] = set()
    current: Piece | None = None
    box, x, y = pdf.FS_RECTF(), ctypes.c_double(), ctypes.c_double()
    box_at, x_at, y_at = ctypes.byref(box), ctypes.byref(x), ctypes.byref(y)
    letters = unmapped = high = 0
    count = min(pdf.FPDFText_CountChars(text), 2 * MAX_CHARACTERS)
    after_blank = False
    for letter in range(count):
        code = pdf.FPDFText_GetUnicode(text, letter)
        if code == _HYPHEN:
            code = ord("-")
        if code <= 0x20 or code in {0xA0, 0x3000}:
            after_blank = True
            continue
        if 0xD800 <= code < 0xDC00:
            high = code
            continue
        if 0xDC00 <= code < 0xE000:
            code, high = 0x10000 + ((high - 0xD800) << 10) + code - 0xDC00 if high else 0xFFFD, 0
        letters += 1
        if code >= 0xFFFD or 0xE000 <= code < 0xF900 or code > 0x10FFFF:
            unmapped += 1
            after_blank = True
            continue
        thing = pdf.FPDFText_GetTextObject(text, letter)
        key = ctypes.addressof(thing.contents) if thing else 0
        style = styles.get(key)
        if style is None:
            style = styles[key] = _Style(text, letter, turns)
        if not style.is_shown or not pdf.FPDFText_GetLooseCharBox(text, letter, box_at):
            continue
        # Boxes are as high as the font says, which no two fonts do alike. The origin is on the baseline.
        pdf.FPDFText_GetCharOrigin(text, letter, x_at, y_at)
        left, right = place.sides(box)
        bottom = place.point(x.value, y.value)[1]
        size = style.size
        # Bold of the poor: the same letter twice, a hair apart.
        column, line = round(left / (_TWIN_EM * size)), round(bottom / 2)
        if any((code, line, near) in drawn for near in (column - 1, column, column + 1)):
            if current is not None:
                current.is_bold = True
            continue
        drawn.add((code, line, column))
        character = chr(code)
        if (
            current is not None
            and abs(current.bottom - bottom) <= 0.2 * size
            and -0.5 * size < left - current.right < WIDE_GAP_EM * size
            and abs(current.size - size) < 0.1 * size
            and current.is_bold == style.is_bold
            and not (
                left - current.right > 0.3 * size
                and is_parted(upright, current.right, left, bottom - size / 2)
            )
        ):
            between = gap_text(current.text, character, left - current.right, size)
            current.text += (between or (" " if after_blank else "")) + character
            current.right = max(current.right, right)
        else:
            current = Piece(character, left, bottom - size, right, bottom, size, style.is_bold)
            pieces.append(current)
        after_blank = False
    if letters and unmapped > _MOST_UNMAPPED * letters and letters > FEW_LETTERS:
        return [], 0
    return pieces, letters - unmapped
