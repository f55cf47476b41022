"""What processes look for again and again: feeds that changed."""

from datetime import timedelta

import msgspec
from bson import ObjectId

import engine.indexes.watermark
import store.feeds.feeds
from engine.indexes.active_feeds import ActiveFeeds
from engine.learning.relearn import RelationsInForce
from store.feeds.feed_documents import FeedForm
from tests.integration.stored import new_feed


async def changed(stores, *since):
    return [feed async for page in stores.feeds.changed_since(*since) for feed in page]


async def test_what_changed_at_the_last_known_moment_is_not_read_again(stores):
    first = await new_feed(stores)
    (feed,) = await changed(stores, None, timedelta(0))
    assert feed.id == first.id
    at, moment = feed.updated_at, timedelta(milliseconds=1)
    assert await changed(stores, at, timedelta(0)) == []
    assert await changed(stores, at - moment, timedelta(0)) == [feed]
    assert await changed(stores, at, moment) == [feed]


async def test_a_feed_that_is_edited_while_all_are_read_is_known_as_edited(stores, analyzer, monkeypatch):
    monkeypatch.setattr(engine.indexes.watermark, "POLL_OVERLAP", timedelta(0))
    user = str(ObjectId())
    early, late = await new_feed(stores, user), await new_feed(stores, user)

    async def edited_meanwhile(collection, *_, **__):
        yield await collection.find({"_id": ObjectId(early.id)}).to_list(None)
        await stores.feeds.update(user, early.id, FeedForm(title="出纳"))
        await stores.feeds.update(user, late.id, FeedForm(title="出纳"))
        yield await collection.find({"_id": ObjectId(late.id)}).to_list(None)  # read after both edits

    monkeypatch.setattr(store.feeds.feeds, "in_parts", edited_meanwhile)
    feeds = ActiveFeeds(
        stores.feeds, RelationsInForce(stores.relations, analyzer), analyzer, timedelta(days=7)
    )
    await feeds.load()
    assert feeds.rev_of(early.id) == 1
    await feeds.refresh()
    assert (feeds.rev_of(early.id), feeds.rev_of(late.id)) == (2, 2)


async def test_a_feed_that_the_index_refuses_stops_no_other(stores, analyzer, monkeypatch, caplog):
    bad, good = await new_feed(stores), await new_feed(stores, form=FeedForm(title="出纳"))
    feeds = ActiveFeeds(
        stores.feeds, RelationsInForce(stores.relations, analyzer), analyzer, timedelta(days=7)
    )
    analyse = analyzer.feed

    def analyse_beyond_bounds(spec, *others):
        query = analyse(spec, *others)
        return msgspec.structs.replace(query, words={"甲": 40_000}) if spec.title == "会计" else query

    await feeds.load()
    assert feeds.is_scored(bad.id)
    monkeypatch.setattr(analyzer, "feed", analyse_beyond_bounds)
    await stores.feeds.update(bad.company, bad.id, FeedForm(title="会计", job_desc="新"))
    await feeds.refresh()
    assert "cannot be indexed: a weight is not within" in caplog.text
    assert (feeds.is_scored(bad.id), feeds.find(bad.id), feeds.is_scored(good.id)) == (False, None, True)
