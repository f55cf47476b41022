"""A feed finds among the resumes of an index just those that the definition matches, with the same points."""

import itertools
from pathlib import Path

import msgspec
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench.match.data import Market, texts_of
from engine.matching.feed_query import MAX_KEYWORDS, FeedQuery, Keyword
from engine.matching.resume_profile import ResumeProfile
from engine.matching.score import resume_search, rules
from engine.matching.score.breakdown import breakdown_of
from engine.matching.score.resume_index import ResumeIndex
from engine.matching.score.resume_postings import ResumePostings
from tests.unit.matching.score.test_rules import PROFILE, PROFILES, QUERIES, QUERY
from tests.unit.matching.stepping import finished, found_by, id_of

ALL = ("甲", "乙", "丙", "丁", "java", "@广东", "广州")


# Of pairs made up without care few match; of these most do.
LIKELY = PROFILES.map(
    lambda profile: msgspec.structs.replace(
        profile, key_terms=ALL, title_words=dict.fromkeys(ALL, 100), salary_high=1_000_000
    )
)
SOME = PROFILES | LIKELY


def search(index, query):
    return finished(index.search(query))


def wanted_by(query, profiles):
    pairs = ((resume_id, breakdown_of(query, profile)) for resume_id, profile in profiles.items())
    return {resume_id: breakdown for resume_id, breakdown in pairs if breakdown}


def put(index, number, profile, rev=1, arrived_at=0):
    index.put(id_of(number), profile, rev=rev, arrived_at=arrived_at)


@given(QUERIES, st.lists(SOME, min_size=1, max_size=6))
def test_a_feed_finds_and_scores_what_the_definition_does(query, profiles):
    index = ResumeIndex()
    for number, profile in enumerate(profiles):
        put(index, number, profile, rev=number + 1, arrived_at=7 * number)
    done = search(index, query)
    wanted = wanted_by(query, {id_of(number): profile for number, profile in enumerate(profiles)})
    assert found_by(done) == wanted
    assert done.count == len(done) == len(wanted)
    for found in done.matches():
        number = int(found.resume_id, 16)
        assert (found.rev, found.arrived_at) == (number + 1, 7 * number)
        assert found.total == wanted[found.resume_id].total


CHANGES = st.lists(st.tuples(st.integers(0, 5), st.none() | SOME), max_size=12)


@given(st.lists(SOME, max_size=6), CHANGES, CHANGES, QUERIES, st.integers(0, 3))
def test_resumes_that_come_change_and_go_are_found_as_they_stand(profiles, before, during, query, steps):
    index, stand = ResumeIndex(), {}

    def change(number, profile):
        resume_id = id_of(number)
        if profile is None:
            index.remove(resume_id)
            stand.pop(resume_id, None)
        else:
            put(index, number, profile)
            stand[resume_id] = profile

    for number, profile in [*enumerate(profiles), *before]:
        change(number, profile)
    wanted = wanted_by(query, stand)
    running = index.search(query)
    for _ in range(steps):
        running.step()
    for number, profile in during:
        change(number, profile)
    finished(running)
    touched = {id_of(number) for number, _ in during}
    assert found_by(running) == {key: value for key, value in wanted.items() if key not in touched}
    assert found_by(search(index, query)) == wanted_by(query, stand)
    assert len(index) == len(stand)
    for resume_id in list(stand):
        index.remove(resume_id)
    assert len(index._resumes.blocks.words) == 0
    assert not index._resumes.postings._lists["length"].any()


def test_a_search_at_another_pace_finds_the_same(monkeypatch):
    index = ResumeIndex()
    for number, terms in enumerate(itertools.combinations("甲乙丙丁", 2)):
        put(index, number, ResumeProfile(key_terms=terms, title_words={"甲": 100}))
    query = FeedQuery(gate_terms=frozenset("甲乙丙"), title_words={"甲": 10_000})
    wanted = found_by(search(index, query))
    assert len(wanted) == 6
    monkeypatch.setattr(resume_search, "MAX_VISITS", 1)
    monkeypatch.setattr(resume_search, "MAX_SLOTS", 1)
    index._resumes.found = index._resumes.found[:1]
    running = index.search(query)
    steps = 0
    while not running.is_done:
        running.step()
        steps += 1
    assert steps >= 9
    assert found_by(running) == wanted
    assert [*found_by(running)] == [*wanted]


def sizes_of(running):
    sizes = []
    while not running.is_done:
        running.step()
        sizes.append(len(running))
    return sizes


def test_a_step_finds_no_more_matches_than_it_has_room_for():
    index = ResumeIndex()
    for number in range(10):
        put(index, number, PROFILE)
    index._resumes.found = index._resumes.found[:3]
    assert sizes_of(index.search(QUERY)) == [0, 3, 6, 9, 10]


def test_a_step_compares_so_many_items(monkeypatch):
    profile = ResumeProfile(
        key_terms=("甲",), title_words={"甲": 100}, terms={f"{number}": 9 for number in range(8)}
    )
    index = ResumeIndex()
    for number in range(5):
        put(index, number, profile)
    # Two items of the feed and eight terms a pair.
    for most, sizes in ((10, [0, 1, 2, 3, 4, 5]), (11, [0, 2, 4, 5]), (30, [0, 3, 5])):
        monkeypatch.setattr(resume_search, "MAX_ITEMS", most)
        assert sizes_of(index.search(QUERY)) == sizes


def test_a_resume_that_goes_or_changes_after_a_search_is_left_out():
    for change in (lambda index: index.remove(id_of(0)), lambda index: put(index, 0, PROFILE, rev=2)):
        index = ResumeIndex()
        put(index, 0, PROFILE)
        put(index, 1, PROFILE)
        done = search(index, QUERY)
        assert done.count == 2
        change(index)
        assert done.count == 1
        assert found_by(done).keys() == {id_of(1)}
        assert [found.resume_id for found in done.best(4)] == [id_of(1)]


def test_a_word_that_takes_a_number_during_a_search_is_not_found_by_it():
    index = ResumeIndex()
    put(index, 1, PROFILE)
    put(index, 2, ResumeProfile(key_terms=("乙",), title_words={"乙": 100}))
    running = index.search(FeedQuery(gate_terms=frozenset("甲乙"), title_words={"甲": 10_000, "乙": 10_000}))
    number = index._resumes.blocks.words.find("甲")
    index.remove(id_of(1))
    put(index, 3, ResumeProfile(key_terms=("丙",), title_words={"丙": 100}))
    assert index._resumes.blocks.words.find("丙") == number
    assert found_by(finished(running)).keys() == {id_of(2)}


def test_what_comes_during_a_search_is_not_written_beyond_its_marks():
    postings = ResumePostings()
    for slot in (1, 3, 2, 0):
        postings.add(slot, np.array([5], np.int32))
    marks = np.zeros(4, np.uint8)
    assert postings.mark(np.array([5]), marks[:2], most=9) == 1
    assert marks.tolist() == [1, 1, 0, 0]


def test_places_that_share_a_bit_are_told_apart():
    index = ResumeIndex()
    names = [f"地{number}" for number in range(3 * rules.PLACE_BITS)]
    for number, name in enumerate(names):
        put(
            index,
            number,
            ResumeProfile(key_terms=("甲",), title_words={"甲": 100}, places=(name,), home=names),
        )
    for number in (0, 70, 188):
        query = FeedQuery(
            gate_terms=frozenset("甲"), title_words={"甲": 10_000}, places=frozenset({names[number]})
        )
        assert found_by(search(index, query)).keys() == {id_of(number)}


def test_the_best_come_first_and_then_the_newest_and_then_the_greater_id():
    index = ResumeIndex()
    people = [(3, 80, 5), (1, 100, 1), (2, 100, 2), (0, 80, 5), (4, 90, 9), (5, 80, 4)]
    for number, weight, arrived_at in people:
        profile = ResumeProfile(key_terms=("甲",), title_words={"甲": weight})
        put(index, number, profile, arrived_at=arrived_at)
    done = search(index, QUERY)
    ranked = [2, 1, 4, 3, 0, 5]
    for most in range(8):
        assert [found.resume_id for found in done.best(most)] == [id_of(one) for one in ranked[:most]]
    arrived = [found.arrived_at for found in done.matches()]
    assert arrived == sorted(arrived, reverse=True)
    assert done.matches(0, 2) + done.matches(2, 5) + done.matches(5) == done.matches()


def test_an_index_knows_revisions_and_ids_that_begin_or_end_in_zeros():
    index = ResumeIndex()
    ids = ["00" * 12, "00" * 11 + "01", "01" + "00" * 11, "ab" * 12]
    for number, resume_id in enumerate(ids):
        index.put(resume_id, PROFILE, rev=number + 1, arrived_at=number)
    assert [index.rev(resume_id) for resume_id in ids] == [1, 2, 3, 4]
    assert [found.resume_id for found in search(index, QUERY).matches()] == ids[::-1]
    index.put(ids[1], PROFILE, rev=9, arrived_at=0)
    assert (index.rev(ids[1]), len(index)) == (9, 4)
    index.remove(ids[1])
    index.remove(ids[1])
    assert (index.rev(ids[1]), len(index)) == (0, 3)


@pytest.mark.parametrize("resume_id", ["", "ab", "ab" * 13, "zz" * 12])
def test_what_is_no_id_is_refused(resume_id):
    index = ResumeIndex()
    with pytest.raises(ValueError, match=r"no id|non-hexadecimal"):
        index.put(resume_id, PROFILE, rev=1, arrived_at=0)


@pytest.mark.parametrize(
    "fields",
    [
        {"salary_high": 2**40},
        {"degree": 200},
        {"months": 40_000},
        {"terms": {"甲": 300}},
        {"shown": {"甲": -1}},
    ],
)
def test_a_profile_that_the_arrays_cannot_hold_is_refused_and_leaves_nothing(fields):
    index = ResumeIndex()
    put(index, 1, PROFILE)
    with pytest.raises(OverflowError):
        put(index, 2, ResumeProfile(key_terms=("乙",), **fields))
    assert len(index._resumes.blocks.words) == 1
    with pytest.raises(OverflowError):
        put(index, 1, ResumeProfile(key_terms=("乙",), **fields))
    assert (len(index), len(index._resumes.blocks.words)) == (0, 0)


def test_a_query_that_the_arrays_cannot_hold_is_refused():
    keywords = (Keyword("乙", ("乙",), 100),) * (MAX_KEYWORDS + 1)
    with pytest.raises(ValueError, match="at most"):
        ResumeIndex().search(FeedQuery(keywords=keywords))


def test_the_words_and_lists_of_resumes_that_are_gone_make_room_for_others():
    index = ResumeIndex()
    for number in range(2_000):
        name = f"w:{number}"
        put(index, 1, ResumeProfile(key_terms=(name,), terms={name: 1}))
    resumes = index._resumes
    assert len(resumes.blocks.words.names) == 1
    assert len(resumes.blocks.items) <= 16
    assert len(resumes.postings._entries) <= 8
    assert len(resumes.records) == 1


def test_a_list_that_grows_leaves_its_room_to_others():
    index = ResumeIndex()
    entries = index._resumes.postings._entries
    for number in range(64):
        put(index, number, ResumeProfile(key_terms=("a",)))
    taken = len(entries)
    for number in range(64, 96):
        put(index, number, ResumeProfile(key_terms=("b",)))
    assert len(entries) == taken


def test_real_texts_score_alike_in_both(analyzer):
    folder = Path("../shared/data/51job_4class")
    if not folder.exists():
        pytest.skip(f"no texts in {folder}")
    market = Market(analyzer, texts_of(folder)[::8])
    profiles = {id_of(number): analyzer.resume(body) for number, (body, _) in enumerate(market.resumes(400))}
    index = ResumeIndex()
    for resume_id, profile in profiles.items():
        index.put(resume_id, profile, rev=1, arrived_at=0)
    total = 0
    for _, query in market.feeds(50):
        wanted = wanted_by(query, profiles)
        done = search(index, query)
        assert found_by(done) == wanted
        ranked = sorted(((one.total, resume_id) for resume_id, one in wanted.items()), reverse=True)
        assert [(found.total, found.resume_id) for found in done.best(3)] == ranked[:3]
        total += len(wanted)
    assert total > 50
