"""Text as `normalise` makes it, in a compiled loop over code points.

The loop knows the usual characters, of which each becomes one other or none. Of all others, such as combining
marks, ligatures and emoji, it knows nothing: a text that has one is left to `normalise`.
"""

from __future__ import annotations

import unicodedata
from functools import cache
from itertools import chain
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.matching.compiled import compiled
from engine.matching.text.normalise import simplify
from engine.matching.text.traditional import SIMPLIFIED, TRADITIONAL

CODES = 2**16
"""One above the highest code that the loop knows."""

_ODD, _DROPPED = 0xFFFF, 0xFFFE  # no characters
_BLANK, _MARK = 0x20, 0
# Ideographs, of which the traditional ones become simplified; and where else usual characters stand.
_IDEOGRAPHS = ((0x3400, 0x4DC0), (0x4E00, 0xA000))
_OTHERS = ((0, 0x0600), (0x2000, 0x3400), (0xFE30, 0xFFF0))


@cache
def folds() -> NDArray[np.uint16]:
    """Code point -> what it becomes, or that it is left out or odd. Do not change it: all share it."""
    table = np.full(CODES, _ODD, np.uint16)
    for begin, end in _IDEOGRAPHS:
        table[begin:end] = np.arange(begin, end)
    table[[*map(ord, TRADITIONAL)]] = [*map(ord, SIMPLIFIED)]
    for code in chain(*(range(begin, end) for begin, end in _OTHERS)):
        text = unicodedata.normalize("NFKC", chr(code))
        # What may join with the character before it is odd wherever it stands.
        if len(text) > 1 or unicodedata.combining(text) or 0x1100 <= ord(text) < 0x1200:
            continue
        folded = simplify(chr(code))
        if len(folded) < 2:
            table[code] = ord(folded) if folded else _DROPPED
    return table


@compiled
def fold(codes: Any, end: int, table: Any) -> int:
    """Fold texts in place.

    Args:
        codes: The texts, with a mark behind each; changed.
        end: Of the texts that are folded. Those behind it are moved up, but stay as they are.
        table: See `folds`.

    Returns:
        How many codes are left; -1 where one is odd, and the codes are then of no more use.
    """
    kept, was_blank = 0, False
    for position in range(end):
        code = int(codes[position])
        if code != _MARK:
            if code >= len(table):
                return -1
            code = int(table[code])
            if code == _ODD:
                return -1
            if code == _DROPPED or (code == _BLANK and was_blank):
                continue
        codes[kept] = code
        was_blank = code == _BLANK
        kept += 1
    for position in range(end, len(codes)):
        codes[kept] = codes[position]
        kept += 1
    return kept
