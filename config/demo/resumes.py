"""Made-up resumes as `POST /resumes/` takes them, always the same ones for the same arguments.

>>> from config.demo.resumes import demo_resumes
>>> first, second = demo_resumes(2)
>>> first == next(demo_resumes(200))
True

One resume in three is meant for one of the demo's feeds: most in its own words, the others by a
neighbouring trade and a common past. The rest are everybody else, among them people of the
three trades in cities where no feed looks.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from random import Random
from typing import Any, Final

from config.demo.career import Career, draw_career, month_of
from config.demo.feeds import DEMO_FEEDS
from config.demo.occupations import Occupation, level_of, occupations
from config.demo.people import contacts, draw_name
from config.demo.phrases import (
    join_words,
    say_years,
    write_remark,
    write_self_evaluation,
    write_wish,
    write_years,
)
from config.demo.places import CITIES, City, draw_city, write_address

REFERENCE_DATE: Final = date(2025, 11, 20)

# A feed's trade and its neighbours, in the order of the feeds.
_TRADES: Final = (
    ("Python开发", ("数据分析", "软件测试", "运维")),
    ("会计", ("出纳", "审计")),
    ("电商运营", ("新媒体运营", "客服")),
)
# Years worked, and how many people have; those meant for a feed crowd in the middle.
_YEARS: Final = (0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 11, 13, 16, 20)
_YEARS_OF_ALL: Final = (6, 6, 8, 9, 9, 8, 7, 6, 5, 4, 4, 3, 2, 1)
_YEARS_OF_MEANT: Final = (1, 3, 6, 10, 10, 9, 8, 6, 5, 4, 2, 1, 0, 0)


@dataclass(frozen=True, slots=True)
class _Plan:
    """Who a resume is to be of."""

    occupation: Occupation
    past: Occupation | None
    wanted: Occupation
    city: City
    wishes: tuple[str, ...]
    meant: bool


def demo_resumes(
    count: int = 200, seed: int = 7, today: date = REFERENCE_DATE, first: int = 1
) -> Iterator[dict[str, Any]]:
    """Make up `count` resumes, one at a time, of people whose numbers start with `first`.

    The first n are the same for every count. All dates lie before `today`: resumes made another
    day have other dates, and sending them again updates those already stored. Whoever has the number
    of another has the same phone, so they are one person, whatever the seed.
    """
    for index in range(count):
        yield _make(Random(f"{seed}/{index}"), first + index, _plan(seed, index), today)


def _plan(seed: int, index: int) -> _Plan:
    """Decide who comes at a place: of every three one is meant for a feed, of every nine one for each."""
    block, place = divmod(index, 9)
    order = Random(f"{seed}/block/{block}")
    feeds = order.sample(range(3), 3)
    meant_at = [third * 3 + order.randrange(3) for third in range(3)]
    rng = Random(f"{seed}/plan/{index}")
    if place in meant_at:
        return _plan_meant(rng, feeds[meant_at.index(place)])
    return _plan_other(rng)


def _plan_meant(rng: Random, feed: int) -> _Plan:
    """Plan somebody for a feed: of its trade, or of a neighbouring one with a past in it."""
    bank = occupations()
    name, neighbours = _TRADES[feed]
    own, occupation, past = bank[name], bank[name], None
    if rng.random() < 0.35:
        occupation, past = bank[rng.choice(neighbours)], own
    cities = tuple(DEMO_FEEDS[feed]["expect_area"].split(","))
    target = rng.choice(cities)
    home = draw_city(rng) if rng.random() < 0.15 else CITIES[target]
    wishes = (target,) if rng.random() < 0.7 else (target, next(c for c in (*cities, "深圳") if c != target))
    wanted = own if past and rng.random() < 0.4 else occupation
    return _Plan(occupation, past, wanted, home, wishes, meant=True)


def _plan_other(rng: Random) -> _Plan:
    """Plan somebody for no feed: another trade, or one of the three where no feed looks."""
    bank = occupations()
    occupation = bank[rng.choice(list(bank))]
    looked_at: set[str] = set()
    for (name, neighbours), feed in zip(_TRADES, DEMO_FEEDS, strict=True):
        if occupation.name == name or occupation.name in neighbours:
            looked_at.update(feed["expect_area"].split(","))
    places = [city for city in (draw_city(rng) for _ in range(40)) if city.name not in looked_at]
    home, *more = places
    wishes = [home.name]
    if rng.random() < 0.3 and more[0].name != home.name:
        wishes.append(more[0].name)
    return _Plan(occupation, None, occupation, home, tuple(wishes), meant=False)


def _make(rng: Random, number: int, plan: _Plan, today: date) -> dict[str, Any]:
    """Write one resume down."""
    occupation = plan.occupation
    woman = rng.random() < occupation.women
    name, latin = draw_name(rng, woman=woman)
    years = rng.choices(_YEARS, weights=_YEARS_OF_MEANT if plan.meant else _YEARS_OF_ALL)[0]
    skills = _draw_skills(rng, plan, years)
    career = draw_career(
        rng,
        now=month_of(today),
        years=years,
        occupation=occupation,
        past=plan.past,
        city=plan.city,
        skills=skills,
    )
    certificate = rng.choice(occupation.certificates) if rng.random() < 0.4 else ""
    facts = {
        "years": say_years(rng, career.months),
        "title": career.works[0]["position_title"]
        if career.works
        else f"{occupation.titles['junior'][0]}实习生",
        "company": career.works[0]["compnay_name"] if career.works else "实习单位",
        "trade": occupation.name,
        "industry": occupation.industry,
        "major": career.major,
    }
    contact_at = datetime.combine(today, time(8)) - timedelta(
        days=rng.randrange(1, 25), minutes=rng.randrange(900)
    )
    enrolled_at = contact_at - timedelta(days=rng.randrange(3, 900), seconds=rng.randrange(86400))
    return {
        "source": "demo",
        "source_id": f"demo-{number:04d}",
        "name": name,
        **contacts(latin, number),
        "contact_status": "secret" if rng.random() < 0.12 else "public",
        "gender": "女" if woman else "男",
        "age": career.age,
        "address": write_address(rng, plan.city),
        "work_years": write_years(rng, career.months),
        "last_contact": str(contact_at),
        "job_target": {
            "job_career": rng.choice(plan.wanted.titles[level_of(career.months / 12)]),
            "salary": _wish(rng, career),
            "job_category": _write_kind(rng, career),
            "job_hunting_state": _write_state(rng, career),
            "job_industry": plan.wanted.industry,
            "enroll_time": str(enrolled_at) if rng.random() < 0.8 else str(enrolled_at.date()),
            "expectation_area": join_words(rng, plan.wishes),
        },
        "education": career.education,
        "works": career.works,
        "self_evaluation": write_self_evaluation(rng, career.level, facts, skills, certificate),
        "hr_evaluate": write_remark(rng, career.level),
    }


def _draw_skills(rng: Random, plan: _Plan, years: int) -> list[str]:
    """Draw what somebody knows: more with the years, and some of the past trade."""
    own = plan.occupation.skills
    skills = rng.sample(own, min(len(own), rng.randint(4, 6) + min(years, 8) // 3))
    if plan.occupation.name == "Python开发" and "Python" not in skills:
        skills.insert(0, "Python")
    if plan.past:
        skills += [skill for skill in rng.sample(plan.past.skills, rng.randint(2, 5)) if skill not in skills]
    return skills


def _wish(rng: Random, career: Career) -> str | int:
    """Write the salary asked for: a little above the latest one."""
    low = round(career.pay * rng.uniform(1.0, 1.2) / 500) * 500
    return write_wish(rng, low, round(low * rng.uniform(1.2, 1.5) / 1000) * 1000 + 500 * (low < 5000))


def _write_kind(rng: Random, career: Career) -> str:
    if not career.works:
        return rng.choice(("全职", "实习", "实习、全职"))
    return "兼职" if rng.random() < 0.02 else "全职"


def _write_state(rng: Random, career: Career) -> str:
    if career.employed:
        return rng.choice(("在职，考虑好的机会", "在职，一个月内到岗", "在职，暂不急"))
    return rng.choice(
        ("离职，随时到岗", "离职，一周内到岗", "应届毕业生" if not career.works else "离职，正在找工作")
    )
