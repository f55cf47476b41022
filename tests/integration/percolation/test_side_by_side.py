"""Several engines on one stream make the lists that one makes, whatever becomes of some of them."""

import asyncio
import secrets

import pytest
from bson import ObjectId

from store.stores import Stores
from tests.integration.percolation.side_by_side import people, side_by_side
from tests.support import drop_database

USER = ObjectId()


@pytest.fixture
def database(store_urls, io_loop):
    """Names of databases, which are dropped in the end."""
    names = []

    def new():
        names.append(f"test-{secrets.token_hex(6)}")
        return names[-1]

    yield new

    async def drop():
        for name in names:
            stores = Stores(store_urls["mongo"], name, store_urls["redis"])
            await drop_database(stores)
            await stores.close()

    io_loop.run_sync(drop)


def changed(bodies):
    """The same people, who are somebody else's by what they say now."""
    return [body | {"works": other["works"]} for body, other in zip(bodies, reversed(bodies), strict=True)]


@pytest.mark.long
async def test_three_engines_list_what_one_lists(store_urls, database, analyzer):
    feeds = [ObjectId() for _ in range(24)]
    first = people(45)
    lists = []
    for count in (1, 3):
        async with side_by_side(store_urls, database(), analyzer, count) as one:
            await one.submit(feeds, USER)
            ids = await one.arrive(*first)
            await one.all_scored()
            await one.arrive(*changed(first)[:15])
            sent = people(50)[45:]
            await one.arrive(*sent, send_to=[str(feeds[0]), str(feeds[5])], partner_for=[str(feeds[9])])
            await one.all_scored()
            assert await one.broken() == []
            counts = await one.stores.result_counters.read([str(USER)])
            lists.append((await one.results(), counts))
            documents = await one.all.resumes.find({}).to_list(None)
            assert len(documents) == len(ids) + len(sent)
            for document in documents:
                assert document.keys().isdisjoint({"pending", "contact", "begun_by"})
            metrics = [scorer.engine.percolator._metrics for scorer in one.running]
            assert all(one.scored._value.get() for one in metrics), "each of them has scored some"
    assert len(lists[0][0]) > 150
    assert lists[0] == lists[1]


@pytest.mark.long
async def test_their_number_changes_while_resumes_arrive(store_urls, database, analyzer):
    feeds = [ObjectId() for _ in range(24)]
    bodies = people(60)
    async with side_by_side(store_urls, database(), analyzer, 2) as one:
        await one.submit(feeds, USER)
        for count, part in ((3, bodies[:20]), (2, bodies[20:40]), (1, bodies[40:])):
            arriving = asyncio.create_task(one.arrive(*part))
            before = list(one.running)
            await one.start(count)  # they are there beside those of before
            for scorer in before:
                await one.stop(scorer)
            await arriving
        await one.all_scored()
        assert await one.broken() == []
        found = await one.results()
    async with side_by_side(store_urls, database(), analyzer) as alone:
        await alone.submit(feeds, USER)
        await alone.arrive(*bodies)
        await alone.all_scored()
        assert await alone.results() == found


@pytest.mark.long
async def test_nothing_is_lost_where_the_stream_loses_everything(store_urls, database, analyzer):
    feeds = [ObjectId() for _ in range(12)]
    async with side_by_side(store_urls, database(), analyzer, 2) as one:
        await one.submit(feeds, USER)
        arriving = asyncio.create_task(one.arrive(*people(40)))
        for _ in range(6):
            await one.stores._redis.client.delete(one.stores.queue._stream)
            await asyncio.sleep(0.1)
        await arriving
        await one.stores._redis.client.delete(one.stores.queue._stream)
        await one.all_scored()
        assert await one.broken() == []
        found = await one.results()
    async with side_by_side(store_urls, database(), analyzer) as alone:
        await alone.submit(feeds, USER)
        await alone.arrive(*people(40))
        await alone.all_scored()
        assert await alone.results() == found


async def test_engines_that_meet_a_change_do_not_outdate_each_other(store_urls, database, analyzer):
    """Each finds the resume changed under its hands; it is scored anew, and then it is done."""
    feeds = [ObjectId() for _ in range(24)]
    async with side_by_side(store_urls, database(), analyzer, 3) as one:
        await one.submit(feeds, USER)
        body = people(3)[2]
        for number in range(8):
            await one.arrive(body | {"self_evaluation": f"第{number}版"})
            await asyncio.sleep(0.02)
        await one.all_scored()
        (document,) = await one.all.resumes.find({}).to_list(None)
        # Whoever is at the resume may meet each of the changes once.
        assert 8 <= document["rev"] <= 8 + 8 * 3
        assert await one.broken() == []
