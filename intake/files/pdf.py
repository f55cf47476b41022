"""PDF by PDFium: letters and where they stand become lines; pages as pictures.

PDFium is built without JavaScript and forms here, loads no font and no colour profile that a file names from
elsewhere, and is not thread-safe: a process reads one file at a time.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

import numpy as np
import pypdfium2 as pdfium
import pypdfium2.raw as pdf

from intake.files import ocr
from intake.files.document import Block, Document
from intake.files.layout import lines_of, without_repeated
from intake.files.letters import clean
from intake.files.outcome import MAX_CHARACTERS, MAX_PAGES, Refused
from intake.files.pdf_letters import FEW_LETTERS, text_of
from intake.files.pictures import png_of
from intake.files.ruled import with_tables

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
        raise Refused("encrypted" if is_locked else "corrupt") from None
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
            raise Refused("too_many_pages")
        if not count:
            raise Refused("corrupt")
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
            text = text_of(page)
            pieces = text.pieces
            characters += text.letters
            if characters > MAX_CHARACTERS:
                raise Refused("too_large")
            if text.letters <= FEW_LETTERS and _has_picture(page):
                scans += 1
                if ocr.is_installed():
                    pieces = ocr.pieces_of(_rendered(page, _OCR_SCALE), 1 / _OCR_SCALE)
            else:
                pieces = with_tables(pieces, text.rules, number + 1)
            pages.append(lines_of(pieces, number + 1))
            heights.append(text.height)
            page.close()
        title = clean(document.get_metadata_value("Title"))
    blocks = without_repeated(pages, heights)
    if not blocks:
        raise Refused("no_text" if scans else "corrupt" if broken else "empty")
    if scans and sum(len(block.text) for block in blocks) <= FEW_LETTERS * scans:
        raise Refused("no_text")
    return Document(blocks=blocks, pages=count, title=title)


def picture_of(data: bytes, page: int) -> bytes:
    """A page, from 1, as a PNG of at most 1,000 dots across.

    Raises:
        Refused: The file cannot be opened, or has no such page.
    """
    with _opened(data) as document:
        if not 1 <= page <= min(len(document), MAX_PAGES):
            raise Refused("empty")
        try:
            shown = document[page - 1]
        except pdfium.PdfiumError:
            raise Refused("corrupt") from None
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
