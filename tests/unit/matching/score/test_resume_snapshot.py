"""An index of resumes that is made again from a snapshot is the one that the snapshot was taken of."""

import itertools

import msgspec
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.matching.resume_profile import ResumeProfile
from engine.matching.score import snapshot
from engine.matching.score.resume_index import ResumeIndex
from engine.matching.score.resume_layout import sizes_of
from engine.matching.score.resume_snapshot import packed
from tests.unit.matching.score.test_resume_index import SOME, search, wanted_by
from tests.unit.matching.score.test_rules import PROFILE, QUERIES, QUERY
from tests.unit.matching.stepping import finished, id_of

CHANGES = st.lists(st.tuples(st.integers(0, 7), st.none() | SOME), max_size=12)
SOME_QUERIES = st.lists(QUERIES, min_size=1, max_size=5)


@pytest.fixture(autouse=True)
def small_slices(monkeypatch):
    """So that even a handful of resumes takes many steps."""
    monkeypatch.setattr(snapshot, "_SLICE_BYTES", 64)
    monkeypatch.setattr(snapshot, "_SLICE_NAMES", 2)


class Pair:
    """An index, and the plain dictionary of what it should hold: by id the profile, revision and arrival."""

    def __init__(self, index=None, known=()):
        self.index = index or ResumeIndex()
        self.known = dict(known)
        self._revs = itertools.count(100 if known else 1)

    def change(self, number, profile):
        resume_id = id_of(number)
        if profile is None:
            self.index.remove(resume_id)
            self.known.pop(resume_id, None)
        else:
            rev = next(self._revs)
            self.index.put(resume_id, profile, rev=rev, arrived_at=7 * rev)
            self.known[resume_id] = profile, rev, 7 * rev

    def check(self, queries):
        """It finds what the definition does, with all that is handed out, and forgets everything."""
        index, known = self.index, self.known
        assert len(index) == len(known)
        assert {resume_id: index.rev(resume_id) for resume_id in known} == {
            resume_id: rev for resume_id, (_, rev, _) in known.items()
        }
        for query in queries:
            wanted = wanted_by(query, {resume_id: profile for resume_id, (profile, _, _) in known.items()})
            for found in (done := search(index, query)).matches():
                assert (found.rev, found.arrived_at) == known[found.resume_id][1:]
                assert found.breakdown == wanted[found.resume_id]
            assert done.count == len(done) == len(wanted)
        for resume_id in known:
            index.remove(resume_id)
        assert len(index._resumes.blocks.words) == 0
        assert not index._resumes.postings._lists["length"].any()


def snapshot_of(index, between=lambda: None):
    return packed(finished(index.copying(), between))


@given(CHANGES, CHANGES, SOME_QUERIES)
def test_an_index_is_the_same_after_a_snapshot_and_goes_on_as_the_same(before, after, queries):
    pair = Pair()
    for step in before:
        pair.change(*step)
    restored = Pair(ResumeIndex.restored(snapshot_of(pair.index)), pair.known)
    for query in queries:
        best = search(restored.index, query).best(3)
        assert best == search(pair.index, query).best(3)
    for step in after:
        restored.change(*step)
    restored.check(queries)


@given(CHANGES, CHANGES, st.integers(1, 3), SOME_QUERIES)
def test_what_changes_while_it_is_copied_is_left_out_and_all_else_is_there(before, during, at_once, queries):
    pair = Pair()
    for step in before:
        pair.change(*step)
    noted, touched, steps = dict(pair.known), set(), iter(during)

    def between():
        for number, profile in itertools.islice(steps, at_once):
            touched.add(id_of(number))
            pair.change(number, profile)

    restored = ResumeIndex.restored(snapshot_of(pair.index, between))
    left = {resume_id: what for resume_id, what in noted.items() if resume_id not in touched}
    Pair(restored, left).check(queries)


def test_places_are_told_apart_by_the_numbers_that_they_have_now():
    """With many words that are gone a place has another number, and so another bit, in the snapshot."""
    index = ResumeIndex()
    for number in range(70):
        index.put(id_of(number), ResumeProfile(key_terms=(f"词{number}",)), rev=1, arrived_at=0)
    here = msgspec.structs.replace(PROFILE, places=("北京",), home=("北京",))
    index.put(id_of(100), here, rev=1, arrived_at=0)
    before = int(index._resumes.records["near"][index._slots[bytes.fromhex(id_of(100))]])
    for number in range(70):
        index.remove(id_of(number))
    restored = ResumeIndex.restored(snapshot_of(index))
    assert restored._resumes.records["near"].tolist() != [before]
    query = msgspec.structs.replace(QUERY, places=frozenset({"北京"}))
    assert [found.resume_id for found in search(restored, query).matches()] == [id_of(100)]


def test_long_lists_of_postings_go_on_growing():
    index = ResumeIndex()
    for number in range(21):
        index.put(id_of(number), PROFILE, rev=1, arrived_at=0)
    restored = ResumeIndex.restored(snapshot_of(index))
    lists = restored._resumes.postings._lists
    assert (lists["length"] <= lists["room"]).all()
    for number in range(21, 80):
        restored.put(id_of(number), PROFILE, rev=1, arrived_at=0)
    assert search(restored, QUERY).count == 80


def test_a_snapshot_has_no_gaps_and_no_words_of_resumes_that_are_gone():
    index = ResumeIndex()
    for number in range(20):
        words = {f"{number}-{word}": 1 for word in range(number)}
        index.put(id_of(number), ResumeProfile(terms=words), rev=1, arrived_at=0)
    for number in range(0, 20, 2):
        index.remove(id_of(number))
    taken = snapshot_of(index)
    assert [one.hex() for one in taken.arrays["id"].tolist()] == [id_of(number) for number in range(1, 20, 2)]
    assert len(taken.names["words"]) == sum(range(1, 20, 2))
    rooms = -(-sizes_of(taken.arrays["resume"]) // 8) * 8
    assert len(taken.arrays["ids"]) == len(taken.arrays["weights"]) == rooms.sum()
    begins = np.sort(taken.arrays["resume"]["block"])
    assert begins[0] == 0
    assert (np.diff(begins) > 0).all()
