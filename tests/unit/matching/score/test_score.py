import pytest

from engine.matching.feed_spec import FeedSpec
from engine.matching.score.breakdown import breakdown_of
from engine.matching.score.match import score
from tests.unit.matching.engine_samples import accountant, analyzer, feed, match, points, resume, seller, work


def test_the_right_person_matches_and_the_title_agrees():
    found = match(feed(), resume())
    assert found.title_match
    assert found.score > 60


@pytest.mark.parametrize("body", [seller(), accountant()])
def test_people_of_another_trade_do_not_match(body):
    assert match(feed(expect_area=()), body) is None


def test_titles_and_duties_that_agree_on_a_neighbour_do_not_make_it_the_one_asked_for():
    neighbour = resume(
        job_target={"expectation_area": "广州"},
        works=[work("Python开发", "使用python、django和flask写代码")],
    )
    query = analyzer().feed(feed())
    found = breakdown_of(query, analyzer().resume(neighbour))
    assert 0 < found.title <= found.title + found.duties <= 0.65 * 0.58 * query.text_points


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


def row_of_a_table(**fields):
    """What a table of candidates says of somebody: there is often no latest title, or nothing but a wish."""
    wish = {"job_career": "Java开发", "expectation_area": "广州"}
    return {"job_target": wish, "works": [{"compnay_name": "某某公司", "start_time": "2019-01"}], **fields}


def test_an_employer_without_title_and_duties_takes_nothing_from_a_wish():
    assert match(feed(), row_of_a_table()) == match(feed(), row_of_a_table(works=[]))
    assert match(feed(), row_of_a_table()).is_strong
    assert match(feed(), row_of_a_table(works=[work("员工", "")])) == match(feed(), row_of_a_table())


def test_what_a_table_says_of_a_person_tells_as_much_as_duties_do():
    told = "用Java、Spring Boot和MySQL开发微服务，优化jvm"
    said, done = row_of_a_table(self_evaluation=told), row_of_a_table(works=[work("", told)])
    assert match(feed(), said) == match(feed(), done)
    assert points(feed(), said) > points(feed(), row_of_a_table())
    silent = {"expectation_area": "广州"}
    assert match(feed(), {**said, "job_target": silent}).is_strong


def test_a_wish_that_duties_contradict_still_counts_little():
    sells = row_of_a_table(works=[work("", "开发客户，完成销售目标，回款")])
    assert not match(feed(), sells).is_strong
