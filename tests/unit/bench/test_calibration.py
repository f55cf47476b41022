"""The map from evidence to likelihood: what raises it, and what lowers it."""

from bench.quality.calibrate import CONSTANTS, revision_of
from engine.matching.score import rules
from engine.matching.score.rules import FULL, LEVEL_BELOW, UNSAID, Evidence, fit_logit, other_work
from engine.matching.score.tiers import CUTS, REVISION, probability, shifted
from tests.support import each

EVEN = Evidence(
    points=5_000,
    nearest=6_000,
    other_titles=3_000,
    other_duties=3_000,
    is_unread=False,
    likeness=5_000,
    below=0,
)


@each(
    "field, rises",
    [
        ("points", True),
        ("nearest", True),
        ("likeness", True),
        ("other_titles", False),
        ("other_duties", False),
    ],
)
@each("is_unread", [False, True])
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


def test_the_likelihood_never_rises_with_the_ranks_below():
    logits = [fit_logit(EVEN._replace(below=ranks)) for ranks in range(len(LEVEL_BELOW))]
    assert logits == sorted(logits, reverse=True)
    assert logits[0] == logits[2] > logits[3]


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
