"""One browser and one loop for all of these tests; each has windows and, but for one, a server of its own."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

import pytest
from tornado.ioloop import IOLoop

from tests.browser.windows import Chromium, Windows
from tests.integration.conftest import start
from tests.loops import shared_loop

__all__ = ["chromium", "io_loop", "start", "windows"]


@pytest.hookimpl(wrapper=True)
def pytest_pyfunc_call(pyfuncitem: pytest.Function) -> Iterator[None]:
    """Nothing goes wrong in a window but what its test forgives."""
    result = yield
    faults = pyfuncitem.funcargs["windows"].faults if "windows" in pyfuncitem.funcargs else []
    assert faults == []
    return result


@pytest.fixture(scope="session")
def io_loop() -> Iterator[IOLoop]:
    """The browser belongs to a loop, and takes longer to start than most tests to run."""
    with shared_loop() as loop:
        yield loop


@pytest.fixture(autouse=True)
def current(io_loop: IOLoop) -> None:
    """Other tests, which run in between, each had a loop of their own."""
    asyncio.set_event_loop(io_loop.asyncio_loop)


@pytest.fixture(scope="session")
def chromium(io_loop: IOLoop) -> Iterator[Chromium]:
    started = Chromium()
    io_loop.run_sync(started.start, timeout=120)
    yield started
    io_loop.run_sync(started.stop, timeout=120)


@pytest.fixture
def windows(io_loop: IOLoop, chromium: Chromium) -> Iterator[Windows]:
    opened = Windows(chromium.browser)
    yield opened
    io_loop.run_sync(opened.close, timeout=120)
