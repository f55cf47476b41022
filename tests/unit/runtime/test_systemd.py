"""A server tells systemd that it is ready and that its loop goes round, and nobody where nobody asks."""

import asyncio
import os
import socket

import pytest

from runtime.loop import look_after_loop
from runtime.metrics import Metrics
from runtime.systemd import tell, watchdog_s


@pytest.fixture
def systemd(tmp_path):
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listener:
        listener.bind(str(tmp_path / "notify"))
        listener.settimeout(5)
        yield listener


def test_systemd_hears_that_a_server_is_ready(systemd):
    tell("READY=1", {"NOTIFY_SOCKET": systemd.getsockname()})
    assert systemd.recv(100) == b"READY=1"


def test_a_socket_without_a_file_is_reached_too():
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listener:
        listener.bind(f"\0talentfeed-{os.getpid()}")
        listener.settimeout(5)
        tell("READY=1", {"NOTIFY_SOCKET": f"@talentfeed-{os.getpid()}"})
        assert listener.recv(100) == b"READY=1"


def test_systemd_hears_that_the_loop_goes_round_twice_in_its_time(systemd):
    environ = {"NOTIFY_SOCKET": systemd.getsockname(), "WATCHDOG_USEC": "20000"}

    async def listen() -> list[bytes]:
        watching = asyncio.create_task(look_after_loop(Metrics(), environ))
        heard = [await asyncio.to_thread(systemd.recv, 100) for _ in range(3)]
        watching.cancel()
        return heard

    assert asyncio.run(listen()) == [b"WATCHDOG=1"] * 3


@pytest.mark.parametrize("environ", [{}, {"WATCHDOG_USEC": "20000", "WATCHDOG_PID": "1"}])
def test_nothing_is_told_to_nobody(environ):
    assert watchdog_s(environ) == 0


def test_a_systemd_that_is_gone_is_no_error(tmp_path):
    tell("READY=1", {"NOTIFY_SOCKET": str(tmp_path / "nobody")})
