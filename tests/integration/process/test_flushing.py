"""Tasks that write to sockets are supervised: a bug in one ends the process, and nothing it held is lost."""

import asyncio

import pytest

from process.life import Server
from store.redis.events import Event
from store.results.result_counters import ResultCounters
from tests.support import PYTHON_FEED, Api, Hr


class Bug(Exception):
    """What nobody expected."""


class Running:
    """A server whose end is the test's business."""

    def __init__(self, settings, analyzer) -> None:
        self.server = Server(settings, analyzer=analyzer)
        self.task: asyncio.Task[None]

    async def start(self) -> Hr:
        self.task = asyncio.create_task(self.server.run())
        await self.server.started.wait()
        api = Api(self.server.port)
        while (await api.get("/readyz")).http != 200:
            await asyncio.sleep(0.01)
        api.http.close()
        return await Hr.register(self.server.port)

    async def ends_with(self, kind: type[Exception]) -> None:
        with pytest.raises(BaseExceptionGroup) as caught:
            await asyncio.wait_for(self.task, 40)
        assert caught.value.split(kind)[1] is None, "nothing else went wrong"


@pytest.fixture
def running(settings, analyzer, io_loop):
    one = Running(settings, analyzer)
    yield one

    async def stop() -> None:
        one.server.stop()
        await asyncio.wait({one.task})

    io_loop.run_sync(stop, timeout=60)


async def test_a_bug_in_the_reads_of_a_flush_ends_the_server_with_it(running, monkeypatch):
    read_counts, broken = ResultCounters.read, asyncio.Event()

    async def read(counts, user_ids):
        if broken.is_set():
            raise Bug
        return await read_counts(counts, user_ids)

    monkeypatch.setattr(ResultCounters, "read", read)
    hr = await running.start()
    feed_id = await hr.submit(**PYTHON_FEED)
    live = await hr.socket()
    await live.until("snapshot")
    broken.set()
    await running.server.stores.events.publish(Event("unread", company=hr.user, feed=feed_id))
    await running.ends_with(Bug)
    assert await live.closed() == 1012
    hr.http.close()
