"""Letters as a person sees them: one code point for what looks the same, and nothing that shows nothing.

Fonts share a glyph between a character and its radical (人 and ⼈), and a PDF tells only the glyph, so its
text may hold the one for the other. No city, name or word survives that.
"""

from __future__ import annotations

import re
import unicodedata
from pathlib import Path

_NOTHING = re.compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u2028-\u202e\u2060-\u206f"
    "\ufe00-\ufe0f\ufeff\ufff9-\ufffd\U000e0000-\U000e0fff]"
)
"""Marks of direction, joiners, variation selectors and the like, and the mark of an undecodable byte."""
_BLANK = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u00a0\u1680\u2000-\u200a\u202f\u205f\u3000\ud800-\udfff"
    "\ue000-\uf8ff\ufffe\uffff\U000f0000-\U0010ffff]"
)
"""Controls, wide blanks, halves of a pair, and private code points, which are icons: a blank stays."""
_SPACES = re.compile(r" +")
_AROUND_TAB = re.compile(r"(?<! ) *+[\t\n][ \t\n]*")
_MOST_MARKS = re.compile(r"([\u0300-\u036f]{3})[\u0300-\u036f]+")
"""A letter takes a few marks. Hundreds on one are a joke that costs every reader time."""


_SHAPES = (
    range(0x2F00, 0x2FD6),  # radicals
    range(0xF900, 0xFB00),  # characters of other standards
    range(0xFB00, 0xFB07),  # ligatures, which are the printer's
    range(0xFF10, 0xFF1A),  # full-width digits
    range(0xFF21, 0xFF3B),  # full-width letters
    range(0xFF41, 0xFF5B),
    range(0xFF66, 0xFFDD),  # half-width Japanese and Korean
    range(0x1D400, 0x1D800),  # letters in the shapes of mathematics, by which people set their names
)
"""Letters and digits that are others in another shape. Punctuation and signs are not among them: a Chinese
text has `（` and `，`, and `℃` is no `°C`."""


def _read_letters() -> dict[int, str]:
    letters = {code: unicodedata.normalize("NFKC", chr(code)) for codes in _SHAPES for code in codes}
    lines = Path(__file__).with_name("radicals.tsv").read_text("utf-8").splitlines()
    pairs = (line.split("\t") for line in lines if not line.startswith("#"))
    return letters | {ord(radical): character for radical, character in pairs}


_LETTERS = _read_letters()


def clean(text: str) -> str:
    """One line of text as it is shown: letters in one shape, punctuation as it is, single blanks.

    Tabs stay, as they part the cells of a row; a line break inside becomes one. There are no blanks at its
    ends. What reads it folds punctuation as well (`intake.reading.lines`).
    """
    if text.isascii() and text.isprintable():
        return _SPACES.sub(" ", text).strip()
    text = _NOTHING.sub("", _BLANK.sub(" ", text)).translate(_LETTERS)
    text = unicodedata.normalize("NFC", _MOST_MARKS.sub(r"\1", text))
    return _SPACES.sub(" ", _AROUND_TAB.sub("\t", text)).strip()
