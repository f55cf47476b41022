"""A system whose roles are processes of their own: it does what one process does, and each role by itself is
healthy, measured, stopped and killed."""

import asyncio
import contextlib
import json
import re
import time

import pytest
from tornado.httpclient import HTTPError

from runtime.roles import ROLES
from store.stores import Stores
from tests.api.scene import NDJSON_INGEST
from tests.integration.processes import check_stores, urls
from tests.support import IN_TIME_S, IS_LONG, PYTHON_FEED, Api, Hr, eventually, nurse_resume, python_resume

pytestmark = pytest.mark.faults

PREVIEW = "/special_feed/preview/"
WITHIN_S = 20 if IS_LONG else 40  # a normal run shares its cores with other tests
"""In this time everything goes on after a process was killed and started anew."""


class System:
    """Processes by their roles; clients talk to `web`, but for previews, which a proxy sends to `engine`."""

    def __init__(self, start, settings, stores):
        self._start = start
        self._stores = stores
        self._settings = urls(settings)
        self.there = {}

    async def start(self, *names):
        """Start processes at once, each by its role, and a number where there are several: `engine 2`."""
        for name in names:
            self.there[name] = self._one(name)
        await asyncio.gather(*(self.there[name].ready() for name in names))
        return self

    def _one(self, name, **more):
        return self._start(**self._settings, roles=name.partition(" ")[0], **more)

    async def again(self, name):
        """Start a process anew, in the place and with the port of the one that has ended."""
        self.there[name] = self._one(name, port=self.there[name].port)
        await self.there[name].ready()

    def api(self, name):
        return Api(self.there[name].port)

    def at_engine(self, hr):
        """The same recruiter, as a proxy sends on what engines answer."""
        return Hr.logged_in(self.there["engine"].port, hr.email, {"user": hr.user, "token": hr.token})

    async def learned(self, feed):
        return await self._stores.feedback.find([feed])

    async def in_order(self):
        data_dir = next(iter(self.there.values())).data_dir
        await asyncio.to_thread(check_stores, data_dir, **self._settings)


@pytest.fixture
def system(start, settings, io_loop):
    async def open_stores():
        return Stores(settings.mongo_url, settings.mongo_db, settings.redis_url)

    stores = io_loop.run_sync(open_stores)
    yield System(start, settings, stores)
    io_loop.run_sync(stores.close)


async def all_served(api):
    text = (await api.get("/metrics")).body.decode()
    return all(re.search(rf'talentfeed_role_served{{.*served="{role}"}} 1.0', text) for role in ROLES)


async def previewed(hr, total):
    """Ask for a preview until all resumes are in it; a refusal comes in time, and says when to come again."""

    async def check():
        began = time.monotonic()
        answer = await hr.post(PREVIEW, PYTHON_FEED)
        assert answer.http in {200, 503}, answer.body
        if answer.http == 503:
            assert time.monotonic() - began < IN_TIME_S
            assert answer.headers["Retry-After"]
            return None
        return answer if answer["total_count"] == total and answer["complete"] else None

    return await eventually(check, what="a preview of everything", within_s=WITHIN_S)


async def test_a_process_for_each_role_does_together_what_one_does(system):
    await system.start(*ROLES)
    hr, web = await Hr.register(system.there["web"].port), system.api("web")
    first = (await web.ingest(python_resume(), nurse_resume()))["ids"][0]
    await hr.all_scored()
    feed = await hr.submit(**PYTHON_FEED)
    socket = await hr.socket()
    assert (await socket.until("snapshot"))["total"] == 1
    await socket.hears(web, 1)
    answer = await previewed(system.at_engine(hr), await hr.unread(feed))
    listed = await hr.results(feed, sort="score")
    assert [one["score"] for one in answer["data"]] == [one["score"] for one in listed[:5]]
    assert [one["why"] for one in answer["data"]] == [one["why"] for one in listed[:5]]
    assert (await hr.get(f"/feed/get/{feed}/{first}")).status == "ok"
    deleted = await hr.get("/feed/modify_feed_result", feed_id=feed, resume_id=first, reco_index=-150)
    assert deleted.status == "ok"
    # The click is learned by the process that learns.
    await eventually(lambda: system.learned(feed), what="a model of the click")
    await system.in_order()


async def test_each_role_is_healthy_and_measured_by_itself_and_says_whose_the_other_urls_are(system):
    await system.start(*ROLES)
    loaded = {"feeds loaded", "resumes loaded"}
    for role in ROLES:
        api = system.api(role)
        ready = await api.read("/readyz")
        assert (ready.http, ready["roles"], ready["engine"]) == (200, [role], "ok")
        assert (await api.get("/healthz")).http == 200
        text = (await api.get("/metrics")).body.decode()
        assert f'talentfeed_connections{{role="{role}"}}' in text
        series = [line for line in text.splitlines() if line and not line.startswith("#")]
        assert all(f'role="{role}"' in line for line in series)
        told = system.there[role].log.read_text()
        assert {line for line in loaded if line in told} == (loaded if role == "engine" else set())
        # Nobody's role is missing; each process says so, as soon as it has heard of the others.
        await eventually(lambda api=api: all_served(api), what="all roles")
    for path, method in (
        ("/special_feed/page/", "GET"),
        ("/special_feed/ws/", "GET"),
        ("/", "GET"),
        ("/resumes/", "POST"),
        ("/resumes/file/", "POST"),
    ):
        assert (await system.api("web").call(method, path)).http != 404
        answer = await system.api("engine").call(method, path)
        assert (answer.http, answer.status) == (404, "not_found")
        assert "web" in answer["msg"]


async def test_each_role_stops_in_order_by_itself_and_the_others_go_on(system):
    await system.start(*ROLES)
    hr = await Hr.register(system.there["web"].port)
    feed = await hr.submit(**PYTHON_FEED)
    for count, role in enumerate(ROLES, 1):
        system.there[role].stop()
        assert "unexpected" not in system.there[role].log.read_text()
        await system.again(role)
        await system.api("web").ingest(python_resume())
        await hr.all_scored()
        assert await hr.unread(feed) == count
        await previewed(system.at_engine(hr), count)
    await system.in_order()


async def test_each_process_is_killed_and_comes_back_and_nothing_is_lost_or_doubled(system):
    names = ("web", "engine", "engine 2")
    await system.start(*names)
    hr = await Hr.register(system.there["web"].port)
    feed = await hr.submit(**PYTHON_FEED)
    acknowledged, enough = set(), asyncio.Event()

    async def pour():
        while not enough.is_set():
            body = "\n".join(json.dumps(python_resume()) for _ in range(5)).encode()
            with contextlib.suppress(OSError, HTTPError):
                # Between a kill and the next start nobody listens, and what was on its way may be stored.
                answer = await system.api("web").call("POST", "/resumes/", body=body, headers=NDJSON_INGEST)
                assert answer.http in {200, 503}, answer.body  # where it starts, or waits for a busy store
                acknowledged.update(answer["ids"] if answer.http == 200 else ())
            await asyncio.sleep(0.1)

    pouring = asyncio.create_task(pour())
    try:
        for name in names * (4 if IS_LONG else 1):
            before = len(acknowledged)
            await eventually(lambda before=before: len(acknowledged) >= before + 10)
            system.there[name].kill()
            await asyncio.sleep(0.2)
            await system.again(name)
    finally:
        enough.set()  # not cancelled: what is on its way would be stored while the list is read
        await pouring
    await hr.all_scored()
    await hr.calced(feed)
    listed = [item["resume"]["id"] for item in await hr.results(feed)]
    assert len(listed) == len(set(listed))
    assert acknowledged <= set(listed)
    # What a killed process had not settled is counted after some seconds.
    await eventually(lambda: _is_unread(hr, feed, len(listed)), what="a count of what is listed")
    await previewed(system.at_engine(hr), len(listed))
    await system.in_order()


async def _is_unread(hr, feed, count):
    return await hr.unread(feed) == count
