"""Reasons as a recruiter would say them: at most three, and no word that neither side has."""

import pytest

from handlers.views.summary import summary_of
from store.results.result_documents import Reason
from store.resumes.resume_record import Resume, Work
from tests.support import scored_result

TITLE = ("title", "总账会计", "总账会计", 50)
CITY = ("city", "杭州", "杭州", 3)
PAY = ("salary", "12000-18000", "14000-16000", 3)
SKILLS = [("skill", "用友", "用友", 5), ("skill", "Excel", "excel", 4), ("skill", "报税", "纳税申报", 4)]


def said(*rows, titles=("总账会计",), years=5, opened=str):
    scored = scored_result(why=[Reason(*row) for row in rows], years=years)
    return summary_of(scored, Resume(works=[Work(position_title=title) for title in titles]), opened)


def test_three_reasons_are_said_as_recruiters_say_them():
    assert said(TITLE, PAY, CITY) == "5年总账会计，杭州，期望14-16K在范围内"
    assert said(TITLE, *SKILLS, PAY, CITY) == "5年总账会计，用友、Excel、纳税申报，杭州"


@pytest.mark.parametrize(
    ("titles", "years", "role"),
    [
        (("总账会计", "总账会计"), 5, "5年总账会计"),
        (("总账会计", "出纳"), 5, "总账会计（工作5年）"),
        (("财务主管", "总账会计"), 5, "做过总账会计（工作5年）"),
        (("出纳",), 5, "想做总账会计（工作5年）"),
        ((), None, "想做总账会计"),
        (("总账会计",), None, "总账会计"),
        (("总账会计",), 0, "总账会计"),
    ],
)
def test_years_are_those_of_a_title_only_where_there_was_no_other(titles, years, role):
    assert said(TITLE, titles=titles, years=years) == role


def test_without_a_title_the_duties_say_it():
    duties = ("duties", "总账会计", "月结 凭证 报税 合并报表", 30)
    assert said(duties, titles=()) == "做过月结、凭证、报税（工作5年）"
    assert said(CITY, titles=()) == "工作5年，杭州"
    assert said(years=None) == ""


@pytest.mark.parametrize(
    ("row", "words"),
    [
        (("salary", "12000-14000", "20000-25000", -9), "期望20-25K（给12-14K）"),
        (("degree", "本科", "大专", -5), "大专（要本科）"),
        (("years", "3年以上", "1.5年", -4), "1.5年（要3年以上）"),
        (("city", "上海,杭州", "成都", -4), "成都（要上海、杭州）"),
        (("level", "高级", "", -1), "未写明高级"),
    ],
)
def test_the_gravest_of_what_speaks_against_somebody_is_the_last_reason(row, words):
    light = ("domain", "医疗", "教育", -0.5)
    assert said(TITLE, *SKILLS, CITY, light, row) == f"5年总账会计，用友、Excel、纳税申报，{words}"


@pytest.mark.parametrize(
    ("asked", "found", "words"),
    [
        ("12000-18000", "12000-18000", "期望12-18K在范围内"),
        ("12000以上", "15000-15000", "期望15K在范围内"),
        ("12000以上", "15500以上", "期望15.5K以上在范围内"),
        ("12000-18000", "15000-20000", "期望15-20K（给12-18K）"),
        ("12000-18000", "15000以上", "期望15K以上（给12-18K）"),
    ],
)
def test_pay_is_within_the_range_only_where_all_of_it_is(asked, found, words):
    assert said(("salary", asked, found, 3), years=None) == words


def test_words_are_shown_as_the_account_may_see_them():
    row = ("title", "总账会计", "总账会计***", 50)
    assert (
        said(row, titles=("总账会计1390",), opened=lambda text: text.replace("***", "1390"))
        == "5年总账会计1390"
    )


def test_no_word_is_said_twice():
    other = ("description", "", "报税 excel 用友 开票", 2)
    assert said(TITLE, *SKILLS, other) == "5年总账会计，用友、Excel、纳税申报，报税、开票"
    assert said(TITLE, *SKILLS, ("similar", "", "用友 Excel", 2)) == "5年总账会计，用友、Excel、纳税申报"
