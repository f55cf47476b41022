"""The loop over arrays and a single pair come to the same match, whatever the pair."""

import ast
import importlib
import inspect
import itertools
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numba.core.dispatcher import Dispatcher

from bench.match.data import Market, texts_of
from engine.matching.feed_query import MAX_KEYWORDS, FeedQuery, Keyword
from engine.matching.feed_spec import FeedSpec
from engine.matching.resume_profile import ResumeProfile
from engine.matching.score import rules
from engine.matching.score import search as search_module
from engine.matching.score.breakdown import breakdown_of
from engine.matching.score.index import FeedIndex
from engine.matching.score.match import score
from tests.support import each
from tests.unit.matching.engine_samples import analyzer
from tests.unit.matching.stepping import finished

ROOT = Path(__file__).resolve().parents[4]

NAMES = st.sampled_from(["甲", "乙", "丙", "丁", "java", "@广东", "广州"])
SETS = st.lists(NAMES, max_size=4, unique=True)
MONEY = st.integers(0, 40).map(lambda thousands: 1_000 * thousands) | st.sampled_from([1_000_000, 999_999, 1])


def shares(most: int) -> st.SearchStrategy[dict[str, int]]:
    return st.dictionaries(NAMES, st.integers(0, most), max_size=6)


KEYWORDS = st.builds(
    Keyword,
    shown=st.sampled_from(["Java", "甲乙"]),
    terms=st.lists(NAMES, min_size=1, max_size=3).map(tuple),
    weight=st.integers(0, 10_000),
    related=st.booleans(),
)
QUERIES = st.builds(
    FeedQuery,
    gate_terms=SETS.map(frozenset),
    title=st.sampled_from(["", "工程师"]),
    clear=st.booleans(),
    known=st.booleans(),
    reach=shares(10_000),
    title_words=shares(10_000),
    keywords=st.lists(KEYWORDS, max_size=MAX_KEYWORDS).map(tuple),
    words=shares(10_000),
    text_points=st.integers(8_000, 10_000),
    places=SETS.map(frozenset),
    salary=st.tuples(MONEY, MONEY),
    months=st.none() | st.tuples(st.integers(0, 120), st.integers(0, 600)),
    level=st.none() | st.tuples(st.integers(0, 5), st.integers(0, 5)),
    degree=st.integers(0, 6),
    domains=SETS.map(frozenset),
    preferences=SETS.map(frozenset),
)
PROFILES = st.builds(
    ResumeProfile,
    key_terms=SETS.map(tuple),
    salary_low=MONEY,
    salary_high=MONEY,
    titled=shares(100),
    shown=shares(100),
    title_words=shares(100),
    terms=shares(100),
    places=SETS.map(tuple),
    home=SETS.map(tuple),
    months=st.none() | st.integers(0, 600),
    degree=st.integers(0, 6),
    level=st.none() | st.integers(0, 5),
    domains=SETS.map(tuple),
    classes=SETS.map(tuple),
)


@given(st.lists(QUERIES, min_size=1, max_size=4), PROFILES)
def test_arrays_find_and_score_what_the_definition_does(queries, profile):
    index = FeedIndex()
    for number, query in enumerate(queries):
        index.put(str(number), query)
        assert index.get(str(number)) == query
    wanted = ((str(number), score(query, profile)) for number, query in enumerate(queries))
    assert list(index.matches(profile)) == [(feed_id, match) for feed_id, match in wanted if match]


@given(st.lists(st.tuples(st.integers(0, 3), st.none() | QUERIES), max_size=12), PROFILES)
def test_feeds_that_come_change_and_go_leave_an_index_as_if_built_anew(changes, profile):
    index, left = FeedIndex(), {}
    for number, query in changes:
        index.remove(str(number))
        left.pop(str(number), None)
        if query is not None:
            index.put(str(number), query)
            left[str(number)] = query
    fresh = FeedIndex()
    for feed_id, query in left.items():
        fresh.put(feed_id, query)
    assert list(index.matches(profile)) == list(fresh.matches(profile))
    assert len(index) == len(left)
    for feed_id in left:
        assert index.get(feed_id) == left[feed_id]
        index.remove(feed_id)
    assert len(index._feeds.blocks.words) == 1, "the place of those that name none"
    assert len(index._feeds.blocks.texts) == 0


QUERY = FeedQuery(gate_terms=frozenset("甲"), title_words={"甲": 10_000})
PROFILE = ResumeProfile(key_terms=("甲",), title_words={"甲": 100})


def index_of(feed_ids):
    """An index in which each of these feeds asks for what the resume has."""
    index = FeedIndex()
    for feed_id in feed_ids:
        index.put(feed_id, QUERY)
    return index


@pytest.mark.parametrize(
    "fields",
    [
        {"salary": (-1, 2_000)},
        {"salary": (0, 2**40)},
        {"degree": 128},
        {"months": (-2, 12)},
        {"words": {"乙": 40_000}},
        {"keywords": (Keyword("乙", ("乙",), 100),) * (MAX_KEYWORDS + 1)},
    ],
)
def test_a_query_that_the_arrays_cannot_hold_is_refused_and_leaves_nothing(fields):
    index = index_of("ab")
    with pytest.raises(ValueError, match=r"within 0\.\.|at most"):
        index.put("b", msgspec.structs.replace(QUERY, **fields))
    assert dict(index.matches(PROFILE)).keys() == {"a"}
    with pytest.raises(KeyError):
        index.get("b")


TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=60)


@given(
    st.builds(
        FeedSpec,
        title=TEXTS,
        job_desc=TEXTS,
        keywords=st.lists(TEXTS, max_size=40).map(tuple),
        salary_min=st.integers(-(2**70), 2**70),
        salary_max=st.integers(-(2**70), 2**70),
        talent_level=st.lists(TEXTS, max_size=3).map(tuple),
    )
)
def test_whatever_a_feed_says_its_query_fits_the_arrays(spec):
    query = analyzer().feed(spec)
    index = FeedIndex()
    index.put("a", query)
    assert index.get("a") == query


COMPILED = [
    one
    for path in (ROOT / "engine" / "matching").rglob("*.py")
    for one in vars(
        importlib.import_module(path.relative_to(ROOT).with_suffix("").as_posix().replace("/", "."))
    ).values()
    if isinstance(one, Dispatcher)
]


@each("function", COMPILED)
def test_compiled_code_uses_nothing_of_ours_from_another_file(function):
    """Numba keeps it on disk, and makes it anew when its own file changes, not when another does."""
    code = function.py_func
    tree = ast.parse(Path(inspect.getfile(code)).read_text("utf-8"))
    here = {
        name.id
        for node in tree.body
        if isinstance(node, ast.Assign | ast.AnnAssign)
        for target in (node.targets if isinstance(node, ast.Assign) else [node.target])
        for name in ast.walk(target)
        if isinstance(name, ast.Name)
    } | {node.name for node in tree.body if isinstance(node, ast.FunctionDef | ast.ClassDef)}
    used = {name for name in code.__code__.co_names if name in code.__globals__ and name != "np"}
    over = {module.__name__ for module in getattr(function, "over", ())}
    for name in used - here:
        other = code.__globals__[name]
        assert isinstance(other, Dispatcher)
        assert {other.py_func.__module__, *(module.__name__ for module in getattr(other, "over", ()))} <= over


def test_there_is_compiled_code_to_look_at():
    assert len(COMPILED) > 15


def test_real_texts_score_alike_in_both(analyzer):
    folder = Path("../shared/data/51job_4class")
    if not folder.exists():
        pytest.skip(f"no texts in {folder}")
    market = Market(analyzer, texts_of(folder)[::8])
    feeds = dict(market.feeds(400))
    index = FeedIndex()
    for feed_id, query in feeds.items():
        index.put(feed_id, query)
    profiles = [analyzer.resume(body) for body, _ in market.resumes(100)]
    found = 0
    for profile in profiles:
        search = finished(index.search(profile))
        breakdowns = {feed_id: breakdown_of(query, profile) for feed_id, query in feeds.items()}
        totals = {feed_id: one.total / 100 for feed_id, one in breakdowns.items() if one}
        assert {feed_id: match.score for feed_id, match in search.worded()} == totals
        found += len(totals)
    assert found > 50


def test_an_index_at_another_pace_finds_the_same(monkeypatch):
    queries = [
        FeedQuery(gate_terms=frozenset(terms), title_words={"甲": 10_000})
        for terms in itertools.combinations("甲乙丙丁", 2)
    ]
    index = FeedIndex()
    for number, query in enumerate(queries):
        index.put(str(number), query)
    profile = ResumeProfile(key_terms=tuple("甲乙丙"), title_words={"甲": 100})
    wanted = list(index.matches(profile))
    assert wanted
    monkeypatch.setattr(search_module, "MAX_AT_ONCE", 1)
    monkeypatch.setattr(search_module, "MAX_VISITS", 1)
    search = index.search(profile)
    steps = 0
    while not search.is_done:
        search.step()
        steps += 1
    assert steps > len(wanted)
    assert list(search.worded()) == wanted


def test_a_feed_that_changes_during_a_search_is_left_out():
    index = index_of("abcd")
    search = index.search(PROFILE)
    index.put("a", QUERY)
    search.step()
    index.remove("b")
    index.put("e", QUERY)  # takes the place of b
    finished(search)
    index.remove("c")
    assert [feed_id for feed_id, _ in search.worded()] == ["d"]


def test_the_words_of_feeds_that_are_gone_make_room_for_others():
    index = FeedIndex()
    for number in range(500):
        index.put(
            "a", FeedQuery(gate_terms=frozenset({f"w:{number}"}), title=f"{number}", words={f"{number}": 1})
        )
    assert len(index._feeds.blocks.words.names) <= 3
    assert len(index._feeds.blocks.texts.names) <= 2  # what it is about is empty


def test_a_word_that_takes_a_number_during_a_search_is_not_found_by_it():
    index = index_of("a")
    index.put("b", FeedQuery(gate_terms=frozenset("乙"), title_words={"乙": 10_000}))
    search = index.search(ResumeProfile(key_terms=("甲", "乙"), title_words={"甲": 100, "乙": 100}))
    number = index._feeds.blocks.words.find("甲")
    index.remove("a")
    index.put("c", FeedQuery(gate_terms=frozenset("丙"), title_words={"丙": 10_000}))
    assert index._feeds.blocks.words.find("丙") == number
    assert [feed_id for feed_id, _ in finished(search).worded()] == ["b"]


def test_a_feed_is_scored_as_long_as_it_is_told_to():
    index = FeedIndex()
    index.put("a", QUERY, until=100.0)
    assert dict(index.matches(PROFILE, now=99.0)).keys() == {"a"}
    assert not dict(index.matches(PROFILE, now=100.0))
    index.keep("a", 200.0)
    assert dict(index.matches(PROFILE, now=100.0)).keys() == {"a"}
    assert index.until("a") == 200.0


def test_feeds_of_another_city_are_not_even_scored(monkeypatch):
    index = index_of("a")
    for feed_id, city in (("b", "广州"), ("c", "深圳")):
        index.put(feed_id, msgspec.structs.replace(QUERY, places=frozenset({city})))
    evaluated = []
    evaluate = rules.evaluate
    monkeypatch.setattr(
        rules, "evaluate", lambda slots, *rest: evaluated.extend(slots) or evaluate(slots, *rest)
    )
    assert dict(index.matches(msgspec.structs.replace(PROFILE, places=("广州",)))).keys() == {"a", "b"}
    assert {index._feeds.ids[slot] for slot in evaluated} == {"a", "b"}
