"""kill -9 at random moments while resumes stream in: nothing is lost, nothing doubled, every count exact.

25 kills in a normal run, 300 with `TALENTFEED_FAULTS=long` (`make faults`); a test's name holds its seed.
"""

from __future__ import annotations

import asyncio
import contextlib
import random
import time
from dataclasses import replace

import pytest
from tornado.httpclient import HTTPClientError

from config.demo import DEMO_FEEDS
from config.settings import Settings
from store.embedded.supervisor import state_of
from store.stores import Stores
from tests import databases
from tests.counting import Checker
from tests.faults.pouring import Pouring
from tests.integration.processes import check_stores, urls
from tests.support import IS_LONG, Hr, serving

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


class Reader:
    """Another recruiter, who opens people while servers die, and lets it be where nobody answers."""

    def __init__(self, hr, feeds, seed) -> None:
        self.hr, self._feeds, self._chance = hr, feeds, random.Random(seed)
        self._is_over = False
        self._task = asyncio.create_task(self._read())

    async def end(self) -> None:
        self._is_over = True
        await self._task

    async def _read(self) -> None:
        while not self._is_over:
            with contextlib.suppress(OSError, HTTPClientError, AssertionError):
                await self._open_some()
            await asyncio.sleep(self._chance.uniform(0, 0.2))

    async def _open_some(self) -> None:
        feed = self._chance.choice(self._feeds)
        page = await self.hr.get(f"/special_feed/feed_list/{feed}?tier=all&size=20")
        for item in self._chance.sample(page["data"], min(len(page["data"]), 3)):
            await self.hr.get(f"/feed/get/{feed}/{item['resume']['id']}")


class Rounds:
    """Servers, the client that pours, a recruiter who reads, and what must hold always and in the end."""

    def __init__(self, processes, hr, feeds, reader, seed, stores) -> None:
        self.processes = processes
        self.chance = random.Random(seed)
        self.hr, self._feeds = hr, feeds
        self.pouring = Pouring([one.port for one in processes], seed)
        self._reader = reader
        self._stores = stores
        self._checker = Checker(stores, [hr.user, reader.hr.user])
        self.began = time.monotonic()

    @classmethod
    async def begin(cls, processes, seed, settings):
        for process in processes:
            await process.ready()
        hr = await Hr.register(processes[0].port)
        other = await Hr.register(processes[0].port)
        reader = Reader(other, [await other.submit(**DEMO_FEEDS[0])], seed)
        mongo_url, redis_url, name = settings.mongo_url, settings.redis_url, settings.mongo_db
        if not processes[0].has_urls:
            state = state_of(processes[0].data_dir)
            mongo_url, redis_url, name = state["mongo"]["url"], state["redis"]["url"], Settings.mongo_db
        stores = Stores(mongo_url, name, redis_url)
        return cls(processes, hr, await submit_all(hr), reader, seed, stores)

    async def some_time(self) -> None:
        """Mostly until a moment of the pouring, now and then one of a start."""
        if self.chance.random() < 0.75:
            await self.pouring.moves()
        await asyncio.sleep(self.chance.uniform(0, 0.6))

    async def end(self, kills, settings, analyzer, what) -> None:
        """Compare with a server that nobody kills and that is given the same."""
        pouring = self.pouring
        await pouring.end()
        await self._reader.end()
        process = await self.processes[0].ready()
        self.hr.port = process.port
        await self.hr.all_scored()
        differences = await self._checker.end()
        await self._stores.close()
        lists = [await self.hr.results(feed) for feed in self._feeds]
        stored = {item["resume"]["id"] for items in lists for item in items}
        snapshot = await (await self.hr.socket()).until("snapshot")
        unread = {row["feed_id"]: row["unread_count"] for row in snapshot["feeds"]}
        strong = [sum(item["tier"] == "strong" for item in items) for items in lists]
        assert [unread[feed] for feed in self._feeds] == strong
        assert [await self.hr.unread(feed) for feed in self._feeds] == strong
        told = check_stores(process.data_dir, **(urls(settings) if process.has_urls else {}))
        assert f"resumes {len(pouring.ids)}," in told  # none lost, none twice
        async with serving(replace(settings, mongo_db=databases.take()), analyzer) as calm:
            fresh = await Hr.register(calm.port)
            feeds = await submit_all(fresh)
            await fresh.scored(*(resume for batch in pouring.batches for resume in batch))
            expected = [await fresh.results(feed) for feed in feeds]
        lost = sum(len({item["resume"]["id"] for item in items} - stored) for items in expected)
        doubled = sum(len(items) - len({item["resume"]["id"] for item in items}) for items in lists)
        took_s = time.monotonic() - self.began
        print(
            f"\n{kills} kills of {what}: {len(pouring.ids)} resumes, {sum(map(len, lists))} results, "
            f"{pouring.cut_off} requests cut off, {lost} lost, {doubled} doubled, "
            f"{len(differences)} differences in {self._checker.looks} looks, {took_s:.0f} s"
        )
        assert (lost, doubled, differences) == (0, 0, [])
        for mine, theirs in zip(lists, expected, strict=True):
            assert comparable(mine) == comparable(theirs)
            assert mine


@pytest.mark.parametrize(("kills", "seed"), seeds("one", 5, 80))
async def test_one_process_killed_again_and_again(kills, seed, settings, analyzer, start):
    rounds = await Rounds.begin([start(**urls(settings))], seed, settings)
    for _ in range(kills):
        await rounds.some_time()
        rounds.processes[0].kill()
        rounds.processes[0] = start(port=rounds.processes[0].port, **urls(settings))
    await rounds.end(kills, settings, analyzer, "one process")


@pytest.mark.parametrize(("kills", "seed"), seeds("two", 5, 80))
async def test_two_processes_one_of_which_is_killed_again_and_again(kills, seed, settings, analyzer, start):
    rounds = await Rounds.begin([start(**urls(settings)) for _ in range(2)], seed, settings)
    for _ in range(kills):
        await rounds.some_time()
        which = rounds.chance.randrange(2)
        rounds.processes[which].kill()
        rounds.processes[which] = start(port=rounds.processes[which].port, **urls(settings))
    await rounds.end(kills, settings, analyzer, "one of two processes")


@pytest.mark.parametrize(("kills", "seed"), seeds("everything", 4, 40))
async def test_a_machine_whose_every_process_is_killed_again_and_again(
    kills, seed, settings, analyzer, start
):
    rounds = await Rounds.begin([start()], seed, settings)
    for _ in range(kills):
        process = rounds.processes[0]
        await rounds.some_time()
        process.kill_all()
        rounds.processes[0] = start(port=process.port)
    await rounds.end(kills, settings, analyzer, "the server, the store supervisor and both stores")
