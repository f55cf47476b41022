"""PDF by PDFium: letters and where they stand become lines; pages as pictures.

PDFium is built without JavaScript and forms here, loads no font and no colour profile that a file names from
elsewhere, and is not thread-safe: a process reads one file at a time.
"""

from __future__ import annotations

import contextlib
import ctypes
import math
import re
from collections.abc import Iterator

import numpy as np
import pypdfium2 as pdfium
import pypdfium2.raw as pdf

from intake.files import ocr
from intake.files.document import Block, Document
from intake.files.layout import WIDE_GAP_EM, Piece, gap_text, lines_of
from intake.files.letters import clean
from intake.files.limits import MAX_CHARACTERS, MAX_PAGES, Refused
from intake.files.png import png_of
from intake.files.repeated import without_repeated

_BOLD = re.compile(r"bold|black|heavy|semibold|demi(?!light)", re.IGNORECASE)
_BOLD_WEIGHT = 600
_SMALLEST_PT = 1.5
"""Letters below this size nobody sees; some resumes hide words for machines in them."""
_FEW_LETTERS = 15
"""Letters of a page up to which it may be a scan that somebody stamped."""
_MOST_UNMAPPED = 0.3
"""Share of a page's letters without a character from which its text is of no use."""
_OCR_SCALE = 2.0
"""Dots a point for OCR, 144 a inch: letters of 10 points are 20 dots high."""
_PICTURE_WIDTH = 1000
_PICTURE_HEIGHT = 3000
"""Dots of a page's picture at most."""


@contextlib.contextmanager
def _opened(data: bytes) -> Iterator[pdfium.PdfDocument]:
    try:
        document = pdfium.PdfDocument(data)
    except pdfium.PdfiumError as error:
        is_locked = getattr(error, "err_code", None) == pdf.FPDF_ERR_PASSWORD
        raise Refused("encrypted" if is_locked else "corrupt", "pdf") from None
    try:
        yield document
    finally:
        document.close()


def read_pdf(data: bytes) -> Document:
    """The lines of a PDF; pages without text are read by OCR where it is installed.

    Raises:
        Refused: `encrypted`, `corrupt`, `too_many_pages`, `no_text`, `empty` or `too_large`.
    """
    with _opened(data) as document:
        count = len(document)
        if count > MAX_PAGES:
            raise Refused("too_many_pages", "pdf")
        if not count:
            raise Refused("corrupt", "pdf")
        pages: list[list[Block]] = []
        heights: list[float] = []
        characters = scans = broken = 0
        for number in range(count):
            try:
                page = document[number]
            except pdfium.PdfiumError:
                broken += 1
                pages.append([])
                heights.append(0.0)
                continue
            pieces, letters = _pieces(page)
            characters += letters
            if characters > MAX_CHARACTERS:
                raise Refused("too_large", "pdf")
            if letters <= _FEW_LETTERS and _has_picture(page):
                scans += 1
                if ocr.is_installed():
                    pieces = ocr.pieces_of(_rendered(page, _OCR_SCALE), 1 / _OCR_SCALE)
            pages.append(lines_of(pieces, number + 1))
            heights.append(page.get_height())
            page.close()
        title = clean(document.get_metadata_value("Title"))
    blocks = without_repeated(pages, heights)
    if not blocks:
        raise Refused("no_text" if scans else "corrupt" if broken else "empty", "pdf")
    if scans and sum(len(block.text) for block in blocks) <= _FEW_LETTERS * scans:
        raise Refused("no_text", "pdf")
    return Document(kind="pdf", blocks=blocks, pages=count, title=title)


def picture_of(data: bytes, page: int) -> bytes:
    """A page, from 1, as a PNG of at most 1,000 dots across.

    Raises:
        Refused: The file cannot be opened, or has no such page.
    """
    with _opened(data) as document:
        if not 1 <= page <= min(len(document), MAX_PAGES):
            raise Refused("empty", "pdf")
        try:
            shown = document[page - 1]
        except pdfium.PdfiumError:
            raise Refused("corrupt", "pdf") from None
        width, height = shown.get_size()
        scale = min(_PICTURE_WIDTH / max(width, 1), _PICTURE_HEIGHT / max(height, 1))
        return png_of(_rendered(shown, scale))


def _rendered(page: pdfium.PdfPage, scale: float) -> np.ndarray:
    """A page as dots: height, width, and red, green, blue."""
    width, height = page.get_size()
    # A page may be a poster, or say that it is 200 metres wide.
    scale = min(scale, 4000 / max(width, height, 1))
    bitmap = page.render(scale=scale, may_draw_forms=False, rev_byteorder=True, prefer_bgrx=False)
    dots = bitmap.to_numpy()
    return np.ascontiguousarray(np.repeat(dots, 3, axis=2) if dots.shape[2] == 1 else dots[:, :, :3])


def _has_picture(page: pdfium.PdfPage) -> bool:
    return any(page.get_objects(filter=[pdf.FPDF_PAGEOBJ_IMAGE], max_depth=3))


def _pieces(page: pdfium.PdfPage) -> tuple[list[Piece], int]:
    """The text of a page, and how many letters it has; none where most have no character."""
    place = _Placing(page)
    text = pdf.FPDFText_LoadPage(page.raw)
    if not text:
        return [], 0
    try:
        return _read_letters(text, place)
    finally:
        pdf.FPDFText_ClosePage(text)


class _Placing:
    """From a page's own coordinates to those of the page as it is shown, from its upper left corner."""

    def __init__(self, page: pdfium.PdfPage) -> None:
        self.turns = page.get_rotation() // 90 % 4
        self._left, self._bottom, self._right, self._top = page.get_bbox()

    def box(self, box: pdf.FS_RECTF) -> tuple[float, float, float, float]:
        """Left, top, right and bottom."""
        one, other = self.point(box.left, box.top), self.point(box.right, box.bottom)
        return min(one[0], other[0]), min(one[1], other[1]), max(one[0], other[0]), max(one[1], other[1])

    def point(self, x: float, y: float) -> tuple[float, float]:
        """How far from the left and from the top."""
        x, y = x - self._left, self._top - y
        if self.turns == 0:
            return x, y
        width, height = self._right - self._left, self._top - self._bottom
        return ((height - y, x), (width - x, height - y), (y, width - x))[self.turns - 1]


class _Style:
    """What the letters of one text object have in common."""

    def __init__(self, text: pdf.FPDF_TEXTPAGE, letter: int, turns: int) -> None:
        matrix = pdf.FS_MATRIX()
        pdf.FPDFText_GetMatrix(text, letter, ctypes.byref(matrix))
        scale = math.hypot(matrix.c, matrix.d) or 1.0
        self.size = abs(pdf.FPDFText_GetFontSize(text, letter)) * scale
        # The direction of the line, in quarters of a turn, as a page that is shown turned is written turned.
        quarter = math.atan2(matrix.b, matrix.a) / (math.pi / 2) - turns
        # Slanting text is a watermark, or a stamp.
        self.is_shown = abs(quarter - 4 * round(quarter / 4)) < 0.05 and self.size >= _SMALLEST_PT
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


def _read_letters(text: pdf.FPDF_TEXTPAGE, place: _Placing) -> tuple[list[Piece], int]:
    pieces: list[Piece] = []
    styles: dict[int, _Style] = {}
    drawn: dict[tuple[int, int], list[float]] = {}
    current: Piece | None = None
    box, x, y = pdf.FS_RECTF(), ctypes.c_double(), ctypes.c_double()
    box_at, x_at, y_at = ctypes.byref(box), ctypes.byref(x), ctypes.byref(y)
    letters = unmapped = high = 0
    count = min(pdf.FPDFText_CountChars(text), 2 * MAX_CHARACTERS)
    after_blank = False
    for letter in range(count):
        code = pdf.FPDFText_GetUnicode(text, letter)
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
            style = styles[key] = _Style(text, letter, place.turns)
        if not style.is_shown or not pdf.FPDFText_GetLooseCharBox(text, letter, box_at):
            continue
        # Boxes are as high as the font says, which no two fonts do alike. The origin is on the baseline.
        pdf.FPDFText_GetCharOrigin(text, letter, x_at, y_at)
        left, _, right, _ = place.box(box)
        _, bottom = place.point(x.value, y.value)
        size = style.size
        # Bold of the poor: the same letter twice, a hair apart.
        twins = drawn.setdefault((code, round(bottom / 2)), [])
        if any(abs(twin - left) < 0.12 * size for twin in twins):
            if current is not None:
                current.is_bold = True
            continue
        twins.append(left)
        character = chr(code)
        if (
            current is not None
            and abs(current.bottom - bottom) <= 0.2 * size
            and -0.5 * size < left - current.right < WIDE_GAP_EM * size
            and abs(current.size - size) < 0.1 * size
            and current.is_bold == style.is_bold
        ):
            between = gap_text(current.text, character, left - current.right, size)
            current.text += (between or (" " if after_blank else "")) + character
            current.right = max(current.right, right)
        else:
            current = Piece(character, left, bottom - size, right, bottom, size, style.is_bold)
            pieces.append(current)
        after_blank = False
    if letters and unmapped > _MOST_UNMAPPED * letters and letters > _FEW_LETTERS:
        return [], 0
    return pieces, letters - unmapped
