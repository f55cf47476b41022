"""A coherent career: schools, then jobs whose dates, titles and pay follow one another.

Months are counted as `year * 12 + month - 1`, so that a career is plain arithmetic.
"""

from dataclasses import dataclass
from datetime import date
from random import Random
from typing import Any, Final

from config.demo.occupations import Occupation, draw_duties, level_of, pay_factor
from config.demo.phrases import write_duties, write_pay
from config.demo.places import (
    COLLEGES,
    GOOD_SCHOOLS,
    MEDICAL_COLLEGES,
    MEDICAL_SCHOOLS,
    PLAIN_SCHOOLS,
    TOP_SCHOOLS,
    City,
    draw_company,
)

# Degree, weight; and for each degree the age at graduation and the years it takes.
_DEGREES: Final[dict[str, tuple[tuple[str, float], ...]]] = {
    "degree": (("本科", 7), ("硕士", 2), ("大专", 1.5)),
    "college": (("大专", 5), ("本科", 5), ("硕士", 0.4)),
    "vocational": (("中专", 4), ("高中", 3), ("大专", 4)),
}
_GRADUATION_AGE: Final = {"高中": 18, "中专": 18, "大专": 21, "本科": 22, "硕士": 25}
_SCHOOL_YEARS: Final = {"高中": 3, "中专": 3, "大专": 3, "本科": 4, "硕士": 3}

_SCALES: Final = ("20人以下", "20-99人", "100-499人", "500-999人", "1000-9999人")
_OWNERS: Final = ("民营", "民营", "民营", "合资", "外资", "国企", "上市公司")


@dataclass(frozen=True, slots=True)
class Career:
    """What became of somebody. `works` and `education` are newest first; `pay` is the latest one."""

    months: int
    age: int
    level: str
    works: list[dict[str, Any]]
    education: list[dict[str, Any]]
    employed: bool
    pay: int
    major: str


def month_of(day: date) -> int:
    """Count a day's month."""
    return day.year * 12 + day.month - 1


def draw_career(
    rng: Random,
    *,
    now: int,
    years: int,
    occupation: Occupation,
    past: Occupation | None,
    city: City,
    skills: list[str],
) -> Career:
    """Draw a career that began some `years` before month `now`, after which nothing is dated.

    The years are whole ones since graduation; 0 is this summer's graduate. The first half of the career was
    in the `past` occupation, if any. The `skills` are named in some of the jobs.
    """
    graduated = (now // 12 - years) * 12 + 5
    if graduated > now:
        graduated -= 12
    day_style = rng.random() < 0.15
    degree = rng.choices(*zip(*_DEGREES[occupation.schooling], strict=True))[0]
    education = _draw_education(rng, graduated, degree, past or occupation, city, day_style=day_style)
    age = _GRADUATION_AGE[degree] + rng.choice((0, 0, 0, 1)) + (now - graduated) // 12

    works: list[dict[str, Any]] = []
    told: set[str] = set()
    rung = (occupation.name, "", 0)
    begun = start = graduated + 1 + rng.choice((0, 0, 1, 2))
    employed, pay = False, round(occupation.pay * city.pay * pay_factor(0))
    while start <= now - 2:
        end = start + round(rng.triangular(9, 54, 24))
        last = end > now - 6
        employed = last and rng.random() < 0.8
        if last:
            end = now if employed else max(start + 1, now - rng.randrange(5))
        trade = past if past and (start + end) / 2 < (begun + now) / 2 and not last else occupation
        seniority = ((start + end) / 2 - begun) / 12
        raw = (
            trade.pay * city.pay * pay_factor(seniority) * rng.uniform(0.9, 1.12) * 0.97 ** ((now - end) / 12)
        )
        pay = max(round(raw / 500) * 500, pay if works else 0)
        level = level_of(seniority)
        # Within a level the titles of an occupation rise; nobody steps down.
        titles = trade.titles[level]
        lowest = rung[2] if rung[:2] == (trade.name, level) else 0
        rung = (trade.name, level, rng.randrange(lowest, len(titles)))
        tools = rng.sample(skills, min(len(skills), rng.randint(3, 5))) if rng.random() < 0.5 else []
        works.append(
            {
                "compnay_name": draw_company(rng, trade.employer, city.name),
                "position_title": titles[rung[2]],
                "position_category": trade.category,
                "industry_category": trade.industry,
                "company_category": rng.choice(_OWNERS),
                "company_scale": rng.choice(_SCALES),
                "salary": write_pay(rng, pay),
                "start_time": _write_month(start, day_style=day_style),
                "end_time": "至今" if employed else _write_month(end, day_style=day_style),
                "duration": _write_duration(end - start),
                "job_desc": write_duties(rng, draw_duties(rng, trade, level, rng.randint(3, 5), told), tools),
            }
        )
        if last:
            break
        start = end + rng.choice((0, 0, 1, 1, 2, 3))

    months = max(0, now - begun)
    return Career(
        months=months,
        age=age,
        level=level_of(months / 12),
        works=works[::-1],
        education=education,
        employed=employed,
        pay=pay,
        major=education[0]["major"] or occupation.majors[0],
    )


def _draw_education(
    rng: Random, graduated: int, degree: str, occupation: Occupation, city: City, *, day_style: bool
) -> list[dict[str, Any]]:
    """Draw the schools up to a degree, newest first."""
    steps = [degree]
    if degree == "硕士":
        steps.append("本科")
    elif degree == "本科" and rng.random() < 0.25:
        steps.append("高中")
    rows, end = [], graduated
    for step in steps:
        begin = end - _SCHOOL_YEARS[step] * 12 + 3
        rows.append(
            {
                "school": _draw_school(rng, step, occupation, city),
                "major": "" if step == "高中" else rng.choice(occupation.majors),
                "degree": step,
                "start_time": _write_month(begin, day_style=day_style),
                "end_time": _write_month(end, day_style=day_style),
            }
        )
        end = begin - rng.choice((3, 3, 3, 15))
    return rows


def _draw_school(rng: Random, degree: str, occupation: Occupation, city: City) -> str:
    """Draw a school that gives such a degree in such a subject."""
    medical = occupation.industry.startswith("医疗")
    if degree == "高中":
        return f"{city.name}市第{rng.choice('二三四五六七八九')}中学"
    if degree == "中专":
        return f"{city.name}{rng.choice(('商贸', '工业', '现代服务', '交通'))}职业学校"
    if degree == "大专":
        return rng.choice(MEDICAL_COLLEGES if medical else COLLEGES)
    if medical:
        return rng.choice(MEDICAL_SCHOOLS)
    return rng.choice(rng.choices((TOP_SCHOOLS, GOOD_SCHOOLS, PLAIN_SCHOOLS), weights=(2, 3, 6))[0])


def _write_month(month: int, *, day_style: bool) -> str:
    text = f"{month // 12}-{month % 12 + 1:02d}"
    return f"{text}-01" if day_style else text


def _write_duration(months: int) -> str:
    years, rest = divmod(max(1, months), 12)
    return (f"{years}年" if years else "") + (f"{rest}个月" if rest else "")
