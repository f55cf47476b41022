"""Tiers: from the likelihood of a match to what counts as strong."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from engine.matching.score.reasons import Match
from engine.matching.score.rules import FULL, MERELY_POSSIBLE, STRONG, score_of
from engine.matching.score.tiers import CUTS, probability
from tests.unit.matching.engine_samples import analyzer, feed


def test_a_logit_of_nothing_is_even():
    assert (probability(-700), probability(0), probability(700)) == (0.332, 0.5, 0.668)
    assert (probability(-50_000), probability(50_000)) == (0.0, 1.0)


def test_a_match_is_strong_from_the_cut_of_its_feed_on():
    def match(logit: int) -> Match:
        return Match(score=50.0, logit=logit, cut=900, title_match=False, why=[], missing=[], keywords=[])

    assert [match(logit).is_strong for logit in (899, 900, 901)] == [False, True, True]


def test_a_stricter_feed_has_a_higher_cut():
    cuts = [analyzer().feed(feed(breadth=breadth)).cut for breadth in ("broad", "balanced", "strict")]
    assert cuts == [CUTS["broad"], CUTS["balanced"], CUTS["strict"]]
    assert cuts == sorted(set(cuts))


POINTS, LOGITS = st.integers(1, FULL), st.integers(-20_000, 20_000)


@given(POINTS, LOGITS)
def test_the_score_says_the_tier(points, above):
    score = score_of(points, above)
    assert STRONG <= score <= FULL if above >= 0 else 0 <= score <= MERELY_POSSIBLE


@given(POINTS, POINTS, LOGITS, LOGITS)
def test_the_score_rises_with_points_and_with_likelihood(points, more, above, higher):
    points, more, above, higher = *sorted((points, more)), *sorted((above, higher))
    assert score_of(points, above) <= score_of(more, above)
    assert score_of(points, above) <= score_of(points, higher)


def test_a_little_likelihood_more_never_moves_the_score_far():
    for points in (100, 3_000, 6_000, FULL):
        scores = [score_of(points, above) for above in range(-3_000, 3_000)]
        assert max(after - before for before, after in pairwise(scores)) <= 60
