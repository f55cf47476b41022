"""Measures what a text costs, by the time of the thread: what else the machine does has no part in it."""

from __future__ import annotations

import os
import re
from typing import Any, NamedTuple

from tests.growth import best, takes_squares
from tests.unit.patterns.pumps import pumped

TRIES_ALL = os.environ.get("TALENTFEED_FUZZ") == "long"
"""Whether `make fuzz` runs the tests: then every text is tried, and longer ones."""
SIZES = (
    *(8, 10, 12, 14, 16, 18, 20, 22, 24, 27, 30, 34, 38, 44, 50, 58, 68, 80, 100),
    *(120, 140, 170, 200, 230, 260, 300, 480),
    *((780, 1_250, 2_500, 10_000) if TRIES_ALL else (625, 2_500)),
)  # fmt: skip
"""Characters of the texts. From one to the next even a bad pattern takes only so much more: it is found
before it takes minutes."""
_MOST_S = 0.2
"""Seconds for a text of the last size: four times what the slowest takes on a quiet machine, since even the
time of a thread grows where others use the processor. Growth is what finds a pattern; this ends its text."""
_QUICK_S, _SKIPPED = 0.000_02, 3
"""Seconds below which so many sizes are gone on at once."""
_SMALL_S = 0.000_03
"""Seconds for a text of the last size but two; below, the last two are not tried. A square is seen here."""
_SEEN_S = 0.004 if TRIES_ALL else 0.001
"""Seconds from which growth is looked at."""


class Slow(NamedTuple):
    """A text that takes too long."""

    start: str
    body: str
    chars: int
    seconds: float

    def __str__(self) -> str:
        return f"{self.start!r} + {self.body!r} * n: {self.seconds * 1000:.0f} ms for {self.chars} characters"


def slow_text(pattern: re.Pattern[str], method: str, start: str, body: str) -> Slow | None:
    """A text of this start and body for which the pattern takes too long; None where there is none."""

    def run(chars: int) -> None:
        text: Any = pumped(start, body, chars)
        if isinstance(pattern.pattern, bytes):
            text = text.encode()
        if method == "finditer":
            for _ in pattern.finditer(text):
                pass
        else:
            getattr(pattern, method)(text)

    number = 0
    while number < len(SIZES):
        chars = SIZES[number]
        took = best(lambda chars=chars: run(chars), enough_s=_MOST_S)
        if took > _MOST_S or (chars == SIZES[-1] and takes_squares(run, chars, _SEEN_S)):
            return Slow(start, body, chars, took)
        if chars == SIZES[-3] and took <= _SMALL_S:
            return None
        number += _SKIPPED if took < _QUICK_S and number + _SKIPPED < len(SIZES) - 3 else 1
    return None
