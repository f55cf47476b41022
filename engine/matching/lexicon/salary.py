"""Salaries as people write them, as a range in yuan a month.

`"8-12K"`, `"1.5-2万"`, `"20-30万/年"`, `"200元/天"`, `"15K以上"`, `"面议"` or a number. What cannot be read
is negotiable, never an error: an unknown salary is unknown, not a disagreement.
"""

from __future__ import annotations

import math
import re

from engine.matching.text.normalise import normalise

OPEN = (0, 1_000_000)
"""The range that means negotiable or unknown (面议)."""

MAX_YUAN = 1_000_000
WORK_DAYS = 21.75
"""Paid days a month, 计薪天数 (Ministry of Labour notice 2008/3)."""
WORK_HOURS = 174
"""Paid hours a month, from the same notice."""

_NUMBER = re.compile(r"(\d{1,9}(?:\.\d{1,4})?)\s*(k|千|w|万)?")
_THOUSANDS = re.compile(r"(?<=\d)[,，](?=\d{3}(?!\d))")
_BONUS = re.compile(r"[*x×·]\s*\d{2}\s*薪?|\d{2}\s*薪")
_YEAR = re.compile(r"年|annual|year|p\.?a")
_DAY = re.compile(r"[/每一]?\s*[天日](?!结)|per day")
_HOUR = re.compile(r"小时|时薪|[/每]\s*时|hour")
_UNIT = {"k": 1_000.0, "千": 1_000.0, "w": 10_000.0, "万": 10_000.0}


def parse(value: object) -> tuple[int, int]:
    """A salary field as (low, high) in yuan a month; `OPEN` when nothing can be read.

    `以上` and `起` leave the top open, `以下` and `以内` the bottom. A single figure is that figure. The
    unit of the second number of a range serves the first (`8-12K`). A range turned round is set right.
    """
    if isinstance(value, bool) or value is None:
        return OPEN
    if isinstance(value, (int, float)):
        return _single(float(value)) if math.isfinite(value) else OPEN
    text = normalise(value, 200)
    if not text:
        return OPEN
    text = _BONUS.sub(" ", _THOUSANDS.sub("", text))
    found = [(float(number), unit or "") for number, unit in _NUMBER.findall(text)[:2]]
    if not found:
        return OPEN
    figures = _monthly(_yuan(found, text), text)
    if (
        len(figures) == 2
        and re.search(r"\d\s*(?:k|千|w|万|元|块)*\s*(?:/[年月天日]\s*)?[-–—~至到]", text) is None
    ):
        figures = figures[:1]
    low, high = min(figures), max(figures)
    if high <= 0 or low >= MAX_YUAN:
        return OPEN
    if len(figures) == 1:
        if re.search(r"以上|起|\+|不低于|至少|以上", text):
            high = MAX_YUAN
        elif re.search(r"以下|以内|之内|不超过|最多", text):
            low = 0
    return round(low), min(round(high), MAX_YUAN)


def is_open(low: int, high: int) -> bool:
    """Whether a range says nothing: 0 to 1,000,000, or no top and no bottom to speak of."""
    return low <= 0 and (high <= 0 or high >= MAX_YUAN)


def apart(wanted: tuple[int, int], offered: tuple[int, int]) -> int:
    """How far two ranges are apart, in thousandths of the end of the lower one, rounded up.

    Returns:
        0 when they touch or either is open; 200 when the higher begins 20 % above where the lower ends.
    """
    if is_open(*wanted) or is_open(*offered):
        return 0
    lower, higher = sorted((wanted, offered))
    if higher[0] <= lower[1]:
        return 0
    return -(-1_000 * (higher[0] - lower[1]) // max(lower[1], 1))


def _single(figure: float) -> tuple[int, int]:
    if figure <= 0 or figure >= MAX_YUAN:
        return OPEN
    return round(figure), round(figure)


def _yuan(found: list[tuple[float, str]], text: str) -> list[float]:
    """Figures in yuan: a missing unit is taken from the other figure, or guessed from the size."""
    shared = found[-1][1]
    figures = []
    for number, unit in found:
        unit = unit or (shared if number < 1_000 else "")
        if not unit and number < 100 and not (_DAY.search(text) or _HOUR.search(text)):
            unit = "万" if _YEAR.search(text) else "k"
        figures.append(number * _UNIT.get(unit, 1.0))
    return figures


def _monthly(figures: list[float], text: str) -> list[float]:
    if "月" in text or "month" in text:
        return figures
    if _HOUR.search(text):
        return [figure * WORK_HOURS for figure in figures]
    if _DAY.search(text):
        return [figure * WORK_DAYS for figure in figures]
    if _YEAR.search(text):
        return [figure / 12 for figure in figures]
    return figures
