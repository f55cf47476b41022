"""Dates of works and education as people write them: which texts are dates at all.

They are kept and given back as sent. What the engine makes of them is `engine.matching.lexicon.experience`.
"""

from __future__ import annotations

import re
from datetime import date

_YEAR, _MONTH, _DAY = r"[12][0-9]{3}", r"(0?[1-9]|1[0-2])", r"(0?[1-9]|[12][0-9]|3[01])"
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_NOW = ("present", "now", "current", "today", "ongoing", "to date", "till now", "until now", "to present")
# In three cases, as a pattern of JSON Schema has no flags.
_MONTH_NAMES = "|".join(name for month in _MONTHS for name in (month, month.upper(), month.lower()))
_NOWS = "|".join(name for now in _NOW for name in (now, now.capitalize(), now.title(), now.upper()))

_SHAPES = (
    rf"{_YEAR}([-./]{_MONTH}([-./]{_DAY})?)?",  # 2019, 2020.3, 2017/7, 2019-03-01
    rf"{_YEAR} ?年( ?{_MONTH} ?(月( ?{_DAY} ?[日号]?)?)?)?",  # 2019年, 2019年3月, 2019年3月1日
    rf"{_YEAR}(0[1-9]|1[0-2])",  # 201903
    rf"{_MONTH}[-./]{_YEAR}",  # 03/2019
    rf"({_MONTH_NAMES})[A-Za-z]{{0,6}}[.,]? ?{_YEAR}",  # Mar 2019
    rf"至今|迄今|现在|目前|当前|今|{_NOWS}",
)
# It ends in \Z because $ would let a line end follow. Blanks can be matched in one way alone: where they
# could be split between two places, a text of a hundred thousand of them would be tried for a minute.
DATE = rf"^ *(({'|'.join(_SHAPES)}) *)?\Z"
"""What a date looks like; empty where it is not known."""
DATE_MESSAGE = "应为日期，如 2019、2020-03、2017/7、2019年3月 或 至今"

_WHOLE = re.compile(r"\D*([0-9]{4})\D+([0-9]{1,2})\D+([0-9]{1,2})(?!\d)")


def is_no_day(text: str) -> bool:
    """Whether a well-formed date or time names a day that no calendar has, such as 31 February."""
    found = _WHOLE.match(text)
    if not found:
        return False
    try:
        date(*map(int, found.groups()))
    except ValueError:
        return True
    return False
