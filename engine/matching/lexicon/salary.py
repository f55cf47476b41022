"""Salaries as people write them, as a range in yuan a month.

`"8-12K"`, `"1.5-2万"`, `"20-30万/年"`, `"200元/天"`, `"15K以上"`, `"面议"` or a number. A salary that
cannot be read counts as negotiable and is never an error, since it disagrees with nothing.
"""

from __future__ import annotations

import math
import re

from engine.matching.text.normalise import normalise

MAX_YUAN = 1_000_000
"""Yuan a month. As the upper end of a range it means "no limit"; higher figures are typing errors.

The API's clients send it: 0 to 1,000,000 is how a feed's form says that the salary is negotiable. Profiles,
queries and stored forms say it in the same way.
"""
OPEN = (0, MAX_YUAN)
"""The range that means negotiable or unknown (面议)."""
WORK_DAYS = 21.75
"""Paid days a month, 计薪天数 (Ministry of Labour notice 2008/3)."""
WORK_HOURS = 174
"""Paid hours a month, from the same notice."""
MAX_TEXT_CHARS = 200
"""Characters of a salary field that are read."""
SURELY_YUAN = 1_000
"""A figure at or above which no unit of its neighbour applies: in `8000-1.2万` the first is plain yuan."""
SURELY_SHORT = 100
"""A figure without any unit below which nobody means plain yuan: `8-12` means thousands, or 万 a year."""

_NUMBER = re.compile(r"(\d{1,9}(?:\.\d{1,4})?)\s*(k|千|w|万)?")
_THOUSANDS = re.compile(r"(?<=\d)[,，](?=\d{3}(?!\d))")
_BONUS = re.compile(r"[*x×·]\s*\d{2}\s*薪?|\d{2}\s*薪")
_YEAR = re.compile(r"年|annual|year|p\.?a")
_DAY = re.compile(r"[/每一]?\s*[天日](?!结)|per day")
_HOUR = re.compile(r"小时|时薪|[/每]\s*时|hour")
_RANGE = re.compile(r"\d\s*(?:k|千|w|万|元|块)*\s*(?:/[年月天日]\s*)?[-–—~至到]")
_NO_TOP = re.compile(r"以上|起|\+|不低于|至少")
_NO_BOTTOM = re.compile(r"以下|以内|之内|不超过|最多")
_UNIT = {"k": 1_000.0, "千": 1_000.0, "w": 10_000.0, "万": 10_000.0}


def parse(value: object) -> tuple[int, int]:
    """A salary field as (low, high) in yuan a month; `OPEN` when nothing can be read.

    `以上` and `起` leave the top open, `以下` and `以内` the bottom. A single figure is both ends. The unit
    of the second figure serves the first too (`8-12K`). Ends in the wrong order are swapped.
    """
    if isinstance(value, bool) or value is None:
        return OPEN
    if isinstance(value, (int, float)):
        return _single(float(value)) if math.isfinite(value) else OPEN
    text = normalise(value, MAX_TEXT_CHARS)
    if not text:
        return OPEN
    text = _BONUS.sub(" ", _THOUSANDS.sub("", text))  # 13薪 and 8,000 would be read as figures
    found = [(float(number), unit or "") for number, unit in _NUMBER.findall(text)[:2]]
    if not found:
        return OPEN
    figures = _monthly(_yuan(found, text), text)
    # Two figures that no dash connects are no range: `8K 包吃住 补贴500`.
    if len(figures) == 2 and not _RANGE.search(text):
        figures = figures[:1]
    low, high = min(figures), max(figures)
    if high <= 0 or low >= MAX_YUAN:
        return OPEN
    if len(figures) == 1:
        if _NO_TOP.search(text):
            high = MAX_YUAN
        elif _NO_BOTTOM.search(text):
            low = 0
    return round(low), min(round(high), MAX_YUAN)


def is_open(low: int, high: int) -> bool:
    """Whether a range says nothing, as neither end of it is a limit."""
    return low <= 0 and (high <= 0 or high >= MAX_YUAN)


def _single(figure: float) -> tuple[int, int]:
    if figure <= 0 or figure >= MAX_YUAN:
        return OPEN
    return round(figure), round(figure)


def _yuan(found: list[tuple[float, str]], text: str) -> list[float]:
    """Figures in yuan. A missing unit is taken from the other figure, or guessed from the size."""
    shared = found[-1][1]
    figures = []
    for number, unit in found:
        unit = unit or (shared if number < SURELY_YUAN else "")
        if not unit and number < SURELY_SHORT and not (_DAY.search(text) or _HOUR.search(text)):
            unit = "万" if _YEAR.search(text) else "k"
        figures.append(number * _UNIT.get(unit, 1.0))
    return figures


def _monthly(figures: list[float], text: str) -> list[float]:
    """Figures a month, by the period that the text names; without one they are monthly already."""
    if "月" in text or "month" in text:
        return figures
    if _HOUR.search(text):
        return [figure * WORK_HOURS for figure in figures]
    if _DAY.search(text):
        return [figure * WORK_DAYS for figure in figures]
    if _YEAR.search(text):
        return [figure / 12 for figure in figures]
    return figures
