"""The measure of reading: what counts as right, as wrong and as missed."""

import pytest

from tests.made_up_files.measures import JOB, SCHOOL, Tally, judge
from tests.made_up_files.person import people
from tests.made_up_files.truth import Truth

JOBS = [
    {"compnay_name": "远图科技", "position_title": "会计", "start_time": "2020-03", "end_time": "至今"},
    {"compnay_name": "锦帆贸易", "position_title": "出纳", "start_time": "2018", "end_time": "2020"},
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


@pytest.mark.parametrize(
    "phone", ["138 0000 1234", "+86-138-0000-1234", "１３８００００１２３４", "(+86) 138 0000 1234"]
)
def test_a_phone_is_its_digits(phone):
    assert judged(phone=phone)["contact", "phone"] == Tally(right=1)


@pytest.mark.parametrize("start", ["2020.3", "2020年3月", "2020/03", "202003", "Mar 2020", "03/2020"])
def test_a_date_is_its_year_and_month(start):
    first = {**JOBS[0], "start_time": start, "end_time": "现在"}
    assert judged(works=[first, JOBS[1]])["works", "start"].right == 2


def test_fields_are_those_of_the_record():
    work, school = people(1)[0].record()["works"][0], people(1)[0].record()["education"][0]
    assert set(JOB.values()) <= set(work)
    assert set(SCHOOL.values()) <= set(school)
