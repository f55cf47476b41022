"""The flusher: many accounts in one read, each change once, and none lost to a read that failed."""

import asyncio

import pytest

from handlers.live.channel import Channel
from handlers.live.flusher import LANES, Flusher
from handlers.live.tasks import Tasks
from handlers.live.writer import SocketWriter
from store.data_loader import MOST, DataLoader
from store.feeds.feed_documents import FeedState
from store.results.counter_documents import Counts
from store.retry import STORE_FAILURES
from tests.support import eventually

FAILURE = STORE_FAILURES[0]


class Database:
    """What channels read: counts by account, one feed each."""

    def __init__(self) -> None:
        self.numbers: dict[str, int] = {}
        self.reads: list[int] = []
        self.under_way = self.most_under_way = 0
        self.fails = 0
        self.progress = 0.5
        self.feeds = self

    async def get(self, keys):
        return {key: self._state(key[-1]) for key in keys}

    def _state(self, feed):
        return FeedState(id=feed, calced=self.progress == 1.0, progress=self.progress)

    async def read_counts(self, users):
        self.reads.append(len(users))
        self.under_way += 1
        self.most_under_way = max(self.most_under_way, self.under_way)
        await asyncio.sleep(0.001)
        self.under_way -= 1
        if self.fails:
            self.fails -= 1
            raise FAILURE("away")
        return {user: Counts(unread={f"feed-{user}": self.numbers.get(user, 0)}) for user in users}

    @property
    def counts(self):
        return DataLoader(self.read_counts)

    @property
    def feeds_of(self):
        return FeedsOf()


class FeedsOf:
    async def get(self, members):
        return {one: [FeedState(id=f"feed-{one[0]}", calced=True, progress=1.0)] for one in members}


class Connection:
    def __init__(self) -> None:
        self.texts: list[str] = []

    def push(self, text):
        self.texts.append(text)

    def end(self, code, reason):
        raise AssertionError(reason)


class Scene:
    """Accounts with a socket each."""

    def __init__(self, database, accounts: int) -> None:
        self.database, self.tasks, self.flusher = database, Tasks(), Flusher(database)
        self.channels = [self._channel(str(number)) for number in range(accounts)]

    def _channel(self, user: str) -> Channel:
        channel = Channel(user, user, self.database, self.flusher, self.tasks)
        channel._counts[f"feed-{user}"] = (0, 0)
        channel.sockets.append(SocketWriter(Connection(), user, "token", self.tasks))
        return channel

    def change(self, channel: Channel, count: int) -> None:
        self.database.numbers[channel.company_id] = count
        channel.note_changed("unread", f"feed-{channel.company_id}")

    def told(self, channel: Channel) -> list[str]:
        return channel.sockets[0]._connection.texts

    async def until_told(self, channel: Channel, text: str) -> None:
        async def is_told() -> bool:
            return any(text in one for one in self.told(channel))

        await eventually(is_told, what=text, every_s=0.002)


@pytest.fixture
def run(io_loop):
    """Run a scene's flusher around a test of it."""

    async def run_one(scene, test) -> None:
        async with scene.tasks.opened():
            task = scene.tasks.start(scene.flusher.run())
            try:
                await test()
            finally:
                task.cancel()
                for channel in scene.channels:
                    channel.stop()

    return run_one


async def test_accounts_that_change_together_share_reads_of_which_two_are_under_way(run):
    scene = Scene(Database(), 300)

    async def change_all() -> None:
        for channel in scene.channels:
            scene.change(channel, 3)
        for channel in scene.channels:
            await scene.until_told(channel, '"unread_count":3,"total":3')

    await run(scene, change_all)
    assert all(len(scene.told(channel)) == 1 for channel in scene.channels)
    assert len(scene.database.reads) <= 300 / MOST + LANES
    assert scene.database.most_under_way == LANES


async def test_what_a_failed_read_was_for_is_told_once_the_database_answers(run):
    scene = Scene(Database(), 40)
    scene.database.fails = LANES

    async def change_all() -> None:
        for channel in scene.channels:
            scene.change(channel, 2)
            channel.note_changed("progress", f"feed-{channel.company_id}")
        for channel in scene.channels:
            await scene.until_told(channel, '"unread_count":2')
            await scene.until_told(channel, '"progress":0.5')

    await run(scene, change_all)


async def test_a_change_while_somebody_joins_is_told_after_the_join(run):
    scene = Scene(Database(), 1)
    (channel,) = scene.channels

    async def change_in_between() -> None:
        async with channel.reading:
            scene.change(channel, 7)
            await asyncio.sleep(0.02)
            assert scene.told(channel) == []
        await scene.until_told(channel, '"unread_count":7')

    await run(scene, change_in_between)
