import random

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.matching.analysis.analyzer import Analyzer
from engine.matching.analysis.related import RELATED_SHARE, extend
from engine.matching.feed_spec import FeedSpec
from engine.matching.learned.relations import MAX_NEAR, MIN_TOGETHER, NOTHING_LEARNED, Counting, relations_of
from engine.matching.score.match import score
from tests.unit.matching.engine_samples import DOMAINS, SCHOOLS, analyzer, feed, lexicon, places, resume

OTHERS = [["s:会计"]] * 40
"""Resumes without any of the words that a test is about, so that these are not everywhere."""


def learn(resumes):
    counting = Counting()
    for key_terms in resumes:
        counting.add(key_terms)
    return counting.relations()


def with_relations(table):
    """An analyzer of its own that has adopted relations."""
    mine = Analyzer(lexicon(), places(), DOMAINS, SCHOOLS)
    mine.adopt(relations_of(table))
    return mine


def test_what_always_comes_together_is_near_and_what_never_does_is_not():
    relations = learn([["s:photoshop", "s:illustrator"]] * 8 + [["s:java"]] * 8 + OTHERS)
    assert relations.near("s:photoshop") == {"s:illustrator": 100}
    assert relations.near("s:illustrator") == {"s:photoshop": 100}
    assert relations.near("s:java") == {}
    assert relations.near("s:unknown") == {}


def test_what_comes_together_as_chance_has_it_is_not_related():
    chance = [["s:java", "s:vue"], ["s:java", "x"], ["s:vue", "y"], ["z"]] * 20
    assert "s:vue" not in learn(chance + OTHERS).near("s:java")


def test_a_few_resumes_relate_nothing():
    few = [["s:a", "s:b"]] * (MIN_TOGETHER - 1)
    assert learn(few + OTHERS).table == {}
    assert learn(few + few[:1] + OTHERS).near("s:a") == {"s:b": 100}


def test_what_nearly_everybody_has_is_related_to_nothing():
    assert learn([["s:office", "s:java"]] * 30 + [["s:office"]] * 30).table == {}


def test_only_the_nearest_are_kept_best_first_and_ties_by_name():
    near = [f"s:{number:02}" for number in range(MAX_NEAR + 4)]
    kept = learn([["s:a", *near]] * 9 + [["s:00"]] * 3 + OTHERS).near("s:a")
    assert list(kept) == near[1 : MAX_NEAR + 1]


def test_nothing_is_learned_from_nothing():
    assert learn([]) == NOTHING_LEARNED
    assert learn([[]] * 10) == NOTHING_LEARNED
    assert learn([["s:a", "s:b"]] * 10) == NOTHING_LEARNED


TERMS = st.lists(st.sampled_from(["s:a", "s:b", "s:c", "o:d", "w:e", "w:f"]), max_size=5)


@given(st.lists(TERMS, max_size=60), st.randoms(use_true_random=False))
def test_the_order_of_resumes_and_of_their_terms_does_not_matter(resumes, chance):
    shuffled = [chance.sample(terms, len(terms)) for terms in chance.sample(resumes, len(resumes))]
    assert learn(resumes) == learn(shuffled)


def test_counting_in_parts_is_counting_at_once(monkeypatch):
    chance = random.Random(5)
    resumes = [chance.sample([f"s:{number}" for number in range(12)], 5) for _ in range(300)]
    at_once = learn(resumes + OTHERS * 20)
    monkeypatch.setattr("engine.matching.learned.relations._BATCH_PAIRS", 50)
    assert at_once.table
    assert learn(resumes + OTHERS * 20) == at_once


def test_the_revision_is_of_the_content():
    one = relations_of({"s:a": {"s:b": 50}, "s:b": {"s:a": 50}})
    assert one.revision == relations_of({"s:b": {"s:a": 50}, "s:a": {"s:b": 50}}).revision != ""
    assert one.revision != relations_of({"s:a": {"s:b": 51}, "s:b": {"s:a": 51}}).revision
    assert relations_of({}) == NOTHING_LEARNED


def test_without_relations_a_query_stays_as_it_is():
    query = analyzer().feed(feed())
    assert extend(query, NOTHING_LEARNED, str) is query
    assert extend(query, relations_of({"s:other": {"s:vue": 90}}), str) == query


JAVA_NEAR = {"s:java": {"s:vue": 60, "s:mysql": 50, "o:销售": 99}}


def test_a_related_skill_earns_a_little_and_is_never_missed():
    knows_vue, knows_excel = resume(self_evaluation="熟悉Vue"), resume(self_evaluation="熟悉Excel")
    mine = with_relations(JAVA_NEAR)
    spec = feed(keywords=("Java",), job_desc="")
    found = score(mine.feed(spec), mine.resume(knows_vue))
    (row,) = [row for row in found.why if row.field == "related" and row.term == "Vue"]
    assert 0 < row.points <= 26 * RELATED_SHARE / 100 + 0.01
    assert round(sum(row.points for row in found.why), 2) == found.score
    assert "Vue" not in found.keywords
    other = score(mine.feed(spec), mine.resume(knows_excel))
    assert other.missing == found.missing == []
    assert other.score < found.score
    before = analyzer()
    assert (
        score(before.feed(spec), before.resume(knows_vue)).score
        == score(before.feed(spec), before.resume(knows_excel)).score
    )


def test_what_the_feed_names_itself_is_no_related_skill():
    query = with_relations(JAVA_NEAR).feed(feed(keywords=("Java", "Vue")))
    assert [keyword.shown for keyword in query.keywords if keyword.terms == ("vue",)] == ["Vue"]


UNKNOWN = FeedSpec(title="古琴斫制师", job_desc="选材与制漆")
JAVA = resume(job_target={"job_career": "Java开发", "expectation_area": "广州"})


def test_an_unknown_title_reaches_those_who_hold_such_titles_elsewhere():
    assert score(analyzer().feed(UNKNOWN), analyzer().resume(JAVA)) is None
    words = analyzer().feed(UNKNOWN).title_words
    mine = with_relations({f"w:{word}": {"o:java开发工程师": 70} for word in words})
    found = score(mine.feed(UNKNOWN), mine.resume(JAVA))
    assert found is not None
    assert not found.title_match


def test_a_title_that_the_lexicon_knows_reaches_nobody_new():
    mine = with_relations({"w:java": {"o:销售": 90}, "w:开发": {"o:销售": 90}})
    assert mine.feed(feed()).reach == analyzer().feed(feed()).reach


def test_relations_only_ever_open_the_gate_wider():
    words = analyzer().feed(UNKNOWN).title_words
    mine = with_relations({f"w:{word}": {"o:销售": 40, "w:琴师": 80} for word in words})
    before, after = analyzer().feed(UNKNOWN), mine.feed(UNKNOWN)
    assert before.gate_terms < after.gate_terms
    assert all(after.reach[name] >= reached for name, reached in before.reach.items())


@pytest.mark.parametrize("nearness", [35, 100])
def test_the_same_relations_make_the_same_query(nearness):
    table = {"s:java": {"s:vue": nearness, "s:mysql": nearness}}
    one, other = (
        with_relations(table).feed(feed()),
        with_relations(dict(reversed(table.items()))).feed(feed()),
    )
    assert msgspec.msgpack.encode(msgspec.structs.asdict(one)["keywords"]) == msgspec.msgpack.encode(
        msgspec.structs.asdict(other)["keywords"]
    )
