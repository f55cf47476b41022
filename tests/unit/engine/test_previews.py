"""Previews of parts: what they add up to, and whom an account asks."""

from datetime import UTC, datetime, timedelta

from engine.previews.preview import BEST, PreviewOutcome, merged
from engine.previews.previews import Previews
from store.shards.shares import Share
from tests.support import scored_result

NOW = datetime(2026, 11, 27, tzinfo=UTC)


def outcome(*scores, strong=0, complete=True, advice=None, arrived_at=NOW):
    best = [scored_result(score=score, arrived_at=arrived_at) for score in scores]
    return PreviewOutcome(
        total=len(scores),
        strong=strong,
        scored=10,
        candidates=12,
        complete=complete,
        best=best,
        advice=advice or {},
    )


def test_numbers_add_up_and_the_best_of_all_parts_are_shown():
    newer = NOW + timedelta(seconds=1)
    parts = [outcome(90.0, 50.0, 40.0), outcome(80.0, 50.0, 30.0, strong=1, arrived_at=newer), outcome()]
    together = merged(parts)
    assert (together.total, together.strong, together.scored, together.candidates) == (6, 1, 30, 36)
    assert [one.score for one in together.best] == [90.0, 80.0, 50.0, 50.0, 40.0]
    assert [one.arrived_at for one in together.best[2:4]] == [newer, NOW]
    assert len(together.best) == BEST
    assert together.complete


def test_one_part_that_is_not_complete_is_enough():
    assert not merged([outcome(), outcome(complete=False)]).complete


def test_advice_adds_up_the_most_first_and_is_for_those_of_whom_nothing_is_strong():
    parts = [outcome(advice={"keywords": 1, "salary_min": 2}), outcome(advice={"keywords": 4})]
    assert list(merged(parts).advice.items()) == [("keywords", 5), ("salary_min", 2)]
    assert merged([*parts, outcome(90.0, strong=1)]).advice == {}


def test_an_account_asks_the_same_process_as_long_as_that_answers_and_accounts_are_spread():
    previews = Previews(None, Share(1, 1), registry=None, asking=None)
    processes = ["one", "two", "three"]
    firsts = {user: previews._in_order(processes, user)[0] for user in map(str, range(300))}
    assert all(previews._in_order(reversed(processes), user)[0] == first for user, first in firsts.items())
    counts = [list(firsts.values()).count(one) for one in processes]
    assert min(counts) > 60
    # One that did not answer is last for a while, and only its accounts ask another one.
    previews._shunned["two"] = float("inf")
    for user, first in firsts.items():
        order = previews._in_order(processes, user)
        assert order[-1] == "two"
        assert order[0] == first or first == "two"
