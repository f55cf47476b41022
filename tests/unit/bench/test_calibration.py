"""The map from evidence to likelihood: what raises it, what lowers it, and how it is learned."""

import itertools

import numpy as np
import pytest

from bench.quality.calibrate import (
    CONSTANTS,
    FOLDS,
    Samples,
    constants_of,
    cut_for,
    fit,
    revision_of,
    unseen,
    written,
)
from engine.matching.score import rules
from engine.matching.score.rules import FULL, UNSAID, Evidence, fit_logit, other_work
from engine.matching.score.tiers import CUTS, REVISION, probability, shifted

EVEN = Evidence(
    total=5_000, nearest=6_000, other_titles=3_000, other_duties=3_000, is_unread=False, likeness=5_000
)


@pytest.mark.parametrize(
    ("field", "rises"),
    [
        ("total", True),
        ("nearest", True),
        ("likeness", True),
        ("other_titles", False),
        ("other_duties", False),
    ],
)
@pytest.mark.parametrize("is_unread", [False, True])
def test_the_likelihood_is_monotone_in_every_part(field, rises, is_unread):
    logits = [
        fit_logit(EVEN._replace(is_unread=is_unread, **{field: value})) for value in range(0, FULL + 1, 50)
    ]
    assert logits == sorted(logits, reverse=not rises)
    assert logits[0] != logits[-1]


def test_a_title_that_nobody_knows_makes_points_worth_less():
    assert fit_logit(EVEN._replace(is_unread=True)) < fit_logit(EVEN)


def test_likeness_counts_only_where_both_have_a_place():
    unplaced = fit_logit(EVEN._replace(likeness=UNSAID))
    assert fit_logit(EVEN._replace(likeness=0)) < unplaced < fit_logit(EVEN._replace(likeness=FULL))


def test_titles_that_say_nothing_tell_of_no_other_work():
    assert other_work(0, 0) == 0
    assert other_work(100, 0) == FULL
    # The title of a related occupation is other work as far as it is not near.
    assert other_work(100, 6_000) == 4_000
    assert other_work(50, 10_000) == 0


def test_what_feedback_brings_shifts_the_likelihood_the_same_way():
    assert shifted(0, -500) < 0 < shifted(0, 500)
    assert probability(shifted(0, 500)) > probability(shifted(0, 100)) > 0.5


def test_the_constants_are_those_that_were_learned():
    names = ["FIT_BASE", *CONSTANTS]
    assert revision_of({name: getattr(rules, name) for name in names}, dict(CUTS)) == REVISION


def samples(rows, good, folds):
    count = len(good)
    return Samples(
        np.array(rows, float), np.array(good, float), np.array(folds), np.ones(count), np.ones(count, bool), 0
    )


def made_up(count=800):
    chance = np.random.default_rng(0)
    rows = chance.random((count, len(CONSTANTS)))
    true = np.array([6.0, -3.0, 2.0, -3.0, 0.0, 3.0, 0.0])
    good = chance.random(count) < 1 / (1 + np.exp(-(rows @ true - 1)))
    return samples(rows, good, np.arange(count) % FOLDS)


def test_coefficients_are_found_and_keep_their_signs():
    made = made_up()
    constants = constants_of(fit(made, np.ones(len(made.good), bool)))
    assert 450 < constants["FIT_SLOPE"] < 750
    assert 1_000 < constants["FIT_NEAR"] < 3_000
    # Duties say nothing here, and other ones may not speak for a pair.
    assert constants["FIT_OTHER_DUTIES"] < 600
    assert all(constants[name] >= 0 for name in CONSTANTS)


def test_a_role_is_judged_by_what_the_others_teach():
    made = made_up()
    first = made.fold == 0
    turned = made._replace(good=np.where(first, 1 - made.good, made.good))
    # Its own grades are turned round, and its likelihoods stay.
    assert np.allclose(unseen(made)[first], unseen(turned)[first])
    assert not np.allclose(unseen(made)[~first], unseen(turned)[~first])


def test_a_cut_is_the_lowest_that_keeps_its_promise():
    logits, good = np.array([3.0, 2.0, 1.0, 0.0, -1.0]), np.array([1, 1, 0, 1, 0], float)
    assert [cut_for(logits, good, share) for share in (1.0, 0.75, 0.6)] == [2_000, 0, -1_000]
    assert all(
        cut_for(logits, good, a) >= cut_for(logits, good, b) for a, b in itertools.pairwise((0.9, 0.7, 0.5))
    )


def test_constants_are_written_where_they_stand_once():
    assert written("A = 1\nB = -2_000\n", {"B": "3_500"}) == "A = 1\nB = 3_500\n"
    with pytest.raises(ValueError, match="C stands there 0 times"):
        written("A = 1\n", {"C": "1"})
