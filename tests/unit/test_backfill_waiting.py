"""The resumes that passes wait for: counted by pass, and however many, others run meanwhile."""

import asyncio
import gc
import time

import pytest

from engine.backfills.passes import Pass, Waiting
from runtime.slices import SLICE_S

MANY = dict.fromkeys((f"{number:024x}" for number in range(60_000)), 1)


async def longest_step_s(work) -> float:
    """The longest time on the processor for which others could not run."""
    gaps, last = [], time.thread_time()

    async def tick():
        nonlocal last
        while True:
            now = time.thread_time()
            gaps.append(now - last)
            last = time.thread_time()
            await asyncio.sleep(0)

    ticking = asyncio.create_task(tick())
    await asyncio.sleep(0)
    await work
    await asyncio.sleep(0)
    ticking.cancel()
    return max(gaps)


@pytest.fixture
def no_garbage():
    """Garbage is collected in one go, which takes the longer the more a test run has in memory."""
    gc.disable()
    yield
    gc.enable()


@pytest.mark.gen_test
@pytest.mark.usefixtures("no_garbage")
async def test_however_many_resumes_wait_others_run_meanwhile():
    waiting, one, other = Waiting(), Pass("one"), Pass("other")
    assert await longest_step_s(waiting.add(one, MANY)) < 5 * SLICE_S
    await waiting.add(other, MANY)
    assert (one.waiting, other.waiting) == (60_000, 60_000)
    assert await longest_step_s(waiting.forget(other)) < 5 * SLICE_S
    assert waiting.first(2) == [*MANY][:2]
    assert waiting.take(waiting.first(1)[0], 0) == [(one, 1)]


@pytest.mark.gen_test
async def test_a_pass_that_waits_for_nothing_is_forgotten_at_once():
    waiting, one, other = Waiting(), Pass("one"), Pass("other")
    await waiting.add(one, {"a" * 24: 1})
    await waiting.forget(other)
    assert waiting.first(2) == ["a" * 24]
    await waiting.forget(one)
    assert waiting.first(2) == []
