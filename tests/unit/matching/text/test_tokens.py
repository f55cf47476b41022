import logging
import re

import jieba
import pytest
import rjieba
from hypothesis import given
from hypothesis import strategies as st

from engine.matching.analysis.reading import Reader
from engine.matching.text.tokens import WORD_FREQUENCY, Tokenizer
from engine.matching.text.vocabulary import dictionary
from tests.unit.matching.engine_samples import lexicon

SENTENCES = (
    "负责公司前端页面的开发与维护，熟悉浏览器兼容问题",
    "熟练使用java、spring boot、mysql，了解node.js和c++",
    "3-5年工作经验，本科及以上学历，能承受较大压力",
    "完成销售目标，定期拜访客户并跟进回款情况",
    "编写测试用例，提交缺陷并跟踪，完成回归测试",
    "整理凭证，纳税申报，编制财务报表及excel统计",
    "参与微服务架构设计，对jvm调优有实际经验",
    "负责门店日常运营，带领团队完成业绩指标。",
)


@pytest.fixture(scope="module")
def reference():
    """Pure-Python jieba with the lexicon's words under the same frequencies."""
    jieba.setLogLevel(logging.ERROR)
    cutter = jieba.Tokenizer()
    cutter.initialize()
    return cutter


def cut(text):
    return lexicon().tokenizer.cut(text)


def test_ours_and_the_fast_cutter_cut_as_jieba_does(reference):
    fast = rjieba.Jieba()
    for word in sorted(lexicon().tokenizer.words):
        fast.add_word(word, WORD_FREQUENCY, None)
        reference.add_word(word, WORD_FREQUENCY)
    for text in (*SENTENCES, *sorted(lexicon().tokenizer.words)):
        ours = lexicon().tokenizer.cut_each([text])[0]
        assert ours == fast.cut(text, hmm=False) == list(reference.cut(text, HMM=False))


LATIN = "0-9A-Za-zÀ-ÖØ-öø-ɏḀ-ỿ"
JOINT, UNITS = 0x2A700, range(0x2A701, 0x2EBF0)


class Units:
    """Text with each Latin run as one character, a rare ideograph: no cutter can then cut inside of it."""

    def __init__(self):
        self.characters = {}

    def of(self, text):
        text = re.sub(rf"(?<=[{LATIN}])\.(?=[{LATIN}])", chr(JOINT), text)
        return re.sub(rf"[{LATIN}]+", lambda run: self._unit(run[0]), text)

    def _unit(self, run):
        if len(run) == 1 and run.isascii():
            return run
        return self.characters.setdefault(run, chr(UNITS[len(self.characters)]))

    def back(self, piece):
        runs = {unit: run for run, unit in self.characters.items()} | {chr(JOINT): "."}
        return "".join(runs.get(character, character) for character in piece)


@pytest.fixture(scope="module")
def cut_by_units():
    """jieba-rs over units, with the lexicon's words under the same frequencies."""
    cutter, units = rjieba.Jieba(), Units()
    for word in sorted(lexicon().tokenizer.words):
        cutter.add_word(units.of(word), WORD_FREQUENCY, None)
    for word, frequency in zip(*dictionary(), strict=True):
        if units.of(word) != word:
            cutter.add_word(units.of(word), int(frequency), None)
    known = dict(units.characters)

    def cut(text):
        units.characters = dict(known)
        pieces = cutter.cut(units.of(text), hmm=False)
        return [units.back(piece) for piece in pieces]

    return cut


PARTS = st.sampled_from(
    [
        *(sentence[start : start + 7] for sentence in SENTENCES for start in range(0, len(sentence), 5)),
        "c++",
        ".net",
        "ci/cd",
        "vue3.2",
        "3ds",
        "max",
        "k8s",
        "a1b2",
        "google",
        "java.net",
        "café",
        "x光",
        "t恤",
        "𠀀",
        "🚀",
        "엔지니어",
        *("\n ,./-_%&#+。、；龜鿿㐀İß٣"),
    ]
)


NO_UNITS = st.characters(exclude_categories=["Cs"]).filter(lambda one: not JOINT <= ord(one) < UNITS.stop)


@given(st.lists(st.one_of(PARTS, st.text(NO_UNITS, max_size=4)), max_size=30))
def test_whatever_stands_in_a_text_it_is_cut_as_jieba_rs_cuts_whole_latin_words(cut_by_units, parts):
    text = "".join(parts).replace("\r", "")
    assert lexicon().tokenizer.cut_each([text])[0] == cut_by_units(text)


@pytest.mark.parametrize("name", ["node.js", "c++", "c#", ".net", "java"])
def test_a_latin_name_stays_in_one_piece(name):
    assert name in cut(f"熟悉{name}、等技术")


def test_names_that_no_alphabet_holds_together_are_joined():
    assert "springboot" in cut("使用spring boot开发")
    assert "ci/cd" in cut("搭建ci/cd流水线")


def test_a_version_is_not_part_of_a_known_name():
    assert cut("vue3.0") == ["vue"]
    assert cut("java8")[0] == "java"
    assert cut("html5") == ["html5"]


def test_punctuation_and_space_are_no_words():
    assert cut("java ，。/ c++ !") == ["java", "c++"]


def test_a_long_text_is_cut_in_pieces_and_loses_nothing():
    assert cut("java " * 2_000).count("java") >= 1_999


def test_no_words_at_all_still_cut():
    nothing = Tokenizer(())
    assert nothing.cut("前端 开发") == ["前端", "开发"]
    assert "".join(nothing.cut_each(["x" * 5_000])[0]) == "x" * 5_000


def test_a_guarded_word_needs_company():
    read = Reader(lexicon()).read
    assert "go" not in read("let it go 我们出发").terms
    assert "go" in read("熟悉go、mysql").terms
    assert "go" in read("go").terms


@pytest.mark.parametrize(
    ("text", "stated", "denied"),
    [
        ("熟悉mysql,不会java、vue和c++,会excel", {"mysql"}, {"java", "vue"}),
        ("没有java、vue经验", set(), {"java", "vue"}),
        ("用过mysql但没有java开发经验", {"mysql"}, {"java"}),
        ("(没有任何java基础)", set(), {"java"}),
        ("没有java就没有这个系统", {"java"}, set()),
        ("无需指导即可使用java", {"java"}, set()),
    ],
)
def test_what_is_denied_is_no_skill(text, stated, denied):
    reading = Reader(lexicon()).read(text)
    skills = {"java", "vue", "mysql"}
    assert (reading.terms.keys() & skills, reading.denied & skills) == (stated, denied)


@pytest.mark.parametrize("text", ["无需java", "不要求会java,会vue即可", "不需要java经验"])
def test_what_a_posting_does_without_is_not_asked_for(text):
    assert "java" not in Reader(lexicon()).read(text, lists=False).terms


def test_a_denial_beats_an_earlier_mention():
    assert "java" not in Reader(lexicon()).read("参加java活动\n不会java").terms


def test_what_colleagues_do_counts_little():
    read = Reader(lexicon()).read
    assert (
        read("向java开发团队反馈问题,跟踪处理进度").terms["java"] < 0.2 < read("使用java写代码").terms["java"]
    )


def test_a_nodding_acquaintance_counts_less_than_use():
    read = Reader(lexicon()).read
    assert read("了解过java").terms["java"] < read("使用java").terms["java"]


def test_a_long_list_counts_little_in_a_resume_and_fully_in_a_feed():
    padded = "关键词:" + "、".join(["java", "vue", "c++", "c#", "mysql", *(f"词语{i}" for i in range(12))])
    read = Reader(lexicon()).read
    assert read(padded).terms["vue"] < 0.2
    assert read(padded, lists=False).terms["vue"] == 1.0
