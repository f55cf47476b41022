"""When an aim of `make bench` is met."""

import math

from bench.harness.table import Row, text_of


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
