"""What was acknowledged survives kill -9 of everything; counts equal the lists afterwards."""

import asyncio
import json
import random
import signal
import socket
import time

import pytest
from tornado.httpclient import HTTPClientError

from tests.api.scene import NDJSON_INGEST
from tests.integration.processes import check_stores, free_port, is_alive
from tests.support import IN_TIME_S, IS_LONG, PYTHON_FEED, Api, Hr, eventually, python_resume


async def check_all(process, hr, feed_id, acknowledged):
    """Everything acknowledged is listed, the badge is the list's length, and the data is in order."""
    await hr.all_scored()
    await hr.calced(feed_id)
    listed = {item["resume"]["id"] for item in await hr.results(feed_id)}
    assert acknowledged <= listed

    async def is_counted():
        return await hr.unread(feed_id) == len(listed)

    await eventually(is_counted, what="a count of what the killed process had not settled")
    live = await hr.socket()
    assert (await live.until("snapshot"))["total"] == len(listed)
    live.connection.close()
    check_stores(process.data_dir)


async def test_nothing_acknowledged_is_lost_by_kill_9_of_everything(start):
    process = await start().ready()
    hr = await Hr.register(process.port)
    feed_id = await hr.submit(**PYTHON_FEED)
    acknowledged: set[str] = set()
    chance = random.Random(11)

    async def pour(port):
        api = Api(port)
        while True:
            body = "\n".join(json.dumps(python_resume(number)) for number in range(10)).encode()
            answer = await api.call("POST", "/resumes/", body=body, headers=NDJSON_INGEST)
            if answer.http == 200:
                acknowledged.update(answer["ids"])

    for _ in range(3 if IS_LONG else 2):
        pouring = asyncio.create_task(pour(process.port))
        before = len(acknowledged)
        await eventually(lambda before=before: len(acknowledged) > before, what="ingest")
        await asyncio.sleep(chance.uniform(0, 0.5))
        process.kill_all()
        pouring.cancel()
        await asyncio.gather(pouring, return_exceptions=True)
        process = await start().ready()
        hr.port = process.port
        await check_all(process, hr, feed_id, acknowledged)
    assert len(acknowledged) >= 20


@pytest.mark.faults
async def test_states_survive_and_a_backfill_goes_on_after_kill_9(start):
    process = await start().ready()
    hr = await Hr.register(process.port)
    ids = await hr.scored(*(python_resume(number) for number in range(300)))
    feed_id = await hr.submit(**PYTHON_FEED)
    await hr.get(f"/feed/get/{feed_id}/{ids[0]}")
    await hr.get("/feed/modify_feed_result", feed_id=feed_id, resume_id=ids[1], reco_index=-150)
    second = await hr.submit(wait=False, **PYTHON_FEED)
    process.kill_all()
    process = await start().ready()
    hr.port = process.port
    await hr.calced(second)
    assert len(await hr.results(second)) == 300
    assert await hr.unread(second) == 300
    assert await hr.unread(feed_id) == 298
    states = {item["resume"]["id"]: item["user_read_status"] for item in await hr.results(feed_id)}
    assert ids[1] not in states
    assert states[ids[0]] == "read"


@pytest.mark.faults
async def test_kill_9_of_the_server_alone_leaves_no_stores_and_no_obstacle(start):
    process = await start().ready()
    hr = await Hr.register(process.port)
    pids = process.store_pids()
    process.kill()
    # At once: what is left over is joined or replaced.
    process = await start().ready()
    await eventually(
        lambda: not any(is_alive(pid) for pid in pids.values()), what="the end of the old stores"
    )
    again = Hr.logged_in(process.port, hr.email, {"user": hr.user, "token": hr.token})

    async def works():
        return (await again.get("/special_feed/page/")).http == 200

    # Stores that it joined just before their end are started anew.
    await eventually(works, what="new stores")


@pytest.fixture
def systemd(tmp_path, io_loop):
    """What systemd is told: its socket's path, and the lines that came."""
    heard: list[bytes] = []
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listener:
        listener.bind(str(tmp_path / "notify"))
        io_loop.add_handler(listener, lambda *_: heard.append(listener.recv(100)), io_loop.READ)
        yield listener.getsockname(), heard
        io_loop.remove_handler(listener)


@pytest.mark.faults
async def test_signals_tell_where_tasks_stand_and_end_all_in_time(start, systemd):
    path, heard = systemd
    process = await start(notify_socket=path, watchdog_usec=500_000).ready()
    process.child.send_signal(signal.SIGUSR1)

    async def is_written():
        text = process.log.read_text("utf-8")
        # Lines come one by one, those of tasks last and by their names.
        return '"task": "worker"' in text and text.endswith("\n") and text

    text = await eventually(is_written, what="the stacks")
    assert "Stack (most recent call first)" in text
    threads = [json.loads(line) for line in text.splitlines() if '"thread": ' in line]
    assert any("server.py" in place and "main" in place for one in threads for place in one["at"])
    assert len({one["thread"] for one in threads}) > 1
    line = next(json.loads(line) for line in text.splitlines() if '"task": "worker"' in line)
    assert line["runs"].endswith("_once_prepared")
    assert any("engine/percolation/worker.py" in place and "run" in place for place in line["at"])
    hr = await Hr.register(process.port)
    live = await hr.live()
    pids = process.store_pids()
    began = time.monotonic()
    stopping = asyncio.create_task(asyncio.to_thread(process.stop))
    assert await live.closed() == 1012
    assert await stopping == 0
    assert time.monotonic() - began < 15
    assert not any(is_alive(pid) for pid in pids.values())
    # A restart by systemd returns once it serves, and a loop that is stuck is found out.
    assert heard.count(b"READY=1") == heard.count(b"STOPPING=1") == 1
    assert heard.count(b"WATCHDOG=1") > 1


@pytest.mark.faults
async def test_a_server_without_mongodb_lives_says_so_and_starts_its_work_when_it_comes(start):
    waiting = start(
        in_time=True,
        mongo_url=f"mongodb://127.0.0.1:{free_port()}",
        redis_url=f"redis://127.0.0.1:{free_port()}",
    )
    api = Api(waiting.port)

    async def lives():
        try:
            return (await api.get("/healthz")).http == 200
        except (OSError, HTTPClientError):
            return False

    await eventually(lives, what="liveness")
    form = {"username": "a@example.com", "password": "x"}
    began = time.monotonic()
    assert (await api.get("/readyz")).http == 503
    ready_at = time.monotonic()
    assert ready_at - began < IN_TIME_S
    answer = await api.call("POST", "/hr/login/", form=form)
    assert (answer.http, answer.status) == (503, "unavailable")
    assert time.monotonic() - ready_at < IN_TIME_S
    assert waiting.stop() == 0
