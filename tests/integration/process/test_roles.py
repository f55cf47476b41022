"""A process that is `web` alone, beside one that is an engine: what it leaves to that."""

import asyncio
import dataclasses

import pytest

from process.life import Server
from tests.support import PYTHON_FEED, Hr, eventually, python_resume

PREVIEW = "/special_feed/preview/"


@pytest.fixture
def web(server, settings, analyzer, io_loop):
    """A second process on the stores of `server`, which has both roles."""
    one = Server(dataclasses.replace(settings, roles=frozenset({"web"})), analyzer=analyzer)
    running = []

    async def start():
        running.append(asyncio.create_task(one.run()))
        await asyncio.gather(one.started.wait(), one._prepared.wait())

    async def stop():
        one.stop()
        await running[0]

    io_loop.run_sync(start)
    yield one
    io_loop.run_sync(stop)


async def test_previews_are_refused_there_and_answered_by_the_engine(server, web):
    hr = await Hr.register(web.port)
    answer = await hr.post(PREVIEW, PYTHON_FEED)
    assert (answer.http, answer.status) == (503, "unavailable")
    assert answer.headers["Retry-After"] == "2"
    assert "engine" in answer["msg"]
    # As a proxy sends it on.
    at_engine = Hr.logged_in(server.port, hr.email, {"user": hr.user, "token": hr.token})
    assert (await at_engine.post(PREVIEW, PYTHON_FEED)).status == "ok"
    assert (await hr.post("/hr/logout/")).status == "ok"

    async def is_out():
        return (await at_engine.post(PREVIEW, PYTHON_FEED)).http == 401

    await eventually(is_out, what="the end of the session")


async def test_what_comes_in_there_is_scored_by_the_engine(server, web):
    assert web.services.engine.scoring is None
    hr = await Hr.register(web.port)
    feed, ids = await hr.feed_with(python_resume(), python_resume())
    assert {one["resume"]["id"] for one in await hr.results(feed)} == {*ids}
