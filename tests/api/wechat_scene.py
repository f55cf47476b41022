"""A server with a double of WeChat for the tests of a whole file, and what these ask it."""

import asyncio
import itertools
import time

import pytest

from config.demo.wechat_server import WechatServer
from tests.loops import held, shared_loop
from tests.support import Api, Hr, serving, settings_for

NUMBERS = itertools.count(1)


@pytest.fixture(scope="module")
def io_loop():
    with shared_loop() as loop:
        yield loop


def settings_of(store_urls, data_dir, wechat, **others):
    """The settings of a server that asks the double."""
    return settings_for(store_urls, data_dir, register_per_minute=100_000, **wechat.settings(), **others)


@pytest.fixture(scope="module")
def world(io_loop, store_urls, analyzer, tmp_path_factory):
    wechat = WechatServer()
    io_loop.run_sync(wechat.start)
    settings = settings_of(store_urls, tmp_path_factory.mktemp("wechat"), wechat)
    with held(io_loop, serving(settings, analyzer)) as server:
        yield wechat, server, settings
    io_loop.run_sync(wechat.stop)


@pytest.fixture(autouse=True)
def current(io_loop):
    asyncio.set_event_loop(io_loop.asyncio_loop)


@pytest.fixture
def wechat(world):
    wechat, _, _ = world
    yield wechat
    wechat.stalls, wechat.says, wechat.http, wechat.refuses = False, None, 200, {}
    wechat.clock = time.time


@pytest.fixture
def server(world):
    return world[1]


@pytest.fixture
def api(server):
    client = Api(server.port)
    yield client
    client.http.close()


@pytest.fixture
def hr(server, io_loop):
    client = io_loop.run_sync(lambda: Hr.register(server.port), timeout=60)
    yield client
    client.http.close()


def somebody():
    return f"openid-{next(NUMBERS)}"


async def login(api, code, app="mini"):
    return await api.post("/hr/wechat/login/", {"app": app, "code": code})


async def bind(hr, code, app="mini"):
    return await hr.post("/hr/wechat/bind/", {"app": app, "code": code})


async def unbind(hr, app="mini"):
    return await hr.post("/hr/wechat/unbind/", {"app": app})


def form(**changes):
    email = f"wechat{next(NUMBERS)}@example.com"
    return {"user_email": email, "company_name": "示例公司", "phone": "010-12345678", **changes}


async def newcomer(api, wechat, openid, **changes):
    """An account that is registered without a password."""
    ticket = (await login(api, wechat.code(openid)))["ticket"]
    fields = form(wechat_ticket=ticket, **changes)
    answer = await api.call("POST", "/hr/register/", form=fields)
    assert answer.status == "ok", answer.json
    return Hr.logged_in(api.port, fields["user_email"], answer["auth_info"])


async def ways(hr):
    answer = await hr.get("/hr/wechat/ways/")
    return answer["has_password"], [row["app"] for row in answer["data"] if row["bound"]]
