"""Learned topics: what is learned, who is found by them, and that every way of matching agrees."""

import random

import numpy as np
import pytest

from engine.matching.feedback.adjustment import with_feedback
from engine.matching.feedback.model import FeedbackModel
from engine.matching.feedback.trainer import FeedbackTrainer
from engine.matching.learned.relations import relations_of
from engine.matching.learned.revision import revision_of
from engine.matching.learned.topics import LENGTH, NO_PLACE, NO_TOPICS, topics_of
from engine.matching.resume_profile import ResumeProfile
from engine.matching.score.breakdown import breakdown_of, likeness
from engine.matching.score.index import FeedIndex
from engine.matching.score.match import score
from engine.matching.score.resume_index import ResumeIndex
from engine.matching.score.rules import FULL, SIMILAR_GATE, similar_points
from tests.unit.matching.stepping import finished, found_by, id_of
from tests.unit.matching.topic_samples import (
    CITIES,
    TRADES,
    learned_of,
    people,
    person,
    topics,
    wanted,
    words,
)


def near(query, profile):
    return likeness(query, topics().locate(profile))


def found(index, query, among=None):
    return found_by(finished(index.search(query, among)))


def placed_index(profiles, table=None):
    index = ResumeIndex()
    for number, profile in enumerate(profiles):
        index.put(id_of(number), profile, rev=1, arrived_at=number)
    finished(index.adopt(table or topics()))
    return index


def test_the_order_of_resumes_changes_nothing():
    shuffled = people()
    random.Random(1).shuffle(shuffled)
    assert learned_of(shuffled) == topics()
    assert learned_of([*people(), person(0, "one more")]).revision != topics().revision


def test_of_few_resumes_nothing_is_learned():
    assert learned_of(people(99)) == NO_TOPICS
    assert NO_TOPICS.locate(person(1, 1)) is NO_PLACE


def test_a_table_is_bounded_whatever_the_order(monkeypatch):
    monkeypatch.setattr("engine.matching.learned.topic_learning.MAX_WORDS", 100)
    monkeypatch.setattr("engine.matching.learned.topic_learning.MAX_RESUMES", 200)
    some = people()
    table = learned_of(some)
    assert len(table.words) == 100
    assert learned_of(some[::-1]) == table


def test_a_word_of_few_or_of_most_is_in_no_table():
    some = people()
    for number, profile in enumerate(some):
        profile.terms["人人"] = 100
        if number < 4:
            profile.terms["罕见"] = 100
    table = learned_of(some).terms
    assert "人人" not in table
    assert "罕见" not in table
    assert len(table) > 200


def test_texts_without_a_common_word_are_near_where_their_words_keep_company():
    one, other = words(7)[:4], words(7)[4:]
    table = topics()
    place = table.locate(ResumeProfile(terms=dict.fromkeys(one, 100))).vector.astype(int)
    same = table.locate(ResumeProfile(terms=dict.fromkeys(other, 100))).vector.astype(int)
    strange = table.locate(ResumeProfile(terms=dict.fromkeys(words(8), 100))).vector.astype(int)
    assert place @ same > 0.7 * LENGTH**2
    assert place @ strange < 0.3 * LENGTH**2


def test_a_place_has_one_length():
    for number in range(TRADES):
        vector = topics().locate(person(number, "x")).vector.astype(float)
        assert abs(np.linalg.norm(vector) - LENGTH) < 4
    assert not topics().locate(ResumeProfile(terms={"生词": 100})).vector.any()


def test_an_index_places_resumes_as_their_profiles_are_placed():
    chosen = random.Random(3)
    profiles = []
    for number in range(150):
        trade = number % TRADES
        names = [f"行{chosen.randrange(TRADES)}" for _ in range(4)]
        profiles.append(
            person(
                trade,
                number,
                titled={name: chosen.randrange(101) for name in names[:2]},
                shown={name: chosen.randrange(101) for name in names[1:]},
                title_words=dict.fromkeys(words(trade)[:2], 75),
            )
        )
    before = placed_index(profiles)
    at_once = ResumeIndex()
    placing = at_once.adopt(topics())
    placing.step()
    assert placing.is_done
    for number, profile in enumerate(profiles):
        at_once.put(id_of(number), profile, rev=1, arrived_at=number)
    for index in (before, at_once):
        assert index.table == topics().number
        records = index._resumes.records["resume"]
        for slot, profile in enumerate(profiles):
            assert records["topics"][slot].tobytes() == topics().locate(profile).vector.tobytes()


def test_who_comes_while_an_index_is_placed_is_placed_too():
    index = ResumeIndex()
    for number in range(150):
        index.put(id_of(number), person(number % TRADES, number), rev=1, arrived_at=number)
    placing = index.adopt(topics())
    placing.step()
    assert index.table == 0
    assert found(index, wanted(3)) == {}, "until all are placed, none is found by topics"
    index.remove(id_of(140))
    index.put(id_of(140), person(3, "new"), rev=2, arrived_at=200)
    finished(placing)
    assert id_of(140) in found(index, wanted(3))


def random_pairs():
    chosen = random.Random(5)
    salaries = ((0, 1_000_000), (8_000, 12_000), (30_000, 40_000))

    def place():
        return chosen.choice(CITIES) if chosen.random() < 0.6 else ""

    queries, profiles = [], []
    for number in range(60):
        gate = frozenset({f"w:{number % 7}"} if number % 3 else ())
        queries.append(
            wanted(
                number % 12,
                number,
                known=number % 2 == 0,
                gate_terms=gate,
                places=frozenset(place()),
                salary=chosen.choice(salaries),
            )
        )
    for number in range(200):
        low, high = chosen.choice(salaries)
        profiles.append(
            person(
                number % 12,
                number,
                key_terms=(f"w:{number % 7}",),
                salary_low=low,
                salary_high=high,
                places=tuple(place()),
                home=tuple(place()),
            )
        )
    return queries, profiles


def test_a_resume_s_way_a_feed_s_way_and_single_pairs_agree():
    queries, profiles = random_pairs()
    feeds = FeedIndex()
    for number, query in enumerate(queries):
        feeds.put(str(number), query)
        assert feeds.get(str(number)) == query
    resumes = placed_index(profiles)
    wanted_pairs, matches = {}, {}
    for row, profile in enumerate(profiles):
        place = topics().locate(profile)
        matches |= {(feed_id, row): match for feed_id, match in feeds.matches(profile, 0.0, topics())}
        for number, query in enumerate(queries):
            if breakdown := breakdown_of(query, profile, place):
                wanted_pairs[str(number), row] = breakdown
    by_feed = {
        (str(number), int(resume_id, 16)): breakdown
        for number, query in enumerate(queries)
        for resume_id, breakdown in found(resumes, query).items()
    }
    assert by_feed == wanted_pairs
    assert {pair: round(100 * match.score) for pair, match in matches.items()} == {
        pair: breakdown.total for pair, breakdown in wanted_pairs.items()
    }
    ungated = [
        (feed_id, row)
        for feed_id, row in wanted_pairs
        if queries[int(feed_id)].gate_terms.isdisjoint(profiles[row].key_terms)
    ]
    assert 20 < len(ungated) < len(wanted_pairs)
    for (feed_id, row), match in matches.items():
        assert round(100 * sum(reason.points for reason in match.why)) == round(100 * match.score)
        assert match == score(queries[int(feed_id)], profiles[row], topics())


def test_who_has_no_place_is_as_likely_as_where_nothing_is_learned():
    query = wanted(1, reach={"养蜂人": FULL}, known=True, gate_terms=frozenset({"o:养蜂人"}))
    stranger = ResumeProfile(titled={"养蜂人": 100}, key_terms=("o:养蜂人",))
    place = topics().locate(stranger)
    assert query.table == place.table != 0
    assert not place.vector.any(), "the table knows none of these words"
    seen = breakdown_of(query, stranger, place)
    assert seen.logit == breakdown_of(query, stranger).logit
    assert found(placed_index([stranger]), query) == {id_of(0): seen}
    someone = person(2, 2, titled={"养蜂人": 100}, key_terms=("o:养蜂人",))
    assert breakdown_of(query, someone, topics().locate(someone)).logit < breakdown_of(query, someone).logit


def test_the_row_names_words_of_both_sides():
    query, profile = wanted(4), person(4, 4)
    profile.wording[next(iter(profile.terms))] = "本人的说法"
    (row,) = [reason for reason in score(query, profile, topics()).why if reason.field == "similar"]
    assert row.points > 0
    assert row.term == query.about
    assert set(row.matched.split()) <= {*profile.terms, "本人的说法"}
    assert "行4" in query.about


def test_a_city_or_a_salary_apart_is_no_match_however_near():
    there = wanted(5, places=frozenset("京"), salary=(8_000, 10_000))
    assert near(there, person(5, 5)) >= SIMILAR_GATE
    assert score(there, person(5, 5), topics())
    apart = (person(5, 5, places=("沪",)), person(5, 5, salary_low=20_000, salary_high=25_000))
    feeds = FeedIndex()
    feeds.put("a", there)
    for profile in apart:
        assert score(there, profile, topics()) is None
        assert list(feeds.matches(profile, 0.0, topics())) == []
    assert found(placed_index(apart), there) == {}


def test_two_cities_that_share_a_bit_are_told_apart():
    feeds, resumes = FeedIndex(), []
    for number in range(70):  # more than there are bits
        feeds.put(str(number), wanted(9, places=frozenset({f"城{number}"})))
        resumes.append(person(9, number, places=(f"城{number}",)))
    for number, profile in enumerate(resumes):
        assert [feed_id for feed_id, _ in feeds.matches(profile, 0.0, topics())] == [str(number)]
    index = placed_index(resumes)
    for number in range(70):
        assert found(index, feeds.get(str(number))).keys() == {id_of(number)}


def test_places_of_different_tables_have_nothing_to_do_with_each_other():
    other = learned_of(people(700))
    assert other.revision != topics().revision
    query, profile = wanted(6), person(6, 6)
    feeds = FeedIndex()
    feeds.put("a", query)
    assert list(feeds.matches(profile, 0.0, topics()))
    assert list(feeds.matches(profile, 0.0, other)) == []
    assert score(query, profile, other) is None
    assert found(placed_index([profile], other), query) == {}


def test_who_is_gone_is_not_found():
    feeds = FeedIndex()
    for feed_id in "ab":
        feeds.put(feed_id, wanted(9))
    feeds.remove("a")
    assert [feed_id for feed_id, _ in feeds.matches(person(9, 9), 0.0, topics())] == ["b"]
    resumes = placed_index([person(9, seed) for seed in range(3)])
    resumes.remove(id_of(1))
    assert found(resumes, wanted(9)).keys() == {id_of(0), id_of(2)}
    assert found(resumes, wanted(9), [id_of(2)]).keys() == {id_of(2)}


def test_without_topics_nothing_is_other_than_it_was():
    queries, profiles = random_pairs()
    feeds = FeedIndex()
    for number, query in enumerate(queries):
        feeds.put(str(number), query)
    for profile in profiles[:30]:
        for _, match in feeds.matches(profile):
            assert all(reason.field != "similar" for reason in match.why)


@pytest.mark.parametrize("known", [False, True])
def test_likeness_brings_a_share_of_what_is_left(known):
    for text in range(0, FULL + 1, 500):
        points = [similar_points(FULL, text, like, known) for like in range(0, FULL + 1, 250)]
        assert points == sorted(points)
        assert points[0] == 0
        assert text + points[-1] <= FULL
    assert similar_points(FULL, 2_000, FULL, False) > similar_points(FULL, 2_000, FULL, True)


def test_one_revision_stands_for_all_that_was_learned():
    relations = relations_of({"s:a": {"s:b": 50}})
    assert revision_of(relations, NO_TOPICS) == relations.revision
    assert revision_of(relations_of({}), NO_TOPICS) == ""
    both = {revision_of(relations, topics()), revision_of(relations_of({}), topics()), relations.revision}
    assert len(both) == 3
    assert topics_of((), b"", b"") == NO_TOPICS


def lesson(*clicks, table=None):
    trainer = FeedbackTrainer(wanted(1), lambda _: 8.0, table or topics())
    for act, profile in clicks:
        trainer.add(act, (), profile)
    return FeedbackModel.decode(trainer.model().encode())


def test_a_feed_learns_what_the_kept_are_about():
    model = lesson(*(("favourite", person(2, f"kept {seed}")) for seed in range(3)))
    same, strange = person(2, "same"), person(3, "strange")

    def moved(profile, table):
        before = score(wanted(2, known=True), person(2, 0), topics())
        after = with_feedback(before, model, profile, table.locate(profile))
        return {row.term: row for row in after.why if row.field == "learned"}

    (row,) = moved(same, topics()).values()
    assert "与收藏3人经历相近" in row.term
    assert set(row.matched.replace("，", " ").split()) <= set(same.terms)
    assert not any("经历" in term for term in moved(strange, topics()))
    other = learned_of(people(700))
    assert not any("经历" in term for term in moved(same, other)), "a model of another table says nothing"


def test_what_is_learned_of_clicks_follows_from_the_clicks_that_stand_and_the_table():
    clicks = [("favourite" if seed % 2 else "read", person(seed % 3, seed)) for seed in range(12)]
    assert lesson(*clicks).encode() == lesson(*clicks[::-1]).encode()
    assert lesson(*clicks) != lesson(*clicks[:-1])
    assert lesson(*clicks, table=NO_TOPICS).preferences == lesson(*clicks).preferences[:-1]
    assert lesson(("deleted", person(1, 1))).preferences[-1].table == 0
