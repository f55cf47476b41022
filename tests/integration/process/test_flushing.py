"""Tasks that write to sockets are supervised: a bug in one ends the process, and nothing it held is lost."""

import asyncio

import pytest

from process.life import Server
from store.redis.events import Event
from store.results.result_counters import ResultCounters
from tests.support import PYTHON_FEED, Hr


class Bug(Exception):
    """What nobody expected."""


async def test_a_bug_in_the_reads_of_a_flush_ends_the_server_with_it(settings, analyzer, monkeypatch):
    read_counts, broken = ResultCounters.read, asyncio.Event()

    async def read(counts, user_ids):
        if broken.is_set():
            raise Bug
        return await read_counts(counts, user_ids)

    monkeypatch.setattr(ResultCounters, "read", read)
    server = Server(settings, analyzer=analyzer)
    running = asyncio.create_task(server.run())
    await asyncio.gather(server.started.wait(), server._prepared.wait())
    hr = await Hr.register(server.port)
    feed_id = await hr.submit(**PYTHON_FEED)
    live = await hr.live()
    broken.set()
    await server.stores.events.publish(Event("unread", company=hr.user, feed=feed_id))
    with pytest.raises(BaseExceptionGroup) as caught:
        await asyncio.wait_for(running, 40)
    assert caught.value.split(Bug)[1] is None, "nothing else went wrong"
    assert await live.closed() == 1012
    hr.http.close()
