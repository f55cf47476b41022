"""Normalised text to sentences: where each begins and ends, without its numbering.

The loop is compiled. Clauses, and what a sentence says, are read elsewhere.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from engine.matching.compiled import compiled
from engine.matching.text.characters import codes_of, kinds

_MARK = 0
_DIGIT, _SPACE, _SMALL, _STOP = 2, 4, 32, 64  # as in `characters`
_DASHES = (0x2D, 0x2013, 0x2014)  # - – —
_OPENING = (0x28, 0x3010, 0x5B)  # ( 【 [
_BEHIND_DIGITS = (0x2E, 0x3001, 0x29, 0x3A, 0x5D, 0x3011)  # . 、 ) : ] 】
_BEHIND_NUMERALS = (0x3001, 0x2E)  # 、 .
_NUMERALS = (0x4E00, 0x4E8C, 0x4E09, 0x56DB, 0x4E94, 0x516D, 0x4E03, 0x516B, 0x4E5D, 0x5341)  # 一 to 十
_CIRCLED = (0x2460, 0x2473)  # ① and ⑳
_DOT = 0x2E
_MIN_LAST = 3  # letters of the last word of a sentence, so that `e.g. this` or `sr. clerk` is not two
_MAX_DIGITS, _MAX_NUMERALS = 2, 3


MARK = "\x00"
"""Stands behind each of some texts. Normalised text has none."""


def sentences(text: str) -> list[str]:
    """The sentences of normalised text, without their numbering and without the empty ones."""
    if not text:
        return []
    found = find_sentences(codes_of(text + MARK), kinds())
    return [text[begin:end] for begin, end in found[:, :2].tolist()]


@compiled
def find_sentences(codes: Any, kinds: Any) -> Any:
    """The sentences of some texts.

    Args:
        codes: Of all texts, with a `MARK` behind each.
        kinds: The kind of each character.

    Returns:
        Rows of where a sentence begins and ends, and the number of its text.
    """
    found = np.empty((len(codes), 3), np.int32)
    count, text, begin, end = 0, 0, 0, 0
    while begin < len(codes):
        end = begin
        while codes[end] != _MARK:
            end += 1
        first, last = strip(codes, begin, end, kinds)
        begin = first
        for position in range(first, last + 1):
            if position < last and not ends_sentence(codes, first, last, position, kinds):
                continue
            start, stop = strip(codes, begin, position, kinds)
            start, stop = strip(codes, behind_numbering(codes, start, stop, kinds), stop, kinds)
            if start < stop:
                found[count, 0], found[count, 1], found[count, 2] = start, stop, text
                count += 1
            begin = position + 1
        begin, text = end + 1, text + 1
    return found[:count]


@compiled
def strip(codes: Any, begin: int, end: int, kinds: Any) -> Any:
    """Where a part of a text begins and ends without the white space around it."""
    while begin < end and kinds[codes[begin]] & _SPACE:
        begin += 1
    while end > begin and kinds[codes[end - 1]] & _SPACE:
        end -= 1
    return begin, end


@compiled
def ends_sentence(codes: Any, first: int, last: int, position: int, kinds: Any) -> bool:
    """Whether a sentence ends at a position.

    It ends at a stop, at a dash that stands alone and begins an item, and in English at a dot and a space.
    """
    code = codes[position]
    if kinds[code] & _STOP:
        return True
    if code == _DOT and position + 1 < last and kinds[codes[position + 1]] & _SPACE:
        letters = position
        while (
            letters > first and kinds[codes[letters - 1]] & _SMALL and not kinds[codes[letters - 1]] & _DIGIT
        ):
            letters -= 1
        return position - letters >= _MIN_LAST
    if code not in _DASHES or position + 1 == last:
        return False
    if position > first and not kinds[codes[position - 1]] & _SPACE:
        return False
    return bool(kinds[codes[position + 1]] & _SPACE)


@compiled
def behind_numbering(codes: Any, begin: int, end: int, kinds: Any) -> int:
    """Where a sentence begins behind a numbering such as `1.`, `(2)`, `三、` or `④`, if it has one."""
    if begin < end and _CIRCLED[0] <= codes[begin] <= _CIRCLED[1]:
        return begin + 1
    position = begin
    while position < end and position - begin < _MAX_NUMERALS and codes[position] in _NUMERALS:
        position += 1
    if begin < position < end and codes[position] in _BEHIND_NUMERALS:
        return position + 1
    digits = begin + 1 if begin < end and codes[begin] in _OPENING else begin
    position = digits
    while position < end and position - digits < _MAX_DIGITS and kinds[codes[position]] & _DIGIT:
        position += 1
    if digits < position < end and codes[position] in _BEHIND_DIGITS:
        return position + 1
    return begin
