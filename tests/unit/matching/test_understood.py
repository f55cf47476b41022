"""What is understood of a feed, when to ask, and what a recruiter's choice changes."""

import msgspec
import pytest

from engine.matching.analysis.analyzer import Analyzer
from engine.matching.feed_spec import FeedSpec
from engine.matching.lexicon.occupation_names import OccupationNames
from engine.matching.lexicon.places import Places
from engine.matching.lexicon.rows import TitleRow
from engine.matching.lexicon.titles import TitleReader, occupation_id
from engine.matching.resume_profile import ResumeProfile
from engine.matching.score.match import score
from tests.unit.matching.engine_samples import analyzer, feed, lexicon, match, resume, rows, work

TESTER = {"job_desc": "编写测试用例\n提交缺陷\n回归测试", "keywords": ()}


def understood(**changes):
    answer = analyzer().understood(feed(**changes))
    return {one.id: weight for one, weight in answer.occupations}, answer.ask


def test_a_clear_title_is_understood_without_asking():
    occupations, ask = understood()
    assert next(iter(occupations)) == "java开发工程师"
    assert not ask


def test_a_vague_title_is_guessed_from_the_text_and_asked_about():
    occupations, ask = understood(title="专员", **TESTER)
    assert next(iter(occupations)) == "软件测试工程师"
    assert ask


@pytest.mark.parametrize("title", ["专员", "量子炼金师"])
def test_nothing_understood_is_asked_about(title):
    assert understood(title=title, job_desc="", keywords=()) == ({}, True)


@pytest.mark.parametrize(
    ("duties", "best", "ask"),
    [
        ("", "软件开发工程师", True),  # left open
        ("负责编码，编码规范，写代码", "软件开发工程师", False),  # the text is about the very occupation
        ("训练神经网络", "算法工程师", True),  # a guess
    ],
)
def test_an_open_title_is_asked_about_unless_the_text_bears_it_out(monkeypatch, duties, best, ask):
    monkeypatch.setattr("engine.matching.lexicon.occupations.OPEN_LIKE", 2)
    rows = (
        TitleRow("软件开发工程师", ("软件工程师",), "software", "software", ("编码", "编码规范", "写代码")),
        TitleRow("Java开发工程师", ("Java软件工程师", "Java软件开发工程师"), "software", "a", ("java",)),
        TitleRow("算法工程师", ("算法软件工程师", "算法软件开发工程师"), "software", "b", ("神经网络",)),
    )
    told = Analyzer(lexicon(titles=rows), Places(())).understood(FeedSpec("软件工程师", job_desc=duties))
    assert told.occupations[0][0].id == best
    assert told.ask is ask


def test_a_title_that_the_text_contradicts_is_followed_and_asked_about():
    assert understood(title="会计", **TESTER) == ({"会计": 1.0, "软件测试工程师": 0.0}, True)
    assert understood(title="会计", job_desc="测试用例", keywords=()) == ({"会计": 1.0}, False)


def test_an_empty_form_is_not_asked_about():
    assert understood(title="", job_desc="", keywords=()) == ({}, False)


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"title": "专员", **TESTER},
        {"title": "Java开发/前端/测试"},
        {"occupations": ("会计", "招聘专员", "培训讲师")},
    ],
)
def test_weights_add_up_to_one_best_first(changes):
    weights = list(understood(**changes)[0].values())
    assert sum(weights) == pytest.approx(1)
    assert weights == sorted(weights, reverse=True)
    assert all(0 <= weight <= 1 for weight in weights)


def test_it_is_what_the_query_asks_for():
    for changes in ({}, {"title": "专员", **TESTER}, {"occupations": ("会计",)}):
        best = next(iter(understood(**changes)[0]))
        query = analyzer().feed(feed(**changes))
        assert query.reach[best] == max(query.reach.values())
        assert f"o:{best}" in query.gate_terms


def test_what_was_chosen_is_asked_for_alone_and_alike():
    occupations, ask = understood(occupations=("会计", "培训讲师"))
    assert (occupations, ask) == ({"会计": 0.5, "培训讲师": 0.5}, False)
    query = analyzer().feed(feed(occupations=("会计", "培训讲师")))
    assert query.known
    assert query.reach["会计"] == query.reach["培训讲师"] == 10_000
    assert "java开发工程师" not in query.reach


def test_a_choice_finds_people_whom_a_vague_title_did_not():
    vague = {"title": "专员", "job_desc": "", "keywords": ()}
    tester = resume(works=[work("测试工程师", "编写测试用例")], job_target={})
    assert match(feed(**vague), tester) is None
    found = match(feed(**vague, occupations=("软件测试工程师",)), tester)
    assert found.title_match
    assert found.why[0].term == "专员（选定：软件测试工程师）"


def test_the_words_of_an_unknown_title_count_beside_a_choice():
    unknown = {"title": "量子炼金师", "job_desc": "", "keywords": ()}
    before, after = analyzer().feed(feed(**unknown)), analyzer().feed(feed(**unknown, occupations=("会计",)))
    assert after.title_words == before.title_words != {}


def test_a_choice_outlives_its_occupation():
    # By a name that the lexicon knows as another's, then by what it says as a title.
    assert understood(occupations=("测试工程师",)) == ({"软件测试工程师": 1.0}, False)
    assert understood(occupations=("芯片测试工程师",)) == ({"软件测试工程师": 1.0}, False)
    # Of one that says nothing the feed's own title is left, and it is asked about.
    occupations, ask = understood(occupations=("量子炼金师",))
    assert "java开发工程师" in occupations
    assert ask


def test_a_guess_is_told_in_the_reason_and_nothing_else_is():
    tester = resume(works=[work("测试工程师", "编写测试用例，提交缺陷，回归测试")], job_target={})
    guessed = rows(feed(title="专员", **TESTER), tester)["title"]
    assert guessed.term == "专员（理解为：软件测试工程师）"
    assert guessed.matched == "测试工程师"
    assert rows(feed(title="测试工程师", **TESTER), tester)["title"].term == "测试工程师"


def test_a_reason_says_when_duties_alone_tell_what_an_open_title_means():
    profile = ResumeProfile(
        key_terms=("o:java开发工程师",), title="软件工程师", titled={"java开发工程师": 90, "会计": 60}
    )
    query = analyzer().feed(feed(keywords=(), job_desc=""))
    assert score(query, profile).why[0].term == "高级Java开发工程师"
    meant = msgspec.structs.replace(profile, meant=("java开发工程师",))
    row = score(query, meant).why[0]
    assert (row.term, row.matched) == ("高级Java开发工程师（按对方的工作内容）", "软件工程师")


def test_names_are_found_by_a_part_the_nearest_first():
    like = analyzer().occupations_like
    assert [one.id for one in like("测试", 5)] == ["软件测试工程师", "测试开发工程师"]
    assert [one.name for one in like("JAVA", 5)] == ["Java开发工程师"]
    assert like("", 5) == like("量子", 5) == []
    assert len(like("开发", 1)) == 1


def test_an_occupation_has_one_id_under_all_its_names():
    occupation = analyzer().occupation
    assert occupation("Java后端") == occupation("java开发工程师") == occupation(" JAVA ")
    assert occupation("量子炼金师") is None
    assert occupation("") is None


def test_latin_words_of_a_name_are_written_as_people_write_them():
    written = {
        "java开发工程师": "Java开发工程师",
        "plc工程师": "PLC工程师",
        "python讲师": "Python讲师",
        ".net与node.js开发": ".NET与Node.js开发",
        "McKinsey顾问": "McKinsey顾问",
        "会计": "会计",
    }
    rows = tuple(TitleRow(title, (), "", "", ()) for title in written)
    names = OccupationNames(lexicon(titles=rows), TitleReader((), ()))
    assert {title: names.shown(occupation_id(title)) for title in written} == written
