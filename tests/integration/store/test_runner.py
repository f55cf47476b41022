"""The runner does what is due once, gives back what it cannot do, and leaves nothing to be waited for."""

import asyncio
import contextlib
from datetime import UTC, datetime, timedelta

from runtime.waiting import end_all
from store.jobs.runner import Runner, Work
from tests.support import eventually


@contextlib.asynccontextmanager
async def running(*runners):
    tasks = [asyncio.create_task(runner.run()) for runner in runners]
    try:
        yield tasks
    finally:
        await end_all(tasks)


async def jobs_of(stores, kind):
    return await stores.jobs.of_kind(kind)


async def test_what_is_asked_for_is_done_once_by_one_of_several(stores):
    done = []

    async def do(job):
        done.append(job.key)
        await asyncio.sleep(0.05)

    async with running(*(Runner(stores.jobs, {"reset": Work(do)}) for _ in range(3))):
        for number in range(5):
            await stores.jobs.ask("reset", f"{number}")

        async def none_left():
            return not await jobs_of(stores, "reset")

        await eventually(none_left, what="the end of all")
    assert sorted(done) == ["0", "1", "2", "3", "4"]


async def test_one_that_stands_comes_again_when_it_says_so(stores):
    async def do(job):
        return datetime.now(UTC) + timedelta(hours=1)

    async with running(Runner(stores.jobs, {"retention": Work(do, stands=True)})):

        async def rests():
            found = await jobs_of(stores, "retention")
            hour = datetime.now(UTC) + timedelta(minutes=59)
            return found and "lease" not in found[0] and found[0].get("due", hour) > hour

        await eventually(rests, what="its rest")


async def test_a_long_one_keeps_no_other_kind_from_being_done(stores):
    done = asyncio.Event()

    async def long(job):
        await asyncio.Event().wait()

    async def short(job):
        done.set()

    await stores.jobs.ask("deletion", "a")
    await stores.jobs.ask("reset", "b")
    async with running(Runner(stores.jobs, {"deletion": Work(long), "reset": Work(short)})):
        await asyncio.wait_for(done.wait(), 60)
        assert [job["key"] for job in await jobs_of(stores, "deletion")] == ["a"]
