"""A start from a snapshot knows the same feeds as one that reads them all, whatever happened in between."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest
from bson import ObjectId
from pymongo.errors import AutoReconnect, ExecutionTimeout

import engine.indexes.active_feeds
import engine.indexes.snapshots
import engine.indexes.watermark
import store.feeds.feeds
import store.parts
from engine.indexes.active_feeds import ActiveFeeds, snapshots_of_feeds
from engine.indexes.snapshots import SnapshotWriter
from engine.learning.relearn import RelationsInForce
from engine.matching.score import snapshot
from runtime.slices import Slices
from store.feeds.feed_documents import FeedForm
from store.parts import in_parts, part_of
from tests.integration.processes import entries_of
from tests.integration.stored import new_feed
from tests.support import IS_LONG, PYTHON_FEED, Hr, python_resume

WEEK = timedelta(days=7)
RESUME = {
    "job_target": {"job_career": "会计", "expectation_area": "北京"},
    "works": [
        {"position_title": "会计", "job_desc": "记账、纳税申报", "start_time": "2019-03", "end_time": "至今"}
    ],
}


class World:
    """One data directory, and processes that start and stop over one database."""

    def __init__(self, stores, analyzer, folder, monkeypatch):
        self.stores = stores
        self.analyzer = analyzer
        self.folder = folder
        self.read = []
        analyse = analyzer.feed

        def feed(spec, *others):
            self.read.append(spec.title)
            return analyse(spec, *others)

        monkeypatch.setattr(analyzer, "feed", feed)

    async def submit(self, title, **more):
        return await new_feed(self.stores, form=FeedForm(title=title, **more), service_days=300)

    def process(self, idle_after=WEEK, analyzer=None):
        analyzer = analyzer or self.analyzer
        snapshots = snapshots_of_feeds(
            self.folder, self.stores._database.name, self.stores.meta, analyzer, idle_after
        )
        relations = RelationsInForce(self.stores.relations, analyzer)
        feeds = ActiveFeeds(self.stores.feeds, relations, analyzer, idle_after, snapshots)
        return feeds, SnapshotWriter(snapshots, feeds)

    async def start(self, **more):
        """Start a process; `read` then holds the titles of the feeds that it had to analyse."""
        self.read.clear()
        feeds, writer = self.process(**more)
        await feeds.load()
        return feeds, writer

    async def check(self, feeds):
        """The process knows what one knows that has read everything."""
        fresh = ActiveFeeds(
            self.stores.feeds, RelationsInForce(self.stores.relations, self.analyzer), self.analyzer, WEEK
        )
        await fresh.load()
        assert feeds._keys == fresh._keys
        for feed_id in fresh._keys:
            assert feeds.find(feed_id) == fresh.find(feed_id)
            assert feeds._index.until(feed_id) == fresh._index.until(feed_id)
        profile = self.analyzer.resume(RESUME)
        found = [pair async for pair in feeds.matches(profile, Slices())]
        assert found == [pair async for pair in fresh.matches(profile, Slices())]
        return {key.id for key, _ in found}


@pytest.fixture
def world(stores, analyzer, tmp_path, monkeypatch):
    return World(stores, analyzer, tmp_path, monkeypatch)


async def test_what_changed_since_the_snapshot_is_read_and_nothing_else(world):
    kept, edited, deleted, opened = [await world.submit(title) for title in ("会计", "出纳", "财务", "审计")]
    await world.stores._database.feeds.update_many(
        {}, {"$set": {"last_click_time": datetime.now(UTC) - WEEK / 2}}
    )
    _, writer = await world.start()
    await writer.save()
    await world.stores.feeds.update(edited.company, edited.id, FeedForm(title="会计", expect_area=["上海"]))
    await world.stores.feeds.delete(deleted.company, deleted.id)
    await world.stores.feeds.open(await world.stores.feeds.get(opened.company, opened.id), WEEK)
    added = await world.submit("总账会计")
    feeds, _ = await world.start()
    assert sorted(world.read) == ["会计", "总账会计"]
    assert {feed_id: feeds.rev_of(feed_id) for feed_id in (kept.id, edited.id, deleted.id, added.id)} == {
        kept.id: 1,
        edited.id: 2,
        deleted.id: 0,
        added.id: 1,
    }
    await world.check(feeds)


async def test_what_changes_while_a_snapshot_is_written_is_read_again(world, monkeypatch):
    monkeypatch.setattr(snapshot, "_SLICE_BYTES", 64)
    monkeypatch.setattr(snapshot, "_SLICE_NAMES", 2)
    # Enough for the latest change to be found again.
    monkeypatch.setattr(engine.indexes.watermark, "POLL_OVERLAP", timedelta(milliseconds=1))
    made = [await world.submit("会计") for _ in range(12)]
    feeds, writer = await world.start()
    turns = iter(range(1_000))

    async def change(_):
        if feeds._refreshing.locked():
            return
        turn = next(turns)
        if turn % 5 == 0 and turn < 40:
            feed = made[turn // 5]
            if turn % 2:
                await world.stores.feeds.delete(feed.company, feed.id)
            else:
                await world.stores.feeds.update(feed.company, feed.id, FeedForm(title=f"出纳{turn}"))
            await feeds.refresh()

    with monkeypatch.context() as patch:
        patch.setattr(engine.indexes.active_feeds.Slices, "rest", change)
        await writer.save()
    assert next(turns) > 40
    again, _ = await world.start()
    assert len(again) == 8
    assert 0 < len(world.read) <= 8
    await world.check(again)


async def test_of_several_processes_one_writes(world):
    await world.submit("会计")
    _, one = await world.start()
    _, other = await world.start()
    (stamp,) = await stamps(world, one.save)
    assert await stamps(world, other.save) == (stamp,)  # it has nothing that is not there
    assert await stamps(world, one.save) == (stamp,)
    await world.submit("出纳")
    await other._source.refresh()
    (later,) = await stamps(world, other.save)
    assert later > stamp


async def stamps(world, save):
    await save()
    return tuple(file.stat().st_mtime_ns for file in world.folder.glob("*.snapshot"))


async def test_a_poll_that_breaks_off_is_made_again_from_where_it_began(world, monkeypatch):
    monkeypatch.setattr(engine.indexes.watermark, "POLL_OVERLAP", timedelta(0))
    monkeypatch.setattr(store.feeds.feeds, "_PAGE", 1)
    await world.submit("会计")
    feeds, _ = await world.start()
    await world.submit("出纳")
    await world.submit("审计")
    read = world.stores.feeds.changed_since

    async def newest_alone(*arguments):
        pages = [page async for page in read(*arguments)]
        yield max(pages, key=lambda page: page[0].updated_at)
        raise AutoReconnect

    with monkeypatch.context() as patch:
        patch.setattr(world.stores.feeds, "changed_since", newest_alone)
        with pytest.raises(AutoReconnect):
            await feeds.refresh()
    await feeds.refresh()
    assert len(feeds) == 3


async def test_a_poll_that_finds_too_much_reads_everything_instead(world, monkeypatch):
    """What changes while everything is read is left to the next poll: a part read before may lack it."""
    made = [await world.submit(f"会计{number}") for number in range(6)]
    feeds, _ = await world.start()
    for feed in made[:3]:
        await world.stores.feeds.update(feed.company, feed.id, FeedForm(title="出纳"))
    await world.stores.feeds.delete(made[3].company, made[3].id)

    async def too_much(*_):
        raise ExecutionTimeout("too long")
        yield

    monkeypatch.setattr(store.feeds.feeds, "pages", too_much)
    read, edited = store.feeds.feeds.in_parts, []

    async def edit_meanwhile(*arguments, **named):
        async for page in read(*arguments, **named):
            yield page
        for feed in made[4:]:
            edited.append(feed.id)
            await world.stores.feeds.update(feed.company, feed.id, FeedForm(title="财务"))
        # Its part is read after that of the other.
        yield await world.stores._database.feeds.find({"_id": ObjectId(made[5].id)}).to_list(None)

    monkeypatch.setattr(store.feeds.feeds, "in_parts", edit_meanwhile)
    await asyncio.sleep(0.005)  # MongoDB keeps milliseconds
    await feeds.refresh()
    assert [feeds.rev_of(feed.id) for feed in made] == [2, 2, 2, 0, 1, 1]
    monkeypatch.undo()
    monkeypatch.setattr(engine.indexes.watermark, "POLL_OVERLAP", timedelta(0))
    await feeds.refresh()
    assert [feeds.rev_of(feed.id) for feed in made] == [2, 2, 2, 0, 2, 2]


async def test_a_collection_is_read_in_parts_each_document_once(stores, monkeypatch):
    monkeypatch.setattr(store.parts, "_AIM", 7)
    monkeypatch.setattr(store.parts, "_FIRST", 1)
    ids = [ObjectId() for _ in range(300)]
    collection = stores._database.numbers
    await collection.create_index("part")
    await collection.insert_many([{"_id": id_, "part": part_of(id_), "n": 1} for id_ in ids])
    # At both edges of any range, too.
    edges = [ObjectId() for _ in range(40)]
    await collection.insert_many([{"_id": id_, "part": part, "n": 1} for part, id_ in enumerate(edges)])
    await collection.insert_one({"_id": ObjectId(), "part": 5, "n": 2})
    found, lengths = [], []
    async for page in in_parts(collection, {"n": 1}, 5):
        lengths.append(len(page))
        found += [document["_id"] for document in page]
    assert sorted(found) == sorted(ids + edges)
    assert max(lengths) <= 5


async def test_a_database_has_one_id_whoever_asks_for_it_first(stores):
    ids = await asyncio.gather(*(stores.meta.database_id() for _ in range(5)))
    assert len(set(ids)) == 1
    assert ids[0]


async def test_clicks_that_follow_each_other_closely_are_heard_of(world):
    """Each is less than an hour after the one before, and what processes heard of last is long ago."""
    feed = await world.submit("会计")
    now = datetime.now(UTC)
    collection = world.stores._database.feeds
    for minutes, is_news in ((50, True), (5, False)):
        await collection.update_one(
            {"_id": ObjectId(feed.id)},
            {
                "$set": {
                    "last_click_time": now - timedelta(minutes=5),
                    "updated_at": now - timedelta(minutes=minutes) * 2,
                }
            },
        )
        await world.stores.feeds.open(await world.stores.feeds.get(feed.company, feed.id), WEEK)
        document = await collection.find_one({"_id": ObjectId(feed.id)})
        assert (document["updated_at"] > now - timedelta(minutes=1)) == is_news


@pytest.mark.long
async def test_a_server_that_is_stopped_or_killed_starts_from_its_snapshots(start):
    process = await start().ready()
    hr = await Hr.register(process.port)
    feed_id = await hr.submit(**PYTHON_FEED)
    await hr.ingest(python_resume(0))
    await hr.all_scored()  # so it knows the feed
    assert process.stop() == 0
    for number in (1, 2) if IS_LONG else (1,):
        process = await start().ready()
        assert loaded(process) == {"feeds": (1, True), "resumes": (number, True)}
        hr.port = process.port
        (resume_id,) = await hr.scored(python_resume(number))
        assert resume_id in {item["resume"]["id"] for item in await hr.results(feed_id)}
        process.kill_all()
    for file in process.data_dir.glob("*.snapshot"):
        file.write_bytes(file.read_bytes()[:100])
    process = await start().ready()
    assert loaded(process) == {"feeds": (1, False), "resumes": (number + 1, False)}
    assert process.log.read_text().count("is not used") == 2


def loaded(process):
    """Of each index how many it was loaded with, and whether from its snapshot."""
    lines = entries_of(process.log.read_text())
    return {
        what: (line[what], line["from_snapshot"])
        for what in ("feeds", "resumes")
        for line in lines
        if line.get("message") == f"{what} loaded"
    }
