"""Scorers of shares make together the lists that one process makes, whatever becomes of some of them."""

import asyncio
import secrets
from datetime import UTC, datetime, timedelta

import pytest
from bson import ObjectId

from engine.percolation import pending_resumes, work_source
from store import spans
from store.redis import keys
from store.shards.shares import EVERY_SLOT, Share, Team
from store.stores import Stores
from tests.integration.percolation.sharing import people, shares_of, sharing
from tests.support import drop_database, eventually

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


@pytest.mark.gen_test
async def test_four_shares_list_what_one_process_lists(store_urls, database, analyzer):
    feeds = [ObjectId() for _ in range(24)]
    first = people(90)
    lists = []
    for shares in ([Share(1, 1)], shares_of(4)):
        async with sharing(store_urls, database(), analyzer, *shares) as one:
            await one.submit(feeds, USER)
            ids = await one.arrive(*first)
            await one.all_scored()
            await one.arrive(*changed(first)[:30])
            sent = people(95)[90:]
            await one.arrive(*sent, send_to=[str(feeds[0]), str(feeds[5])], partner_for=[str(feeds[9])])
            await one.all_scored()
            assert await one.broken() == []
            counts = await one.stores.result_counts.read([str(USER)])
            lists.append((await one.results(), counts))
            documents = await one.all.resumes.find({}).to_list(None)
            assert len(documents) == len(ids) + len(sent)
            for document in documents:
                assert document.keys().isdisjoint({"pending", "todo", "tries", "contact", "begun_by"})
                assert document["rev"] <= 2
    assert len(lists[0][0]) > 300
    assert lists[0] == lists[1]


@pytest.mark.gen_test
async def test_their_number_changes_while_resumes_arrive(store_urls, database, analyzer):
    feeds = [ObjectId() for _ in range(24)]
    bodies = people(120)
    async with sharing(store_urls, database(), analyzer, *shares_of(4)) as one:
        await one.submit(feeds, USER)
        for count, part in ((5, bodies[:40]), (3, bodies[40:80]), (1, bodies[80:])):
            arriving = asyncio.create_task(one.arrive(*part))
            before = list(one.running)
            await one.start(*shares_of(count))  # one after the other is there, beside those of before
            for scorer in before:
                await one.stop(scorer)
            await arriving
        await one.all_scored()
        assert await one.broken() == []
        found = await one.results()
    async with sharing(store_urls, database(), analyzer) as whole:
        await whole.submit(feeds, USER)
        await whole.arrive(*bodies)
        await whole.all_scored()
        assert await whole.results() == found


@pytest.mark.gen_test
async def test_a_share_that_nobody_has_holds_up_its_own_feeds_alone(
    store_urls, database, analyzer, monkeypatch
):
    # Those that the missing share would prepare come by the stream as the others do, and not by a sweep.
    monkeypatch.setattr(work_source, "_SWEEP_AFTER", timedelta(hours=1))
    feeds = [ObjectId() for _ in range(24)]
    missing = Share(2, 3)
    async with sharing(store_urls, database(), analyzer, Share(1, 3), Share(3, 3)) as one:
        await one.submit(feeds, USER)
        ids = await one.arrive(*people(40))
        assert any(missing.covers(id_) for id_ in ids)

        async def others_are_through():
            states = await one.stores.resumes.states(ids)
            return all(state.todo == missing.mask for state in states.values())

        await eventually(others_are_through, what="the other shares")
        listed = {feed for feed, _ in await one.results()}
        assert listed == {str(id_) for id_ in feeds if not missing.covers(str(id_))}
        # Nothing of them is left, wherever it waits: they are shown, and may be unlocked.
        assert await one.all.contacts.count_documents({}) == len(ids)
        await one.start(missing)
        await one.all_scored()
        assert {feed for feed, _ in await one.results()} == {str(id_) for id_ in feeds}
        assert await one.broken() == []


@pytest.mark.gen_test
async def test_nothing_is_lost_where_the_streams_lose_everything(store_urls, database, analyzer):
    feeds = [ObjectId() for _ in range(12)]
    async with sharing(store_urls, database(), analyzer, *shares_of(3)) as one:
        await one.submit(feeds, USER)
        arriving = asyncio.create_task(one.arrive(*people(80)))
        for _ in range(6):
            await one.stores._redis.client.flushdb()
            await asyncio.sleep(0.1)
        await arriving
        await one.stores._redis.client.flushdb()
        await one.all_scored()
        assert await one.broken() == []
        found = await one.results()
    async with sharing(store_urls, database(), analyzer) as whole:
        await whole.submit(feeds, USER)
        await whole.arrive(*people(80))
        await whole.all_scored()
        assert await whole.results() == found


@pytest.mark.gen_test
async def test_one_of_the_release_before_that_waits_is_scored_by_every_share(store_urls, database, analyzer):
    feeds = [ObjectId() for _ in range(12)]
    async with sharing(store_urls, database(), analyzer, *shares_of(3)) as one:
        await one.submit(feeds, USER)
        resumes = one.all.resumes
        ids = await one.arrive(*people(5))
        await one.all_scored()
        before = await one.results()
        # As that release would have it scored again.
        queued = datetime.now(UTC) - timedelta(seconds=20)
        await resumes.update_many({}, {"$set": {"pending": True, "queued_at": queued}, "$inc": {"rev": 1}})
        await one.all.results.delete_many({})
        await one.all_scored()
        assert await one.results() == before
        assert set((await one.stores.resumes.revisions(ids)).values()) == {(2, False)}


@pytest.mark.gen_test
async def test_shares_that_meet_a_change_do_not_outdate_each_other(store_urls, database, analyzer):
    """Each finds the resume changed under its hands; it is scored anew, and then it is done."""
    feeds = [ObjectId() for _ in range(24)]
    async with sharing(store_urls, database(), analyzer, *shares_of(4)) as one:
        await one.submit(feeds, USER)
        body = people(3)[2]
        for number in range(8):
            await one.arrive(body | {"self_evaluation": f"第{number}版"})
            await asyncio.sleep(0.02)
        await one.all_scored()
        (document,) = await one.all.resumes.find({}).to_list(None)
        # Each share may meet each of the changes once.
        assert 8 <= document["rev"] <= 8 + 8 * 4
        assert await one.broken() == []


@pytest.mark.gen_test
async def test_what_one_share_has_to_score_once_more_is_prepared_already(
    store_urls, database, analyzer, monkeypatch
):
    monkeypatch.setattr(work_source, "_SWEEP_AFTER", timedelta(seconds=0.2))
    feeds = [ObjectId() for _ in range(12)]
    async with sharing(store_urls, database(), analyzer, *shares_of(2)) as one:
        await one.submit(feeds, USER)
        ids = await one.arrive(*people(12))
        await one.all_scored()
        before = await one.results()
        other = Share(2, 2)
        await one.all.results.delete_many({"feed": {"$in": [id_ for id_ in feeds if other.covers(str(id_))]}})
        mine = [id_ for id_ in ids if not other.covers(id_)]
        assert mine
        monkeypatch.setattr(analyzer, "resume", None)  # nothing is analysed again
        await one.stores.resumes.repeat(mine, other)
        await one.all_scored()
        expected = {key: row for key, row in before.items() if key[1] in mine or not other.covers(key[0])}
        assert await one.results() == expected


@pytest.mark.gen_test
async def test_a_resume_whose_owner_does_not_come_to_it_is_prepared_by_others(
    store_urls, database, analyzer, monkeypatch
):
    monkeypatch.setattr(work_source, "_SWEEP_AFTER", timedelta(seconds=0.2))
    monkeypatch.setattr(pending_resumes, "_OWNER_PATIENCE", timedelta(seconds=1))
    feeds = [ObjectId() for _ in range(12)]
    async with sharing(store_urls, database(), analyzer, *shares_of(2)) as one:
        await one.submit(feeds, USER)
        hung = one.running[0]
        hung._tasks[0].cancel()  # it says that it is there, and does nothing
        await asyncio.wait([hung._tasks[0]])
        ids = await one.arrive(*people(20))

        async def is_scored():
            states = await one.stores.resumes.states(ids)
            return all(state.todo == hung.share.mask for state in states.values())

        await eventually(is_scored, what="the other share")
        assert {feed for feed, _ in await one.results()} == {
            str(id_) for id_ in feeds if not hung.share.covers(str(id_))
        }


@pytest.mark.gen_test
async def test_a_resume_without_a_word_on_slots_waits_for_all(store_urls, database, analyzer):
    async with sharing(store_urls, database(), analyzer) as one:
        (id_,) = await one.arrive(people(1)[0])
        await one.all_scored()
        await one.stop()
        change = {"$set": {"pending": True}, "$unset": {"todo": ""}}
        await one.all.resumes.update_one({}, change)
        assert (await one.stores.resumes.states([id_]))[id_].todo == EVERY_SLOT
        resumes = await one.stores.resumes.load([id_])
        now = datetime.now(UTC)
        for share in shares_of(3):
            assert await one.stores.resumes.mark_scored(resumes, now, share) == []
        assert not (await one.stores.resumes.states([id_]))[id_].pending
        # Whoever comes late marks nothing any more.
        assert await one.stores.resumes.mark_scored(resumes, now, Share(1, 3)) == [id_]
        assert "todo" not in await one.all.resumes.find_one({})


@pytest.mark.gen_test
async def test_a_sweep_gives_each_that_waits_for_a_share_once_however_many(stores, monkeypatch):
    monkeypatch.setattr(spans, "EVER", timedelta(milliseconds=7))  # as after a query that took too long
    share, now = Share(2, 3), datetime.now(UTC).replace(microsecond=0)
    other = EVERY_SLOT & ~share.mask
    waiting = [
        {
            "_id": ObjectId(),
            "pending": True,
            "queued_at": now - timedelta(milliseconds=number // 9),
            "todo": (share.mask, other, EVERY_SLOT)[number % 3],
        }
        for number in range(180)
    ]
    await stores._database.resumes.insert_many(waiting)

    async def given(share, since=None, until=now):
        found = stores.resumes.pending_for(share, since=since, until=until)
        return [id_ async for ids in found for id_ in ids]

    def ids(rows):
        return sorted(str(row["_id"]) for row in rows)

    mine = [row for number, row in enumerate(waiting) if number % 3 != 1]
    assert sorted(await given(share)) == ids(mine)
    assert sorted(await given(Share(1, 1))) == ids(waiting)
    since, until = now - timedelta(milliseconds=12), now - timedelta(milliseconds=3)
    between = [row for row in mine if since <= row["queued_at"] <= until]
    assert sorted(await given(share, since, until)) == ids(between)


@pytest.mark.gen_test
async def test_resumes_go_to_the_shares_that_were_seen_last_while_nobody_is_seen(
    store_urls, database, analyzer
):
    async with sharing(store_urls, database(), analyzer, *shares_of(2)) as one:
        queue = one.stores.queue
        assert await queue.team() == Team(2, frozenset({1, 2}))
        await one.stop()
        one.stores.registry._seen.clear()
        assert await queue.team() == Team(2)
        ids = await one.arrive(*people(6))
        redis, name = one.stores._redis.client, one.all.name
        lengths = [await redis.xlen(keys.work(name, share)) for share in shares_of(2)]
        assert sum(lengths) == len(ids)
        assert await redis.exists(keys.work(name)) == 0
