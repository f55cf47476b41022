"""Loops that wait for MongoDB: what they repeat, how long they rest, and what ends them."""

import asyncio
import contextlib
import time
from collections.abc import Iterator

import pytest
from pymongo.errors import AutoReconnect, ConfigurationError, ServerSelectionTimeoutError

import store.retry
from runtime.waiting import wait_at_most
from store.retry import Sweep, sweep, until_answered, work_until_cancelled

LONG_S = 60.0
"""Longer than any test: a rest that only a wake ends."""


@pytest.fixture(autouse=True)
def quick_retries(monkeypatch):
    monkeypatch.setattr(store.retry, "RETRY_S", 0.001)


class Step:
    """Returns or raises what it is given, one a call, and counts; afterwards there is nothing to do."""

    def __init__(self, *outcomes: object) -> None:
        self._outcomes: Iterator[object] = iter(outcomes)
        self.times: list[float] = []
        self.done = asyncio.Event()

    async def __call__(self) -> object:
        self.times.append(time.monotonic())
        outcome = next(self._outcomes, None)
        if isinstance(outcome, Exception):
            raise outcome
        if outcome is None:
            self.done.set()
        return outcome or False


@contextlib.asynccontextmanager
async def working(step, **kwargs):
    task = asyncio.create_task(work_until_cancelled(step, what="the test", **kwargs))
    try:
        yield task
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task


async def called(step, times):
    deadline = time.monotonic() + 60
    while len(step.times) < times:
        assert time.monotonic() < deadline
        await asyncio.sleep(0.001)


async def test_a_step_is_repeated_until_mongodb_answers_and_each_failure_is_logged(caplog):
    failures = AutoReconnect("secret"), ServerSelectionTimeoutError("secret"), ConfigurationError("secret")
    step = Step(*failures, "answer")
    assert await until_answered(step, what="the start") == "answer"
    assert [record.getMessage() for record in caplog.records] == [
        "the start waits for MongoDB (AutoReconnect)",
        "the start waits for MongoDB (ServerSelectionTimeoutError)",
        "the start waits for MongoDB (ConfigurationError: DNS does not tell the hosts of mongo_url)",
    ]
    assert "secret" not in caplog.text


async def test_another_error_leaves_at_once():
    for run in (until_answered, lambda step, what: work_until_cancelled(step, what=what, idle_s=LONG_S)):
        step = Step(ZeroDivisionError())
        with pytest.raises(ZeroDivisionError):
            await run(step, what="the test")
        assert len(step.times) == 1


async def test_steps_follow_each_other_without_a_rest_while_there_is_more():
    step = Step(True, True, True)
    async with working(step, idle_s=LONG_S):
        await step.done.wait()
    assert len(step.times) == 4


async def test_a_rest_ends_by_itself():
    step = Step()
    async with working(step, idle_s=0.02):
        await called(step, 3)
    assert step.times[2] - step.times[0] >= 0.039


async def test_a_wake_during_a_step_is_not_lost():
    woken, calls = asyncio.Event(), []

    async def step() -> bool:
        calls.append(1)
        if len(calls) == 1:
            woken.set()
        return False

    async with working(step, idle_s=LONG_S, woken=woken):
        while len(calls) < 2:
            await asyncio.sleep(0.001)
        await asyncio.sleep(0.02)
    assert len(calls) == 2  # and it is not heard twice


async def test_a_failure_is_rested_out_like_a_step_without_work(caplog):
    step, woken = Step(AutoReconnect(), AutoReconnect()), asyncio.Event()
    async with working(step, idle_s=LONG_S, woken=woken):
        await called(step, 1)
        await asyncio.sleep(0.02)
        assert len(step.times) == 1
        woken.set()
        await called(step, 2)
        woken.set()
        await step.done.wait()
    assert caplog.text.count("the test waits for MongoDB (AutoReconnect)") == 2


async def test_wakes_that_come_close_together_make_one_step():
    step, woken = Step(), asyncio.Event()
    async with working(step, idle_s=LONG_S, woken=woken, gather_s=0.2):
        await called(step, 1)
        began = time.monotonic()
        for _ in range(5):
            woken.set()
            await asyncio.sleep(0)
        are_close = time.monotonic() - began < 0.2  # else the machine stood still, and there may be one more
        await called(step, 2)
        await asyncio.sleep(0.25)
    assert len(step.times) == 2 or not are_close
    assert step.times[1] - step.times[0] >= 0.199


async def test_waiting_says_whether_the_event_came():
    event = asyncio.Event()
    assert not await wait_at_most(event, 0.001)
    asyncio.get_running_loop().call_later(0.01, event.set)
    assert await wait_at_most(event, LONG_S)
    assert event.is_set()


async def test_looks_come_when_they_are_due_and_one_that_fails_stops_no_other():
    often, seldom = Step(AutoReconnect()), Step()
    task = asyncio.create_task(sweep([Sweep("one", often, 0.001), Sweep("two", seldom, LONG_S)]))
    await called(often, 3)
    task.cancel()
    assert len(seldom.times) == 1
