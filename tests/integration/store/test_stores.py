"""Embedded stores: how servers share them, how they come back, and what the API does while they are away."""

import asyncio
import os
import re
import signal
import subprocess
import sys
from functools import partial

import pytest

from store.embedded.supervisor import ALREADY_SUPERVISED, state_of, try_lock
from store.errors import BadUrl
from store.stores import Stores, opened
from tests.api.scene import INGEST
from tests.integration.processes import ROOT, Process, environment, is_alive, kill_stores, manage, serve
from tests.support import PASSWORD, PYTHON_FEED, Hr, eventually, python_resume


@pytest.fixture(scope="module")
def shared(compiled, tmp_path_factory):
    """A server for tests that leave it as it was, but for accounts and resumes."""
    process = Process(tmp_path_factory.mktemp("shared") / "data", in_time=True)
    yield process
    process.kill()
    kill_stores(process.data_dir)


def again(hr, port):
    return Hr.logged_in(port, hr.email, {"user": hr.user, "token": hr.token})


async def taken_in(hr, resume):
    """Whether a resume is, which is sent again where a store that comes back, or a busy machine, is late."""
    answer = await hr.call("POST", "/resumes/", json_body=resume, headers=INGEST)
    assert answer.http in {200, 503}
    return answer.http == 200


@pytest.mark.faults
async def test_a_second_server_joins_and_goes_on_without_the_first(start):
    first = await start().ready()
    second = await start().ready()
    assert first.store_pids() == second.store_pids()
    hr = await Hr.register(first.port)
    there = again(hr, second.port)
    live = await there.live()
    feed_id = await hr.submit(**PYTHON_FEED)
    await live.until("progress", feed_id=feed_id, calced=True)
    count = 0
    for process in (first, second):
        count = await live.hears(Hr(process.port), count)
    await hr.get(f"/feed/delete/{feed_id}")
    await live.until("removed", feed_id=feed_id)
    await hr.post("/hr/logout/")
    assert await live.closed() == 4401
    # One that joined stops without them. When the starter stops, another starts them anew.
    third = await start().ready()
    assert third.stop() == 0
    before = first.store_pids()
    assert all(is_alive(pid) for pid in before.values())
    hr = await Hr.register(first.port)
    feed_id = await hr.submit(**PYTHON_FEED)
    listed = await hr.unread(feed_id)
    assert first.stop() == 0
    there = again(hr, second.port)

    async def works():
        return (await there.get("/special_feed/page/")).http == 200

    await eventually(works, what="the second server's stores")
    assert second.store_pids()["mongo"] != before["mongo"]
    await there.scored(python_resume())
    assert await there.unread(feed_id) == listed + 1
    assert second.child.poll() is None


@pytest.mark.faults
async def test_a_frozen_redis_slows_nobody_to_a_503(shared):
    process = await shared.ready()
    hr = await Hr.register(process.port)
    feed_id = await hr.submit(**PYTHON_FEED)
    listed = await hr.unread(feed_id)
    pid = process.store_pids()["redis"]
    os.kill(pid, signal.SIGSTOP)
    try:
        form = {"username": hr.email, "password": PASSWORD}
        for _ in range(3):
            assert (await hr.call("POST", "/hr/login/", form=form)).status == "ok"
        live = await hr.live()
        await hr.ingest(python_resume())
        await live.until("unread", unread_count=listed + 1)
    finally:
        os.kill(pid, signal.SIGCONT)
    await eventually(partial(taken_in, hr, python_resume()), what="ingest")
    await live.until("unread", unread_count=listed + 2)
    assert await hr.unread(feed_id) == listed + 2


@pytest.mark.settings(redis_url="redis://127.0.0.1:1")
async def test_rest_scoring_and_badges_go_on_without_redis(hr):
    ready = await hr.get("/readyz")
    assert (ready.http, ready.status, ready["redis"]) == (200, "degraded", "unavailable")
    feed_id = await hr.submit(**PYTHON_FEED)
    live = await hr.live()
    resume_id = (await hr.ingest(python_resume()))["ids"][0]
    await live.until("unread", unread_count=1)
    await hr.get(f"/feed/get/{feed_id}/{resume_id}")
    await live.until("unread", unread_count=0)


@pytest.mark.long
async def test_a_wiped_redis_loses_nothing(server, hr):
    feed_id = await hr.submit(**PYTHON_FEED)
    live = await hr.live()
    total = 0
    for _ in range(5):
        await hr.ingest(*(python_resume(number) for number in range(20)))
        await server.stores._redis.client.flushall()
        total += 20
    await live.until("unread", unread_count=total)
    assert await hr.unread(feed_id) == total


def supervise(data_dir, *flags, module="store.embedded.supervisor"):
    return subprocess.Popen(
        [sys.executable, "-m", module, *flags],
        cwd=ROOT,
        env=environment(data_dir),
        stdin=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )


def test_the_supervisor_needs_the_standard_library_alone_before_the_stores_run():
    command = [sys.executable, "-S", "-c", "import store.embedded.supervisor"]
    subprocess.run(command, cwd=ROOT, check=True)


def test_one_directory_has_one_supervisor(tmp_path):
    held = try_lock(tmp_path)
    assert held is not None
    assert try_lock(tmp_path) is None
    with supervise(tmp_path) as second:
        _, said = second.communicate()
    assert second.returncode == ALREADY_SUPERVISED
    assert b"has a supervisor already" in said
    held.close()


@pytest.mark.faults
async def test_what_an_earlier_supervisor_left_running_is_replaced(start, tmp_path):
    process = await start().ready()
    pids = process.store_pids()
    process.child.send_signal(signal.SIGSTOP)  # it would start the next supervisor, were we late
    os.kill(pids["supervisor"], signal.SIGKILL)  # the supervisor; the stores live on without it
    process.kill()
    assert is_alive(pids["mongo"])
    os.kill(pids["redis"], signal.SIGSTOP)  # and one of them is half dead
    await start().ready()
    assert not is_alive(pids["mongo"])
    assert not is_alive(pids["redis"])


@pytest.mark.long
async def test_a_taken_port_is_told_in_one_line_and_starts_nothing(shared, tmp_path):
    first = await shared.ready()
    outcome = serve(tmp_path / "other", "--port", str(first.port))
    assert outcome.returncode == 2
    assert outcome.stderr.count(b"\n") == 1
    assert b"--port" in outcome.stderr
    assert not (tmp_path / "other" / "mongo").exists()


async def test_a_server_finds_out_that_the_one_before_had_another_secret_key(settings, store_urls):
    async def starts_with(key):
        stores = Stores(settings.mongo_url, settings.mongo_db, settings.redis_url, key)
        is_same = await stores.note_key()
        await stores.close()
        return is_same

    same = [await starts_with(key) for key in ("one", "one", "two", "two", "one")]
    assert same == [True, True, False, True, False]


NOWHERE = {"mongo_url": "mongodb://127.0.0.1:1", "redis_url": "redis://127.0.0.1:1"}


@pytest.mark.parametrize(
    ("name", "url"),
    [
        ("mongo_url", "mongodb://user:pa:sxword@h/"),
        ("mongo_url", "mongodb://h:99999/"),
        ("mongo_url", "mongodb://h/?tlsCAFile=/no/such"),
        ("redis_url", "redis://h/?sxword=1"),
        ("redis_url", "redis://h/?socket_timeout=sxword"),
        ("redis_url", "rediss://h/?ssl_cert_reqs=sxword"),
    ],
)
async def test_a_url_by_which_nobody_can_connect_is_told_by_its_setting(tmp_path, name, url):
    urls = {**NOWHERE, name: url}
    with pytest.raises(BadUrl, match=f"^{name} ") as told:
        async with opened(urls["mongo_url"], "db", urls["redis_url"], tmp_path):
            pass
    assert "sxword" not in str(told.value)


@pytest.mark.long
def test_such_a_url_stops_the_start_with_one_line(tmp_path):
    url = {"mongo_url": "mongodb://user:pa:sxword@h/"}
    for outcome, status in ((serve(tmp_path, **url), 2), (manage(tmp_path, "stats", **url), 1)):
        assert outcome.returncode == status
        assert outcome.stderr.count(b"\n") == 1
        assert b"mongo_url" in outcome.stderr


def test_an_address_of_another_machine_is_told_as_such(tmp_path):
    outcome = serve(tmp_path, "--address", "203.0.113.9")
    assert outcome.returncode == 2
    assert b"--address 203.0.113.9" in outcome.stderr


@pytest.mark.long
def test_a_wrong_password_is_told_as_such(shared, tmp_path):
    asyncio.run(shared.ready())
    url = re.sub(r"//talentfeed:[^@]+@", "//talentfeed:wr0ng@", state_of(shared.data_dir)["mongo"]["url"])
    outcome = manage(tmp_path, "stats", mongo_url=url, redis_url="redis://127.0.0.1:1")
    assert outcome.returncode == 1
    assert b"it refuses the user or the password of mongo_url" in outcome.stderr
    assert b"wr0ng" not in outcome.stderr
