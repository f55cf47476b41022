"""The rows of a score: they add up, and what they show stands in the resume."""

from hypothesis import given
from hypothesis import strategies as st

from engine.matching.feed_spec import FeedSpec
from engine.matching.score.match import score
from engine.matching.score.rules import MIN_POINTS
from engine.matching.text.normalise import squeeze
from tests.unit.matching.engine_samples import analyzer, feed, match, resume

PHRASES = (
    "Java|k8s|不会|前端|销售|测试|测试用例|开发客户|springboot|MySQL|招聘|讲师|了解|同事|会计|报表|广州"
    "|3年以上经验|本科及以上|、|，|。|\n| |spring boot"
)
WORDS = st.sampled_from(PHRASES.split("|"))
TEXT = st.lists(WORDS, max_size=25).map("".join)
AREA = st.sampled_from(["", "广州", "北京,深圳", "广东", "不限"])
FEEDS = st.builds(
    FeedSpec,
    title=TEXT,
    job_desc=TEXT,
    keywords=st.lists(WORDS, max_size=6).map(tuple),
    skill_required=TEXT,
    salary_min=st.integers(0, 20_000),
    salary_max=st.integers(20_000, 1_000_000),
    expect_area=AREA.map(lambda area: (area,)),
)
BODIES = st.fixed_dictionaries(
    {
        "job_target": st.fixed_dictionaries(
            {
                "job_career": TEXT,
                "salary": st.sampled_from(["面议", "8-12K", "3万以上", "", None]),
                "expectation_area": AREA,
            }
        ),
        "works": st.lists(st.fixed_dictionaries({"position_title": TEXT, "job_desc": TEXT}), max_size=4),
        "education": st.lists(
            st.fixed_dictionaries({"degree": st.sampled_from(["本科", "大专", ""])}), max_size=2
        ),
        "self_evaluation": TEXT,
        "address": AREA,
        "work_years": st.sampled_from([0, 3, "5年", "应届", None]),
    }
)


TEXT_ROWS = ("title", "duties", "skill", "description")


def text_of(body):
    """All that a resume says, without spaces, in one case and width."""
    works = [work.get(field, "") for work in body["works"] for field in ("position_title", "job_desc")]
    wish = (body.get("job_target") or {}).get("job_career", "")
    return "\n".join(map(squeeze, [wish, *works, body.get("self_evaluation", "")]))


@given(FEEDS, BODIES)
def test_whatever_the_pair_the_explanation_is_the_score_and_the_gate_was_open(spec, body):
    query, profile = analyzer().feed(spec), analyzer().resume(body)
    found = score(query, profile)
    if found is None:
        return
    points = [row.points for row in found.why]
    assert round(sum(points), 2) == found.score
    assert points == sorted(points, reverse=True)
    assert MIN_POINTS / 100 <= found.score <= 100
    assert query.gate_terms & set(profile.key_terms)
    assert all(round(row.points, 2) == row.points for row in found.why)
    assert not set(found.keywords) & set(found.missing)
    for row in found.why:
        if row.field in TEXT_ROWS:
            assert row.matched
            assert all(squeeze(word) in text_of(body) for word in row.matched.split())


def test_the_feeds_own_spelling_is_kept_and_the_resumes_shown_beside_it():
    found = match(feed(keywords=("Kubernetes", "Vue")), resume())
    assert found.keywords[0] == "Kubernetes"
    assert "Vue" in found.missing
    assert next(row.matched for row in found.why if row.term == "Kubernetes") == "k8s"


def test_a_skill_that_the_description_asks_for_is_shown_in_the_feeds_words():
    spec = feed(keywords=(), job_desc="负责微服务开发\n熟悉k8s和springboot")
    shown = {row.term for row in match(spec, resume()).why if row.field == "skill"}
    assert {"k8s", "Spring Boot"} <= shown
    assert match(spec, resume(self_evaluation="")).missing == ["k8s"]
