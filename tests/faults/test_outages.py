"""The stores go away, are wiped, freeze, fill up: what is acknowledged stays, and soon all is exact again."""

import asyncio
import contextlib
import os
import shutil
import signal
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import pytest
import redis.asyncio

from store.embedded.supervisor import state_of
from tests.api.scene import INGEST
from tests.integration.processes import ROOT, Process, check_stores, environment, free_port
from tests.support import IN_TIME_S, IS_LONG, PYTHON_FEED, Hr, eventually, python_resume

pytestmark = pytest.mark.faults

REDIS_DOWN_S = 30 if IS_LONG else 6
MONGO_DOWN_S = 10 if IS_LONG else 5


def again(hr, process):
    return Hr.logged_in(process.port, hr.email, {"user": hr.user, "token": hr.token})


class Traffic:
    """Reads and uploads without a pause at some servers, and what was answered."""

    def __init__(self, *hrs):
        self.hrs = hrs
        self.statuses = Counter()
        self.slowest_s = 0.0
        self.acknowledged = []
        self._over = False
        self._tasks = []

    async def __aenter__(self):
        self._tasks = [asyncio.create_task(self._run(hr)) for hr in self.hrs]
        return self

    async def __aexit__(self, *_):
        """Wait for the last answers: of an upload given up halfway nobody could say whether it counts."""
        self._over = True
        await asyncio.gather(*self._tasks)

    async def moves(self):
        """Wait until some more uploads are acknowledged."""
        before = len(self.acknowledged)
        await eventually(
            lambda: len(self.acknowledged) >= before + 5, within_s=40, what="acknowledged uploads"
        )

    async def _run(self, hr):
        while not self._over:
            await self._answered(hr.get("/special_feed/page/"))
            await self.upload(hr, python_resume())
            await asyncio.sleep(0.1)

    async def upload(self, hr, resume):
        answer = await self._answered(hr.call("POST", "/resumes/", json_body=resume, headers=INGEST))
        if answer.http == 200:
            self.acknowledged += answer["ids"]
        return answer

    async def _answered(self, request):
        began = time.monotonic()
        answer = await request
        self.slowest_s = max(self.slowest_s, time.monotonic() - began)
        self.statuses[answer.http] += 1
        assert answer.http == 200 or (answer.http, answer.status) == (503, "unavailable"), answer.body
        assert answer.http == 200 or int(answer.headers["Retry-After"]) > 0
        return answer


async def shows(live, feed_id, count, *, within_s=40.0):
    """Wait until the last count that a socket was told is this one."""
    await live.until("unread", feed_id=feed_id, unread_count=count, within_s=within_s)


@contextlib.contextmanager
def without(process, name):
    """While a store is dead and nobody starts it."""
    pids = process.store_pids()
    os.kill(pids["supervisor"], signal.SIGSTOP)
    os.kill(pids[name], signal.SIGKILL)
    try:
        yield
    finally:
        os.kill(pids["supervisor"], signal.SIGCONT)


async def test_a_redis_that_is_wiped_again_and_again_and_goes_away_is_missed_by_nobody(start):
    # Not in the time of service, in which a busy machine is refused too: a Redis that is dead keeps nobody.
    processes = [await start().ready(), await start().ready()]
    hr = await Hr.register(processes[0].port)
    hrs = [again(hr, process) for process in processes]
    feed_id = await hr.submit(**PYTHON_FEED)
    lives = [await one.socket() for one in hrs]
    client = redis.asyncio.Redis.from_url(state_of(processes[0].data_dir)["redis"]["url"])
    async with Traffic(*hrs) as traffic:
        for _ in range(50 if IS_LONG else 10):
            await client.flushall()
            await asyncio.sleep(0.05)
        with without(processes[0], "redis"):
            await asyncio.sleep(REDIS_DOWN_S)
            while len(traffic.acknowledged) <= 20:  # on a busy machine that takes longer
                await traffic.moves()
    await client.aclose()
    assert traffic.statuses.keys() == {200}
    total = len(traffic.acknowledged)
    for live in lives:
        await shows(live, feed_id, total)
    assert await hr.unread(feed_id) == total
    # And hints cross the processes again, once both are back at Redis: sooner than a look at the stores.
    for more in range(1, 8):
        await hrs[0].ingest(python_resume())
        with contextlib.suppress(TimeoutError):
            await shows(lives[1], feed_id, total + more, within_s=4)
            break
    else:
        pytest.fail("no hint came from one process to the other")


@pytest.mark.parametrize("how", ["killed", "frozen"])
async def test_a_mongodb_that_is_away_costs_nothing_but_the_time(start, how):
    process = await start(in_time=True).ready()
    hr = await Hr.register(process.port)
    feed_id = await hr.submit(**PYTHON_FEED)
    live = await hr.socket()
    pid = process.store_pids()["mongo"]
    async with Traffic(hr) as traffic:
        await traffic.moves()
        with without(process, "mongo") if how == "killed" else contextlib.nullcontext():
            if how == "frozen":
                os.kill(pid, signal.SIGSTOP)
            try:
                ended = time.monotonic() + MONGO_DOWN_S
                # A first refusal may take longer on a busy machine.
                while time.monotonic() < ended or not traffic.statuses[503]:
                    assert (await hr.get("/healthz")).http == 200
                    await asyncio.sleep(0.2)
                ready = await hr.get("/readyz")
                assert (ready.http, ready["mongo"]) == (503, "unavailable")
                metrics = await hr.get("/metrics")
                assert metrics.http == 200
                assert b"talentfeed_resumes_quarantined NaN" in metrics.body
            finally:
                if how == "frozen":
                    os.kill(pid, signal.SIGCONT)
        back = time.monotonic()

        async def works():
            return (await hr.get("/special_feed/page/")).http == 200

        await eventually(works, what="recovery")
        print(f"recovered after {time.monotonic() - back:.1f} s")
        await traffic.moves()
    assert traffic.slowest_s <= IN_TIME_S
    await hr.all_scored()
    listed = {item["resume"]["id"] for item in await hr.results(feed_id)}
    # What was not acknowledged may have been stored all the same.
    assert listed >= set(traffic.acknowledged)
    await shows(live, feed_id, len(listed))


def namespaces_work():
    trial = ["unshare", "-rm", "mount", "-t", "tmpfs", "tmpfs", "/mnt"]
    if not shutil.which(trial[0]):
        return False
    return subprocess.run(trial, capture_output=True, check=False).returncode == 0


class SmallDisk(Process):
    """A server and its stores whose data lies on a file system of so many MiB, which only they see."""

    def __init__(self, data_dir: Path, size_mib: int) -> None:
        data_dir.mkdir()
        self.data_dir, self.port = data_dir, free_port()
        self.log = data_dir.with_suffix(".log")
        mount = f'mount -t tmpfs -o size={size_mib}m tmpfs "$0" && exec "$@"'
        serve = [sys.executable, "server.py", "--port", str(self.port)]
        with self.log.open("wb") as log:
            self.child = subprocess.Popen(
                ["unshare", "-rm", "sh", "-c", mount, data_dir, *serve],
                cwd=ROOT,
                env=environment(data_dir),
                stdout=log,
                stderr=log,
            )

    @property
    def seen(self) -> Path:
        """The file system, from outside."""
        return Path(f"/proc/{self.child.pid}/root{self.data_dir}")


def fill(filler):
    """Leave no room beside a file."""
    with contextlib.suppress(OSError), filler.open("ab", buffering=0) as file:
        for size in (1 << 20, 4096):
            with contextlib.suppress(OSError):
                while file.write(bytes(size)):
                    pass


@pytest.mark.skipif(not namespaces_work(), reason="no file system of one's own without user namespaces")
async def test_a_full_disk_refuses_clearly_and_loses_nothing(tmp_path):
    process = SmallDisk(tmp_path / "data", 600)
    try:
        await process.ready()
        hr = await Hr.register(process.port)
        feed_id = await hr.submit(**PYTHON_FEED)
        filler = process.seen / "filler"
        async with Traffic(hr) as traffic:
            await traffic.moves()
            fill(filler)

            async def refused():
                fill(filler)  # what was freed meanwhile
                large = python_resume(hr_evaluate=os.urandom(40_000).hex())
                if (await traffic.upload(hr, large)).http != 503:
                    return False
                # A store that is only slow for a moment refuses too.
                return (await hr.get("/readyz"))["mongo"] == "unavailable"

            await eventually(refused, within_s=60, what="a refusal")
            assert (await hr.get("/healthz")).http == 200
            filler.unlink()
            await traffic.moves()
        await hr.all_scored()
        listed = {item["resume"]["id"] for item in await hr.results(feed_id)}
        assert listed >= set(traffic.acknowledged)
        urls = {f"{name}_url": state_of(process.seen)[name]["url"] for name in ("mongo", "redis")}
        await asyncio.to_thread(check_stores, tmp_path, **urls)
    finally:
        process.stop()
