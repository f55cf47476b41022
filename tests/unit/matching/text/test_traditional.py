"""Traditional characters mean what simplified ones mean, in resumes and feeds, and are shown as written."""

import numpy as np
import pytest

from config.data import load_lexicon
from engine.matching.feed_spec import FeedSpec
from engine.matching.score.match import score
from engine.matching.text.characters import codes_of
from engine.matching.text.folding import fold, folds
from engine.matching.text.normalise import normalise
from engine.matching.text.traditional import SIMPLIFIED, TRADITIONAL, own_words, to_simplified

SIMPLE = {
    "job_target": {"job_career": "软件测试工程师", "expectation_area": "广州", "salary": "1.5万-2万"},
    "works": [
        {
            "position_title": "测试工程师",
            "job_desc": "编写测试用例,完成回归测试。熟悉性能测试,不会自动化测试。了解数据库",
        }
    ],
    "education": [{"degree": "硕士"}],
    "self_evaluation": "会功能测试和接口测试",
    "work_years": "5年",
}
TRADITIONALLY = {
    "job_target": {"job_career": "軟件測試工程師", "expectation_area": "廣州", "salary": "1.5萬-2萬"},
    "works": [
        {
            "position_title": "測試工程師",
            "job_desc": "編寫測試用例,完成回歸測試。熟悉性能測試,不會自動化測試。瞭解數據庫",
        }
    ],
    "education": [{"degree": "碩士"}],
    "self_evaluation": "會功能測試和接口測試",
    "work_years": "5年",
}
FEED = FeedSpec(
    title="软件测试",
    job_desc="要求回归测试,性能测试",
    keywords=("功能测试", "自动化测试"),
    expect_area=("广州",),
)
FEED_TRADITIONALLY = FeedSpec(
    title="軟件測試",
    job_desc="要求回歸測試,性能測試",
    keywords=("功能測試", "自動化測試"),
    expect_area=("廣州",),
)


def test_a_pair_scores_the_same_whichever_characters_either_is_written_in(analyzer):
    profiles = [analyzer.resume(body) for body in (SIMPLE, TRADITIONALLY)]
    queries = [analyzer.feed(spec) for spec in (FEED, FEED_TRADITIONALLY)]
    found = [score(query, profile) for query in queries for profile in profiles]
    assert len({match.score for match in found}) == 1
    assert [match.missing for match in found] == [["自动化测试"]] * 2 + [["自動化測試"]] * 2
    assert profiles[1].degree == 5
    assert (profiles[1].salary_low, profiles[1].salary_high) == (15_000, 20_000)
    assert profiles[1].terms == profiles[0].terms
    assert profiles[1].places == profiles[0].places


def test_what_is_matched_is_shown_as_the_resume_writes_it(analyzer):
    found = score(analyzer.feed(FEED), analyzer.resume(TRADITIONALLY))
    shown = {row.field: row.matched for row in found.why}
    assert shown["title"] in ("軟件測試工程師", "測試工程師")
    said = "".join([TRADITIONALLY["self_evaluation"], TRADITIONALLY["works"][0]["job_desc"]])
    words = [word for row in found.why if row.field in ("skill", "duties") for word in row.matched.split()]
    assert words
    assert [word for word in words if word not in said + "軟件測試工程師"] == []


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("瞭解即可", "了解即可"),
        ("不會", "不会"),
        ("臺北", "台北"),
        ("妳", "你"),
        ("著作權", "著作权"),
        ("Ｊａｖａ開發", "java开发"),
    ],
)
def test_characters_become_simplified_one_by_one(typed, meant):
    assert normalise(typed) == meant
    assert len(to_simplified(typed)) == len(typed)


def test_the_table_is_a_map_that_is_done_in_one_step():
    assert len(TRADITIONAL) == len(SIMPLIFIED) == len(set(TRADITIONAL))
    assert not set(TRADITIONAL) & set(SIMPLIFIED)


def test_the_compiled_fold_knows_the_same_characters():
    codes = codes_of(TRADITIONAL)
    assert fold(codes, len(codes), folds()) == len(TRADITIONAL)
    assert np.array_equal(codes, codes_of(normalise(TRADITIONAL)))


def test_a_text_says_its_own_words():
    assert own_words("熟悉軟件測試,Java开发", ["软件测试", "java", "开发", "会计"]) == {
        "软件测试": "軟件測試"
    }


def test_no_word_of_the_lexicon_is_written_so_that_it_is_not_found():
    data = load_lexicon()
    words = [word for skill in data.skills for word in (skill.term, *skill.aliases)]
    words += [word for row in data.titles for word in (row.title, *row.aliases, *row.signs)]
    assert [word for word in words if to_simplified(word) != word] == []
