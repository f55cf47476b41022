import itertools
import json
import re

from config.demo import DEMO_FEEDS, demo_resumes
from config.demo.places import CITIES
from config.demo.play import resumes_of_run
from intake.record import ResumeRecord
from store.resumes.resume_record import Education, JobTarget, Work

RESUMES = list(demo_resumes())
OF_A_SENDER = {"send_to", "partner_for", "consent", "collected_at", "person_id"}


def test_people_of_a_later_run_have_no_phone_of_an_earlier_one():
    runs = [list(resumes_of_run(run)) for run in (0, 1795867381, 1795867382)]
    for key in ("phone", "source_id"):
        assert len({one[key] for run in runs for one in run}) == 600


def test_every_resume_has_all_fields_and_survives_json():
    for resume in RESUMES:
        assert json.loads(json.dumps(resume, allow_nan=False)) == resume
        assert resume.keys() == set(ResumeRecord.__struct_fields__) - OF_A_SENDER
        assert resume["job_target"].keys() == set(JobTarget.__struct_fields__)
        assert all(row.keys() == set(Education.__struct_fields__) for row in resume["education"])
        assert all(row.keys() == set(Work.__struct_fields__) for row in resume["works"])
        assert resume["contact_status"] in {"public", "secret"}
        assert "{" not in json.dumps(
            [resume["works"], resume["self_evaluation"]], ensure_ascii=False
        ).replace('{"', "")


def test_nobody_can_be_reached():
    assert len({r["phone"] for r in RESUMES}) == 200
    for resume in RESUMES:
        assert re.fullmatch(r"1000\d{7}", resume["phone"])  # real mobiles start 13 to 19
        assert re.fullmatch(r"[a-z]+\d+@example\.com", resume["email"])
        assert resume["qq"].startswith("0")


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
