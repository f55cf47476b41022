"""Salaries as people write them, as a range in yuan a month.

`"8-12K"`, `"1万5"`, `"15-20K·14薪"`, `"年薪30万"`, `"日结400"`, `"时薪60"`, `"底薪5000+提成"`, `"面议"` or
a number. A salary that cannot be read counts as negotiable and is never an error, since it disagrees with
nothing.

How figures stand in a text is `pay_figures`. Here they become yuan a month. Pay by the hour, the day or the
week counts for a full month by law: 21.75 paid days of 8 hours, and weeks of 5 of these days. A bonus of some
months (14薪) is not spread over the year: the monthly pay is what both sides write, and compare. Whether tax
is off (税后) is not looked at, as nobody else says it.
"""

from __future__ import annotations

import math
import re

from engine.matching.lexicon.pay_figures import Figure, Pay, Period, pays
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
WORK_WEEK = 5
"""Paid days a week."""
MAX_TEXT_CHARS = 200
"""Characters of a salary field that are read."""
SURELY_YUAN = 1_000
"""A figure at or above which no unit of its neighbour applies: in `8000-1.2万` the first is plain yuan. Below
it, no month is meant unless it is said: `300` may be a day's pay."""
SURELY_SHORT = 100
"""A figure without any unit below which nobody means plain yuan: `8-12` means thousands, or 万 a year."""
SURELY_THOUSANDS = 3
"""Such a figure at or above which thousands are meant. `1-2` may be thousands or 万, so it says nothing."""
SURELY_YEARLY = 100_000
"""Yuan at or above which a text that names no period means a year: `15万` is hardly anybody's month."""
PAID_OUT = {"日结": 1_000, "周结": 2_000}
"""How often pay is handed over -> yuan below which it is counted by that too; `6000日结` is a month's pay."""

_PLAIN = re.compile(r"([3-9]\d{3}|[1-9]\d{4})(?:-([3-9]\d{3}|[1-9]\d{4}))?(?:元/月)?")
"""What most people write, which needs no second look."""
_FOREIGN = re.compile(
    r"[$€£₩]|美[元金]|港[元币]|[台日韩欧澳加新]元|[台日韩新]币|英镑|泰铢|卢比"
    r"|(?<![a-z])(?:usd|hkd|eur|gbp|jpy|krw|sgd|aud|cad|twd|thb|inr)(?![a-z])"
)
_NO_TOP = re.compile(
    r"以上|起|不低于|不少于|至少|最低|高于|保底|底薪|底线|过万|上万|\+(?!\s*(?:[五六]险|[56]险|社保|公积金|双休|单休|包|餐|住|[房话车]?补))"
)
_NO_BOTTOM = re.compile(r"以下|以内|之内|不超过|不高于|最多|最高|封顶")
_COMMISSION = re.compile(r"提成|分红|小费|佣金|[+加]\s*(?:绩效|奖金|计件)")
_UNIT = {"k": 1_000.0, "千": 1_000.0, "w": 10_000.0, "万": 10_000.0, "百": 100.0}
_MONTHS = {
    Period.HOUR: float(WORK_HOURS),
    Period.DAY: WORK_DAYS,
    Period.WEEK: WORK_DAYS / WORK_WEEK,
    Period.MONTH: 1.0,
    Period.YEAR: 1 / 12,
}


def parse(value: object) -> tuple[int, int]:
    """A salary field as (low, high) in yuan a month; `OPEN` when nothing can be read.

    `以上`, `起` and a commission (`底薪5000+提成`) leave the top open, `以下` and `以内` the bottom.
    A single figure is both ends. The unit of the second figure serves the first too (`8-12K`). Ends in the
    wrong order are swapped.
    """
    if isinstance(value, bool) or value is None:
        return OPEN
    if isinstance(value, (int, float)):
        if not math.isfinite(value) or not 0 < value < MAX_YUAN:
            return OPEN
        if value >= SURELY_YUAN:
            return round(value), round(value)
    text = normalise(value, MAX_TEXT_CHARS)
    if plain := _PLAIN.fullmatch(text):
        first, second = int(plain[1]), int(plain[2] or plain[1])
        return min(first, second), max(first, second)
    if not text or _FOREIGN.search(text):
        return OPEN
    for pay in pays(text):
        yuan = _yuan(pay)
        if yuan and (monthly := _monthly(yuan, pay)):
            return _range(monthly, pay.said)
    return OPEN


def is_open(low: int, high: int) -> bool:
    """Whether a range says nothing, as neither end of it is a limit."""
    return low <= 0 and (high <= 0 or high >= MAX_YUAN)


def _yuan(pay: Pay) -> list[float]:
    """Figures in yuan a period; none where they cannot be told.

    A missing unit is taken from the other figure, or guessed from the size.
    """
    figures = pay.figures
    units = [
        figure.unit or (other.unit if figure.number < SURELY_YUAN else "")
        for figure, other in zip(figures, reversed(figures), strict=True)
    ]
    if len(figures) == 2 and not figures[0].unit and units[1]:
        # 8-1.2万 begins at 8 thousand.
        first, second = (figure.number for figure in figures)
        if units[1] in "w万" and first > second and first < SURELY_SHORT:
            units[0] = "k"
    yuan = [figure.number * _UNIT.get(unit, 1.0) for figure, unit in zip(figures, units, strict=True)]
    if any(units) or pay.period in (Period.HOUR, Period.DAY, Period.WEEK):
        return yuan
    most = max(yuan)
    if most < SURELY_SHORT:
        if any(figure.is_money for figure in figures):
            return []
        if pay.period is Period.YEAR:
            return [10_000 * figure for figure in yuan]
        return [1_000 * figure for figure in yuan] if most >= SURELY_THOUSANDS else []
    if pay.period is None and ((most < SURELY_YUAN and not pay.paid_out) or _are_years(figures)):
        return []
    return yuan


def _are_years(figures: tuple[Figure, ...]) -> bool:
    """Whether plain figures are calendar years (`2019`), which nobody earns to the yuan."""
    return all(
        1950 <= figure.number < 2050 and figure.number % 50 and not figure.is_money for figure in figures
    )


def _monthly(yuan: list[float], pay: Pay) -> list[float]:
    """Figures a month; none where they are nobody's pay."""
    period = pay.period
    if period is None:
        if pay.paid_out and max(yuan) < PAID_OUT[pay.paid_out]:
            period = Period.DAY if pay.paid_out == "日结" else Period.WEEK
        else:
            # Plain 1000000 is no figure: it says that there is no limit.
            said = [of for of, figure in zip(yuan, pay.figures, strict=True) if figure.unit or of < MAX_YUAN]
            period = Period.YEAR if max(said, default=0.0) >= SURELY_YEARLY else Period.MONTH
    monthly = [figure * _MONTHS[period] for figure in yuan]
    return monthly if max(monthly) > 0 and min(monthly) < MAX_YUAN else []


def _range(monthly: list[float], said: str) -> tuple[int, int]:
    low, high = round(min(monthly)), min(round(max(monthly)), MAX_YUAN)
    if _COMMISSION.search(said):
        return low, MAX_YUAN
    if len(monthly) == 1:
        if _NO_TOP.search(said):
            return low, MAX_YUAN
        if _NO_BOTTOM.search(said):
            return 0, high
    return low, high
