import itertools
import random

import pytest

from engine.matching.feed_spec import FeedSpec
from engine.matching.score import rules
from engine.matching.score.index import FeedIndex
from engine.matching.score.match import score
from tests.support import each
from tests.unit.matching.engine_samples import accountant, analyzer, feed, resume, seller

SPECS = {
    "a": feed(),
    "b": feed(
        title="销售经理",
        job_desc="开发客户，客户拜访",
        keywords=(),
        expect_area=("北京",),
        salary_min=0,
        salary_max=1_000_000,
    ),
    "c": feed(
        title="会计", job_desc="记账与纳税申报", keywords=("Excel",), salary_min=5_000, salary_max=9_000
    ),
    "d": feed(title="员工", keywords=(), job_desc="", expect_area=()),
    "e": feed(expect_area=()),
    "f": FeedSpec(title="Python开发"),
    "g": feed(expect_area=("深圳",)),
}
PEOPLE = (
    resume(),
    seller(),
    accountant(),
    {},
    resume(job_target={"job_career": "Java", "expectation_area": "广东"}),
)


def build(order):
    index = FeedIndex()
    for feed_id in order:
        index.put(feed_id, analyzer().feed(SPECS[feed_id]))
    return index


@pytest.mark.parametrize("body", PEOPLE)
def test_the_index_finds_what_scoring_every_pair_finds(body):
    profile = analyzer().resume(body)
    pairs = ((feed_id, score(analyzer().feed(spec), profile)) for feed_id, spec in sorted(SPECS.items()))
    assert list(build(SPECS).matches(profile)) == [(feed_id, found) for feed_id, found in pairs if found]


def test_somebody_matches_something():
    found = dict(build(SPECS).matches(analyzer().resume(resume())))
    assert found.keys() >= {"a", "e"}
    assert "g" not in found


def test_the_order_in_which_feeds_came_does_not_matter():
    profile = analyzer().resume(resume())
    expected = list(build(sorted(SPECS)).matches(profile))
    for seed in range(5):
        order = sorted(SPECS)
        random.Random(seed).shuffle(order)
        assert list(build(order).matches(profile)) == expected


def test_a_removed_feed_is_forgotten_and_removing_it_twice_is_fine():
    index = build(SPECS)
    index.remove("a")
    index.remove("a")
    assert "a" not in index
    assert len(index) == len(SPECS) - 1
    assert "a" not in dict(index.matches(analyzer().resume(resume())))
    with pytest.raises(KeyError):
        index.get("a")


def test_a_feed_put_again_is_replaced():
    index = build(SPECS)
    index.put("a", analyzer().feed(SPECS["c"]))
    assert len(index) == len(SPECS)
    assert "a" not in dict(index.matches(analyzer().resume(resume())))
    assert "a" in dict(index.matches(analyzer().resume(accountant())))


def test_an_emptied_index_lists_nobody():
    index = build(SPECS)
    for feed_id in SPECS:
        index.remove(feed_id)
    lists = index._feeds.postings._lists
    assert len(lists)
    assert (lists["head"][: len(lists)] == -1).all()
    assert list(index.matches(analyzer().resume(resume()))) == []


def test_matches_come_in_the_order_of_their_feeds():
    found = [feed_id for feed_id, _ in build(SPECS).matches(analyzer().resume(resume()))]
    assert found == sorted(found)
    assert len(found) > 1


def test_feeds_of_another_city_are_not_even_scored(monkeypatch):
    evaluated = []
    evaluate = rules.evaluate
    monkeypatch.setattr(
        rules, "evaluate", lambda slots, *rest: evaluated.extend(slots) or evaluate(slots, *rest)
    )
    index = build(SPECS)
    list(index.matches(analyzer().resume(resume())))
    assert evaluated
    assert "g" not in {index._feeds.ids[slot] for slot in evaluated}


def test_matches_are_worked_out_one_at_a_time():
    index = build(SPECS)
    matches = index.matches(analyzer().resume(resume()))
    first, _ = next(matches)
    assert first == "a"
    index.remove("e")
    assert "e" not in dict(matches)


@each("body, feed_id", list(itertools.product(PEOPLE, SPECS)))
def test_a_database_that_looks_for_gate_terms_finds_every_match(body, feed_id):
    query, profile = analyzer().feed(SPECS[feed_id]), analyzer().resume(body)
    if score(query, profile) is not None:
        assert query.gate_terms.intersection(profile.key_terms)
