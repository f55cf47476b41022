"""Text in NFKC, in a time that grows with its length alone.

As `runtime.nfkc`, in a copy of its own: what decides how a text is read belongs to this package, whose
files make the version of the rules. `tests/unit/matching/text/test_nfkc.py` holds both to the same.
"""

from __future__ import annotations

import re
import unicodedata
from functools import cache
from itertools import groupby

_MOST_MARKS = 30
"""Marks on one letter that are kept, as Unicode's Stream-Safe Text Format has it (UAX #15). To put them in
their order, Python compares each with all before it."""
_FIRST, _END = 0x300, 0x1F000
"""The codes between which all marks stand."""


def nfkc(text: str) -> str:
    """The text in NFKC; a letter with more than 30 marks loses the others."""
    # This answers without putting anything in order.
    if unicodedata.is_normalized("NFKC", text):
        return text
    if len(text) > _MOST_MARKS:
        text = _too_many().sub(r"\1", text)
    return unicodedata.normalize("NFKC", text)


@cache
def _too_many() -> re.Pattern[str]:
    """More marks in a row than a letter keeps; the first group is those that it keeps."""
    marks = [code for code in range(_FIRST, _END) if _is_mark(chr(code))]
    # As ranges: codes that follow each other have the same distance from their places.
    ranges = [[code for _, code in run] for _, run in groupby(enumerate(marks), lambda one: one[1] - one[0])]
    one = "".join(f"{chr(run[0])}-{chr(run[-1])}" for run in ranges)
    return re.compile(f"([{one}]{{{_MOST_MARKS}}})[{one}]+")


def _is_mark(char: str) -> bool:
    """Whether a character is a mark, or becomes marks alone in NFKC, as those of half width do."""
    first = unicodedata.normalize("NFKD", char)[0] if unicodedata.decomposition(char) else char
    return unicodedata.combining(first) != 0
