"""All that is stored has an end or a reason: feeds that are over, notes of some hours, and the rest."""

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from bson import ObjectId

from store import mongo
from store.accounts.sessions import LIFETIME
from store.ends import expiry, retention
from tests.integration.ends.test_retention import is_settled, listed
from tests.integration.ends.test_retention import later as later
from tests.support import PYTHON_FEED, python_resume

ROOT = Path(__file__).resolve().parents[3]
MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)


async def ends_service(server, feed_id, *, before=timedelta(0)):
    change = {"$set": {"expires_at": datetime.now(UTC) - before}, "$currentDate": {"updated_at": True}}
    await server.stores._database.feeds.update_one({"_id": ObjectId(feed_id)}, change)


@pytest.mark.long
async def test_a_feed_whose_service_is_over_keeps_the_page_that_its_list_opens_with(
    server, hr, later, monkeypatch
):
    monkeypatch.setattr(retention, "LAST_PAGE", 3)
    feed_id, serving = await hr.submit(**PYTHON_FEED), await hr.submit(**PYTHON_FEED)
    ids = await hr.scored(*(python_resume() for _ in range(8)))
    deleted = ids[0]
    await hr.get("/feed/modify_feed_result", feed_id=feed_id, resume_id=deleted, reco_index=-150)
    opened = [item["resume"]["id"] for item in (await hr.get(f"/special_feed/feed_list/{feed_id}"))["data"]]
    await ends_service(server, feed_id)
    await later(30 * DAY - MINUTE, result_days=60)
    assert len(await listed(hr, feed_id)) == 7
    await later(31 * DAY, result_days=60)
    kept = [item["resume"]["id"] for item in (await hr.get(f"/special_feed/feed_list/{feed_id}"))["data"]]
    assert kept == opened[:3]
    assert await hr.unread(feed_id) == 3
    assert await server.stores._database.results.count_documents({"feed": ObjectId(feed_id)}) == 3
    assert await listed(hr, serving) == set(ids)
    # Not even after `result_days`, unless the resume ends.
    await later(61 * DAY, result_days=60)
    assert (await listed(hr, feed_id), await listed(hr, serving)) == (set(opened[:3]), set())
    await later(70 * DAY, result_days=60, resume_days=60)
    assert await listed(hr, feed_id) == set()
    assert await is_settled(server)


async def test_without_result_days_the_list_of_a_feed_that_is_over_stays_whole(
    server, hr, later, monkeypatch
):
    monkeypatch.setattr(retention, "LAST_PAGE", 1)
    feed_id, ids = await hr.feed_with(*(python_resume() for _ in range(3)))
    await ends_service(server, feed_id)
    await later(5000 * DAY)
    assert await listed(hr, feed_id) == set(ids)


async def test_nothing_is_left_of_a_deleted_feed_but_that_it_was_there(server, hr, later):
    feed_id, (id_,) = await hr.feed_with(python_resume())
    await hr.get(f"/resumes/add_watch/{id_}", feed_id=feed_id)
    await hr.get(f"/feed/get/{feed_id}/{id_}")
    assert await is_settled(server)
    await hr.get(f"/feed/delete/{feed_id}")
    database, key = server.stores._database, {"_id": ObjectId(feed_id)}
    await later(30 * DAY - MINUTE)
    assert await database.results.count_documents({}) == 1
    await later(31 * DAY)
    assert await database.results.count_documents({}) == 0
    assert await database.feedback.count_documents({}) == 0
    left = await database.feeds.find_one(key)
    assert (left["deleted"], left["form"]) == (True, {"title": ""})
    # What the recruiter noted of the person stays, deleting again is harmless, and nothing comes back.
    assert [row["resume"]["id"] for row in (await hr.get("/resume/follow/list/"))["data"]] == [id_]
    assert (await hr.get(f"/feed/delete/{feed_id}")).status == "ok"
    await hr.scored(python_resume())
    await later(62 * DAY)
    assert await database.results.count_documents({}) == 0
    assert await is_settled(server)


async def fill(database, now):
    """A document that is over and one that is not, of each kind that ends by its own clock."""
    kept = {}
    for one in expiry.EXPIRING:
        over, fresh = now - one.kept - MINUTE, now - one.kept + MINUTE
        rows = [
            {
                "_id": f"{one.collection}-{n}",
                one.field: at,
                "token": f"{n}",
            }  # of those of which no two are the same
            for n, at in enumerate((over, fresh))
        ]
        await database[one.collection].insert_many(rows)
        kept[one.collection] = {rows[1]["_id"]}
    return kept


async def test_what_ends_by_its_own_clock_ends_and_nothing_else(stores):
    database, now = stores._database, datetime.now(UTC)
    kept = await fill(database, now)
    days = [{"_id": day, "day": day} for day in ("2001-02-03", f"{now.date()}", "ever")]
    await database.arrivals.insert_many(days)
    counts = [count async for count in expiry.expire(database, now)]
    assert sum(counts) == len(expiry.EXPIRING) + 1
    for name, ids in kept.items():
        assert {row["_id"] async for row in database[name].find({})} == ids, name
    assert {row["_id"] async for row in database.arrivals.find({})} == {f"{now.date()}", "ever"}


async def test_a_session_that_is_used_in_the_last_moment_goes_on(stores):
    sessions, now = stores._database.sessions, datetime.now(UTC)
    await sessions.insert_one({"_id": "used", "expires_at": now - MINUTE})
    ending = expiry.expire(stores._database, now)
    delete = expiry.delete_by_ids

    async def used_first(collection, ids, **which):
        await sessions.update_one({"_id": "used"}, {"$set": {"expires_at": now + LIFETIME}})
        await delete(collection, ids, **which)

    expiry.delete_by_ids = used_first
    try:
        await anext(ending)
    finally:
        expiry.delete_by_ids = delete
    assert await sessions.find_one({"_id": "used"})


async def test_the_note_of_a_resumes_end_ends_and_that_of_an_erasure_does_not(server, hr, later):
    await hr.submit(**PYTHON_FEED)
    ended, erased = await hr.scored(python_resume(), python_resume())
    stores, notes = server.stores, server.stores._database.erasures
    await stores.erasures.erase(erased)
    await later(31 * DAY, resume_days=30)
    await notes.update_one({"_id": ObjectId(ended)}, {"$set": {"erased_at": datetime.now(UTC) - DAY}})
    await later(DAY)
    assert await notes.count_documents({}) == 2
    over = {"$set": {"ends_at": datetime.now(UTC) - MINUTE}}
    assert (
        await notes.update_many({"ends_at": {"$gt": datetime.now(UTC) + 29 * DAY}}, over)
    ).matched_count == 1
    await later(DAY)
    assert [str(row["_id"]) async for row in notes.find({})] == [erased]


def names_in_the_code():
    """Every collection that some file of `store/` names."""
    found = set(mongo.INDEXES)
    for path in (ROOT / "store").rglob("*.py"):
        text = path.read_text("utf-8")
        found |= set(re.findall(r"\bdatabase\.([a-z_]+)\b(?!\()", text))
        found |= set(re.findall(r"\bleases = \"([a-z_]+)\"", text))
    return found - {"codec_options", "client", "name", "transaction"}


def names_in_the_document():
    """What docs/privacy.md has an end for: the names of the first column of its table."""
    text = (ROOT / "docs" / "privacy.md").read_text("utf-8")
    table = text.split("## When each collection ends\n")[1].split("\n## ")[0]
    rows = [line.split("|") for line in table.split("\n") if line.startswith("| `")]
    assert all(row[2].strip() for row in rows), "each row says its end or a reason"
    return {name for row in rows for name in re.findall(r"`([\w.]+)`", row[1])}


def test_every_collection_has_an_end_or_a_reason():
    assert names_in_the_document() == names_in_the_code()
