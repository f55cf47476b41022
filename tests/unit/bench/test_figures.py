"""The figures of `make bench`: quantiles, slopes, and when an aim is met."""

import math

import pytest

from bench.harness.table import Row, text_of
from bench.harness.wire import quantile
from bench.load.ingest import quantile_of
from bench.load.soak import Sample, growth, windows


def test_a_failure_is_the_slowest_of_all():
    times = [0.1] * 98 + [math.inf] * 2
    assert quantile(times, 0.5) == 0.1
    assert quantile(times, 0.99) == math.inf


@pytest.mark.parametrize(("share", "expected"), [(0.25, 0.005), (0.5, 0.01), (0.7, 0.015), (0.95, math.inf)])
def test_a_histograms_quantile_lies_on_a_straight_line_within_its_bucket(share, expected):
    assert quantile_of({0.01: 500.0, 0.02: 900.0, math.inf: 1000.0}, share) == pytest.approx(expected)


def test_what_comes_and_goes_is_no_growth_and_a_leak_is():
    def samples(leak: int) -> list[Sample]:
        return [
            Sample(float(at_s), 1000 + leak * at_s + 500 * (at_s % 7 > 3), 100 + 50 * (at_s % 7 > 3))
            for at_s in range(60, 600)
        ]

    for leak in (0, 3):
        least = windows(samples(leak))
        times = [one.at_s for one in least]
        grown = 100 * leak * (times[-1] - times[0]) / least[0].bytes
        assert growth(times, [one.bytes for one in least]) == pytest.approx(grown, rel=0.01)
        assert growth(times, [one.descriptors for one in least]) == 0


def test_an_aim_that_is_missed_is_said_so():
    rows = [
        Row("push", 251, "ms").at_most(250),
        Row("page", 70, "a second", 100, "bare").at_least_times(0.7),
        Row("list", 69, "a second", 100, "bare").at_least_times(0.7),
        Row("storm", math.inf, "s").at_most(10),
        Row("resumes", 180, "a second").at_least(180),
        Row("resumes", 179, "a second").at_least(180),
        Row("count", 12, "ms", 10, "few").at_most_times(1.2),
        Row("count", 13, "ms", 10, "few").at_most_times(1.2),
        Row("feeds", 15, "s", 10, "alone").at_most_beyond(5),
        Row("feeds", 16, "s", 10, "alone").at_most_beyond(5),
    ]
    met = [False, True, False, False, True, False, True, False, True, False]
    assert [row.is_met for row in rows] == met
    lines = text_of(rows).splitlines()[2:]
    assert [line.split()[-1] for line in lines] == ["met" if each else "MISSED" for each in met]
