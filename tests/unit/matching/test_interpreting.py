"""Loops that are interpreted, while they are being compiled, give what they give as machine code."""

from datetime import date

import numpy as np
import pytest

from config.data import load_lexicon
from config.demo.feeds import DEMO_FEEDS
from config.demo.resumes import demo_resumes
from engine.matching.analysis.analyzer import Analyzer
from engine.matching.compiled import compiling, interpret, use_compiled
from engine.matching.feed_spec import FeedSpec
from engine.matching.score import feed_snapshot, resume_snapshot
from engine.matching.score.index import FeedIndex
from engine.matching.score.match import score
from engine.matching.score.resume_index import ResumeIndex
from tests.unit.matching.stepping import finished
from tests.unit.matching.topic_samples import learned_of

TODAY = date(2026, 3, 1)
LONG = "熟悉Java、vue3.2、Spring Boot 和foobar；不会go，了解过k8s，配合测试工程师，使用 CI/CD 平台。\n" * 8
ODD = "𠮷野家 ﾊﾝｶｸ ＪＡＶＡ c++17 a.net ①②③ 會計師 😀" * 9


def everything():
    """What matching says of some feeds and resumes, as text."""
    analyzer = Analyzer.from_data(load_lexicon())
    bodies = [*demo_resumes(4)]
    for text in (LONG, ODD):
        bodies.append({"self_evaluation": text, "works": [{"position_title": "会计", "job_desc": text}]})
    specs = [FeedSpec(title="会计", job_desc=LONG + ODD), FeedSpec(title="出纳", expect_area=("北京",))]
    for feed in DEMO_FEEDS:
        names = ("title", "job_desc", "skill_required", "salary_min", "salary_max")
        texts = {name: feed[name] for name in names}
        specs.append(FeedSpec(**texts, keywords=tuple(feed["keywords"].replace("、", ",").split(","))))
    profiles = [analyzer.resume(body, TODAY) for body in bodies]
    topics = learned_of(profiles)
    queries = [analyzer.feed(spec, topics=topics) for spec in specs]
    said = [profiles, queries, topics]
    index, resumes = FeedIndex(), ResumeIndex()
    for number, query in enumerate(queries):
        index.put(f"{number:024x}", query)
    for number, profile in enumerate(profiles):
        resumes.put(f"{number:024x}", profile, rev=1, arrived_at=number)
    index.remove(f"{0:024x}")
    finished(resumes.adopt(topics))
    found = matches(index, resumes, profiles, queries, topics)
    restored = (
        FeedIndex.restored(feed_snapshot.packed(finished(index.copying()))),
        ResumeIndex.restored(resume_snapshot.packed(finished(resumes.copying()))),
    )
    assert matches(*restored, profiles, queries, topics) == found
    pairs = [score(query, profile, topics) for query in queries for profile in profiles[-4:]]
    return [*said, found, pairs]


def matches(index, resumes, profiles, queries, topics):
    found = [[*index.matches(profile, 0.0, topics)] for profile in profiles]
    return [*found, *(finished(resumes.search(query)).count for query in queries)]


@pytest.fixture
def interpreted():
    interpret()
    yield
    use_compiled()


def test_interpreted_loops_say_what_compiled_ones_say(interpreted):
    with np.errstate(over="raise"):
        said = everything()
    with compiling():
        assert repr(everything()) == repr(said)
