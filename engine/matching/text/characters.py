"""What kind of character each code point is, as one table that compiled loops look up.

Normalised text goes to those loops as an array of code points; see `codes_of`.
"""

from __future__ import annotations

import re
import sys
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

WORD, DIGIT, SPACE = 1, 2, 4
"""Bits of a kind: what `\\w`, `\\d` and `\\s` match."""
CUT = 8
"""Bit of a kind: stands in stretches that the cutter looks up in its dictionary."""
LATIN = 16
"""Bit of a kind: a Latin letter, whatever marks it has, or an ASCII digit. Text is not cut inside a run of
them."""
SMALL = 32
"""Bit of a kind: `a` to `z` or `0` to `9`."""
STOP = 64
"""Bit of a kind: ends a sentence."""
ITEM_END = 128
"""Bit of a kind: stands between the items of a list."""

_STOPS = "\n。!?;•●■◆★☆▪·"
_ITEM_ENDS = "、/,;| "
_LATIN = (
    (0x30, 0x39),
    (0x41, 0x5A),
    (0x61, 0x7A),
    (0xC0, 0xD6),
    (0xD8, 0xF6),
    (0xF8, 0x24F),
    (0x1E00, 0x1EFF),
)
_SMALL = ((0x30, 0x39), (0x61, 0x7A))
# The ideographs, in whose stretches jieba-rs looks for words, and the signs that are part of names.
_IDEOGRAPHS = (
    (0x3400, 0x4DBF),
    (0x4E00, 0x9FFF),
    (0xF900, 0xFAFF),
    (0x20000, 0x2A6DF),
    (0x2A700, 0x2EBEF),
    (0x2F800, 0x2FA1F),
)
_NAME_SIGNS = "+#&._%-"


@cache
def kinds() -> NDArray[np.uint8]:
    """Code point -> its kind, a sum of bits. Do not change it: all share it."""
    table = np.zeros(sys.maxunicode + 1, np.uint8)
    everything = np.arange(len(table), dtype="<u4").tobytes().decode("utf-32-le", "surrogatepass")
    for bit, pattern in ((WORD, r"\w+"), (DIGIT, r"\d+"), (SPACE, r"\s+")):
        for run in re.finditer(pattern, everything):
            table[run.start() : run.end()] |= bit
    for bit, ranges in ((CUT, (*_IDEOGRAPHS, *_LATIN)), (LATIN, _LATIN), (SMALL, _SMALL)):
        for first, last in ranges:
            table[first : last + 1] |= bit
    for bit, characters in ((CUT, _NAME_SIGNS), (STOP, _STOPS), (ITEM_END, _ITEM_ENDS)):
        for character in characters:
            table[ord(character)] |= bit
    return table


def codes_of(text: str) -> NDArray[Any]:
    """The code points of a text, in an array that may be written to. A lone surrogate is one of them."""
    return np.frombuffer(bytearray(text.encode("utf-32-le", "surrogatepass")), np.int32)
