import pytest

from bench.quality.measures import measure


def test_ndcg_is_the_discounted_gain_over_the_best():
    # gains 0, 7 at places 1, 2: 7 / log2(3), over 7 / log2(2) + 3 / log2(3)
    assert measure(["x", "a"], {"a": 3, "b": 2})["nDCG@10"] == pytest.approx(0.4966, abs=1e-4)
