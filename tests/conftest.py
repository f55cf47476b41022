"""Real stores once a session; a real server, with a database of its own, for each test that asks."""

from __future__ import annotations

import asyncio
import functools
import gc
import inspect
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import hypothesis
import pytest
import redis.utils
import tornado.ioloop
from tornado.platform.asyncio import AsyncIOLoop

from config.demo.wechat_server import WechatServer
from config.settings import Settings
from engine.matching.analysis.analyzer import Analyzer
from engine.matching.score.index import warm
from engine.percolation import work_source
from engine.previews import preview
from handlers.accounts import passwords
from process import setup
from process.life import Server
from process.rules import make_analyzer
from runtime.clock import SHANGHAI
from runtime.memory import map_large_pieces
from store import mongo
from store.embedded.supervisor import state_of
from tests import databases, rules
from tests.explained import pytest_runtest_makereport  # noqa: F401 - pytest calls these
from tests.integration.processes import forker
from tests.leftovers import pytest_sessionfinish, pytest_sessionstart  # noqa: F401
from tests.loops import held
from tests.mail_server import MailServer
from tests.order import (  # noqa: F401
    pytest_addoption,
    pytest_cmdline_main,
    pytest_collection_modifyitems,
    pytest_configure,
    pytest_configure_node,
    pytest_report_header,
    pytest_runtest_setup,
    pytest_terminal_summary,
)
from tests.patience import EASED, IN_SERVICE
from tests.support import Api, Hr, close_sockets, serving, settings_for

ROOT = Path(__file__).resolve().parent.parent
_IN_MEMORY, _ENOUGH_BYTES = "/dev/shm", 8 * 1024**3
"""Where files are in memory, and how much has to be free there: stores wait for the disk at each commit."""
if Path(_IN_MEMORY).is_dir() and shutil.disk_usage(_IN_MEMORY).free > _ENOUGH_BYTES:
    os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", _IN_MEMORY)
map_large_pieces()  # as a server does
# A run imports the same files in a hundred processes: what one of them has compiled, the others read.
sys.dont_write_bytecode = False
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)

# No test is a test of time: the first example may have to wait for a compiler, any for a busy machine. A run
# tries a sample, the same each time; `make fuzz` tries many, and others each time.
hypothesis.settings.register_profile(
    "untimed",
    hypothesis.settings(),
    deadline=None,
    max_examples=1_000 if os.environ.get("TALENTFEED_FUZZ") == "long" else 40,
    suppress_health_check=[hypothesis.HealthCheck.too_slow],
)
hypothesis.settings.load_profile("untimed")


def pytest_itemcollected(item: pytest.Item) -> None:
    """A coroutine runs on its test's loop, also where nothing is said of its time."""
    if inspect.iscoroutinefunction(getattr(item, "obj", None)) and not item.get_closest_marker("gen_test"):
        item.add_marker("gen_test")


@pytest.fixture(scope="session", autouse=True)
def broken_rules(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where all processes of the tests note commands that break one of `tests.rules`."""
    file = Path(os.environ.get(rules.FILE) or tmp_path_factory.mktemp("rules") / "broken")
    file.touch()
    os.environ[rules.FILE] = str(file)
    rules.watch()
    return file


@pytest.fixture(autouse=True)
def commands_keep_the_rules(broken_rules: Path) -> Iterator[None]:
    """Whatever a test makes our processes ask keeps the rules, or has its place there."""
    before = broken_rules.stat().st_size
    yield
    if broken_rules.stat().st_size > before:
        with broken_rules.open() as file:
            file.seek(before)
            pytest.fail(f"commands {sorted(set(file.read().splitlines()))}", pytrace=False)


@pytest.fixture(scope="session", autouse=True)
def forker_ends() -> Iterator[None]:
    """Whatever started processes by forks has ended at the end, and what it wrote is gone."""
    yield
    if forker.cache_info().currsize:
        forker().close()
        shutil.rmtree(forker().folder)


@pytest.fixture(scope="session", autouse=True)
def patient() -> Iterator[None]:
    """Whatever a test is not about waits for a busy machine; in service, it is refused in time."""
    with pytest.MonkeyPatch.context() as patch:
        for (place, name), value in EASED.items():
            patch.setattr(place, name, value)
        yield


@pytest.fixture(scope="session", autouse=True)
def read_once() -> Iterator[None]:
    """What each server reads anew at its start, although nothing changes it, is read once for all of them."""
    with pytest.MonkeyPatch.context() as patch:
        for name in ("load_options", "load_common_passwords", "load_desk", "load_docs"):
            patch.setattr(setup, name, functools.cache(getattr(setup, name)))
        # The driver asks for its own version with each connection, which reads a long file.
        patch.setattr(redis.utils, "get_lib_version", functools.cache(redis.utils.get_lib_version))
        page = functools.cache(setup.load_page)
        patch.setattr(setup, "load_page", lambda folder, account, apps: page(folder, account, tuple(apps)))
        patch.setattr(mongo, "ensure_indexes", databases.ensure_indexes)
        yield


@pytest.fixture
def in_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """The limits of time that hold in service."""
    for (place, name), value in IN_SERVICE.items():
        monkeypatch.setattr(place, name, value)


@pytest.fixture
def wechat_in_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """The limits of time that WeChat has in service."""
    for (place, name), value in IN_SERVICE.items():
        if place.__name__.startswith("wechat."):
            monkeypatch.setattr(place, name, value)


@pytest.fixture
def dear_passwords(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Passwords that take as long to hash as in service, also that of nobody."""
    monkeypatch.setattr(passwords, "_HASHER", IN_SERVICE[passwords, "_HASHER"])
    passwords._hash_for_nobody.cache_clear()
    yield
    passwords._hash_for_nobody.cache_clear()


@pytest.fixture
def unhurried_preview(monkeypatch: pytest.MonkeyPatch) -> None:
    """A preview that is complete on a busy machine too, and gives advice there."""
    monkeypatch.setattr(preview, "_ASKING_S", 20.0)
    monkeypatch.setattr(preview, "_ADVISING_S", 20.0)


@pytest.fixture
def sweeping(monkeypatch: pytest.MonkeyPatch) -> None:
    """A sweep that does not wait as long as it does: what the stream did not bring is found in a second."""
    monkeypatch.setattr(work_source, "_SWEEP_AFTER", timedelta(seconds=0.5))
    monkeypatch.setattr(work_source, "_SWEEP_EVERY_S", 0.2)


@pytest.fixture
def within_a_day() -> None:
    """Two minutes at least of one day, for a test that asks which day it is beside a server or a page."""
    now = datetime.now(SHANGHAI)
    left = now.replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1) - now
    if left < timedelta(minutes=2):
        time.sleep(left.total_seconds())


@pytest.fixture
def io_loop() -> Iterator[tornado.ioloop.IOLoop]:
    """pytest-tornado's own makes the loop current in a way that Tornado has deprecated."""
    loop = asyncio.new_event_loop()
    asyncio.set_event_loop(loop)
    wrapped = AsyncIOLoop(asyncio_loop=loop, make_current=False)
    yield wrapped

    async def close() -> None:
        close_sockets()
        await asyncio.sleep(0)

    loop.run_until_complete(close())
    pending = asyncio.all_tasks(loop)
    for task in pending:
        task.cancel()
    loop.run_until_complete(asyncio.gather(*pending, return_exceptions=True))
    loop.run_until_complete(loop.shutdown_default_executor())
    asyncio.set_event_loop(None)
    wrapped.close()


@pytest.fixture(scope="session")
def store_urls(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    """The embedded stores, started once."""
    data_dir = tmp_path_factory.mktemp("stores")
    supervisor = subprocess.Popen(
        [sys.executable, "-m", "store.embedded.supervisor", "--data_dir", str(data_dir), "--with_parent"],
        cwd=ROOT,
        stdin=subprocess.PIPE,
    )
    deadline = time.monotonic() + 120
    while not state_of(data_dir).get("ready"):
        assert supervisor.poll() is None, "the supervisor of the stores ended"
        assert time.monotonic() < deadline, "the stores did not start"
        time.sleep(0.05)
    state = state_of(data_dir)
    yield {name: state[name]["url"] for name in ("mongo", "redis")}
    databases.close()
    assert supervisor.stdin is not None
    supervisor.stdin.close()  # it ends with its parent, which it knows by this pipe
    assert supervisor.wait(60) == 0


@pytest.fixture(scope="session")
def analyzer() -> Analyzer:
    """The analyzer takes a second to build; a server adopts what its database has learned, mostly nothing.

    Code is compiled here, for which a busy machine takes minutes: a server would do it against a deadline.
    """
    made = make_analyzer()
    warm()
    made.warm()
    gc.freeze()  # as in a server: it is not looked through for garbage again and again
    return made


@pytest.fixture(scope="session")
def compiled(analyzer: Analyzer) -> None:
    """Code is compiled and on disk, which servers of their own need not do against a deadline then."""


@pytest.fixture
def settings(request: pytest.FixtureRequest, store_urls: dict[str, str], tmp_path: Path) -> Settings:
    """Settings of a server on a free port with a database of its own.

    A test has others by the marker `settings`, or overrides this where they depend on a fixture.
    """
    own = settings_for(store_urls, tmp_path)
    for mark in request.node.iter_markers("settings"):
        own = replace(own, **mark.kwargs)
    return own


@pytest.fixture
def server(settings: Settings, analyzer: Analyzer, io_loop: tornado.ioloop.IOLoop) -> Iterator[Server]:
    """A server in this process, on this test's loop."""
    with held(io_loop, serving(settings, analyzer)) as running:
        yield running


@pytest.fixture
def api(server: Server) -> Iterator[Api]:
    """A client without credentials."""
    client = Api(server.port)
    yield client
    client.http.close()


@pytest.fixture
def hr(server: Server, io_loop: tornado.ioloop.IOLoop) -> Iterator[Hr]:
    """A logged-in recruiter without feeds."""
    client = io_loop.run_sync(lambda: Hr.register(server.port), timeout=60)
    yield client
    client.http.close()


@pytest.fixture
def other_hr(server: Server, io_loop: tornado.ioloop.IOLoop) -> Iterator[Hr]:
    """Another recruiter."""
    client = io_loop.run_sync(lambda: Hr.register(server.port), timeout=60)
    yield client
    client.http.close()


@pytest.fixture
def mail_server(io_loop: AsyncIOLoop) -> Iterator[MailServer]:
    """A mail server that keeps what it is given; whoever wants letters names it in `settings`."""
    running = MailServer()
    io_loop.run_sync(running.start)
    yield running
    io_loop.run_sync(running.stop)


@pytest.fixture
def wechat(io_loop: AsyncIOLoop) -> Iterator[WechatServer]:
    """A double of WeChat's servers; whoever wants it asked names it in `settings`."""
    running = WechatServer()
    io_loop.run_sync(running.start)
    yield running
    io_loop.run_sync(running.stop)
