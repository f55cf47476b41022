"""Lanes: so much work at once and no more, and no failure that nobody hears of."""

import asyncio

import pytest

from runtime.lanes import Lanes, both


class Work:
    """Pieces of work that go on until they are let go."""

    def __init__(self):
        self.begun, self.ended = [], []
        self._gates = {}

    def piece(self, name, error=None):
        self._gates[name] = asyncio.Event()

        async def work():
            self.begun.append(name)
            await self._gates[name].wait()
            self.ended.append(name)
            if error:
                raise error

        return work

    def let_go(self, *names):
        for name in names:
            self._gates[name].set()


async def a_moment():
    for _ in range(10):
        await asyncio.sleep(0)


async def test_a_third_piece_begins_when_one_of_two_has_ended():
    lanes, work = Lanes(2), Work()
    await lanes.begin(work.piece("a"))
    await lanes.begin(work.piece("b"))
    third = asyncio.create_task(lanes.begin(work.piece("c")))
    await a_moment()
    assert work.begun == ["a", "b"]
    work.let_go("b")
    await third
    await a_moment()
    assert work.begun == ["a", "b", "c"]
    work.let_go("a", "c")
    await lanes.empty()
    assert sorted(work.ended) == ["a", "b", "c"]


async def test_a_failure_is_told_once_and_the_other_piece_goes_on():
    lanes, work = Lanes(2), Work()
    await lanes.begin(work.piece("bad", OSError("away")))
    await lanes.begin(work.piece("good"))
    work.let_go("bad")
    await a_moment()
    with pytest.raises(OSError, match="away"):
        await lanes.begin(work.piece("next"))
    await a_moment()
    assert work.begun == ["bad", "good"]
    work.let_go("good")
    await lanes.empty()
    assert work.ended == ["bad", "good"]


async def test_what_is_stopped_has_ended():
    lanes, work = Lanes(2), Work()
    await lanes.begin(work.piece("a"))
    await a_moment()
    await lanes.stop()
    await lanes.empty()
    assert (work.begun, work.ended) == (["a"], [])


async def test_of_two_things_at_once_both_end_also_where_one_fails():
    work = Work()
    pair = asyncio.create_task(both(work.piece("bad", OSError("away"))(), work.piece("good")()))
    await a_moment()
    work.let_go("bad")
    await a_moment()
    assert not pair.done()
    work.let_go("good")
    with pytest.raises(OSError, match="away"):
        await pair

    async def give(value):
        return value

    assert await both(give(1), give("b")) == (1, "b")


async def test_who_lets_pass_goes_on_when_nothing_is_under_way_any_more():
    lanes, work = Lanes(2), Work()
    await lanes.let_pass(60)
    await lanes.begin(work.piece("a"))
    waiting = asyncio.create_task(lanes.let_pass(60))
    await a_moment()
    await lanes.begin(work.piece("b"))
    work.let_go("a")
    await a_moment()
    assert not waiting.done()
    work.let_go("b")
    await waiting
    await lanes.empty()


async def test_who_lets_pass_waits_no_longer_than_said():
    lanes, work = Lanes(1), Work()
    await lanes.begin(work.piece("a"))
    await lanes.let_pass(0.01)
    assert work.ended == []
    work.let_go("a")
    await lanes.empty()
