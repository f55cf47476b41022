"""The engine on the project's own words, as the server runs it."""

import numpy as np
import pytest
import rjieba

from config.data import load_lexicon
from engine.matching.feed_spec import FeedSpec
from engine.matching.lexicon.lexicon import Lexicon
from engine.matching.lexicon.occupation_relations import GENERAL, KIND, SAME_FAMILY
from engine.matching.lexicon.occupations import Occupations
from engine.matching.lexicon.rows import LexiconData, TitleRow
from engine.matching.lexicon.titles import TitleReader, occupation_id
from engine.matching.score.match import score
from engine.matching.text.idf import MAX_IDF, UNKNOWN_IDF
from tests.unit.matching.engine_samples import work


@pytest.fixture(scope="module")
def data():
    return load_lexicon()


@pytest.fixture(scope="module")
def lexicon(data):
    return Lexicon(data)


@pytest.fixture(scope="module")
def titles(lexicon):
    return TitleReader(lexicon.titles, lexicon.vague)


@pytest.fixture(scope="module")
def trades(data):
    return {occupation_id(row.title): row.trade for row in data.titles}


@pytest.fixture(scope="module")
def occupations(lexicon):
    return Occupations(lexicon, lambda text: rjieba.cut(text, hmm=False))


def test_every_alias_of_a_skill_is_read_as_that_skill(lexicon, data):
    lost = [
        (skill.term, alias)
        for skill in data.skills
        for alias in (skill.term, *skill.aliases)
        if lexicon.fold(alias.lower()) != skill.term.lower()
    ]
    assert lost == []


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("Java开发工程师", "software"),
        ("高级JAVA工程师", "software"),
        ("java后端（急招）", "software"),
        ("Java讲师", "education"),
        ("Java开发销售经理", "sales"),
        ("前端招聘专员", "hr_admin"),
        ("会计兼前台", "finance"),
    ],
)
def test_the_head_of_a_title_names_the_occupation(titles, trades, typed, meant):
    occupations = titles.read(typed).occupations
    assert trades[max(occupations, key=occupations.__getitem__)] == meant


@pytest.mark.parametrize("typed", ["员工", "高级工程师", "专员", "", "💥", "(资深)"])
def test_a_title_that_says_nothing_is_vague(titles, typed):
    assert titles.read(typed).vague


def test_a_posting_names_the_person_sought_in_one_way_and_colleagues_in_another(titles):
    assert titles.sought("我们在寻找一名有想象力的产品经理") == ["产品经理"]
    assert titles.sought("与产品经理合作\n向产品经理汇报") == []


def test_duties_give_an_occupation_away(occupations):
    evidence = occupations.scores({"测试用例": 1.0, "回归测试": 1.0, "缺陷": 1.0})
    shown = occupations.shown(evidence)
    best = max(shown, key=shown.__getitem__)
    assert "测试" in best
    assert 0.0 < sum(shown.values()) <= 1.001
    assert next(iter(occupations.asked(evidence))) == best


def test_words_about_nothing_show_no_occupation(occupations):
    nothing = occupations.scores({"天气": 1.0})
    assert occupations.shown(nothing) == occupations.asked(nothing) == {}


def test_a_general_occupation_knows_its_special_ones():
    rows = [
        TitleRow("软件开发工程师", ("软件工程师", "开发工程师"), "software", "software", ("编码",)),
        TitleRow("Java开发工程师", ("Java软件工程师",), "software", "backend", ("java",)),
        TitleRow("算法工程师", ("算法开发工程师", "算法软件工程师"), "data", "algorithm", ("模型训练",)),
        TitleRow("会计", ("主办会计",), "finance", "accounting", ("记账",)),
    ]
    occupations = Occupations(Lexicon(LexiconData(titles=rows)), lambda text: rjieba.cut(text, hmm=False))
    assert occupations.special == {"软件开发工程师": {"java开发工程师", "算法工程师"}}
    evidence = np.zeros(len(rows))
    for name, signs in {"算法工程师": 2.0, "会计": 9.0, "java开发工程师": 0.1}.items():
        evidence[occupations.number[name]] = signs
    meant = occupations.meant("软件开发工程师", evidence)
    assert meant.keys() == {"算法工程师"}
    assert not occupations.is_open("会计")


def test_relations_go_both_ways_and_nobody_is_nearer_than_oneself(occupations):
    for one, near in occupations.related.items():
        assert near[one] == 1.0
        for other, value in near.items():
            assert other == one or value < 1.0
            special = other in occupations.special.get(one, ())
            general = one in occupations.special.get(other, ())
            if special == general:
                assert value == pytest.approx(occupations.related[other][one])


def test_who_asks_for_the_general_occupation_is_nearer_to_the_special_one_than_the_other_way_round():
    rows = [
        TitleRow("会计", (), "finance", "accounting", ("记账",)),
        TitleRow("成本会计", ("工厂成本会计",), "finance", "accounting", ("标准成本",)),
        TitleRow("出纳", (), "finance", "accounting", ("现金",)),
        TitleRow("基金会计", ("公募基金会计",), "finance", "fin_ops", ("估值",)),
    ]
    related = Occupations(Lexicon(LexiconData(titles=rows)), lambda text: rjieba.cut(text, hmm=False)).related
    assert related["会计"] == {"会计": 1.0, "成本会计": KIND, "出纳": SAME_FAMILY, "基金会计": GENERAL}
    assert related["成本会计"] == {"会计": SAME_FAMILY, "成本会计": 1.0, "出纳": SAME_FAMILY}


def test_idf_is_capped_and_known_for_every_word(lexicon):
    idf = lexicon.idf
    assert idf("的") < idf("前端") <= MAX_IDF
    assert idf("没有这个词") == UNKNOWN_IDF


@pytest.mark.parametrize("skill", ["k8s", "K8S", "kubernetes", "Kubernetes"])
def test_a_keyword_finds_every_spelling(analyzer, skill):
    query = analyzer.feed(FeedSpec(title="运维工程师", keywords=(skill,)))
    found = score(query, analyzer.resume({"works": [work("运维工程师", "维护Kubernetes集群")]}))
    assert found.keywords == [skill]


def test_digits_inside_a_name_stay_and_loose_ones_go():
    titles = TitleReader((), ())
    assert [titles.read(title).text for title in ("K8s工程师", "Vue3开发", "3D建模", "5-8k销售2")] == [
        "k8s工程师",
        "vue3开发",
        "3d建模",
        "销售",
    ]


@pytest.mark.parametrize(
    ("title", "description", "keywords"),
    [
        ("Python开发工程师", "招聘Python工程师，熟悉Django", {"python", "django"}),
        ("人事专员", "负责招聘、薪酬核算", {"招聘", "薪酬核算"}),
    ],
)
def test_that_a_posting_recruits_is_a_skill_for_recruiters_alone(analyzer, title, description, keywords):
    query = analyzer.feed(FeedSpec(title, description))
    assert {keyword.shown.casefold() for keyword in query.keywords} == keywords


def test_whoever_has_the_higher_level_of_english_does_not_lack_the_lower(analyzer):
    query = analyzer.feed(FeedSpec(title="外贸业务员", keywords=("大学英语四级",)))

    def missing(said):
        return score(query, analyzer.resume({"works": [work("外贸业务员", said)]})).missing

    assert missing("通过CET-6") == missing("英语四级") == []
    assert missing("认真负责") == ["大学英语四级"]
