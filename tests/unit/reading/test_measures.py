"""The measure of reading: what counts as right, as wrong and as missed."""

import pytest

from tests.made_up_files.measures import JOB, SCHOOL, Tally, judge, total
from tests.made_up_files.person import people
from tests.made_up_files.truth import Truth

JOBS = [
    {
        "compnay_name": "远图科技有限公司",
        "position_title": "会计",
        "start_time": "2020-03",
        "end_time": "至今",
        "job_desc": "1、核对账目\n2、报税",
    },
    {
        "compnay_name": "锦帆贸易有限公司",
        "position_title": "出纳",
        "start_time": "2018",
        "end_time": "2020",
        "job_desc": "",
    },
]
TRUE = {"name": "王芳", "phone": "13800001234", "email": "", "works": JOBS, "education": []}


def judged(latin_name="", **read):
    return judge(Truth("a.pdf", "pdf", TRUE, latin_name), {**TRUE, **read})


def test_what_is_true_is_right_of_everybody():
    for person in people(30):
        truth = Truth("", "", person.record(), person.latin_name, person.phones)
        found = judge(truth, truth.record)
        assert not found.mistakes
        assert found.kept[0] == found.kept[1]


def test_nothing_read_is_missed_and_not_wrong():
    found = judge(Truth("a.pdf", "pdf", TRUE), {})
    assert total([found], "contact") == Tally(missed=2)
    assert total([found], "works") == Tally(missed=8)


@pytest.mark.parametrize(
    "phone", ["138 0000 1234", "+86-138-0000-1234", "１３８００００１２３４", "(+86) 138 0000 1234"]
)
def test_a_phone_is_its_digits(phone):
    assert judged(phone=phone)["contact", "phone"] == Tally(right=1)


def test_a_wrong_field_is_wrong_and_missed():
    assert judged(name="王 芳")["contact", "name"] == Tally(right=1)
    assert judged(name="个人简历")["contact", "name"] == Tally(wrong=1, missed=1)
    assert judged(email="a@example.com")["contact", "email"] == Tally(wrong=1)
    assert judged(latin_name="Lily Wang", name="王芳（Lily Wang）")["contact", "name"] == Tally(right=1)


@pytest.mark.parametrize("start", ["2020.3", "2020年3月", "2020/03", "202003", "Mar 2020", "03/2020"])
def test_a_date_is_its_year_and_month(start):
    assert (
        judged(works=[{**JOBS[0], "start_time": start, "end_time": "现在"}, JOBS[1]])["works", "start"].right
        == 2
    )


def test_a_year_alone_is_no_month_more_and_no_month_less():
    assert judged(works=[{**JOBS[0], "start_time": "2020"}, JOBS[1]])["works", "start"] == Tally(1, 1, 1)
    assert judged(works=[JOBS[0], {**JOBS[1], "end_time": "2020-01"}])["works", "end"] == Tally(1, 1, 1)


def test_jobs_are_set_beside_each_other_by_what_they_share():
    assert total([judged(works=JOBS[::-1])], "works") == Tally(right=8)
    twice = total([judged(works=[*JOBS, JOBS[0]])], "works")
    assert twice == Tally(right=8, wrong=4)
    only_second = judged(works=[JOBS[1]])
    assert total([only_second], "works") == Tally(right=4, missed=4)
    assert only_second.by_path["works[0].compnay_name"]


def test_a_company_beside_the_title_of_another_job_is_wrong():
    swapped = [
        {**JOBS[0], "position_title": JOBS[1]["position_title"]},
        {**JOBS[1], "position_title": JOBS[0]["position_title"]},
    ]
    found = judged(works=swapped)
    assert found["works", "title"] == Tally(wrong=2, missed=2)
    assert not found.by_path["works[0].position_title"]


def test_lines_of_what_was_done_count_where_they_stand_in_their_job():
    assert judged().kept == (3, 3)
    moved = [{**JOBS[0], "job_desc": "核对账目"}, {**JOBS[1], "job_desc": "报税"}]
    assert judged(works=moved).kept == (2, 3)


def test_fields_are_those_of_the_record():
    work, school = people(1)[0].record()["works"][0], people(1)[0].record()["education"][0]
    assert set(JOB.values()) <= set(work)
    assert set(SCHOOL.values()) <= set(school)
