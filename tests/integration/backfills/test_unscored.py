"""Which resumes a pass waits for."""

from datetime import UTC, datetime, timedelta

import pytest
from bson import ObjectId

from engine.backfills import unscored
from store import spans

HOUR = timedelta(hours=1)


class Queue:
    """The resumes that wait, and what is done between two pages of them."""

    def __init__(self, stores):
        self._resumes = stores._database.resumes
        self._store = stores.resumes
        self.after_a_page = None

    async def put(self, ago=HOUR, count=1):
        """Resumes that wait, one a second, the last of them since so long."""
        now = datetime.now(UTC)
        waiting = [
            {"_id": ObjectId(), "pending": True, "queued_at": now - ago - timedelta(seconds=n)}
            for n in reversed(range(count))
        ]
        await self._resumes.insert_many(waiting)
        return [str(one["_id"]) for one in waiting]

    async def change(self, id_, **fields):
        await self._resumes.update_one({"_id": ObjectId(id_)}, {"$set": fields})

    async def pending(self, until, since):
        async for page in self._store.pending(until, since):
            yield page
            if self.after_a_page:
                await self.after_a_page()

    async def find(self):
        return await unscored.find(self, datetime.now(UTC), _nothing)


async def _nothing():
    pass


@pytest.fixture
def queue(stores):
    return Queue(stores)


async def test_what_waits_is_found_in_its_order_and_by_a_clock_that_is_ahead_too(queue):
    (late,) = await queue.put(timedelta(seconds=1))
    (early,) = await queue.put(2 * HOUR)
    (ahead,) = await queue.put(-timedelta(seconds=30))
    (scored,) = await queue.put(HOUR)
    await queue.change(scored, pending=False)
    assert await queue.find() == [early, late, ahead]


async def test_one_that_is_queued_anew_while_others_are_read_is_found(queue, monkeypatch):
    monkeypatch.setattr(spans, "EVER", timedelta(seconds=7))
    (first,) = await queue.put(72 * HOUR)
    ids = await queue.put(count=30)

    async def fails():
        queue.after_a_page = None
        await queue.change(first, queued_at=datetime.now(UTC))

    queue.after_a_page = fails
    assert await queue.find() == [*ids, first]
