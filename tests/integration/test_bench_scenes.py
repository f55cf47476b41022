"""Every scene of `make bench` runs to its end, as small as it can be; no figure is looked at."""

import asyncio
import math
from pathlib import Path

import pytest

from bench.load import company, feeds, first, neighbour, stored
from bench.match import data as texts
from bench.quality import data as judged
from tests.support import IS_LONG

SCENES = {
    "feeds at once": lambda: feeds.at_once(feeds.Size(feeds=6, accounts=2, resumes=30)),
    "feeds and resumes together": lambda: feeds.whole_market(feeds.Size(feeds=40, accounts=2, resumes=300)),
    "one feed and previews": lambda: stored.measure(200, 100, 0.5),
    "new resumes first": lambda: first.measure(3, 6, 30, 60),
    "a company": lambda: company.measure(3, 1.0, 20, 3),
    "a neighbour": lambda: neighbour.measure(30, 5, 0.2),
}

SHORT = "feeds and resumes together"
"""The scene that a normal run plays; each takes ten to twenty seconds."""


@pytest.fixture(autouse=True)
def _everything_is_made_up(monkeypatch):
    for data in (texts, judged):
        monkeypatch.setattr(data, "DATA", Path("/nowhere"))


@pytest.mark.long
@pytest.mark.parametrize("name", SCENES if IS_LONG else [SHORT])
def test_a_scene_measures_what_it_is_there_for(name):
    rows = asyncio.run(SCENES[name]())
    assert rows
    for row in rows:
        # A rate of 0 or an infinite time stands for something that did not end.
        assert math.isfinite(row.figure)
        assert row.figure > 0 or row.unit == ""
        assert row.limit is None or row.limit >= 0
    wrong = [row.figure for row in rows if "lists of another length" in row.measure]
    assert not any(wrong)
