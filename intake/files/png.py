"""PNG: how large one says it is, and dots as one."""

from __future__ import annotations

import struct
import zlib

import numpy as np


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
