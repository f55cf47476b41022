"""What passes wait for: resumes that are still to be scored."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any

from engine.backfills.passes import Pass, Waiting


async def test_a_pass_waits_once_for_a_resume_until_that_is_scored_or_the_pass_forgotten() -> None:
    waiting, one, other = Waiting(), Pass(), Pass()
    await waiting.add(one, "ab")
    await waiting.add(one, "a")
    await waiting.add(other, "b")
    assert (one.waiting, waiting.first(9)) == (2, ["a", "b"])
    assert waiting.take("a") == {one}
    assert (one.waiting, waiting.first(9)) == (1, ["b"])
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


async def test_however_many_resumes_wait_others_run_meanwhile() -> None:
    waiting, one, other = Waiting(), Pass(), Pass()
    many = [f"{number:024x}" for number in range(200_000)]
    assert await turns_meanwhile(waiting.add(one, many)) > 3
    await waiting.add(other, many)
    assert (one.waiting, other.waiting) == (200_000, 200_000)
    assert await turns_meanwhile(waiting.forget(other)) > 3
    assert waiting.first(2) == many[:2]
