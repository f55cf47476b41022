import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine.feedspec import FeedSpec
from engine.score import MIN_SCORE, score
from engine.text import squeeze
from tests.unit.engine_samples import accountant, analyzer, feed, resume, seller, work


def match(spec, body):
    return score(analyzer().feed(spec), analyzer().resume(body))


def points(spec, body):
    found = match(spec, body)
    return found.score if found else 0.0


def rows(spec, body):
    found = match(spec, body)
    assert found is not None
    return {row.field: row for row in found.why}


def test_the_right_person_matches_and_the_title_agrees():
    found = match(feed(), resume())
    assert found.title_match
    assert found.score > 60


@pytest.mark.parametrize("body", [seller(), accountant()])
def test_people_of_another_trade_do_not_match(body):
    assert match(feed(expect_area=()), body) is None


def test_points_add_up_and_the_best_come_first():
    found = match(feed(), resume(work_years=1, education=[{"degree": "大专"}]))
    assert round(sum(row.points for row in found.why), 2) == found.score
    assert [row.points for row in found.why] == sorted((row.points for row in found.why), reverse=True)
    assert found.why[-1].points < 0


def test_what_agrees_is_a_row_with_points_and_what_is_unknown_is_none():
    spec = feed(talent_level=("高级",), job_domain=("医疗健康",), company_prefer=("985/211院校",))
    java = work("高级Java工程师", "负责微服务开发", industry_category="医院")
    agreeing = rows(spec, resume(works=[java]))
    wishes = {"city", "salary", "degree", "years", "level", "domain", "preference"}
    assert wishes <= agreeing.keys()
    assert all(agreeing[wish].points > 0 for wish in wishes)
    silent = resume(
        job_target={"job_career": "Java开发"},
        works=[work("Java", "")],
        education=[],
        address="",
        work_years="",
    )
    assert not wishes & rows(spec, silent).keys()


def test_the_city_row_names_the_shared_city():
    row = rows(feed(expect_area=("广州", "北京")), resume())["city"]
    assert (row.term, row.matched) == ("北京,广州", "广州")


def test_an_address_in_the_right_city_says_less_than_a_wish_and_one_elsewhere_costs():
    target = {"job_career": "Java开发", "salary": "10-15K"}
    wished = rows(feed(), resume())["city"].points
    lives = rows(feed(), resume(job_target=target))["city"].points
    away = rows(feed(), resume(job_target=target, address="北京市海淀区"))["city"].points
    assert away < 0 < lives < wished


def test_wishes_that_are_not_made_leave_their_points_to_the_text():
    bare = feed(job_desc="负责微服务开发", expect_area=(), salary_min=0, salary_max=1_000_000)
    assert analyzer().feed(bare).text_points == 10_000
    assert analyzer().feed(feed()).text_points == 9_100


PHRASES = [
    "Java",
    "k8s",
    "不会",
    "前端",
    "销售",
    "测试",
    "测试用例",
    "开发客户",
    "springboot",
    "MySQL",
    "招聘",
    "讲师",
    "了解",
    "同事",
    "会计",
    "报表",
    "广州",
    "3年以上经验",
    "本科及以上",
    "、",
    "，",
    "。",
]
WORDS = st.sampled_from([*PHRASES, "\n", " ", "spring boot"])
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


@pytest.mark.parametrize("spec", [feed(), feed(keywords=("kubernetes", "JVM调优")), feed(title="技术员")])
def test_what_a_text_row_shows_stands_in_the_resume(spec):
    body = resume(
        works=[work("工程师", "负责微服务开发，使用Java、Spring Boot和MySQL，优化JVM"), work("Ｊａｖａ", "")]
    )
    found = match(spec, body)
    shown = [word for row in found.why if row.field in TEXT_ROWS for word in row.matched.split()]
    assert shown
    assert [word for word in shown if squeeze(word) not in text_of(body)] == []


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(FEEDS, BODIES)
def test_whatever_the_pair_the_explanation_is_the_score_and_the_gate_was_open(spec, body):
    query, profile = analyzer().feed(spec), analyzer().resume(body)
    found = score(query, profile)
    if found is None:
        return
    assert round(sum(row.points for row in found.why), 2) == found.score
    assert MIN_SCORE <= found.score <= 100
    assert query.gate_terms & set(profile.key_terms)
    assert all(round(row.points, 2) == row.points for row in found.why)
    assert not set(found.keywords) & set(found.missing)
    for row in found.why:
        if row.field in TEXT_ROWS:
            assert row.matched
            assert all(squeeze(word) in text_of(body) for word in row.matched.split())


def test_a_city_that_both_name_and_do_not_share_is_no_match():
    elsewhere = {"job_career": "Java开发", "expectation_area": "北京"}
    assert match(feed(), resume(job_target=elsewhere)) is None
    assert match(feed(expect_area=("北京", "上海")), resume(job_target=elsewhere)) is not None


@pytest.mark.parametrize("area", ["羊城", "广州市", "天河区", "广东", "深圳、广州", "不限"])
def test_the_same_city_under_another_name_is_a_match(area):
    assert match(feed(), resume(job_target={"job_career": "Java开发", "expectation_area": area})) is not None


def test_a_city_that_nobody_names_costs_little():
    silent = resume(job_target={"job_career": "Java开发", "salary": "10-15K"}, address="")
    assert 0.9 * points(feed(), resume()) < points(feed(), silent) < points(feed(), resume())


@pytest.mark.parametrize(
    ("salary", "matches"), [("15-18K", True), ("17-20K", True), ("19-25K", False), ("3-5K", False)]
)
def test_salaries_may_be_a_fifth_apart_and_no_more(salary, matches):
    body = resume(job_target={"job_career": "Java开发", "expectation_area": "广州", "salary": salary})
    assert (match(feed(), body) is not None) is matches


def test_a_soft_salary_conflict_is_a_row_of_its_own():
    dear = resume(job_target={"job_career": "Java开发", "expectation_area": "广州", "salary": "17-20K"})
    assert rows(feed(), dear)["salary"].points < -5
    assert rows(feed(), resume())["salary"].points > 0


def test_a_missing_degree_costs_points_and_an_unknown_one_does_not():
    assert rows(feed(), resume(education=[{"degree": "大专"}]))["degree"].matched == "大专"
    assert "degree" not in rows(feed(), resume(education=[]))
    assert rows(feed(), resume())["degree"].points > 0


def test_too_little_experience_costs_points():
    assert rows(feed(), resume(work_years=1))["years"].points < 0
    assert rows(feed(), resume(work_years=4))["years"].points > 0
    assert rows(feed(), resume(work_years=4))["years"].matched == "4年"


def test_a_level_that_was_not_asked_for_costs_points():
    spec = feed(talent_level=("高级",), job_desc="负责微服务开发")
    assert rows(spec, resume(work_years=1))["level"].matched == "初级"
    assert rows(spec, resume(work_years=6))["level"].points > 0
    assert "level" not in rows(spec, resume(work_years=None, works=[work("Java工程师", "负责微服务开发")]))


def test_another_domain_costs_points_and_an_unknown_one_does_not():
    spec = feed(job_domain=("医疗健康",))
    java = work("Java工程师", "负责微服务开发", industry_category="教育培训")
    assert rows(spec, resume(works=[java | {"industry_category": "医院"}]))["domain"].points > 0
    assert rows(spec, resume(works=[java]))["domain"].points < 0
    assert "domain" not in rows(spec, resume())


def test_a_school_that_was_not_preferred_costs_points_and_an_unknown_one_does_not():
    spec = feed(company_prefer=("985/211院校",))
    assert rows(spec, resume())["preference"].matched == "985"
    assert "preference" not in rows(spec, resume(education=[]))
    abroad = resume(education=[{"school": "University of Leeds", "degree": "本科"}])
    assert rows(spec, abroad)["preference"].points < 0


def test_titles_and_duties_that_agree_on_a_neighbour_do_not_make_it_the_one_asked_for():
    neighbour = resume(
        job_target={"expectation_area": "广州"},
        works=[work("Python开发", "使用python、django和flask写代码")],
    )
    titled = next(row for row in match(feed(), neighbour).why if row.field == "title")
    most = 0.58 * analyzer().feed(feed()).text_points / 100
    both = sum(row.points for row in match(feed(), neighbour).why if row.field in ("title", "duties"))
    assert titled.points <= both <= 0.65 * most


@pytest.mark.parametrize("title", ["Java讲师", "Java招聘专员", "Java销售经理", "测试开发工程师"])
def test_the_head_noun_decides_not_what_stands_before_it(title):
    trap = resume(
        job_target={"job_career": title, "expectation_area": "广州"},
        works=[work(title, "")],
        self_evaluation="",
    )
    assert points(feed(), trap) < 0.4 * points(feed(), resume())


@pytest.mark.parametrize(
    "title", ["java", "资深Ｊａｖａ工程师", " 高级 Java 开发工程师 ", "Java后端（急聘）"]
)
def test_level_width_case_and_space_of_a_title_do_not_matter(title):
    body = resume(job_target={"job_career": title, "expectation_area": "广州"}, works=[work(title, "")])
    found = match(feed(), body)
    assert found.title_match


def test_a_vague_title_is_understood_from_the_duties():
    vague = resume(
        job_target={"expectation_area": "广州"},
        works=[work("工程师", "负责微服务开发，使用Java、Spring Boot和MySQL，优化jvm")],
    )
    found = match(feed(), vague)
    assert found is not None
    assert not found.title_match
    assert "jvm" in next(row.matched for row in found.why if row.field == "duties").split()


def test_a_vague_feed_is_understood_from_its_description():
    vague = feed(title="技术员", keywords=(), job_desc="使用Java和Spring Boot开发微服务，熟悉MySQL与jvm")
    found = match(vague, resume())
    assert found is not None
    assert not found.title_match
    assert match(vague, seller() | {"job_target": {}}) is None


def test_a_feed_of_one_word_still_finds_its_people():
    assert match(FeedSpec(title="java"), resume()) is not None
    assert match(FeedSpec(title="会计"), accountant()) is not None


def test_a_title_that_no_lexicon_knows_matches_itself():
    spec = FeedSpec(title="古琴斫制师")
    body = {"job_target": {"job_career": "古琴斫制师"}, "works": [work("古琴斫制师", "选材，制漆")]}
    assert match(spec, body).title_match


def test_a_related_occupation_is_an_extended_match_below_the_exact_one():
    python = resume(
        job_target={"job_career": "Python开发", "expectation_area": "广州"},
        works=[work("Python开发", "django")],
    )
    found = match(feed(), python)
    assert found is not None
    assert not found.title_match
    assert found.score < points(feed(), resume())


def test_aliases_are_the_same_on_both_sides():
    short, long = feed(keywords=("k8s",)), feed(keywords=("Kubernetes",))
    says_short, says_long = resume(self_evaluation="熟悉k8s"), resume(self_evaluation="熟悉kubernetes")
    assert (
        points(short, says_short)
        == points(short, says_long)
        == points(long, says_short)
        == points(long, says_long)
    )


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


def test_what_is_denied_brings_nothing():
    spec = feed(keywords=("Vue",))
    said = resume(self_evaluation="熟悉Vue")
    denied = resume(self_evaluation="不会Vue")
    assert "Vue" in match(spec, said).keywords
    assert "Vue" in match(spec, denied).missing


def test_a_padded_list_brings_little():
    spec = feed(keywords=("Vue", "C++", "C#", "Excel"))
    padding = "关键词：" + "、".join(["Vue", "C++", "C#", "Excel", *(f"词语{i}" for i in range(12))])
    honest = resume(self_evaluation="熟悉Vue。熟悉C++。熟悉C#。熟悉Excel。")
    gain = points(spec, honest) - points(spec, resume(self_evaluation=""))
    assert (
        points(spec, resume(self_evaluation=padding)) - points(spec, resume(self_evaluation="")) < 0.5 * gain
    )


def test_a_wish_that_nothing_bears_out_is_worth_little():
    dreamer = seller() | {"job_target": {"job_career": "Java开发工程师", "expectation_area": "广州"}}
    assert points(feed(), dreamer) < 0.6 * points(feed(), resume())


def test_an_older_job_in_the_role_counts_less_than_the_present_one():
    java = work("Java工程师", "负责微服务开发，使用Spring Boot和MySQL")
    sale = work("销售代表", "开发客户，客户拜访，完成销售目标与回款")
    target = {"expectation_area": "广州"}
    now = resume(job_target=target, works=[java, sale], self_evaluation="")
    once = resume(job_target=target, works=[sale, java], self_evaluation="")
    assert 0 < points(feed(), once) < points(feed(), now)


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"job_target": None, "works": None, "education": None},
        {"job_target": "x", "works": "x", "education": 5, "work_years": []},
        {"works": [None, 1, {"job_desc": ["java", 1, None], "position_title": {"a": 1}}]},
        {"self_evaluation": "💥" * 1_000, "job_target": {"salary": {}, "expectation_area": 5}},
        {"self_evaluation": "java，" * 25_000, "works": [{"job_desc": "不会" * 50_000}] * 200},
        {"education": [{"degree": 5, "school": None}], "address": True},
    ],
)
def test_no_resume_however_odd_is_an_error(body):
    profile = analyzer().resume(body)
    assert len(profile.key_terms) <= 64
    score(analyzer().feed(feed()), profile)


@pytest.mark.parametrize(
    "spec",
    [
        FeedSpec(title=""),
        FeedSpec(title="💥", keywords=("", " ", "、")),
        FeedSpec(title="的" * 100_000, job_desc="java " * 100_000, keywords=("k" * 1_000,) * 15),
    ],
)
def test_no_feed_however_odd_is_an_error(spec):
    score(analyzer().feed(spec), analyzer().resume(resume()))


def test_a_feed_without_a_usable_word_matches_nobody():
    assert analyzer().feed(FeedSpec(title="")).gate_terms == frozenset()
    assert match(FeedSpec(title=""), resume()) is None


def test_the_same_input_gives_the_same_bytes():
    assert analyzer().resume(resume()).encode() == analyzer().resume(resume()).encode()
    assert msgspec.msgpack.encode(match(feed(), resume())) == msgspec.msgpack.encode(match(feed(), resume()))
