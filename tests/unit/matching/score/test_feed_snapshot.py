"""An index that is made again from a snapshot is the index that the snapshot was taken of."""

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.matching.feed_query import FeedQuery, Keyword
from engine.matching.resume_profile import ResumeProfile
from engine.matching.score import snapshot
from engine.matching.score.feed_snapshot import packed
from engine.matching.score.index import FeedIndex
from engine.matching.score.rules import FULL
from tests.unit.matching.stepping import finished

FEEDS = "abcdefgh"
WORDS = st.sampled_from(["甲", "乙", "丙", "丁", "戊", "己"])
SHARES = st.dictionaries(WORDS, st.integers(1, FULL), max_size=4)
QUERIES = st.builds(
    FeedQuery,
    gate_terms=st.frozensets(WORDS, max_size=3),
    title=st.sampled_from(["会计", "出纳", "Java开发"]),
    clear=st.booleans(),
    known=st.booleans(),
    reach=SHARES,
    title_words=SHARES,
    keywords=st.lists(
        st.builds(
            Keyword,
            WORDS,
            st.lists(WORDS, min_size=1, max_size=3, unique=True).map(tuple),
            st.integers(0, FULL),
            st.booleans(),
        ),
        max_size=3,
    ).map(tuple),
    # Sometimes more than one step of a block, so that blocks are of several lengths.
    words=st.one_of(SHARES, st.just({f"词{number}": 100 for number in range(20)})),
    places=st.frozensets(st.sampled_from(["北京", "上海", "广州"]), max_size=2),
    salary=st.sampled_from([(0, 1_000_000), (8_000, 12_000)]),
    months=st.sampled_from([None, (12, 36)]),
    level=st.sampled_from([None, (1, 3)]),
    degree=st.integers(0, 6),
    domains=st.frozensets(WORDS, max_size=2),
    preferences=st.frozensets(st.sampled_from(["985", "211"]), max_size=2),
)
PROFILE = ResumeProfile(
    key_terms=("甲", "乙", "丙", "丁", "戊", "己"),
    titled={"甲": 100, "乙": 60},
    shown={"丙": 80},
    title_words={"丁": 100},
    terms={"甲": 100, "戊": 50, "词3": 100},
    title="会计",
    places=("北京",),
    salary_low=9_000,
    salary_high=11_000,
    months=24,
    degree=3,
    level=2,
    domains=("己",),
    classes=("211",),
)
CHANGES = st.lists(
    st.one_of(
        st.tuples(st.just("put"), st.sampled_from(FEEDS), QUERIES, st.integers(1, 5)),
        st.tuples(st.just("remove"), st.sampled_from(FEEDS)),
        st.tuples(st.just("keep"), st.sampled_from(FEEDS), st.integers(1, 5)),
    ),
    max_size=12,
)


def change(index, known, step):
    """Make one change to an index, and to the plain dictionary that it is compared with."""
    kind, feed_id, *rest = step
    if kind == "put":
        index.put(feed_id, *rest)
        known[feed_id] = tuple(rest)
    elif kind == "remove":
        index.remove(feed_id)
        known.pop(feed_id, None)
    elif feed_id in known:
        index.keep(feed_id, rest[0])
        known[feed_id] = (known[feed_id][0], rest[0])


def snapshot_of(index, between=lambda: None):
    return packed(finished(index.copying(), between))


def content(index):
    return {feed_id: (index.get(feed_id), index.until(feed_id)) for feed_id in FEEDS if feed_id in index}


def built_from(known):
    index = FeedIndex()
    for feed_id, (query, until) in known.items():
        index.put(feed_id, query, until)
    return index


def check(index, known):
    """It holds what is known, finds what an index finds that was built feed by feed, and forgets it all."""
    assert content(index) == known
    assert len(index) == len(known)
    fresh = built_from(known)
    for now in (0, 3):
        assert list(index.matches(PROFILE, now)) == list(fresh.matches(PROFILE, now))
    for feed_id in known:
        assert index._record(feed_id)["entries"] == fresh._record(feed_id)["entries"]
        index.remove(feed_id)
    blocks = index._feeds.blocks
    assert (len(blocks.words), len(blocks.texts)) == (1, 0)  # the one is for anywhere
    assert list(index.matches(PROFILE)) == []


@given(CHANGES, CHANGES)
def test_an_index_is_the_same_after_a_snapshot_and_goes_on_as_the_same(before, after):
    index, known = FeedIndex(), {}
    for step in before:
        change(index, known, step)
    restored = FeedIndex.restored(snapshot_of(index))
    assert content(restored) == known
    assert list(restored.matches(PROFILE)) == list(index.matches(PROFILE))
    for step in after:
        change(restored, known, step)
    check(restored, known)


@given(CHANGES, CHANGES, st.integers(1, 3))
def test_what_changes_while_it_is_copied_is_left_out_and_all_else_is_there(before, during, at_once):
    """`keep` alone may come through or not: it follows a change that is read again in any case."""
    index, known = FeedIndex(), {}
    for step in before:
        change(index, known, step)
    noted, touched, steps = dict(known), set(), iter(during)

    def between():
        for step in itertools.islice(steps, at_once):
            if step[0] == "put" or (step[0] == "remove" and step[1] in known):
                touched.add(step[1])
            change(index, known, step)

    restored = FeedIndex.restored(snapshot_of(index, between))
    left = {feed_id: what for feed_id, what in noted.items() if feed_id not in touched}
    assert {feed_id: query for feed_id, (query, _) in content(restored).items()} == {
        feed_id: query for feed_id, (query, _) in left.items()
    }
    check(restored, content(restored))


@pytest.fixture(autouse=True)
def small_slices(monkeypatch):
    """So that even a handful of feeds takes many steps."""
    monkeypatch.setattr(snapshot, "_SLICE_BYTES", 64)
    monkeypatch.setattr(snapshot, "_SLICE_NAMES", 2)


def test_a_snapshot_has_no_gaps_and_no_words_of_feeds_that_are_gone():
    index = FeedIndex()
    for number in range(20):
        words = {f"{number}-{word}": 1 for word in range(number)}
        index.put(str(number), FeedQuery(title=str(number), gate_terms=frozenset({"g"}), words=words))
    for number in range(0, 20, 2):
        index.remove(str(number))
    taken = snapshot_of(index)
    assert len(taken.arrays["feed"]) == len(taken.names["feeds"]) == 10
    assert taken.names["texts"] == ["", *(str(number) for number in range(1, 20, 2))]
    assert len(taken.names["words"]) == 2 + sum(range(1, 20, 2))
    rooms = -(-taken.arrays["feed"]["length"] // 16) * 16
    assert len(taken.arrays["ids"]) == len(taken.arrays["weights"]) == rooms.sum()
    begins = np.sort(taken.arrays["feed"]["block"])
    assert begins[0] == 0
    assert (np.diff(begins) > 0).all()
