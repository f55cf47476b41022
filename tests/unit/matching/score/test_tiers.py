"""Tiers: from the likelihood of a match to what counts as strong."""

from engine.matching.score.reasons import Match
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
