"""The structured wishes: what agrees, what conflicts, and nothing where nothing is said."""

import pytest

from tests.unit.matching.engine_samples import analyzer, feed, match, points, resume, rows, work


def test_what_agrees_is_a_row_with_points_and_what_is_unknown_is_none():
    spec = feed(talent_level=("高级",), job_domain=("医疗健康",), company_prefer=("985/211院校",))
    java = work("高级Java工程师", "负责微服务开发", industry_category="医院")
    agreeing = rows(spec, resume(works=[java]))
    wishes = {"city", "salary", "degree", "years", "level", "domain", "preference"}
    assert wishes <= agreeing.keys()
    assert all(agreeing[wish].points > 0 for wish in wishes)
    silent = resume(
        job_target={"job_career": "Java开发"},
        works=[work("Java", "")],
        education=[],
        address="",
        work_years="",
    )
    assert not wishes & rows(spec, silent).keys()


def test_the_city_row_names_the_shared_city():
    row = rows(feed(expect_area=("广州", "北京")), resume())["city"]
    assert (row.term, row.matched) == ("北京,广州", "广州")


def test_an_address_in_the_right_city_says_less_than_a_wish_and_one_elsewhere_costs():
    target = {"job_career": "Java开发", "salary": "10-15K"}
    wished = rows(feed(), resume())["city"].points
    lives = rows(feed(), resume(job_target=target))["city"].points
    away = rows(feed(), resume(job_target=target, address="北京市海淀区"))["city"].points
    assert away < 0 < lives < wished


def test_wishes_that_are_not_made_leave_their_points_to_the_text():
    bare = feed(
        title="Java开发工程师", job_desc="负责微服务开发", expect_area=(), salary_min=0, salary_max=1_000_000
    )
    assert analyzer().feed(bare).text_points == 10_000
    assert analyzer().feed(feed()).text_points == 9_000


def test_a_city_that_both_name_and_do_not_share_is_no_match():
    elsewhere = {"job_career": "Java开发", "expectation_area": "北京"}
    assert match(feed(), resume(job_target=elsewhere)) is None
    assert match(feed(expect_area=("北京", "上海")), resume(job_target=elsewhere)) is not None


@pytest.mark.parametrize("area", ["羊城", "广州市", "天河区", "广东", "深圳、广州", "不限"])
def test_the_same_city_under_another_name_is_a_match(area):
    assert match(feed(), resume(job_target={"job_career": "Java开发", "expectation_area": area})) is not None


def test_a_city_that_nobody_names_costs_little():
    silent = resume(job_target={"job_career": "Java开发", "salary": "10-15K"}, address="")
    assert 0.9 * points(feed(), resume()) < points(feed(), silent) < points(feed(), resume())


@pytest.mark.parametrize(
    ("salary", "matches"), [("15-18K", True), ("17-20K", True), ("19-25K", False), ("3-5K", False)]
)
def test_salaries_may_be_a_fifth_apart_and_no_more(salary, matches):
    body = resume(job_target={"job_career": "Java开发", "expectation_area": "广州", "salary": salary})
    assert (match(feed(), body) is not None) is matches


def test_a_soft_salary_conflict_is_a_row_of_its_own():
    dear = resume(job_target={"job_career": "Java开发", "expectation_area": "广州", "salary": "17-20K"})
    assert rows(feed(), dear)["salary"].points < -5
    assert rows(feed(), resume())["salary"].points > 0


def test_a_missing_degree_costs_points_and_an_unknown_one_does_not():
    assert rows(feed(), resume(education=[{"degree": "大专"}]))["degree"].matched == "大专"
    assert "degree" not in rows(feed(), resume(education=[]))
    assert rows(feed(), resume())["degree"].points > 0


def test_too_little_experience_costs_points():
    assert rows(feed(), resume(work_years=1))["years"].points < 0
    assert rows(feed(), resume(work_years=4))["years"].points > 0
    assert rows(feed(), resume(work_years=4))["years"].matched == "4年"


def test_a_level_that_was_not_asked_for_costs_points():
    spec = feed(talent_level=("高级",), job_desc="负责微服务开发")
    assert rows(spec, resume(work_years=1))["level"].matched == "工作1年"
    assert rows(spec, resume(work_years=6))["level"].points > 0
    assert "level" not in rows(spec, resume(work_years=None, works=[work("Java工程师", "负责微服务开发")]))


def test_another_domain_costs_points_and_an_unknown_one_does_not():
    spec = feed(job_domain=("医疗健康",))
    java = work("Java工程师", "负责微服务开发", industry_category="教育培训")
    assert rows(spec, resume(works=[java | {"industry_category": "医院"}]))["domain"].points > 0
    assert rows(spec, resume(works=[java]))["domain"].points < 0
    assert "domain" not in rows(spec, resume())


def test_a_school_that_was_not_preferred_costs_points_and_an_unknown_one_does_not():
    spec = feed(company_prefer=("985/211院校",))
    assert rows(spec, resume())["preference"].matched == "985"
    assert "preference" not in rows(spec, resume(education=[]))
    abroad = resume(education=[{"school": "University of Leeds", "degree": "本科"}])
    assert rows(spec, abroad)["preference"].points < 0
