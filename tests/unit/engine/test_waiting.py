"""What passes wait for: resumes that are still to be scored."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any

import pytest

from engine.backfills.passes import Pass, Waiting


@pytest.mark.gen_test
async def test_a_resume_that_is_scored_is_waited_for_no_more() -> None:
    waiting, one = Waiting(), Pass()
    await waiting.add(one, "ab")
    assert one.waiting == 2
    assert waiting.take("a") == {one}
    assert (one.waiting, waiting.first(9)) == (1, ["b"])


@pytest.mark.gen_test
async def test_a_pass_goes_on_to_wait_for_what_it_waits_for_and_counts_it_once() -> None:
    waiting, one = Waiting(), Pass()
    await waiting.add(one, "ab")
    await waiting.add(one, "a")
    assert (one.waiting, waiting.first(9)) == (2, ["a", "b"])


@pytest.mark.gen_test
async def test_nobody_waits_for_what_a_pass_that_is_forgotten_waited_for() -> None:
    waiting, one, other = Waiting(), Pass(), Pass()
    await waiting.add(one, "ab")
    await waiting.add(other, "b")
    await waiting.forget(one)
    assert (one.waiting, waiting.first(9)) == (0, ["b"])
    assert waiting.take("b") == {other}


async def turns_meanwhile(work: Coroutine[Any, Any, None]) -> int:
    """How often others could run."""
    turns = 0

    async def count() -> None:
        nonlocal turns
        while True:
            turns += 1
            await asyncio.sleep(0)

    counting = asyncio.create_task(count())
    await work
    counting.cancel()
    return turns


@pytest.mark.gen_test
async def test_however_many_resumes_wait_others_run_meanwhile() -> None:
    waiting, one, other = Waiting(), Pass(), Pass()
    many = [f"{number:024x}" for number in range(200_000)]
    assert await turns_meanwhile(waiting.add(one, many)) > 3
    await waiting.add(other, many)
    assert (one.waiting, other.waiting) == (200_000, 200_000)
    assert await turns_meanwhile(waiting.forget(other)) > 3
    assert waiting.first(2) == many[:2]
