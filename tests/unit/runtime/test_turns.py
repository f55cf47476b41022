"""Turns: one of a name at once, the names one after the other, and nobody's giving up costs a turn."""

import asyncio

from runtime.turns import Turns


class Line:
    """Who asks for turns, and in which order they came."""

    def __init__(self, at_once):
        self.turns = Turns(at_once)
        self.had = []
        self.running = set()
        self.most = 0
        self.go_on = asyncio.Event()

    async def take(self, name):
        async with self.turns.take(name):
            assert name not in self.running
            self.running.add(name)
            self.most = max(self.most, len(self.running))
            self.had.append(name)
            await self.go_on.wait()
            await asyncio.sleep(0)
            self.running.discard(name)

    def ask(self, *names):
        return [asyncio.create_task(self.take(name)) for name in names]


async def test_who_asks_a_hundred_times_waits_for_their_own_hundred():
    line = Line(1)
    tasks = line.ask(*["greedy"] * 100, "a", "b")
    await asyncio.sleep(0)
    line.go_on.set()
    await asyncio.gather(*tasks)
    assert line.had[:3] == ["greedy", "a", "b"]
    assert line.had.count("greedy") == 100


async def test_names_have_their_turns_one_after_the_other():
    line = Line(2)
    tasks = line.ask("a", "b", "a", "b", "c", "c", "d")
    await asyncio.sleep(0)
    assert line.had == ["a", "b"]
    line.go_on.set()
    await asyncio.gather(*tasks)
    assert line.most == 2
    assert sorted(line.had) == ["a", "a", "b", "b", "c", "c", "d"]
    assert set(line.had[:4]) == {"a", "b", "c", "d"}


async def test_giving_up_leaves_the_turn_to_the_next():
    line = Line(1)
    holder, impatient, patient = line.ask("a", "b", "c")
    await asyncio.sleep(0)
    impatient.cancel()
    line.go_on.set()
    await asyncio.gather(holder, patient)
    assert line.had == ["a", "c"]
    assert (line.turns._running, line.turns._waiting) == ({}, {})


async def test_a_turn_that_comes_as_its_waiter_gives_up_goes_on_to_the_next():
    line = Line(1)
    holder, impatient, patient = line.ask("a", "b", "c")
    await asyncio.sleep(0)
    holder.cancel()
    await asyncio.sleep(0)  # the turn is b's from here on, but b has not run yet
    impatient.cancel()
    line.go_on.set()
    await patient
    assert "c" in line.had
    assert (line.turns._running, line.turns._waiting) == ({}, {})
