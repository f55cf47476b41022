"""A loop that goes on after failures ends when it is cancelled, whatever else happens at the moment."""

import asyncio

from runtime.waiting import raise_if_cancelled


async def test_a_failure_at_the_same_moment_does_not_hide_a_cancellation():
    failing = asyncio.Event()
    rounds = 0

    async def fail() -> None:
        await failing.wait()
        raise OSError

    async def go_on() -> None:
        nonlocal rounds
        while True:
            try:
                async with asyncio.TaskGroup() as group:
                    group.create_task(fail())
                    await asyncio.sleep(60)
            except* OSError:
                rounds += 1
            raise_if_cancelled()
            failing.clear()

    task = asyncio.create_task(go_on())
    await asyncio.sleep(0.01)
    failing.set()
    while rounds == 0:
        await asyncio.sleep(0)
    await asyncio.sleep(0)  # the next group is under way
    assert rounds == 1, "a failure alone ends nothing"
    failing.set()
    task.cancel()
    await asyncio.wait({task})
    assert rounds == 2, "the task group told of the failure"
    assert task.cancelled()
