"""No word is cut out of a Latin word, in texts, titles and short fields."""

import pytest

from config.data import load_lexicon
from engine.matching.analysis.reading import Reader
from engine.matching.feed_spec import FeedSpec
from engine.matching.lexicon.degrees import schooling
from engine.matching.lexicon.domains import Domains
from engine.matching.lexicon.lexicon import Lexicon
from engine.matching.score.match import score
from engine.matching.text.latin import stands_in
from engine.matching.text.normalise import normalise
from tests.support import each
from tests.unit.matching.engine_samples import lexicon, work


@pytest.fixture(scope="module")
def skills():
    """The skills that a text names, with a skill of each trade beside it, so that nothing is guarded."""
    words = Lexicon(load_lexicon())
    reader = Reader(words)
    return lambda text: reader.read(normalise(text)).terms.keys() & words.skills


@each(
    "word",
    [
        *("windows", "https", "chrome", "good", "accounts", "design", "digital", "environment", "basic"),
        *("features", "experience", "https://a.io", "create", "community", "opportunity", "vision", "C2"),
        *("education", "enterprise", "résumé", "google", "www.163.net"),
    ],
)
def test_no_skill_is_cut_out_of_a_latin_word(skills, word):
    assert skills(f"熟悉{word}的使用,会python、excel、spss") == {"python", "excel", "spss"}


@each(
    "typed, skill",
    [
        ("Vue3", "vue"),
        ("Python3.8", "python"),
        ("ES6", "javascript"),
        ("C++11", "c++"),
        ("node.js", "node.js"),
        ("java/go", "go"),
        ("k8s集群", "kubernetes"),
        ("SpringBoot", "spring boot"),
        ("Spring Boot", "spring boot"),
        ("iOS开发", "ios"),
        ("3年Java经验", "java"),
        ("MySQL5.7", "mysql"),
        ("02CAD(熟练)", "autocad"),
        ("html5+css3", "css"),
        ("ASP.NET", ".net"),
        ("使用.NET", ".net"),
        ("Ｊａｖａ", "java"),
        ("Type Script", "typescript"),
        ("spring-boot", "spring boot"),
        ("Oracle11g", "oracle"),
    ],
)
def test_a_whole_word_is_read_whatever_stands_beside_it(skills, typed, skill):
    assert skill in skills(f"会python,{typed}")


def test_a_name_that_is_written_as_two_words_is_not_the_first_of_them(skills):
    assert skills("熟悉Java Script、HTML") == {"javascript", "html"}


def test_business_with_consumers_is_no_programming_language(skills):
    assert skills("用Java开发C端业务系统") == {"java", "c端"}


def test_what_tells_a_tester_is_no_skill_of_a_factory(skills):
    assert "精益生产" not in skills("用jmeter压测,记录TPS和响应时间")


@pytest.mark.parametrize("typed", ["PHPer", "javaer", "goer", "pythonista"])
def test_a_word_for_people_is_another_word(skills, typed):
    assert skills(typed) == set()


def test_a_long_text_is_not_cut_inside_of_a_word_either():
    for length in range(1990, 2010):
        assert lexicon().tokenizer.cut_each(["的" * length + "javawindows"])[0][-1] == "javawindows"


def test_an_accountant_who_writes_english_is_no_front_end_developer(analyzer):
    text = "Responsible for accounts payable, reviews of accounts, design of reports and good events."
    profile = analyzer.resume({"works": [work("会计", text)], "self_evaluation": text})
    assert not {"typescript", "javascript"} & profile.terms.keys()
    assert score(analyzer.feed(FeedSpec(title="前端开发", keywords=("TypeScript",))), profile) is None


def test_short_fields_are_read_in_whole_words_too():
    assert [stands_in("ai", text) for text in ("ai公司", "mail ai", "mail", "aims")] == [
        True,
        True,
        False,
        False,
    ]
    assert Domains({"人工智能": ("ai",)}).find("hotmail") == ()
    assert schooling("Samba").rank == 0
    assert schooling("MBA").rank == 5
