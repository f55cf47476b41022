"""A process that is `web` alone, beside one that is an engine: what it leaves to that."""

from dataclasses import replace

import pytest

from tests.integration.engines import another
from tests.support import PYTHON_FEED, Hr, eventually, python_resume

PREVIEW = "/special_feed/preview/"


@pytest.fixture
def web_alone(settings):
    return replace(settings, roles=frozenset({"web"}))


async def test_previews_are_refused_there_and_answered_by_the_engine(server, web_alone, analyzer):
    async with another(web_alone, analyzer) as web:
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


async def test_what_comes_in_there_is_scored_by_the_engine(server, web_alone, analyzer):
    async with another(web_alone, analyzer) as web:
        assert web.services.engine.scoring is None
        hr = await Hr.register(web.port)
        feed, ids = await hr.feed_with(python_resume(), python_resume())
        assert {one["resume"]["id"] for one in await hr.results(feed)} == {*ids}
