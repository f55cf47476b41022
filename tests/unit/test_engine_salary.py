import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.matching.lexicon.salary import OPEN, is_open, parse
from engine.matching.score.breakdown import gap_between
from engine.matching.score.rules import UNSAID


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("8000-12000", (8_000, 12_000)),
        ("8,000-12,000元/月", (8_000, 12_000)),
        ("8-12K", (8_000, 12_000)),
        ("8K-12K·13薪", (8_000, 12_000)),
        ("７.５k～１０.５k", (7_500, 10_500)),
        ("1.5-2万", (15_000, 20_000)),
        ("0.65-1万/月", (6_500, 10_000)),
        ("9千-1.2万", (9_000, 12_000)),
        ("8-12", (8_000, 12_000)),
        ("20-30万/年", (16_667, 25_000)),
        ("年薪24万", (20_000, 20_000)),
        ("24-36万元每年", (20_000, 30_000)),
        ("200元/天", (4_350, 4_350)),
        ("150-200/天", (3_262, 4_350)),
        ("30元/小时", (5_220, 5_220)),
        ("15K以上", (15_000, 1_000_000)),
        ("不低于8000", (8_000, 1_000_000)),
        ("5000以下", (0, 5_000)),
        ("12000-8000", (8_000, 12_000)),
        ("9000", (9_000, 9_000)),
        (9_000, (9_000, 9_000)),
        (8_500.5, (8_500, 8_500)),
        ("面议", OPEN),
        ("0-1000000", OPEN),
        ("", OPEN),
        (None, OPEN),
        (0, OPEN),
        (-5, OPEN),
        (True, OPEN),
        (float("nan"), OPEN),
        (float("inf"), OPEN),
        (["x"], OPEN),
        ("💰💰", OPEN),
    ],
)
def test_salaries_are_read_as_people_write_them(typed, meant):
    assert parse(typed) == meant


@given(
    st.one_of(
        st.text(max_size=80),
        st.floats(),
        st.integers(),
        st.none(),
        st.from_regex(r"[\d.\-kK万年天/以上 ]{0,30}"),
    )
)
def test_any_value_gives_an_ordered_range(value):
    low, high = parse(value)
    assert 0 <= low <= high <= 1_000_000


@pytest.mark.parametrize(
    ("one", "other", "thousandths"),
    [
        ((8_000, 12_000), (10_000, 15_000), 0),
        ((8_000, 10_000), (10_000, 15_000), 0),
        ((12_000, 15_000), (8_000, 10_000), 200),
        ((8_000, 10_000), (15_000, 20_000), 500),
        ((0, 1_000_000), (8_000, 10_000), UNSAID),
        ((15_000, 1_000_000), (8_000, 10_000), 500),
        ((12_001, 15_000), (8_000, 10_000), 201),
    ],
)
def test_the_gap_is_a_share_of_the_lower_range_and_the_same_both_ways(one, other, thousandths):
    assert gap_between(one, other) == gap_between(other, one) == thousandths


def test_negotiable_is_open_but_a_floor_is_not():
    assert is_open(0, 1_000_000)
    assert not is_open(15_000, 1_000_000)
