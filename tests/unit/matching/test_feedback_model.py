"""A feedback model is a function of the clicks that count, and moves a match within its bounds."""

import random

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.matching.feed_query import FeedQuery, Keyword
from engine.matching.feedback.adjustment import MAX_ADJUSTMENT, with_feedback
from engine.matching.feedback.deletion_reasons import DELETION_REASONS
from engine.matching.feedback.model import FeedbackModel
from engine.matching.feedback.rocchio import LIKED_POINTS
from engine.matching.feedback.trainer import FeedbackTrainer
from engine.matching.feedback.votes import REASON_POINTS
from engine.matching.resume_profile import ResumeProfile
from engine.matching.score.reasons import Match, Reason
from engine.matching.score.rules import MIN_POINTS, STRONG

QUERY = FeedQuery(
    reach={"java开发工程师": 10_000, "python开发工程师": 6_000},
    known=True,
    title_words={"java": 10_000},
    keywords=(Keyword("Java", ("java",), 10_000),),
    places=frozenset({"广州", "深圳"}),
    domains=frozenset({"教育"}),
)


def person(**fields):
    """A Java developer of whom nothing else is known."""
    fields = {
        "titled": {"java开发工程师": 100},
        "title_words": {"java": 100},
        "terms": {"java": 100},
        **fields,
    }
    return ResumeProfile(title="Java工程师" * 20, **fields)


def deleted(*reasons, **fields):
    return ("deleted", reasons, person(**fields))


def read(**fields):
    return ("read", (), person(**fields))


def favourite(**fields):
    return ("favourite", (), person(**fields))


def trained(*clicks, query=QUERY):
    trainer = FeedbackTrainer(query, lambda _: 8.0)
    for click in clicks:
        trainer.add(*click)
    return FeedbackModel.decode(trainer.model().encode())


def points(model, **fields):
    """What a model adds to a match of 50 points, in hundredths; none of the score's own bounds is near."""
    return adjusted(model, person(**fields))


def adjusted(model, profile):
    return round(100 * with_feedback(a_match(), model, profile).score) - 5_000


def a_match(total=50.0):
    return Match(
        score=total,
        logit=600,
        cut=500,
        title_match=True,
        why=[Reason("title", "a", "b", total)],
        missing=[],
        keywords=[],
    )


def pays(low, high):
    return {"salary_low": low, "salary_high": high}


DEAR, CHEAP = pays(28_000, 32_000), pays(10_000, 12_000)


def test_without_clicks_nothing_is_learned():
    model = trained()
    assert model == FeedbackModel()
    assert model.encode() == b""
    match = a_match()
    assert with_feedback(match, model, person()) is match


def test_one_deletion_moves_little_and_three_for_the_same_reason_clearly_push_down():
    one, two, three = (points(trained(*[deleted("salary_high", **DEAR)] * n), **DEAR) for n in (1, 2, 3))
    assert -400 <= one < 0
    assert three < two < one
    assert three <= -500


def test_a_cheaper_resume_is_not_touched():
    model = trained(*[deleted("salary_high", **DEAR)] * 3)
    assert points(model, **CHEAP) == 0
    assert points(model) == 0  # their wish is unknown
    assert points(model, **pays(29_000, 30_000)) < 0  # a little below is as dear
    assert points(model, **pays(60_000, 80_000)) == points(model, **DEAR)


def test_what_is_learned_moves_the_score_and_the_likelihood():
    model = trained(*[deleted("salary_high", **DEAR)] * 3)
    dear, other = (with_feedback(a_match(), model, person(**pay)) for pay in (DEAR, CHEAP))
    assert dear.score < other.score == 50.0
    assert dear.fit < other.fit
    assert (dear.is_strong, other.is_strong) == (False, True)


@pytest.mark.parametrize(
    ("reason", "what", "as_bad", "worse", "fine"),
    [
        (
            "salary_high",
            pays(20_000, 20_000),
            pays(19_500, 19_500),
            pays(30_000, 40_000),
            pays(15_000, 15_000),
        ),
        ("salary_low", pays(5_000, 5_000), pays(5_000, 5_000), pays(3_000, 4_000), pays(8_000, 8_000)),
        ("degree_low", {"degree": 3}, {"degree": 3}, {"degree": 2}, {"degree": 4}),
        ("degree_high", {"degree": 5}, {"degree": 5}, {"degree": 6}, {"degree": 4}),
        ("level_low", {"level": 1}, {"level": 1}, {"level": 0}, {"level": 2}),
        ("level_high", {"level": 4}, {"level": 4}, {"level": 5}, {"level": 3}),
    ],
)
def test_a_threshold_is_drawn_at_the_deleted_on_the_side_that_the_reason_names(
    reason, what, as_bad, worse, fine
):
    model = trained(*[deleted(reason, **what)] * 3)
    assert points(model, **what) == points(model, **as_bad) == points(model, **worse) < 0
    assert points(model, **fine) == 0
    unknown = person()
    assert adjusted(model, unknown) == 0


def test_what_was_kept_moves_the_threshold():
    kept = [favourite(**pays(24_000, 24_000))] * 3
    model = trained(*[deleted("salary_high", **pays(20_000, 20_000))] * 3, *kept)
    assert points(model, **pays(20_000, 20_000)) == points(model, **pays(24_000, 24_000)) == 0
    assert points(model, **pays(26_000, 26_000)) < 0


def test_reads_weigh_less_than_favourites():
    dear = [deleted("salary_high", **DEAR)] * 3
    by_reads = points(trained(*dear, read(**DEAR), read(**DEAR)), **DEAR)
    by_favourites = points(trained(*dear, favourite(**DEAR), favourite(**DEAR)), **DEAR)
    assert points(trained(*dear), **DEAR) < by_reads < by_favourites <= 0


def test_deletions_for_other_reasons_do_not_unlearn_what_the_feed_asks_for():
    model = trained(*[deleted("salary_high", **DEAR)] * 5, *[deleted()] * 5)
    assert points(model) == 0
    # Not even with the title as the reason: it is what the feed's own title says.
    assert points(trained(*[deleted("title")] * 5)) == 0


def test_an_occupation_that_was_only_guessed_can_be_the_wrong_one():
    guessed = msgspec.structs.replace(QUERY, known=False)
    assert points(trained(*[deleted("title")] * 3, query=guessed)) < 0


def test_a_wrong_title_takes_from_those_who_have_it():
    tester = {"titled": {"软件测试工程师": 100}, "title_words": {"测试": 100, "java": 100}}
    model = trained(*[deleted("title", **tester)] * 3)
    assert points(model, **tester) < 0
    assert points(model, titled={"软件测试工程师": 100}) < 0
    assert points(model, titled={}, shown={"软件测试工程师": 90}) < 0  # their duties say so
    assert points(model, titled={}, shown={"软件测试工程师": 30}) == points(model) == 0


def test_a_wrong_place_takes_from_those_who_live_there():
    model = trained(*[deleted("area", home=("深圳", "@广东"))] * 3)
    assert points(model, home=("深圳", "@广东")) < 0
    assert points(model, home=("广州", "@广东")) == points(model) == 0
    assert points(model, places=("深圳",)) < 0  # where they live is unknown
    assert points(model, places=("广州", "深圳")) == 0  # they can come to another city


def test_people_deleted_from_several_other_places_make_every_other_place_the_wrong_one():
    homes = [("北京",), ("上海",), ("武汉",)]
    model = trained(*[deleted("area", home=home) for home in homes])
    assert points(model, home=("成都",)) < 0
    assert points(model, home=("广州",)) == 0


def test_a_place_where_others_were_kept_is_not_the_wrong_one():
    here = {"home": ("深圳", "@广东")}
    model = trained(*[deleted("area", **here)] * 3, *[favourite(**here)] * 3)
    assert points(model, **here) == 0


def test_people_who_would_go_anywhere_say_nothing_of_any_place():
    cities = ("北京", "上海", "武汉", "成都", "西安", "长沙")
    assert trained(*[deleted("area", places=cities)] * 3) == FeedbackModel()


def test_a_wrong_industry_takes_from_those_who_have_no_other():
    model = trained(*[deleted("industry", domains=("金融",))] * 3)
    assert points(model, domains=("金融",)) < 0
    assert points(model, domains=("金融", "教育")) == points(model, domains=("教育",)) == 0
    assert points(model, domains=("医疗",)) < 0  # not asked for either


def test_favourites_pull_up_those_who_are_like_them_and_reads_a_little():
    alike, other = {"terms": {"java": 100, "kafka": 100, "flink": 80}}, {"terms": {"java": 100, "jsp": 100}}
    kept, seen = trained(*[favourite(**alike)] * 3), trained(*[read(**alike)] * 3)
    assert points(kept, **alike) > points(seen, **alike) > 0
    assert points(kept, **other) == points(seen, **other) == 0


def test_deletions_without_a_reason_push_down_those_who_are_like_them_less_than_a_reason_does():
    alike = {"terms": {"java": 100, "jsp": 100}}
    dropped = points(trained(*[deleted(**alike)] * 3), **alike)
    assert points(trained(*[deleted("salary_high", **DEAR)] * 3), **DEAR) < dropped < 0


def test_what_the_kept_have_too_was_not_what_was_wrong_with_the_deleted():
    model = trained(*[deleted(terms={"kafka": 100, "jsp": 100})] * 3, *[favourite(terms={"kafka": 100})] * 3)
    assert points(model, terms={"kafka": 100}) > 0 > points(model, terms={"jsp": 100})
    assert trained(deleted(terms={"kafka": 100}), favourite(terms={"kafka": 100})) == FeedbackModel()


def test_a_long_resume_is_no_more_alike_than_a_short_one():
    model = trained(*[favourite(terms={"kafka": 100, "flink": 100})] * 3)
    stuffed = {f"word{i}": 100 for i in range(100)}
    assert points(model, terms={"kafka": 100, **stuffed}) == points(model, terms={"kafka": 100})
    assert points(model, terms=stuffed) == 0


REASONS = st.lists(st.sampled_from([*DELETION_REASONS, "unheard_of"]), max_size=3).map(tuple)
PROFILES = st.builds(
    person,
    salary_low=st.sampled_from([0, 8_000, 15_000, 25_000]),
    salary_high=st.sampled_from([8_000, 15_000, 25_000, 1_000_000]),
    degree=st.integers(0, 6),
    level=st.none() | st.integers(0, 5),
    home=st.lists(st.sampled_from(["广州", "深圳", "北京", "@广东"]), max_size=3).map(tuple),
    places=st.lists(st.sampled_from(["广州", "北京"]), max_size=2).map(tuple),
    domains=st.lists(st.sampled_from(["教育", "金融", "医疗"]), max_size=3).map(tuple),
    titled=st.dictionaries(st.sampled_from(["java开发工程师", "软件测试工程师"]), st.integers(0, 100)),
    shown=st.dictionaries(st.sampled_from(["java开发工程师", "销售"]), st.integers(0, 100)),
    title_words=st.dictionaries(st.sampled_from(["java", "测试", "架构"]), st.integers(0, 100)),
    terms=st.dictionaries(st.sampled_from(["java", "kafka", "jsp", "excel", "茶"]), st.integers(0, 100)),
)
CLICKS = st.lists(
    st.tuples(st.just("deleted"), REASONS, PROFILES)
    | st.tuples(st.sampled_from(["read", "favourite"]), st.just(()), PROFILES),
    max_size=12,
)


@given(CLICKS, st.randoms(use_true_random=False))
def test_the_order_of_the_clicks_does_not_matter(clicks, order: random.Random):
    shuffled = order.sample(clicks, len(clicks))
    assert trained(*clicks).encode() == trained(*shuffled).encode()


@given(CLICKS, PROFILES, st.integers(0, 10_000))
def test_whatever_was_clicked_the_points_are_bounded_and_add_up_and_a_match_stays_one(clicks, profile, total):
    model = trained(*clicks)
    before = a_match(total / 100)
    after = with_feedback(before, model, profile)
    assert abs(adjusted(model, profile)) <= MAX_ADJUSTMENT
    assert min(MIN_POINTS, total) / 100 <= after.score <= 100
    assert abs(after.score - before.score) <= MAX_ADJUSTMENT / 100 + 1e-9
    assert sum(round(100 * row.points) for row in after.why) == round(100 * after.score)
    assert [row.points for row in after.why] == sorted((row.points for row in after.why), reverse=True)
    extra = [row for row in after.why if row.field == "learned"]
    assert len(extra) == (after.score != before.score)
    assert after is before or after.is_strong == (after.score >= STRONG / 100)
    assert all(row.points and len(row.term) < 100 and len(row.matched) < 150 for row in extra)


@given(CLICKS, st.integers(1, 100_000), st.integers(1, 100_000))
def test_dearer_never_costs_less(clicks, one, other):
    only = [click for click in clicks if click[0] != "deleted" or click[1] == ("salary_high",)]
    less, more = sorted((one, other))
    model = trained(*only)
    assert points(model, **pays(more, more)) <= points(model, **pays(less, less))


def test_equally_telling_words_are_chosen_alike_in_whatever_order_they_stand():
    words = {f"word{i:02}": 100 for i in range(60)}
    turned = dict(reversed(words.items()))
    assert trained(favourite(terms=words)).encode() == trained(favourite(terms=turned)).encode()


def test_all_reasons_together_take_no_more_than_the_bound():
    bad = {"degree": 2, "home": ("深圳",), "domains": ("金融",), **DEAR}
    reasons = ("salary_high", "degree_low", "area", "industry")
    model = trained(*[deleted(*reasons, **bad)] * 10)
    assert points(model, **bad) == -MAX_ADJUSTMENT
    after = with_feedback(a_match(), model, person(**bad))
    assert after.score == 50 - MAX_ADJUSTMENT / 100
    assert after.why[-1].term.count("次") == 3  # the row names no more


def test_credit_never_reaches_the_bound():
    model = trained(*[deleted("salary_high", **DEAR)] * 200)
    assert -REASON_POINTS < points(model, **DEAR) < -0.9 * REASON_POINTS
    alike = {"terms": {"kafka": 100}}
    assert 0.9 * LIKED_POINTS < points(trained(*[favourite(**alike)] * 200), **alike) < LIKED_POINTS


def test_the_row_says_why_how_often_and_what_the_resume_has():
    model = trained(*[deleted("salary_high", "degree_low", degree=3, **DEAR)] * 3)
    match = with_feedback(a_match(), model, person(degree=3, **DEAR))
    (row,) = [row for row in match.why if row.field == "learned"]
    assert row.term == "学历偏低 3次，薪资偏高 3次"
    assert row.matched == "大专，28000-32000"
    assert row.points == adjusted(model, person(degree=3, **DEAR)) / 100
    more = trained(
        *[deleted("salary_high", "degree_low", degree=3, **DEAR)] * 3, deleted("salary_high", **DEAR)
    )
    from_there_on = with_feedback(a_match(), model, person(degree=3, **pays(30_000, 1_000_000)))
    assert from_there_on.why[-1].matched == "大专，30000以上"
    match = with_feedback(a_match(), more, person(degree=3, **DEAR))
    assert match.why[-1].term == "薪资偏高 4次，学历偏低 3次"
    liked = with_feedback(
        a_match(),
        trained(favourite(terms={"kafka": 9}), read(terms={"kafka": 9})),
        person(terms={"kafka": 90}, wording={"kafka": "Kafka消息队列"}),
    )
    (row,) = [row for row in liked.why if row.field == "learned"]
    assert (row.term, row.matched) == ("与收藏1人、已读1人相近", "Kafka消息队列")
