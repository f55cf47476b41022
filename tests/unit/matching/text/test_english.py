"""English titles and texts: levels, word order, plurals, cues, sentences, degrees and years."""

import pytest

from engine.matching.analysis.readers import TextReaders
from engine.matching.analysis.reading import Reader
from engine.matching.feed_spec import FeedSpec
from engine.matching.lexicon.degrees import required_degree, schooling
from engine.matching.lexicon.experience import required_years, years
from engine.matching.lexicon.places import Places
from engine.matching.lexicon.rows import TitleRow
from engine.matching.lexicon.titles import ASSISTANT, TitleReader
from engine.matching.text.normalise import normalise
from engine.matching.text.sentences import sentences
from tests.support import each
from tests.unit.matching.engine_samples import analyzer, lexicon

ROWS = (
    TitleRow("java开发工程师", ("java", "java developer"), "software", "backend", ("jvm",)),
    TitleRow("前端开发工程师", ("frontend", "frontend engineer", "react"), "software", "frontend", ("css",)),
    TitleRow("软件开发工程师", ("software engineer",), "software", "backend", ("编码",)),
    TitleRow("销售经理", ("sales manager", "sales director"), "sales", "sales", ("回款",)),
    TitleRow("销售代表", ("sales", "sales representative"), "sales", "sales", ("回款",)),
    TitleRow("人力资源经理", ("hr", "hr manager"), "hr_admin", "hr", ("招聘",)),
    TitleRow("总经理", ("vp", "general manager"), "management", "management", ("战略",)),
    TitleRow("会计", ("accountant",), "finance", "accounting", ("凭证",)),
    TitleRow("市场专员", ("marketing",), "marketing", "marketing", ("活动",)),
)
VAGUE = ("engineer", "manager", "specialist", "assistant", "intern")


def english():
    return lexicon(
        levels=(("senior", 4), ("intern", 0), ("lead", 4)),
        negations=(
            ("deny_before", "no experience in"),
            ("weaken_before", "basic knowledge of"),
            ("weaken_after", "a plus"),
        ),
    )


def read(title):
    return TitleReader(ROWS, VAGUE).read(title)


@each(
    "typed, meant",
    [
        ("Senior Java Developer", "java开发工程师"),
        ("Java Developers", "java开发工程师"),
        ("Engineer, Java", "java开发工程师"),
        ("Sales Manager", "销售经理"),
        ("Manager of Sales", "销售经理"),
        ("Director of Sales", "销售经理"),
        ("VP of Sales", "销售代表"),
        ("HR Manager", "人力资源经理"),
        ("Head of HR", "人力资源经理"),
        ("ACCOUNTANT", "会计"),
        ("Accountants", "会计"),
        ("Accountant, Senior", "会计"),
        ("Jr. Accountant", "会计"),
        ("Frontend Engineer (React)", "前端开发工程师"),
        ("Front-End Engineer", "前端开发工程师"),
        ("front end engineer", "前端开发工程师"),
        ("FrontEnd 开发", "前端开发工程师"),
        ("Software Engineer II", "软件开发工程师"),
        ("Lead Software Engineer", "软件开发工程师"),
        ("Staff Software Engineer", "软件开发工程师"),
        ("Java8开发", "java开发工程师"),
        ("Java Sales Representative", "销售代表"),
    ],
)
def test_an_english_title_names_its_occupation(typed, meant):
    reading = read(typed)
    assert max(reading.occupations, key=reading.occupations.__getitem__) == meant
    assert reading.occupations[meant] == 1.0


def test_two_occupations_in_one_english_title_are_two():
    assert read("Sales and Marketing").occupations.keys() == {"销售代表", "市场专员"}


@pytest.mark.parametrize("typed", ["Chrome Tester", "Threat Hunter", "Reactor Operator", "Hrs"])
def test_a_name_inside_of_another_word_is_none(typed):
    assert read(typed).occupations == {}


@pytest.mark.parametrize(
    "typed", ["Senior Engineer", "Manager", "Intern", "Engineer III", "Junior Specialist"]
)
def test_a_level_and_a_role_alone_say_nothing(typed):
    assert read(typed).vague


def test_an_assistant_may_only_type_for_them():
    assert read("HR Assistant").occupations == {"人力资源经理": ASSISTANT}


def test_the_words_of_an_english_title_stay_apart():
    assert read("Senior Sales Manager").text == "sales manager"
    assert read("高级 Java 开发").text == "java开发"


@pytest.mark.parametrize(
    ("typed", "level"),
    [("senior clerk", 4), ("leader", None), ("seniority", None), ("intern", 0), ("international", None)],
)
def test_level_words_are_whole_words(typed, level):
    assert TextReaders(english(), Places(()), {}, ()).level(typed)[0] == level


def test_english_cues_deny_and_weaken():
    read = Reader(english()).read
    assert read("mysql, no experience in java").denied == {"java"}
    assert read("casino experience in java").denied == set()
    assert read("basic knowledge of java").terms["java"] == pytest.approx(0.4)
    assert read("java is a plus").terms["java"] == pytest.approx(0.4)
    assert read("java is a plusminus").terms["java"] == 1.0


def test_an_english_sentence_ends_at_a_dot_and_a_space():
    text = normalise("Wrote reports. Used node.js, e.g. with Vue 3.2. Led a team.")
    assert sentences(text) == ["wrote reports", "used node.js, e.g. with vue 3.2. led a team."]


def test_prose_is_no_list_but_words_in_a_row_are():
    read = Reader(lexicon()).read
    prose = "designed the services of the shop in java with a small team and kept them up for years"
    assert read(prose).terms["java"] == 1.0
    row = "java vue mysql excel redis kafka docker nginx flask django spark hive storm"
    assert read(row).terms["java"] < 0.2


def test_english_degrees_and_years():
    assert [
        schooling(one).rank for one in ("Bachelor of Science", "Master's", "MBA", "Ph.D.", "Mastercard")
    ] == [
        4,
        5,
        5,
        6,
        0,
    ]
    assert required_degree("bachelor's degree or above, master preferred") == 4
    assert required_degree("master's degree preferred") == 0
    assert [years(one) for one in ("5 years", "5+ yrs", "6 months", "fresh graduate")] == [5.0, 5.0, 0.5, 0.0]
    assert required_years("bachelor's degree or above, 5+ years") == (5, 50)
    assert required_years("at least 3 years of working experience")[0] == 3.0
    assert required_years("3-5 years experience") == (3.0, 5.0)
    assert required_years("experience of 4+ years")[0] == 4.0
    assert required_years("the company is 20 years old") is None


def test_small_english_words_are_not_compared():
    query = analyzer().feed(FeedSpec(title="Java", job_desc="responsible for the design of good systems"))
    assert query.words == {}
