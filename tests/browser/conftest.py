"""The servers of these tests are processes, as those of the integration tests; one browser a test."""

from collections.abc import Iterator

import pytest
from tornado.ioloop import IOLoop

from tests.browser.windows import Windows
from tests.integration.conftest import start

__all__ = ["start", "windows"]


@pytest.fixture
def windows(io_loop: IOLoop) -> Iterator[Windows]:
    opened = Windows()
    yield opened
    io_loop.run_sync(opened.close, timeout=20)
