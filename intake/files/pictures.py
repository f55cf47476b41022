"""PNG and JPEG: how large they are, before anything unpacks them, and their text by OCR.

Dots become a PNG here too.
"""

from __future__ import annotations

import io
import struct
import zlib

import numpy as np

from intake.files import ocr
from intake.files.document import Document
from intake.files.layout import lines_of
from intake.files.outcome import MAX_PIXELS, Refused

_PAGE_WIDTH_PT = 595
"""A picture is taken for an A4 page, so that sizes of letters mean what they mean elsewhere."""
_MOST_DOTS = 2400
"""Dots of the longer side that OCR is given. More takes longer and reads no better."""
_FRAMES = {0xC0, 0xC1, 0xC2, 0xC3, 0xC5, 0xC6, 0xC7, 0xC9, 0xCA, 0xCB, 0xCD, 0xCE, 0xCF}
"""The markers of a JPEG that say how large it is."""


def read_picture(data: bytes) -> Document:
    """The lines in a picture.

    Raises:
        Refused: `no_text` where OCR is not installed or finds nothing, `too_large`, `corrupt`.
    """
    width, height = size_of(data)
    if not width or not height:
        raise Refused("corrupt")
    if width * height > MAX_PIXELS:
        raise Refused("too_large")
    if not ocr.is_installed():
        raise Refused("no_text")
    dots = _unpacked(data)
    blocks = lines_of(ocr.pieces_of(dots, _PAGE_WIDTH_PT / dots.shape[1]), 1)
    if not blocks:
        raise Refused("no_text")
    return Document(blocks=blocks)


def size_of(data: bytes) -> tuple[int, int]:
    """Width and height of a PNG or JPEG in dots, as its head says; zeros where that cannot be read."""
    if data.startswith(b"\x89PNG"):
        return struct.unpack(">II", data[16:24]) if len(data) >= 24 and data[12:16] == b"IHDR" else (0, 0)
    at = 2
    while at + 9 <= len(data):
        if data[at] != 0xFF:
            return 0, 0
        if data[at + 1] == 0xFF:
            at += 1  # markers may be padded
            continue
        if data[at + 1] in _FRAMES:
            height, width = struct.unpack(">HH", data[at + 5 : at + 9])
            return width, height
        at += 2 + max(2, int.from_bytes(data[at + 2 : at + 4], "big"))
    return 0, 0


def _unpacked(data: bytes) -> np.ndarray:
    from PIL import Image  # comes with rapidocr

    with Image.open(io.BytesIO(data), formats=("PNG", "JPEG")) as image:
        image.draft("RGB", (_MOST_DOTS, _MOST_DOTS))
        image.thumbnail((_MOST_DOTS, _MOST_DOTS))
        if "A" in image.getbands() or "transparency" in image.info:
            white = Image.new("RGBA", image.size, "white")
            white.alpha_composite(image.convert("RGBA"))
            return np.asarray(white.convert("RGB"))
        return np.asarray(image.convert("RGB"))


def png_of(dots: np.ndarray) -> bytes:
    """A picture of `height x width x 3` bytes of red, green and blue."""
    height, width, _ = dots.shape
    rows = np.zeros((height, 1 + width * 3), np.uint8)  # each row begins with its filter, none
    rows[:, 1:] = dots.reshape(height, width * 3)
    return b"".join(
        (
            b"\x89PNG\r\n\x1a\n",
            _chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)),
            _chunk(b"IDAT", zlib.compress(rows.tobytes(), 6)),
            _chunk(b"IEND", b""),
        )
    )


def _chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
