"""Years of work, dates and levels as people write them, as numbers that can be compared.

No function here asks for today's date: the same resume must give the same profile tomorrow. A job that goes
on is known to have gone on until the resume arrived.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from itertools import chain
from typing import TypeVar

from engine.matching.lexicon.demands import is_asked_for
from engine.matching.text.normalise import normalise

T = TypeVar("T")

MAX_YEARS = 50.0
"""Years of work that are believed; more is a typing error. As a posting's upper bound it means "no bound"."""
MAX_REQUIRED_YEARS = 20
"""Years that a posting may ask for; a larger number is about something else, such as the company's age."""
MAX_YEARS_CHARS = 60
"""Characters of a `work_years` field that are read."""
MAX_DATE_CHARS = 40
"""Characters of a date field that are read."""

MAX_LEVEL = 5
"""The highest rank of a level word."""
LEVEL_YEARS = (0.5, 3.0, 5.0, 10.0)
"""Years of work at or above which somebody usually has rank 1, 2, 3, 4. Years alone make no director (5)."""

_YEARS = re.compile(
    r"(?<![\d.])(\d{1,2}(?:\.\d)?)\s*+(?:[-–—~至到]\s*+(\d{1,2}(?:\.\d)?))?\s*+(?:\+|余|多|几)?\s*+(年|y|$)"
)
_MONTHS = re.compile(r"(?<![\d年./-])(\d{1,2})\s*+(?:个?月|months?)")
_GRADUATION = re.compile(
    r"(?<!\d)(?:(?:19|20)\d{2}|\d{2})\s*+[年届级]?\s*+(?=应届|毕业|在校|在读|入学|参加|开始)"
)
"""The year in `24年应届生` and `08年参加工作`, which is no length of time."""
_NONE = re.compile(r"应届|无经验|在校|在读|没有工作|无工作|fresh graduate|no experience")
_MONTH_NAMES = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_YEAR = r"((?:19|20)\d{2})"
_DATES = (
    re.compile(rf"(?<!\d){_YEAR}(0[1-9]|1[0-2])(?:\d\d)?(?!\d)"),  # 201903
    re.compile(rf"(?<!\d)(?P<month>\d{{1,2}})\s*+[-./]\s*+{_YEAR}"),  # 03/2019
    re.compile(rf"(?P<name>{'|'.join(_MONTH_NAMES)})[a-z]{{0,12}}[.,]?\s*+{_YEAR}"),  # Mar 2019
    re.compile(rf"{_YEAR}\s*+(?:[-./年]\s*+(\d{{1,2}}))?"),  # 2019, 2020.3, 2017/7, 2019年3月
)
_GOES_ON = re.compile(
    r"[至到]?(?:今|现在|目前|当前)|迄今|(?:(?:to|till|until) )?(?:present|now|date)|current|today|ongoing"
)
MID_YEAR = 6
"""The month that a year alone stands for: it is wrong by half a year at most."""
_DIGITS = {digit: str(number) for number, digit in enumerate("零一二三四五六七八九")} | {"两": "2"}
_NUMERALS = re.compile(r"(?<!几)[零〇一二两三四五六七八九十百]+")
_TENS = re.compile(r"([一二三四五六七八九])?十([一二三四五六七八九])?")
_BETWEEN = re.compile(r"一[两二]|[两二]三|三[四五]|四五|五六|六七|七八|八九")
"""Two digits that are a range: `两三年` is two or three."""
# Years count as asked for only before 经验 or 经历: a company may be 20 years old.
_REQUIRED_YEARS = re.compile(
    r"(?<!\d)(\d{1,2})\s*+(?:[-–—~至到]\s*+(\d{1,2})\s*+)?(?:\+|余)?年[及或]?(以上|以下|以内)?"
    r"[^,。;\n]{0,16}?经[验历]"
)
_REQUIRED_YEARS_BEHIND = re.compile(
    r"(?:经[验历]|(?:工作|从业)年限)(?:要求|年限)?\s*+(?::|至少|不低于|不少于|满|需|要|为)*\s*+"
    r"(\d{1,2})\s*+(?:[-–—~至到]\s*+(\d{1,2})\s*+)?(?:\+|余)?年(?!内)[及或]?(以上|以下|以内)?"
)
_REQUIRED_YEARS_ENGLISH = re.compile(
    r"(?<!\d)(\d{1,2})\s*+(?:(?:[-–—~]|to)\s*+(\d{1,2})\s*+)?(?:\+\s*+(?:years?|yrs?)\b"
    r"|\+?\s*+(?:years?|yrs?)\b[^,.;。\n]{0,40}?experience)"
    r"|experience[^,.;。\n]{0,24}?\b(\d{1,2})\s*+(?:(?:[-–—~]|to)\s*+(\d{1,2})\s*+)?\+?\s*+(?:years?|yrs?)\b"
)


def in_digits(text: str) -> str:
    """Normalised text with its Chinese numerals as digits: `十五年` is `15年`, `两三年` is `2-3年`.

    Calendar years (`二零一五年`) and other numbers of more than two digits stay as they are.
    """
    return _NUMERALS.sub(_digits_of, text)


def _digits_of(found: re.Match[str]) -> str:
    numeral, text = found[0], found.string
    begin, end = found.span()
    if numeral == "一" and text[max(0, begin - 1) : begin].isdigit() and text[end : end + 1].isdigit():
        return "-"  # `3一5年`: a dash that was typed with the wrong key
    if tens := _TENS.fullmatch(numeral):
        return _DIGITS[tens[1] or "一"] + _DIGITS[tens[2] or "零"]
    if _BETWEEN.fullmatch(numeral):
        return "-".join(_DIGITS[digit] for digit in numeral)
    return _DIGITS.get(numeral, numeral)


def years(value: object) -> float | None:
    """Years of work from a `work_years` field: 5, `"5年"`, `"3-5年"` (4), `"应届"` (0), `"一年以上"` (1).

    Calendar years are none: `"24年应届生"` is 0, and `"2015年参加工作"` says nothing that stays true.

    Returns:
        0..`MAX_YEARS`, or None when the field says nothing.
    """
    if isinstance(value, bool) or value is None:
        return None
    if isinstance(value, (int, float)):
        return min(float(value), MAX_YEARS) if math.isfinite(value) and value >= 0 else None
    text = _GRADUATION.sub("", in_digits(normalise(value, MAX_YEARS_CHARS)))
    if not text:
        return None
    found = _YEARS.search(text)
    if found:
        low = float(found[1])
        return min((low + float(found[2])) / 2 if found[2] else low, MAX_YEARS)
    months = _MONTHS.search(text)
    if months:
        return min(round(int(months[1]) / 12, 1), MAX_YEARS)
    return 0.0 if _NONE.search(text) else None


def level(worked: float | None) -> int | None:
    """The level rank that years of work usually bring, 0 (intern) to 4; None when they are unknown."""
    return None if worked is None else sum(worked >= least for least in LEVEL_YEARS)


def month(value: object) -> int | None:
    """A date such as `2021-03`, `2021/3/1`, `2021年3月`, `Mar 2021` as months since year 0; None for others.

    A year without a month counts as its June.
    """
    found = _date(value)
    return _months(found) if found else None


def _months(found: tuple[int, int | None]) -> int:
    return found[0] * 12 + (found[1] or MID_YEAR) - 1


def _date(value: object) -> tuple[int, int | None] | None:
    """Year and month of a date; None for a month that is not given."""
    text = normalise(value, MAX_DATE_CHARS)
    for shape in _DATES:
        if found := shape.search(text):
            named = found.groupdict()
            if "name" in named:
                return int(found[2]), _MONTH_NAMES.index(named["name"]) + 1
            year, number = (found[2], found[1]) if "month" in named else (found[1], found[2])
            return int(year), min(max(int(number), 1), 12) if number else None
    return None


def latest_first(rows: Sequence[T], starts: Sequence[object]) -> Sequence[T]:
    """Jobs or schools with the latest first, where they stand the other way round and all starts are dates.

    Args:
        rows: They, in the order of the resume; where the first began last, as mostly, this order stays.
        starts: The dates of their starts.
    """
    first, last = (normalise(starts[at], MAX_DATE_CHARS) for at in (0, -1)) if starts else ("", "")
    # Years that begin a text can be compared as they stand, and dates are slow to read.
    if len(rows) < 2 or (first >= last and first[:4].isdigit() and last[:4].isdigit()):
        return rows
    months = [month(start) for start in starts]
    if months[0] is None or months[-1] is None or months[0] >= months[-1] or None in months:
        return rows
    order = sorted(range(len(rows)), key=lambda at: -(months[at] or 0))
    return [rows[at] for at in order]


def span(works: Iterable[Mapping[object, object]], arrived: date | None = None) -> float | None:
    """Years between the first start and the last end of some works; None when no start is dated, or no end.

    A job that goes on (`至今`, `Present`) ends on the day that the resume arrived. Where that is unknown, or
    is before the start, it counts as one year; so does one without an end beside others. One that began and
    ended in the same year, with a month missing, adds nothing.
    """
    today = _months((arrived.year, arrived.month)) if arrived else 0
    starts, ends, has_end = [], [], False
    for work in works:
        begun, ended = _date(work.get("start_time")), _date(work.get("end_time"))
        if begun is None:
            continue
        start, end = _months(begun), _months(ended) if ended else 0
        if ended is None and _GOES_ON.fullmatch(normalise(work.get("end_time"), MAX_DATE_CHARS).strip()):
            end, has_end = today, True
        has_end = has_end or ended is not None
        if ended and begun[0] == ended[0] and not (begun[1] and ended[1]):
            end = max(start, end)
        starts.append(start)
        ends.append(end if end >= start else start + 12)
    if not has_end:
        return None
    return min((max(ends) - min(starts)) / 12, MAX_YEARS)


def required_years(text: str) -> tuple[float, float] | None:
    """The years of experience that a posting's normalised text asks for, as (least, most or `MAX_YEARS`).

    The first demand counts. One that is only preferred (`3年以上经验优先`), or that the text does without
    (`无需3年经验`), asks for nothing.
    """
    text = in_digits(text)
    shapes = (_REQUIRED_YEARS, _REQUIRED_YEARS_BEHIND, _REQUIRED_YEARS_ENGLISH)
    for found in chain.from_iterable(shape.finditer(text) for shape in shapes):
        if not is_asked_for(text, *found.span()):
            continue
        first, second, third, *rest = found.groups()
        if rest:  # in English the years may stand behind
            least, most = first or third, second or rest[0]
        elif third in ("以下", "以内"):
            least, most = "0", first
        else:
            least, most = first, None if third else second
        low, high = float(least), float(most) if most else MAX_YEARS
        if low > MAX_REQUIRED_YEARS:
            return None
        return (low, high) if high >= low else (high, low)
    return None
