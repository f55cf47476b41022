"""Work that outlives the request that asked for it."""

import asyncio

import pytest

from runtime import waiting
from runtime.waiting import LeftWork


async def leave(works, key, work):
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0):
            await works.do(key, work)


class Works:
    """Works that end when they are told to."""

    def __init__(self):
        self.begun, self.may_end = 0, asyncio.Event()

    async def work(self):
        self.begun += 1
        await self.may_end.wait()
        return self.begun


async def test_what_somebody_could_not_wait_for_is_kept_for_a_while(monkeypatch):
    monkeypatch.setattr(waiting, "_KEPT_S", 1.0)
    works, slow = LeftWork(), Works()
    await leave(works, "a", slow.work)
    slow.may_end.set()
    while not works._works["a"].task.done():
        await asyncio.sleep(0)
    assert [await works.do("a", slow.work) for _ in range(2)] == [1, 1]
    while works._works:
        await asyncio.sleep(0.01)
    assert await works.do("a", slow.work) == 2


async def test_what_failed_is_begun_again():
    works = LeftWork()

    async def fail():
        raise OSError("no")

    for _ in range(2):
        with pytest.raises(OSError, match="no"):
            await works.do("a", fail)
    assert not works._works
