"""Backfills of release 1.0.0 become jobs, whatever kills the change in between."""

import itertools
from datetime import UTC, datetime

from bson import ObjectId

from store.migrations.backfills_into_jobs import backfills_into_jobs
from tests.integration.gates import Killed
from tests.integration.store.test_into_companies import dying_after
from tests.integration.stored import new_feed


async def become_of_1_0_0(database, waiting, held):
    """Let feeds wait, or be scored, as they did in release 1.0.0."""
    since = datetime(2026, 1, 1, tzinfo=UTC)
    for feeds, change in (
        (waiting, {"backfill_due": since}),
        (held, {"backfill_due": since, "backfill_by": "a"}),
    ):
        ids = [ObjectId(feed.id) for feed in feeds]
        await database.feeds.update_many({"_id": {"$in": ids}}, {"$set": change})
    await database.feeds.create_index([("backfill_due", 1)], name="due", sparse=True)
    await database.passes.insert_one(
        {"_id": "a", "feeds": [ObjectId(feed.id) for feed in held], "until": since}
    )
    await database.jobs.delete_many({})


async def test_whatever_write_it_dies_at_every_feed_that_waited_has_its_job(stores):
    database = stores._database
    scored, waiting, held, deleted = feeds = [await new_feed(stores) for _ in range(4)]
    jobs, _ = await stores.backfills.claim(10)
    await stores.backfills.finish(jobs[:1], {scored.id: (scored.company, 1)})
    await stores.feeds.delete(deleted.company, deleted.id)
    for deaths in itertools.count():
        await become_of_1_0_0(database, [waiting, deleted], [held])
        try:
            await backfills_into_jobs(dying_after(database, deaths))
        except Killed:
            await backfills_into_jobs(database)
        else:
            break
        assert {job["key"] for job in await stores.jobs.of_kind("backfill")} == {waiting.id, held.id}
    assert deaths >= 3
    names = {name for feed in await database.feeds.find({}).to_list(None) for name in feed}
    assert not {"backfill_due", "backfill_by"} & names
    assert "due" not in await database.feeds.index_information()
    assert "passes" not in await database.list_collection_names()
    assert [line async for line in stores.invariants.broken()] == []
    _, claimed = await stores.backfills.claim(10)
    assert {(feed.id, feed.owner) for feed in claimed} == {(feed.id, feed.owner) for feed in feeds[1:3]}
