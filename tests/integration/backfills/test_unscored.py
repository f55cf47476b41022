"""Which unscored resumes a pass waits for, and that those of dead scorers are not read again each time."""

from datetime import UTC, datetime, timedelta

import pytest
from bson import ObjectId

from engine.backfills.unscored import Unscored
from store import spans
from store.shards.shares import EVERY_SLOT, WHOLE, Share

LIVING, DEAD = Share(1, 2).mask, Share(2, 2).mask
HOUR = timedelta(hours=1)


class Queue:
    """The resumes that wait, and what a process reads of them."""

    def __init__(self, stores):
        self._resumes = stores._database.resumes
        self._store = stores.resumes
        self.unscored = Unscored(self, WHOLE)
        self.read = []
        self.after_a_page = None

    async def put(self, todo, ago=HOUR, count=1):
        """Resumes that wait, one a second, the last of them since so long."""
        now = datetime.now(UTC)
        waiting = [
            {"_id": ObjectId(), "pending": True, "queued_at": now - ago - timedelta(seconds=n), "todo": todo}
            for n in reversed(range(count))
        ]
        await self._resumes.insert_many(waiting)
        return [str(one["_id"]) for one in waiting]

    async def change(self, id_, **fields):
        await self._resumes.update_one({"_id": ObjectId(id_)}, {"$set": fields})

    async def waiting(self, since, until):
        async for page in self._store.waiting(since, until):
            self.read += [one.id for one in page]
            yield page
            if self.after_a_page:
                await self.after_a_page()

    async def find(self, slots):
        self.read.clear()
        return await self.unscored.find(slots & (1 << 64) - 1, datetime.now(UTC), _nothing)


async def _nothing():
    pass


@pytest.fixture
def queue(stores):
    return Queue(stores)


@pytest.mark.gen_test
async def test_a_resume_is_waited_for_by_the_slots_that_are_left_of_it(queue):
    (late,) = await queue.put(LIVING, timedelta(seconds=1))
    await queue.put(DEAD)
    half = LIVING & 0xFF
    (early,) = await queue.put(half, 2 * HOUR)
    (former,) = await queue.put(EVERY_SLOT, 3 * HOUR)
    await queue._resumes.update_one({"_id": ObjectId(former)}, {"$unset": {"todo": ""}})
    found = await queue.find(LIVING)
    assert [*found.items()] == [(former, LIVING), (early, half), (late, LIVING)]


@pytest.mark.gen_test
async def test_a_share_waits_for_its_own_resumes(queue):
    ids = await queue.put(EVERY_SLOT, count=12)
    for share in (Share(1, 2), Share(2, 2)):
        queue.unscored = Unscored(queue, share)
        assert [*await queue.find(LIVING)] == [id_ for id_ in ids if share.covers(id_)]


@pytest.mark.parametrize("longest", [spans.EVER, timedelta(seconds=7)], ids=["at once", "by many queries"])
@pytest.mark.gen_test
async def test_what_waits_for_a_dead_scorer_is_read_once_by_those_who_do_not_wait_for_it(
    queue, monkeypatch, longest
):
    monkeypatch.setattr(spans, "EVER", longest)
    left = await queue.put(DEAD, count=30)
    (own,) = await queue.put(LIVING, 2 * HOUR)
    assert [*await queue.find(LIVING)] == [own]
    await queue.change(own, todo=DEAD)
    assert await queue.find(LIVING) == {}
    assert await queue.find(LIVING) == {}
    assert queue.read == []
    assert [*await queue.find(DEAD)] == [own, *left], "its own feeds wait"
    assert len(await queue.find(EVERY_SLOT)) == 31


@pytest.mark.gen_test
async def test_what_comes_to_wait_later_is_found(queue):
    (left,) = await queue.put(DEAD)
    assert await queue.find(LIVING) == {}
    (slow,) = await queue.put(LIVING, timedelta(seconds=30))
    (ahead,) = await queue.put(LIVING, -timedelta(seconds=30))
    assert [*await queue.find(LIVING)] == [slow, ahead], "stored late, or by a clock that is ahead"
    await queue.change(left, todo=EVERY_SLOT, queued_at=datetime.now(UTC))
    assert [*await queue.find(LIVING)] == [slow, left, ahead]


@pytest.mark.gen_test
async def test_one_that_is_queued_anew_while_others_are_read_is_found(queue, monkeypatch):
    monkeypatch.setattr(spans, "EVER", timedelta(seconds=7))
    (first,) = await queue.put(LIVING, 72 * HOUR)
    ids = await queue.put(LIVING, count=30)

    async def fails():
        queue.after_a_page = None
        await queue.change(first, queued_at=datetime.now(UTC))

    queue.after_a_page = fails
    assert [*await queue.find(LIVING)] == [*ids, first]
