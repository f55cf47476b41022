import itertools
import json
import re
from datetime import date

import pytest

from config.demo import DEMO_FEEDS, REFERENCE_DATE, demo_resumes
from config.demo.occupations import occupations
from config.demo.places import CITIES
from config.demo.play import resumes_of_run

RESUMES = list(demo_resumes())
TARGET_FIELDS = {
    "job_career",
    "salary",
    "job_category",
    "job_hunting_state",
    "job_industry",
    "enroll_time",
    "expectation_area",
}
EDUCATION_FIELDS = {"school", "start_time", "end_time", "degree", "major"}
WORK_FIELDS = {
    "salary",
    "company_category",
    "start_time",
    "position_category",
    "company_scale",
    "compnay_name",
    "industry_category",
    "position_title",
    "job_desc",
    "duration",
    "end_time",
}
RESUME_FIELDS = {
    "source",
    "source_id",
    "name",
    "phone",
    "email",
    "qq",
    "contact_status",
    "gender",
    "age",
    "address",
    "work_years",
    "last_contact",
    "job_target",
    "education",
    "works",
    "self_evaluation",
    "hr_evaluate",
}


def spans(rows):
    """Periods of works or education, oldest first, as (start, end) of YYYY-MM."""
    now = REFERENCE_DATE.isoformat()[:7]
    return [
        (r["start_time"][:7], now if r["end_time"] == "至今" else r["end_time"][:7]) for r in reversed(rows)
    ]


def test_the_same_arguments_make_the_same_resumes():
    assert list(demo_resumes()) == RESUMES
    assert list(demo_resumes(200, seed=8)) != RESUMES


def test_a_longer_stream_begins_like_a_shorter_one():
    assert list(demo_resumes(20)) == RESUMES[:20]
    assert list(demo_resumes(0)) == []


def test_people_of_a_later_run_have_no_phone_of_an_earlier_one():
    runs = [list(resumes_of_run(run)) for run in (0, 1795867381, 1795867382)]
    for key in ("phone", "source_id"):
        assert len({one[key] for run in runs for one in run}) == 600


def test_two_hundred_resumes_come_each_with_an_id_of_its_own():
    assert len(RESUMES) == 200
    assert [r["source_id"] for r in RESUMES] == [f"demo-{n:04d}" for n in range(1, 201)]
    assert {r["source"] for r in RESUMES} == {"demo"}


def test_every_resume_has_all_fields_and_survives_json():
    for resume in RESUMES:
        assert json.loads(json.dumps(resume, allow_nan=False)) == resume
        assert set(resume) == RESUME_FIELDS
        assert set(resume["job_target"]) == TARGET_FIELDS
        assert all(set(row) == EDUCATION_FIELDS for row in resume["education"])
        assert all(set(row) == WORK_FIELDS for row in resume["works"])
        assert resume["contact_status"] in {"public", "secret"}
        assert "{" not in json.dumps(
            [resume["works"], resume["self_evaluation"]], ensure_ascii=False
        ).replace('{"', "")


def test_the_stream_spans_many_trades_cities_and_ways_of_writing():
    assert len(occupations()) >= 30
    assert len({r["works"][0]["position_category"] for r in RESUMES if r["works"]}) >= 15
    titles = {title: o.name for o in occupations().values() for level in o.titles.values() for title in level}
    assert len({titles[r["job_target"]["job_career"]] for r in RESUMES}) >= 20
    assert len({city for r in RESUMES for city in CITIES if city in r["address"]}) >= 15
    assert len({row["degree"] for r in RESUMES for row in r["education"]}) >= 4
    assert {type(r["work_years"]) for r in RESUMES} >= {int, str}
    assert any("K" in str(r["job_target"]["salary"]) for r in RESUMES)
    assert any(r["job_target"]["salary"] == "面议" for r in RESUMES)
    assert {r["contact_status"] for r in RESUMES} == {"public", "secret"}
    assert len({r["self_evaluation"] for r in RESUMES}) == 200


def test_every_occupation_is_worth_reading():
    for occupation in occupations().values():
        duties = {text for texts in occupation.duties.values() for text in texts}
        assert len(duties) >= 8, occupation.name
        assert len(occupation.skills) >= 8, occupation.name


def test_nobody_can_be_reached():
    assert len({r["phone"] for r in RESUMES}) == 200
    for resume in RESUMES:
        assert re.fullmatch(r"1000\d{7}", resume["phone"])  # real mobiles start 13 to 19
        assert re.fullmatch(r"[a-z]+\d+@example\.com", resume["email"])
        assert resume["qq"].startswith("0")


@pytest.mark.parametrize("seed", [1, 7, 99])
def test_lives_run_in_order(seed):
    now = REFERENCE_DATE.isoformat()[:7]
    for resume in demo_resumes(300, seed=seed):
        works, schools = spans(resume["works"]), spans(resume["education"])
        assert schools
        periods = schools + works
        assert all(start < end <= now for start, end in periods), resume
        assert all(a[1] <= b[0] for a, b in itertools.pairwise(periods)), resume
        assert all(r["end_time"] != "至今" for r in resume["works"][1:])
        left_school = int(schools[-1][1][:4])
        assert 17 <= resume["age"] - (REFERENCE_DATE.year - left_school) <= 27
        assert resume["job_target"]["enroll_time"] < resume["last_contact"] < REFERENCE_DATE.isoformat()


def test_years_worked_agree_with_the_dates():
    for resume in RESUMES:
        numbers = [float(n) for n in re.findall(r"\d+\.?\d*", str(resume["work_years"]))] or [0.0]
        begun = spans(resume["works"])[0][0] if resume["works"] else REFERENCE_DATE.isoformat()[:7]
        years = REFERENCE_DATE.year - int(begun[:4]) + (REFERENCE_DATE.month - int(begun[5:])) / 12
        high = 40 if "以上" in str(resume["work_years"]) else numbers[-1] + 1.1
        assert numbers[0] - 1 <= years <= high, resume["work_years"]


def test_another_day_moves_the_dates_and_keeps_the_people():
    later = list(demo_resumes(20, today=date(2027, 3, 1)))
    assert [r["name"] for r in later] == [r["name"] for r in RESUMES[:20]]
    assert all(r["last_contact"] < "2027-03-01" for r in later)
    assert max(r["last_contact"] for r in later) > "2027-01"


def test_about_a_third_is_meant_for_each_of_the_three_feeds_in_turn():
    def meets(resume, feed, words):
        text = json.dumps(resume, ensure_ascii=False)
        areas = feed["expect_area"].split(",")
        return (
            any(a in resume["job_target"]["expectation_area"] for a in areas)
            and sum(w in text for w in words) >= 2
        )

    words = (
        ("Python", "Django", "Tornado", "Redis", "Celery", "MySQL"),
        ("会计", "总账", "纳税", "金蝶", "用友", "凭证"),
        ("天猫", "淘宝", "直通车", "店铺", "电商"),
    )
    hits = [
        {n for n, r in enumerate(RESUMES) if meets(r, feed, bank)}
        for feed, bank in zip(DEMO_FEEDS, words, strict=True)
    ]
    assert all(15 <= len(found) <= 40 for found in hits), [len(found) for found in hits]
    everyone = sorted(set().union(*hits))
    assert 55 <= len(everyone) <= 90
    assert everyone[0] < 5
    assert max(b - a for a, b in itertools.pairwise(everyone)) <= 9


def test_the_feeds_are_bodies_of_submit_feed():
    for feed in DEMO_FEEDS:
        assert json.loads(json.dumps(feed)) == feed
        assert feed["title"]
        assert feed["salary_min"] <= feed["salary_max"]
        assert 1 <= len(re.split("[,，、]", feed["keywords"])) <= 15
        assert set(feed["expect_area"].split(",")) <= set(CITIES)
