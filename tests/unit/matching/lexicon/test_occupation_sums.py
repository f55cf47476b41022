"""The sums of occupations: the compiled loops against what they say they do."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from engine.matching.lexicon.occupation_sums import UNKNOWN, add_up, greatest

VALUES = st.lists(st.sampled_from([0.0, 0.25, 0.5, 0.75, 1.0, 2.0]), max_size=40)


@given(VALUES, st.integers(1, 20))
def test_the_greatest_come_first_and_of_equals_the_one_named_first(values, most):
    ranked = sorted((-value, number) for number, value in enumerate(values) if value > 0)
    assert greatest(np.array(values), most).tolist() == [number for _, number in ranked[:most]]


@given(
    st.lists(st.lists(st.tuples(st.integers(0, 5), st.floats(0, 1)), max_size=4), min_size=1, max_size=6),
    st.data(),
)
def test_each_word_speaks_for_its_owners_as_much_as_it_weighs(owned, data):
    words = data.draw(st.lists(st.integers(UNKNOWN, len(owned) - 1), unique=True))
    weights = data.draw(st.lists(st.floats(0, 1), min_size=len(words), max_size=len(words)))
    expected = [0.0] * 6
    for word, weight in zip(words, weights, strict=True):
        for owner, share in owned[word] if word != UNKNOWN else ():
            expected[owner] += weight * share
    pairs = [pair for owners in owned for pair in owners]
    sums = np.zeros(6)
    add_up(
        np.array(words, np.int64),
        np.array(weights),
        np.cumsum([0, *map(len, owned)]),
        np.array([owner for owner, _ in pairs], np.int64),
        np.array([share for _, share in pairs], np.float64),
        sums,
    )
    assert sums.tolist() == expected
