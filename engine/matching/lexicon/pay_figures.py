"""The figures of pay in a text: which numbers are pay, how they belong together, and what they are for.

    pays("目前8K，期望1万5-2万/月")    1万5 to 2万 a month, then 8K

Phone numbers, dates, lengths of time, bonus months and allowances are no pay. What the figures come to is
`salary`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from enum import Enum
from typing import NamedTuple


class Period(Enum):
    """What pay is for."""

    HOUR = "时"
    DAY = "日"
    WEEK = "周"
    MONTH = "月"
    YEAR = "年"


class Figure(NamedTuple):
    """A number, its unit (`k`, `千`, `w`, `万`, `百`; empty for none), and whether 元 stands behind it."""

    number: float
    unit: str
    is_money: bool


class Pay(NamedTuple):
    """One or two figures that are one statement.

    Attributes:
        figures: One, or the two ends of a range, in the order of the text.
        period: What they are for; None where the text does not say.
        paid_out: `日结` or `周结` where the text says that; it is how often, and not always for what.
        said: The text, without what is no pay.
    """

    figures: tuple[Figure, ...]
    period: Period | None
    paid_out: str
    said: str


_DIGITS = str.maketrans("零一二两三四五六七八九", "01223456789")
_CHINESE = re.compile(
    r"[一二两三四五六七八九十]{1,3}(?:点[一二三四五六七八九])?[万千百][零一二两三四五六七八九万千百]*"
)
_SPOKEN = re.compile(r"([一二两三四五六七八九])([一二三四五六七八九])([万千百])")
"""`三四千` is a range."""
_UP = re.compile(r"(?:[过破上]|超过)万")
_MIXED = re.compile(r"(?<=\d[万千])[一二两三四五六七八九](?![十百千万\d个天年月周])")
"""`1万二`: the unit below in a Chinese digit."""

_NO_PAY = re.compile(
    r"(?<!\d)1[3-9]\d[- ]?\d{4}[- ]?\d{4}(?!\d)"  # a phone number
    r"|\d{8,}"
    r"|(?<!\d)(?:19|20)\d{2}\s*+(?:年(?![薪包])|届|级)(?:\s*+\d{1,2}月)?(?:\s*+\d{1,2}[日号])?"  # a date
    r"|(?<!\d)(?:19|20)\d{2}[-./](?:0?[1-9]|1[0-2])(?:[-./]\d{1,2})?(?![\d.kw千万])"
    r"|\+?\s{0,4}[五六56]险[一二两12]金"
    r"|[*x×·•]\s*+1[2-9](?:\.5)?(?:\s*+[-~]\s*+\d{2})?(?!\d)\s*+(?:个?月|薪)?"  # a bonus of some months
    r"|(?<![\d.])1[2-9](?:\.5)?(?:\s*+[-~]\s*+1[2-9])?\s*+薪(?!资|水)"
    r"|(?<![\d./])\d{1,2}(?:\.\d)?(?:\s*+[-~至到]\s*+\d{1,2}(?:\.\d)?)?\s*+"
    r"(?:个月|年(?![薪包])|岁|人(?!民币)|险|金|号|点|%|位|分钟|天(?!\d))(?:以上|以内|左右|经验)*"  # a count
    r"|(?:[每一][天日周]\s*+)?(?<![\d./])(?:\d|1[0-2])(?:\.\d)?\s*+(?:小时|h(?:ours?)?(?![a-z]))(?:制|工作制)?"
    r"|[月周]休\s*+\d天?|做[五六]休[一二]"
    r"|(?<!\d)\d{1,2}:\d{2}(?!\d)"  # a time of the day
    r"|\d+(?:\.\d+)?(?:\s*+[-~至到]\s*+\d+(?:\.\d+)?)?\s*+(?:元|块)?\s*+(?:/|每)\s*+"
    r"(?:单|件|课时|节|次|场|篇|千字|公里|吨)"  # pay by the piece
)
_THOUSANDS = re.compile(r"(?<=\d)[,，](?=\d{3}(?!\d))")
_UNIT = r"[k千w万百]"
_BELOW = r"(\d)(?:[千k](\d)百?|[千k百])?(?![\d.险天年月日周个])"
"""Behind a unit: so many of the next units below, as in `1万5` and `1万2千5`."""
_FIGURE = rf"(?<![\d.])(?<!^-)(\d{{1,7}}(?:\.\d{{1,4}})?)(?!\d)(?:\s*+({_UNIT})(?:{_BELOW})?)?"
_MONEY = r"(\s*+(?:元|块钱?|圆|rmb|cny|人民币|¥))?"
_ONE = re.compile(rf"¥?\s{{0,4}}{_FIGURE}{_MONEY}")
_DASH = re.compile(r"\s*+(?:[-–—‐−―~]+|一(?=\d)|至|到|\.{2,}|to\s)\s*+¥?\s*+")
_PERIOD = (
    r"月|年|天|日|周|星期|小时|时|months?|mon?(?![a-z])|m(?![a-z])|years?|yr|annum|y(?![a-z])"
    r"|days?|d(?![a-z])|weeks?|wk|hours?|hr|h(?![a-z])"
)
_FOR = re.compile(
    rf"\s*+(?:税前|税后|左右|以上|起|\+)*(?:\s*+(?:/|per\s|an?\s)\s*+({_PERIOD})"
    # Without a stroke other words may begin like that: 天津, 日语, 年龄, 每年旅游.
    rf"|(?:\s*+[每一]个?)?({_PERIOD})(?:薪|左右|以上|起|税[前后]|(?![\u4e00-\u9fff])))"
)
_BEFORE = re.compile(
    r"(年薪|年包|年收入|[每一]年|月薪|月入|月收入|月工资|每月|一个月|[每一]天|每日|日薪|日工资"
    r"|时薪|[每一]小时|小时工|小时费|周薪|[每一]周)[\s:期望薪资要求是约为大概税前后到手]{0,8}$"
)
_ANYWHERE = re.compile(
    r"(年薪|年包|月薪|日薪|时薪|周薪|annual|per annum|p\.?a\.?(?![a-z])|per year|monthly|hourly|daily)"
)
_PAID_OUT = re.compile(r"日结|周结")
_ALLOWANCE = re.compile(r"(?:补贴?|补助|津贴|全勤奖?|社保|公积金|押金|奖金|提成|绩效|红包)[^\d,;。]{0,2}$")
_NOT_YET = re.compile(r"(?:目前|现在|当前|上家|原|现|试用期?|实习期?|见习期?|培训期?|转正前)[^\d,;。]{0,6}$")
"""What somebody has now, or is paid at first: it is not what is wished for, or paid in the end."""
_LATIN = {
    "mon": Period.MONTH, "mo": Period.MONTH, "m": Period.MONTH, "y": Period.YEAR, "annu": Period.YEAR,
    "p": Period.YEAR, "d": Period.DAY, "w": Period.WEEK, "h": Period.HOUR,
}  # fmt: skip


def pays(text: str) -> Iterator[Pay]:
    """The statements of pay in a normalised text, the likeliest first: ranges, then what is wished for."""
    said = _NO_PAY.sub(" ", _THOUSANDS.sub("", _in_digits(text)))
    paid_out = _PAID_OUT.search(said)
    general = _ANYWHERE.search(said)
    found: list[tuple[tuple[bool, bool, int], Pay]] = []
    at = 0
    while one := _ONE.search(said, at):
        at = one.end()
        figures, period = [_figure(one)], _FOR.match(said, at)
        dash = _DASH.match(said, period.end() if period else at)
        other = _ONE.match(said, dash.end()) if dash else None
        if other:
            at = other.end()
            figures.append(_figure(other))
            period = _FOR.match(said, at) or period
        before = said[max(0, one.start() - 12) : one.start()]
        if _ALLOWANCE.search(before) and not other:
            continue
        word = period or _BEFORE.search(before) or general
        pay = Pay(
            tuple(figures),
            _period(word[word.lastindex or 0]) if word else None,
            paid_out[0] if paid_out else "",
            said,
        )
        found.append(((_NOT_YET.search(before) is not None, len(figures) == 1, one.start()), pay))
    return (pay for _, pay in sorted(found, key=lambda item: item[0]))


def _in_digits(text: str) -> str:
    """A text whose amounts in Chinese digits are in Arabic ones: `一万五` is `1万5`."""
    text = _UP.sub(
        "1万以上", _SPOKEN.sub(lambda found: f"{found[1]}-{found[2]}".translate(_DIGITS) + found[3], text)
    )
    text = _CHINESE.sub(lambda found: _tens(found[0]).translate(_DIGITS).replace("点", "."), text)
    return _MIXED.sub(lambda found: found[0].translate(_DIGITS), text)


def _tens(text: str) -> str:
    """An amount without 十: `二十五万` is `25万`."""
    head = re.match(r"([一二两三四五六七八九]?)十([一二三四五六七八九]?)", text)
    return f"{head[1] or '一'}{head[2] or '零'}{text[head.end() :]}" if head else text


def _figure(found: re.Match[str]) -> Figure:
    """A number with its unit; of `1万5千` and `1万5` the 5 is thousands, the next unit below."""
    number, unit, tenths, hundredths, money = found.groups()
    value = float(number) + int(tenths or 0) / 10 + int(hundredths or 0) / 100
    return Figure(value, unit or "", money is not None)


def _period(word: str) -> Period:
    for period in Period:
        if period.value in word:
            return period
    if "天" in word:
        return Period.DAY
    if "星期" in word:
        return Period.WEEK
    return next(period for start, period in _LATIN.items() if word.startswith(start))
