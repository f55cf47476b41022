"""The client of Redis: whoever uses it can be cancelled."""

import asyncio
import random

import pytest

from store.redis.redis_client import Redis


@pytest.fixture
def redis(store_urls, io_loop):
    client = Redis(store_urls["redis"])
    yield client
    io_loop.run_sync(client.close)


@pytest.mark.gen_test
async def test_who_asks_in_a_loop_ends_at_whichever_moment_it_is_cancelled(redis):
    async def ask() -> None:
        while True:
            await redis.quickly(redis.client.ping)

    draw = random.Random(7)
    for _ in range(10):
        tasks = [asyncio.create_task(ask()) for _ in range(10)]
        await asyncio.sleep(0.05)  # connections are made, and commands under way
        for task in tasks:
            for _ in range(draw.randrange(4)):
                await asyncio.sleep(0)
            task.cancel()
        _, going_on = await asyncio.wait(tasks, timeout=10)
        for task in going_on:
            task.cancel()
        assert not going_on
