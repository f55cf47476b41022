"""A whole server under attack from one machine: too many connections, no descriptors, a flood of bodies."""

import asyncio
import contextlib
import resource
import socket
import time
from pathlib import Path

import pytest

from runtime.descriptors import raise_limit
from tests.integration.processes import Process, entries_of, kill_stores, memory_mb
from tests.support import INGEST_TOKEN, PYTHON_FEED, Hr, eventually, python_resume

pytestmark = pytest.mark.faults

LIMIT = 1024
HALF_OPEN = 1200
MIB = 1024 * 1024


@pytest.fixture(scope="module")
def process(tmp_path_factory):
    """A server with its own stores, as a shell with `ulimit -n 1024` would start it."""
    raise_limit()  # ours: the attacks need more than that
    running = Process(tmp_path_factory.mktemp("floods") / "data")
    resource.prlimit(running.child.pid, resource.RLIMIT_NOFILE, (LIMIT, LIMIT))
    asyncio.run(running.ready())
    yield running
    assert running.stop() == 0
    kill_stores(running.data_dir)


def lines(process, *, after=0):
    return entries_of(process.log.read_text("utf-8"))[after:]


def descriptors(process):
    return len(list(Path(f"/proc/{process.child.pid}/fd").iterdir()))


@contextlib.contextmanager
def connected(process, number):
    """So many connections that say nothing."""
    opened = []
    try:
        for _ in range(number):
            opened.append(socket.create_connection(("127.0.0.1", process.port), timeout=40))
        yield opened
    finally:
        for one in opened:
            one.close()


async def is_quiet(process, most):
    await eventually(lambda: descriptors(process) <= most, what="the end of all connections")


async def test_1200_half_open_connections_neither_end_nor_silence_a_server_with_1024_descriptors(process):
    hr = await Hr.register(process.port)
    live = await hr.socket()
    feed_id = await hr.submit(**PYTHON_FEED)
    quiet, before = descriptors(process), len(lines(process))
    with connected(process, HALF_OPEN) as flood:
        for one in flood[::2]:
            with contextlib.suppress(OSError):
                one.send(b"GET / HTTP/1.1\r\nX-Slow: ")
        assert (await hr.read("/readyz")).http == 200
        await hr.ingest(python_resume())
        await live.until("unread", feed_id=feed_id, unread_count=1)  # a socket that is there stays
        for _ in range(3):  # and a new client comes in
            assert (await (await Hr.register(process.port)).get("/special_feed/page/")).status == "no_feed"
        assert descriptors(process) < 0.9 * LIMIT
    assert process.child.poll() is None
    await is_quiet(process, quiet + 10)
    told = [line for line in lines(process, after=before) if line["level"] != "info"]
    # On a busy machine the stores may be late too, of which they tell.
    told = [line for line in told if not line["logger"].startswith("store.")]
    assert [line["message"] for line in told] == ["the connections of this process are used up: 819"]
    live.connection.close()


async def test_a_server_without_a_free_descriptor_waits_and_goes_on(process):
    hr = await Hr.register(process.port)
    live = await hr.socket()
    await live.frame()
    before = len(lines(process))
    resource.prlimit(process.child.pid, resource.RLIMIT_NOFILE, (3, LIMIT))
    try:
        waiting = [await asyncio.open_connection("127.0.0.1", process.port) for _ in range(20)]
        for _, writer in waiting:
            writer.write(b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n")
        await live.say({"type": "ping"})
        await live.until("pong")
        # Long enough for the looks at the stores, each of which opens a file.
        texts = [
            "no descriptor is free for a connection: clients wait",
            "cannot see whether the embedded stores run: Too many open files",
        ]
        await eventually(
            lambda: {line["message"] for line in lines(process, after=before)} >= set(texts),
            what="lines in the log",
        )
        ends = time.monotonic() + 3.0

        async def is_over():
            assert process.child.poll() is None
            return time.monotonic() > ends

        await eventually(is_over, every_s=0.5)
    finally:
        resource.prlimit(process.child.pid, resource.RLIMIT_NOFILE, (LIMIT, LIMIT))
    for reader, writer in waiting:
        assert (await asyncio.wait_for(reader.readline(), 40)).startswith(b"HTTP/1.1 200")
        writer.close()
    assert (await hr.get("/special_feed/page/")).status == "no_feed"
    told = [line for line in lines(process, after=before) if line["level"] != "info"]
    for text in texts:
        assert sum(line["message"] == text for line in told) == 1
    assert not [line for line in told if line["level"] in {"error", "critical"}]
    live.connection.close()


async def test_400_bodies_of_a_megabyte_take_a_bounded_share_of_memory(process, capsys):
    hr = await Hr.register(process.port)
    quiet, before, said = descriptors(process), memory_mb(process.child.pid), len(lines(process))
    head = f"POST /resumes/ HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {INGEST_TOKEN}\r\n"
    with connected(process, 400) as flood:
        for one in flood:
            one.setblocking(False)

        def send_on():
            loop = asyncio.get_running_loop()
            body = b"x" * (MIB - 1)  # all but the last byte
            return [loop.sock_sendall(one, body) for one in flood]

        for one in flood:
            one.send(f"{head}Content-Length: {MIB}\r\n\r\n".encode())
        sending = [asyncio.ensure_future(each) for each in send_on()]
        page = await hr.get("/special_feed/page/")
        assert page.status == "no_feed"
        peak = before

        async def are_refused():
            nonlocal peak
            peak = max(peak, memory_mb(process.child.pid))
            lines_ = lines(process, after=said)
            return sum(line.get("status") == 503 for line in lines_) >= 400 - 70

        await eventually(are_refused, every_s=0.1, what="the end of the budget")
        peak -= before
        for each in sending:
            each.cancel()
        await asyncio.gather(*sending, return_exceptions=True)
    await is_quiet(process, quiet + 10)
    after = memory_mb(process.child.pid) - before
    with capsys.disabled():
        print(f"\n400 bodies of 1 MiB: {peak:+.0f} MB, afterwards {after:+.0f} MB")
    assert peak < 150
    assert after < 100
    assert (await hr.get("/special_feed/page/")).status == "no_feed"
