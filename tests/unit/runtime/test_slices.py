"""Slices: however many work, others wait for one of them at a time. Rests: a request has so many in all."""

import asyncio
import gc
from itertools import pairwise
from types import SimpleNamespace

import pytest

from runtime import slices
from runtime.slices import Rests, Slices, begin_rests


@pytest.fixture(autouse=True)
def every_rest_yields(monkeypatch):
    monkeypatch.setattr(slices, "SLICE_S", 0.0)


async def work(name, done, items=10, times=None):
    mine = Slices()
    for _ in range(items):
        done.append(name)
        if times is not None:
            times.append(asyncio.get_running_loop().time())
        await mine.rest()


async def watch(done, until):
    """How many items were done in each turn of the loop."""
    seen, before = [], len(done)
    while not all(task.done() for task in until):
        await asyncio.sleep(0)
        seen.append(len(done) - before)
        before = len(done)
    return seen


async def test_one_of_them_works_at_a_time_and_others_have_the_loop_in_between(monkeypatch):
    monkeypatch.setattr(slices, "_PAUSE_S", 0.02)
    done, times = [], []
    tasks = [asyncio.create_task(work(name, done, times=times)) for name in "abc"]
    await asyncio.sleep(0)  # the first items, which nobody has waited for
    seen = await watch(done, tasks)
    assert max(seen) == 1
    worked = [turn for turn, items in enumerate(seen) if items]
    # How many turns of the loop a pause has is the machine's.
    assert all(after - before > 1 for before, after in pairwise(worked))
    assert all(after - before > 0.019 for before, after in pairwise(times[3:]))
    assert done == list("abc") * 10


async def test_who_gives_up_costs_the_others_no_turn():
    done = []
    tasks = [asyncio.create_task(work(name, done)) for name in "abc"]
    await asyncio.sleep(0)
    tasks[1].cancel()
    tasks[0].cancel()
    await asyncio.wait(tasks)
    assert done == ["a", "b", *"c" * 10]
    await work("d", done, 2)
    assert done[-2:] == ["d", "d"]


def test_each_loop_has_a_line_of_its_own_which_goes_with_it():
    before = len(slices._lines)
    for _ in range(3):
        done = []
        asyncio.run(work("a", done))
        assert done == ["a"] * 10
    gc.collect()
    assert len(slices._lines) <= before


async def test_what_a_request_does_in_parts_shares_its_rests(monkeypatch):
    now, rested = [0.0], []

    async def sleep(delay):
        rested.append(round(delay, 3))

    monkeypatch.setattr(slices, "time", SimpleNamespace(perf_counter=lambda: now[0]))
    monkeypatch.setattr(slices, "asyncio", SimpleNamespace(sleep=sleep))

    async def request():
        begin_rests()
        for _ in range(3):
            rests = Rests()
            for _ in range(2):
                now[0] += 0.2
                await rests.rest()

    for _ in range(2):
        await asyncio.create_task(request())
    assert rested == [0.2, 0.2, 0.2, 0.0, 0.0, 0.0] * 2
