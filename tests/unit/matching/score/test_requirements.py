"""Requirements: met, unmet, or not known; a must that is unmet makes a match possible at most."""

import msgspec
import pytest

from engine.matching.feed_spec import FeedSpec, Requirements
from engine.matching.score.match import score
from process.rules import make_analyzer
from tests.support import each

BODY = {
    "job_target": {"job_career": "会计主管", "salary": "10-15K"},
    "works": [{"position_title": "会计主管", "job_desc": "负责总账、报税与成本核算", "begin": "2015-03"}],
    "education": [{"degree": "大专"}],
    "work_years": "6年",
    "self_evaluation": "初级会计师，英语四级，驾照B2",
}
FEED = FeedSpec(title="会计主管", job_desc="负责总账、报税与成本核算")


@pytest.fixture(scope="module")
def analyzer():
    return make_analyzer()


def match(analyzer, body=BODY, **asked):
    spec = msgspec.structs.replace(FEED, requirements=Requirements(**asked))
    return score(analyzer.feed(spec), analyzer.resume(body))


@each(
    "asked, found, state",
    [
        ({"degree": "大专"}, "大专", "met"),
        ({"degree": "本科"}, "大专", "unmet"),
        ({"years_min": 6}, "6年", "met"),
        ({"years_min": 7}, "6年", "unmet"),
        ({"years_max": 6}, "6年", "met"),
        ({"years_max": 5}, "6年", "unmet"),
        ({"certificates": ("初级会计证",)}, "初级会计师", "met"),
        ({"certificates": ("中级会计师",)}, "初级会计师", "unmet"),
        ({"certificates": ("注册会计师",)}, "", "unknown"),
        ({"licence": "C1"}, "B2", "met"),
        ({"licence": "A1"}, "B2", "unmet"),
        ({"certificates": ("驾照",)}, "B2", "met"),
        ({"certificates": ("C1驾照",)}, "B2", "met"),
        ({"certificates": ("A1驾驶证",)}, "B2", "unmet"),
        ({"languages": ("CET-4",)}, "英语四级", "met"),
        ({"languages": ("英语",)}, "英语四级", "met"),
        ({"languages": ("CET-6",)}, "英语四级", "unmet"),
        ({"languages": ("日语",)}, "", "unknown"),
    ],
)
def test_a_requirement_is_met_unmet_or_unknown(analyzer, asked, found, state):
    (one,) = match(analyzer, **asked).requirements
    assert (one.found, one.state) == (found, state)


@each(
    "said, asked, found, state",
    [
        ("没有驾照", {"licence": "C1"}, "没有驾照", "unmet"),
        ("没有C1", {"licence": "B2"}, "没有C1", "unmet"),
        ("没有B2", {"licence": "C1"}, "", "unknown"),
        ("备考四级", {"languages": ("CET-6",)}, "备考四级", "unmet"),
        ("六级没过", {"languages": ("CET-4",)}, "", "unknown"),
        ("六级没过，四级已过", {"languages": ("CET-4",)}, "四级", "met"),
        ("注册会计师已过两科", {"certificates": ("CPA",)}, "注册会计师已过两科", "unmet"),
        ("没有香道师资格证", {"certificates": ("香道师资格证",)}, "没有香道师资格证", "unmet"),
        ("英语CET-6，450分", {"languages": ("CET-4",)}, "CET-6", "met"),
        ("主管护师", {"certificates": ("护士证",)}, "主管护师", "met"),
        ("高级中学数学教师资格证", {"certificates": ("小学教师资格证",)}, "高级中学数学教师资格证", "met"),
        ("小学数学教师资格证", {"certificates": ("高中教师资格证",)}, "小学数学教师资格证", "unmet"),
    ],
)
def test_what_somebody_says_they_lack_is_unmet(analyzer, said, asked, found, state):
    (one,) = match(analyzer, {**BODY, "self_evaluation": said}, **asked).requirements
    assert (one.found, one.state) == (found, state)


@each(
    "degree, asked, found, state",
    [
        ("本科在读", "本科", "本科在读", "unknown"),
        ("本科在读", "大专", "本科在读", "unknown"),
        ("硕士在读", "本科", "硕士在读", "met"),
        ("本科肄业", "大专", "本科肄业", "unmet"),
        ("技校", "大专", "技校", "unmet"),
    ],
)
def test_a_degree_that_is_not_finished_is_not_had(analyzer, degree, asked, found, state):
    (one,) = match(analyzer, {**BODY, "education": [{"degree": degree}]}, degree=asked).requirements
    assert (one.found, one.state) == (found, state)


@pytest.mark.parametrize("missing", ["education", "work_years"])
def test_what_a_resume_does_not_say_is_unknown_and_bars_nothing(analyzer, missing):
    body = {name: value for name, value in BODY.items() if name not in {missing, "works"}}
    asked = {"education": {"degree": "本科"}, "work_years": {"years_min": 30}}[missing]
    found = match(analyzer, body, **asked, must=tuple(asked))
    assert [one.state for one in found.requirements] == ["unknown"]
    assert found.unmet == []


def test_a_must_that_is_unmet_takes_the_tier_and_nothing_else(analyzer):
    plain = match(analyzer)
    wished = match(analyzer, degree="本科", years_min=3)
    must = match(analyzer, degree="本科", years_min=3, must=("degree", "years_min"))
    assert plain.is_strong
    assert wished.is_strong
    assert not must.is_strong
    assert must.unmet == ["degree"]
    assert plain.score == wished.score == must.score
    assert plain.fit == wished.fit == must.fit
    assert plain.why == must.why
