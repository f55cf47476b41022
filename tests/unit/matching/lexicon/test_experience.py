from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.matching.lexicon.degrees import required_degree, schooling
from engine.matching.lexicon.experience import latest_first, level, month, required_years, span, years
from tests.support import each


@each(
    "typed, meant",
    [
        (5, 5.0),
        (2.5, 2.5),
        ("5年", 5.0),
        ("3-5年", 4.0),
        ("３～５年", 4.0),
        ("10年以上", 10.0),
        ("三年", 3.0),
        ("一年以上", 1.0),
        ("8个月", 0.7),
        ("应届", 0.0),
        ("在校学生", 0.0),
        ("5", 5.0),
        ("十年以上", 10.0),
        ("十五年", 15.0),
        ("二十五年", 25.0),
        ("十几年", 10.0),
        ("两三年", 2.5),
        ("三五年", 4.0),
        ("24年应届生", 0.0),
        ("2024年应届毕业生", 0.0),
        ("2024届本科", None),
        ("2015年参加工作", None),
        ("08年参加工作", None),
        ("2015年3月参加工作", None),
        ("2019-2023", None),
        ("1995年出生,5年经验", 5.0),
        (999, 50.0),
        ("", None),
        ("很久", None),
        (None, None),
        (True, None),
        (-1, None),
        (float("nan"), None),
    ],
)
def test_years_are_read_as_people_write_them(typed, meant):
    assert years(typed) == meant


@given(st.one_of(st.text(max_size=40), st.floats(), st.integers(), st.none()))
def test_any_value_gives_years_in_range_or_nothing(value):
    found = years(value)
    assert found is None or 0 <= found <= 50


def test_years_of_work_bring_a_level():
    assert [level(worked) for worked in (None, 0, 1, 3, 6, 20)] == [None, 0, 1, 2, 3, 4]


def test_dates_come_in_several_forms():
    assert month("2021-03") == month("2021/3/15") == month("2021年3月") == month("2021.03")
    assert month("2021-04") == month("2021-03") + 1
    for same in ("2021.3", "2021-3", "2021/03", "2021年3月15日", "202103", "20210315", "03/2021", "3.2021"):
        assert month(same) == month("2021-03")
    for same in ("Mar 2021", "March, 2021", "MAR. 2021", "２０２１．３", " 2021 年 3 月 "):
        assert month(same) == month("2021-03")
    assert month("2021") == month("2021年") == month("2021-06")
    for none in ("至今", "现在", "Present", "", None, "很久以前", "12", "99999", "1899", "march"):
        assert month(none) is None


@each(
    "start, end, years",
    [
        ("2018", "2021", 3.0),
        ("2018", "2021-06", 3.0),
        ("2018.1", "2021", 3.4),
        ("2017/7", "2019年1月", 1.5),
        ("Jul 2017", "01/2019", 1.5),
        ("2019年3月", "Present", 1.0),
        ("2019", "现在", 1.0),
        ("2019", "", None),
        ("2019", "2019", 0.0),
        ("2019-09", "2019", 0.0),
        ("2019", "2019-03", 0.0),
        ("2019-09", "2018", 1.0),
        ("现在", "2020", None),
    ],
)
def test_a_year_alone_is_its_middle(start, end, years):
    found = span([{"start_time": start, "end_time": end}])
    assert (found if found is None else round(found, 1)) == years


def test_the_span_of_works_runs_from_the_first_start_to_the_last_end():
    works = [
        {"start_time": "2020-01", "end_time": "2021-01"},
        {"start_time": "2018-01", "end_time": "2019-06"},
    ]
    assert span(works) == 3.0
    assert span([{"start_time": "很久以前"}]) is None
    assert span([]) is None


@pytest.mark.parametrize("end", ["至今", "现在", "Present", "until now", "ongoing"])
def test_a_job_that_goes_on_ends_when_the_resume_arrived(end):
    works = [{"start_time": "2018.3", "end_time": end}]
    assert span(works, date(2024, 9, 30)) == 6.5
    assert span(works) == 1.0
    # Who arrived before the start has a wrong date somewhere.
    assert span(works, date(2018, 1, 1)) == 1.0


@pytest.mark.parametrize("end", ["", "离职", "nowhere"])
def test_a_job_whose_end_is_not_told_does_not_go_on(end):
    works = [{"start_time": "2018.3", "end_time": end}]
    assert span(works, date(2024, 9, 30)) is None
    # Beside others it counts as a year.
    assert span([*works, {"start_time": "2016.3", "end_time": "2018.3"}]) == 3.0


@each(
    "typed, rank",
    [
        ("博士", 6),
        ("硕士研究生", 5),
        ("MBA", 5),
        ("统招本科", 4),
        ("专升本", 4),
        ("本硕连读", 5),
        ("硕博连读", 6),
        ("中职", 2),
        ("大专", 3),
        ("中专", 2),
        ("高中", 2),
        ("初中", 1),
        ("", 0),
    ],
)
def test_degrees_are_ranked(typed, rank):
    assert schooling(typed).rank == rank


@each(
    "typed, said",
    [
        ("统招本科", (4, 4, "本科")),
        ("职高", (2, 2, "职高")),
        ("高中/中专", (2, 2, "高中")),
        ("本科在读", (4, 2, "本科在读")),
        ("硕士（在读）", (5, 4, "硕士在读")),
        ("本科肄业", (2, 2, "本科肄业")),
        ("研究生退学", (4, 4, "硕士退学")),
        ("", (0, 0, "")),
    ],
)
def test_a_degree_that_is_not_finished_is_known_from_one_that_is(typed, said):
    assert schooling(typed) == said


@each(
    "text, rank",
    [
        ("本科及以上学历", 4),
        ("大专以上", 3),
        ("学历不低于硕士", 5),
        ("高中/中专及以上", 2),
        ("本科及以上学历,硕士以上优先", 4),
        ("硕士学历优先", 0),
        ("大专以上\n有经验优先", 3),
        ("博士或硕士学历", 5),
        ("学历要求:硕士以上、博士优先", 5),
        ("本科以上 有经验优先", 4),
        ("硕士、博士学历优先", 0),
        ("硕士研究生及以上", 5),
        ("博士研究生学历", 6),
        ("本科或大专以上", 3),
        ("高中及以下学历", 0),
        ("本科以上,持有初中及以上数学教师资格证", 4),
        ("大专学历及以下", 0),
        ("无需本科学历", 0),
        ("不要求本科以上学历", 0),
        ("不要求经验 本科以上学历", 4),
        ("学历不限", 0),
        ("负责本科教学", 0),
    ],
)
def test_the_degree_that_a_posting_asks_for(text, rank):
    assert required_degree(text) == rank


@each(
    "text, asked",
    [
        ("3年以上前端开发经验", (3.0, 50.0)),
        ("1-3年相关工作经验", (1.0, 3.0)),
        ("两年以上工作经验", (2.0, 50.0)),
        ("三至五年工作经验", (3.0, 5.0)),
        ("3一5年房地产经验", (3.0, 5.0)),
        ("十五年以上管理经验", (15.0, 50.0)),
        ("一两年经验即可", (1.0, 2.0)),
        ("3年以内工作经验", (0.0, 3.0)),
        ("1-2年及以上数据挖掘经验", (1.0, 50.0)),
        ("2.3年以上相关工作经验", (3.0, 50.0)),
        ("工作经验:3-5年", (3.0, 5.0)),
        ("相关工作经验至少3年", (3.0, 50.0)),
        ("研发经验5年或以上", (5.0, 50.0)),
        ("工作年限2-10年", (2.0, 10.0)),
        ("有经验者3年内可晋升", None),
        ("1年以下工作经验", (0.0, 1.0)),
        ("experience of at least 3 years", (3.0, 50.0)),
        ("有5年以上销售经验者优先,1年以上工作经验", (1.0, 50.0)),
        ("5 years of experience preferred", None),
        ("3年以上销售经验者优先", None),
        ("无需3年以上经验", None),
        ("公司成立20年", None),
        ("成立于2010年拥有丰富的行业经验", None),
        ("二零一五年以来积累了经验", None),
        ("经验不限", None),
    ],
)
def test_the_years_that_a_posting_asks_for(text, asked):
    assert required_years(text) == asked


@each(
    "starts, order",
    [
        (["2022-06", "2019-03"], "AB"),
        (["2019-03", "2022-06"], "BA"),
        (["2015年", "2017.5", "2022/6"], "CBA"),
        (["2015-01", "2022-06", "2017-05"], "BCA"),  # the first began first, so the order means nothing
        (["2022-06", "2015-01", "2017-05"], "ABC"),
        (["Mar 2015", "Jan 2019"], "BA"),
        (["2019-03", "2019-03"], "AB"),
        (["2019-03", "", "2022-06"], "ABC"),
        (["2019-03", None], "AB"),
        (["2019-03"], "A"),
        ([], ""),
    ],
)
def test_jobs_that_stand_the_oldest_first_are_turned(starts, order):
    assert "".join(latest_first("ABC"[: len(starts)], starts)) == order
