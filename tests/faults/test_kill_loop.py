"""kill -9 at random moments while resumes stream in: nothing is lost, nothing doubled, every count exact.

25 kills in a normal run, 300 with `TALENTFEED_FAULTS=long` (`make faults`); a test's name holds its seed.
"""

from __future__ import annotations

import asyncio
import csv
import io
import random
import time
from dataclasses import replace

import pytest

from config.demo import DEMO_FEEDS
from tests.api.scene import serving
from tests.faults.forks import urls
from tests.faults.pouring import Pouring
from tests.integration.processes import manage
from tests.support import IS_LONG, Hr, eventually

pytestmark = pytest.mark.faults


def seeds(name: str, kills: int, long_kills: int) -> list[object]:
    """Tests of ten kills each at most: (kills, seed)."""
    tests = [10] * (long_kills // 10) if IS_LONG else [kills]
    return [
        pytest.param(number, seed, id=f"{name}-{number}-seed-{seed}") for seed, number in enumerate(tests)
    ]


def comparable(items):
    """A list without what depends on when its people came."""
    return sorted(
        (item["resume"]["id"], item["score"], item["title_match"], item["why"], item["missing"])
        for item in items
    )


async def submit_all(hr):
    return [await hr.submit(**feed) for feed in DEMO_FEEDS]


class Rounds:
    """Servers, the client that pours, and what must hold in the end."""

    def __init__(self, processes, hr, feeds, seed) -> None:
        self.processes = processes
        self.chance = random.Random(seed)
        self.hr, self._feeds = hr, feeds
        self.pouring = Pouring([one.port for one in processes], seed)
        self.began = time.monotonic()

    @classmethod
    async def begin(cls, processes, seed):
        for process in processes:
            await process.ready()
        hr = await Hr.register(processes[0].port)
        return cls(processes, hr, await submit_all(hr), seed)

    async def some_time(self) -> None:
        """Mostly until a moment of the pouring, now and then one of a start."""
        if self.chance.random() < 0.75:
            await self.pouring.moves()
        await asyncio.sleep(self.chance.uniform(0, 0.6))

    async def _is_counted(self) -> bool:
        """Whether badges are those of the lists. After a kill that takes some seconds."""
        for feed in self._feeds:
            table = (await self.hr.get(f"/feed/export/{feed}.csv")).body.decode()
            if await self.hr.unread(feed) != sum(1 for _ in csv.reader(io.StringIO(table))) - 1:
                return False
        return True

    async def end(self, kills, settings, analyzer, what) -> None:
        """Compare with a server that nobody kills and that is given the same."""
        pouring = self.pouring
        await pouring.end()
        process = await self.processes[0].ready()
        self.hr.port = process.port
        await self.hr.all_scored()
        await eventually(self._is_counted, what="a count of what the killed had not settled")
        lists = [await self.hr.results(feed) for feed in self._feeds]
        stored = {item["resume"]["id"] for items in lists for item in items}
        snapshot = await (await self.hr.socket()).until("snapshot")
        unread = {row["feed_id"]: row["unread_count"] for row in snapshot["feeds"]}
        strong = [sum(item["tier"] == "strong" for item in items) for items in lists]
        assert [unread[feed] for feed in self._feeds] == strong
        assert [await self.hr.unread(feed) for feed in self._feeds] == strong
        checked = manage(process.data_dir, "check", **(urls(settings) if process.has_urls else {}))
        assert checked.returncode == 0, checked.stderr.decode()
        assert f"resumes {len(pouring.ids)}," in checked.stdout.decode()  # none lost, none twice
        async with serving(replace(settings, mongo_db=f"{settings.mongo_db}-calm"), analyzer) as calm:
            fresh = await Hr.register(calm.port)
            feeds = await submit_all(fresh)
            await fresh.ingest(*(resume for batch in pouring.batches for resume in batch))
            await fresh.all_scored()
            expected = [await fresh.results(feed) for feed in feeds]
        lost = sum(len({item["resume"]["id"] for item in items} - stored) for items in expected)
        doubled = sum(len(items) - len({item["resume"]["id"] for item in items}) for items in lists)
        took_s = time.monotonic() - self.began
        print(
            f"\n{kills} kills of {what}: {len(pouring.ids)} resumes, {sum(map(len, lists))} results, "
            f"{pouring.cut_off} requests cut off, {lost} lost, {doubled} doubled, {took_s:.0f} s"
        )
        assert (lost, doubled) == (0, 0)
        for mine, theirs in zip(lists, expected, strict=True):
            assert comparable(mine) == comparable(theirs)
            assert mine


@pytest.mark.gen_test
@pytest.mark.parametrize(("kills", "seed"), seeds("one", 5, 80))
async def test_one_process_killed_again_and_again(kills, seed, settings, analyzer, fork):
    rounds = await Rounds.begin([fork(**urls(settings))], seed)
    for _ in range(kills):
        await rounds.some_time()
        rounds.processes[0].kill()
        rounds.processes[0] = fork(port=rounds.processes[0].port, **urls(settings))
    await rounds.end(kills, settings, analyzer, "one process")


@pytest.mark.gen_test
@pytest.mark.parametrize(("kills", "seed"), seeds("two", 5, 80))
async def test_two_processes_one_of_which_is_killed_again_and_again(kills, seed, settings, analyzer, fork):
    rounds = await Rounds.begin([fork(**urls(settings)) for _ in range(2)], seed)
    for _ in range(kills):
        await rounds.some_time()
        which = rounds.chance.randrange(2)
        rounds.processes[which].kill()
        rounds.processes[which] = fork(port=rounds.processes[which].port, **urls(settings))
    await rounds.end(kills, settings, analyzer, "one of two processes")


@pytest.mark.gen_test
@pytest.mark.parametrize(("kills", "seed"), seeds("everything", 4, 40))
async def test_a_machine_whose_every_process_is_killed_again_and_again(kills, seed, settings, analyzer, fork):
    rounds = await Rounds.begin([fork()], seed)
    for _ in range(kills):
        process = rounds.processes[0]
        await rounds.some_time()
        process.kill_all()
        rounds.processes[0] = fork(port=process.port)
    await rounds.end(kills, settings, analyzer, "the server, the store supervisor and both stores")
