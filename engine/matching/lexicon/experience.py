"""Years of work, dates and degrees as people write them, as numbers that can be compared."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping

from engine.matching.text.normalise import as_text, normalise

MAX_YEARS = 50.0

DEGREES = {
    "博士": 6,
    "硕士": 5,
    "研究生": 5,
    "mba": 5,
    "emba": 5,
    "本科": 4,
    "学士": 4,
    "大专": 3,
    "专科": 3,
    "高职": 3,
    "中专": 2,
    "高中": 2,
    "职高": 2,
    "技校": 2,
    "中技": 2,
    "初中": 1,
    "小学": 1,
}
"""Degree words and their rank, 1 (初中) to 6 (博士); 0 is unknown."""
DEGREE_NAMES = ("", "初中", "高中", "大专", "本科", "硕士", "博士")

LEVEL_NAMES = ("实习", "初级", "中级", "高级", "专家", "总监")
"""A level rank for people; the ranks are those of the level words, 0 to 5."""
LEVEL_YEARS = (0.5, 3.0, 5.0, 10.0)
"""Years of work from which on somebody is usually junior, intermediate, senior, an expert."""

_YEARS = re.compile(r"(\d{1,2}(?:\.\d)?)\s*(?:[-–—~至到]\s*(\d{1,2}(?:\.\d)?))?\s*(?:\+|余|多)?\s*(年|y|$)")
_MONTHS = re.compile(r"(\d{1,2})\s*个?月")
_NONE = re.compile(r"应届|无经验|在校|在读|没有工作|无工作")
_DATE = re.compile(r"((?:19|20)\d{2})\s*(?:[-./年]\s*(\d{1,2}))?")
_NOW = re.compile(r"至今|现在|目前|now|present")
_CHINESE = str.maketrans("一二两三四五六七八九", "1223456789")
_DEGREE_WORD = "博士|硕士|研究生|本科|学士|大专|专科|高职|中专|高中|职高|技校|中技|初中"
_REQUIRED_DEGREE = re.compile(
    rf"({_DEGREE_WORD})[^,。;\n]{{0,6}}?(?:以上|及以|起|毕业|学历)|(?:学历|不低于|至少)[^,。;\n]{{0,6}}?({_DEGREE_WORD})"
)
_SOFT = re.compile(r"优先|加分|亦可|也可|均可|不限")
_REQUIRED_YEARS = re.compile(
    r"(\d{1,2})\s*(?:[-–—~至到]\s*(\d{1,2})\s*)?(?:\+|余)?年(?:及)?(?:以上|以内)?[^,。;\n]{0,16}?经[验历]"
)


def years(value: object) -> float | None:
    """Years of work from a `work_years` field: 5, `"5年"`, `"3-5年"` (4), `"应届"` (0), `"一年以上"` (1).

    Returns:
        0..50, or None when it says nothing.
    """
    if isinstance(value, bool) or value is None:
        return None
    if isinstance(value, (int, float)):
        return min(float(value), MAX_YEARS) if math.isfinite(value) and value >= 0 else None
    text = normalise(value, 60).replace("十", "10" if len(as_text(value)) < 4 else "十").translate(_CHINESE)
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
    """A date such as `2021-03`, `2021/3/1`, `2021年3月` as months since year 0; else None."""
    found = _DATE.search(normalise(value, 40))
    if not found:
        return None
    number = int(found[2]) if found[2] else 6
    return int(found[1]) * 12 + min(max(number, 1), 12) - 1


def is_now(value: object) -> bool:
    """Whether an end date says that the job goes on."""
    return bool(_NOW.search(normalise(value, 40)))


def span(works: Iterable[Mapping[object, object]]) -> float | None:
    """Years between the first start and the last end of some works; None when no start is dated.

    A job that goes on has no end without a clock, so it counts as one year: this file must give the same
    answer today and tomorrow.
    """
    starts = []
    ends = []
    for work in works:
        start = month(work.get("start_time"))
        if start is None:
            continue
        end = month(work.get("end_time"))
        starts.append(start)
        ends.append(end if end is not None and end >= start else start + 12)
    if not starts:
        return None
    return min((max(ends) - min(starts)) / 12, MAX_YEARS)


def degree(value: object) -> int:
    """The rank of a degree, 1 (初中) to 6 (博士); 0 when unknown."""
    text = normalise(value, 40)
    return max((rank for word, rank in DEGREES.items() if word in text), default=0)


def required_degree(text: str) -> int:
    """The lowest degree that a posting's normalised text asks for (`大专以上`, `本科及以上学历`); 0 for none.

    A sentence that only prefers (`硕士优先`) asks for nothing. Of several the lowest counts.
    """
    ranks = []
    for found in _REQUIRED_DEGREE.finditer(text):
        tail = text[found.end() : found.end() + 8]
        if not _SOFT.search(tail.split(",")[0]):
            ranks.append(DEGREES[found[1] or found[2]])
    return min(ranks, default=0)


def required_years(text: str) -> tuple[float, float] | None:
    """The years of experience that a posting's normalised text asks for, as (least, most or 50)."""
    found = _REQUIRED_YEARS.search(text.translate(_CHINESE))
    if not found:
        return None
    low = float(found[1])
    if low > 20:
        return None
    high = float(found[2]) if found[2] else MAX_YEARS
    return (low, high) if high >= low else (high, low)
