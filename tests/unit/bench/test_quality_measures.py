import pytest

from bench.quality.measures import measure


def test_the_ideal_order_scores_one_and_a_swap_less():
    grades = {"a": 3, "b": 2, "c": 1}
    assert measure(["a", "b", "c"], grades)["nDCG@10"] == 1.0
    assert 0 < measure(["c", "b", "a"], grades)["nDCG@10"] < measure(["b", "a", "c"], grades)["nDCG@10"] < 1


def test_ndcg_is_the_discounted_gain_over_the_best():
    # gains 0, 7 at places 1, 2: 7 / log2(3), over 7 / log2(2) + 3 / log2(3)
    assert measure(["x", "a"], {"a": 3, "b": 2})["nDCG@10"] == pytest.approx(0.4966, abs=1e-4)


def test_the_yes_or_no_measures_count_grades_two_and_three():
    found = measure(["x", "c", "a"], {"a": 3, "b": 2, "c": 1})
    assert (found["P@10"], found["MRR"], found["R@50"]) == (0.1, pytest.approx(1 / 3), 0.5)
    assert found["wanted"] == pytest.approx(2 / 3)


def test_an_empty_list_scores_nothing():
    assert measure([], {"a": 3})["nDCG@10"] == 0.0
