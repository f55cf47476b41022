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
        ({"languages": ("CET-4",)}, "英语四级", "met"),
        ({"languages": ("英语",)}, "英语四级", "met"),
        ({"languages": ("CET-6",)}, "英语四级", "unmet"),
        ({"languages": ("日语",)}, "", "unknown"),
    ],
)
def test_a_requirement_is_met_unmet_or_unknown(analyzer, asked, found, state):
    (one,) = match(analyzer, **asked).requirements
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
