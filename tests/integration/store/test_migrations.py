"""Changes of what is stored are made once, in order, before anybody is served."""

import asyncio
import itertools
import subprocess
import sys
from datetime import UTC, datetime, timedelta

import pytest
from bson import ObjectId

from process import life
from process.life import Server
from runtime.clock import day_of
from store import mongo, spans
from store.bulk import bulk
from store.errors import NewerDatabase
from store.ids import candidate_record_id
from store.migrations import late_tiers, migrations
from store.migrations.migrations import MIGRATIONS, migrate
from store.results.result_documents import result_from
from store.shards.keyless_commands import whole
from store.stores import opened
from tests.integration.processes import ROOT, environment, free_port, manage


@pytest.fixture
def database(settings, io_loop):
    """A database with nothing in it."""
    client = io_loop.run_sync(lambda: _connect(settings.mongo_url))
    yield whole(client[settings.mongo_db])
    io_loop.run_sync(lambda: client.drop_database(settings.mongo_db))
    io_loop.run_sync(lambda: mongo.close(client))


async def _connect(url):
    return mongo.connect(url)


def changes(log):
    async def one(database):
        log.append("one")

    async def two(database):
        await asyncio.sleep(0.2)
        log.append("two")

    return [one, two]


@pytest.mark.gen_test
async def test_each_is_made_once_and_in_order(database):
    log: list[str] = []
    assert await migrate(database, "me", changes(log)[:1]) == [1]
    assert await migrate(database, "me", changes(log)) == [2]
    assert await migrate(database, "me", changes(log)) == []
    assert log == ["one", "two"]


@pytest.mark.gen_test
async def test_of_several_processes_one_makes_them_and_the_others_wait(database):
    log: list[str] = []
    names = [f"process-{number}" for number in range(5)]
    made = await asyncio.gather(*(migrate(database, name, changes(log)) for name in names))
    assert log == ["one", "two"]
    assert sorted(itertools.chain(*made)) == [1, 2]


@pytest.mark.gen_test
async def test_one_that_did_not_come_to_an_end_is_made_again(database):
    log: list[str] = []

    async def dies(database):
        log.append("half")
        raise KeyError

    with pytest.raises(KeyError):
        await migrate(database, "gone", [dies])
    await database.meta.update_one(
        {"_id": "schema"}, {"$set": {"held_until": datetime(2020, 1, 1, tzinfo=UTC)}}
    )
    assert await migrate(database, "me", changes(log)) == [1, 2]
    assert log == ["half", "one", "two"]


@pytest.mark.gen_test
async def test_a_database_of_a_later_release_is_left_alone(database, settings):
    await database.meta.update_one({"_id": "schema"}, {"$set": {"number": 999}}, upsert=True)
    with pytest.raises(NewerDatabase, match="change 999"):
        await migrate(database, "me")
    stores = {name: getattr(settings, name) for name in ("mongo_url", "mongo_db", "redis_url")}
    stats = await asyncio.to_thread(manage, settings.data_dir, "stats", **stores)
    assert stats.returncode == 1
    assert b"of a newer release" in stats.stderr
    command = [sys.executable, "server.py", "--port", str(free_port())]
    served = await asyncio.to_thread(
        subprocess.run,
        command,
        cwd=ROOT,
        env=environment(settings.data_dir, **stores),
        capture_output=True,
        timeout=60,
    )
    assert served.returncode == 1
    told = served.stderr.decode().splitlines()[-1]
    assert told.startswith("server.py: the database is of a newer release")
    assert b"Traceback" not in stats.stderr + served.stderr


@pytest.mark.gen_test
async def test_what_an_earlier_release_set_aside_is_shown_like_the_rest(settings, database):
    id_ = ObjectId()
    resume = {"_id": id_, "rev": 1, "source": "51job", "source_id": "1"}
    await database.resumes.insert_one({**resume, "quarantine": "ValueError at x.py:1"})
    async with opened(settings.mongo_url, settings.mongo_db, settings.redis_url, settings.data_dir) as (
        stores,
        _,
    ):
        await stores.prepare()
        (row,) = await stores.quarantine.list(10)
    assert (row.resume, row.reason) == (str(id_), "ValueError at x.py:1")
    assert (await database.meta.find_one("schema"))["number"] == len(MIGRATIONS)


@pytest.mark.gen_test
async def test_indexes_that_the_embedded_store_cannot_bear_are_replaced(settings, database):
    await database.feeds.create_index(
        "backfill_due", name="backfill", partialFilterExpression={"backfill_due": {"$exists": True}}
    )
    await database.sessions.create_index("expires_at", name="ttl", expireAfterSeconds=0)
    await database.profiles.create_index([("key_terms", 1), ("arrived_at", -1)], name="key_terms")
    await database.meta.update_one({"_id": "schema"}, {"$set": {"number": 1}}, upsert=True)
    async with opened(settings.mongo_url, settings.mongo_db, settings.redis_url, settings.data_dir) as (
        stores,
        _,
    ):
        await stores.prepare()
    feeds, sessions, profiles = [
        await collection.index_information()
        for collection in (database.feeds, database.sessions, database.profiles)
    ]
    assert "backfill" not in feeds
    assert feeds["due"]["sparse"] is True
    assert sessions.keys() == {"_id_", "last_use", "expiry"}
    assert "expireAfterSeconds" not in sessions["expiry"]
    assert profiles.keys() == {"_id_", "changed", "cold", "forced", "part"}
    assert profiles["cold"]["sparse"] is True


def former_result(**changes):
    """A result as the release before stored it, never clicked on."""
    now = datetime.now(UTC).replace(microsecond=0)
    return {
        **{name: ObjectId() for name in ("_id", "feed", "user", "resume")},
        **dict.fromkeys(("arrived_at", "pub_time", "calc_time"), now),
        "day": 20260301,
        "read": False,
        "deleted": False,
        "reasons": [],
        "feed_rev": 1,
        "resume_rev": 1,
        "score": 50.0,
        "title_match": True,
        "send": False,
        "partner": False,
        "address": "北京",
        "salary_low": 0,
        "salary_high": 9_000,
        "missing": ["go"],
        "keywords": ["js"],
        "tags": ["js", "211"],
        "why": [{"field": "title", "term": "前端", "matched": "前端开发", "points": 50.0}],
    } | changes


async def results_of(database):
    return {row["_id"]: row async for row in database.results.find({})}


async def changed(settings):
    async with opened(settings.mongo_url, settings.mongo_db, settings.redis_url, settings.data_dir) as (
        stores,
        _,
    ):
        await stores.prepare()
        return await stores.feedback.due(10)


FORMER_INDEXES = ("untaught", "deleted", "read")


async def as_before(database, results):
    """Store results of the release before, each in a feed of its own, under its indexes."""
    await database.feeds.insert_many([{"_id": one["feed"]} for one in results])
    await database.results.insert_many(results)
    for name in FORMER_INDEXES:
        await database.results.create_index([(name, 1), ("feed", 1)], name=name)
    # What feeds hold beside their ids is no matter of this change, and the changes after it have been made.
    await database.meta.update_one({"_id": "schema"}, {"$set": {"number": 4}}, upsert=True)


@pytest.mark.gen_test
async def test_clicks_of_the_release_before_are_learned_and_its_results_show_the_same(settings, database):
    plain = [former_result() for _ in range(50)]
    clicked = [former_result(read=True, clicks=1), former_result(deleted=True, clicks=2, untaught=True)]
    restored = former_result(clicks=2, untaught=True)
    await as_before(database, [*plain, *clicked, restored])
    former = await results_of(database)
    assert list(await changed(settings)) == sorted(str(one["feed"]) for one in [*clicked, restored])
    now = await results_of(database)
    assert {id_: result_from(row) for id_, row in now.items()} == {
        id_: result_from(row) for id_, row in former.items()
    }
    assert not any("untaught" in row for row in now.values())
    assert (await database.results.index_information()).keys().isdisjoint(FORMER_INDEXES)


@pytest.mark.gen_test
async def test_a_change_of_results_that_was_killed_is_made_to_its_end_and_twice_is_harmless(
    settings, database, monkeypatch
):
    await as_before(database, [former_result(read=True, clicks=1) for _ in range(9)])
    parts = []

    async def killed_in_the_third_part(*args):
        parts.append(args)
        if len(parts) == 3:
            raise KeyError
        return await bulk(*args)

    with monkeypatch.context() as patch:
        patch.setattr(migrations, "bulk", killed_in_the_third_part)
        with pytest.raises(KeyError):
            await migrate(database, "gone")
    half = await results_of(database)
    assert 0 < sum("clicked" in row for row in half.values()) < 9
    await database.meta.update_one({"_id": "schema"}, {"$unset": {"held_by": ""}})
    await changed(settings)
    whole = await results_of(database)
    assert all(row["clicks"] == 2 for row in whole.values())
    await database.meta.update_one({"_id": "schema"}, {"$set": {"number": 4}})
    await changed(settings)
    assert await results_of(database) == whole


@pytest.mark.gen_test
async def test_contacts_of_the_release_before_are_found_and_end_by_their_age(settings, database):
    scored, waiting, gone, filled = (ObjectId() for _ in range(4))
    then, now = datetime(2026, 3, 1, tzinfo=UTC), datetime(2026, 4, 1, tzinfo=UTC)
    contact = {"name": "林晚照", "phone": "138-0000-1111", "email": "", "qq": "", "status": "public"}
    await database.profiles.insert_many([{"_id": id_} for id_ in (scored, gone, filled)])
    resume = {"rev": 1, "arrived_at": then, "queued_at": now}
    await database.resumes.insert_many(
        [
            {"_id": scored, **resume},
            {"_id": filled, **resume},
            {"_id": waiting, **resume, "pending": True, "contact": contact},
        ]
    )
    known = {"reach": ["p:1"], "news_at": then}
    await database.contacts.insert_many(
        [{"_id": scored, "rev": 1, **contact}, {"_id": filled, "rev": 1, **contact, **known}]
    )
    number = next(n for n, change in enumerate(MIGRATIONS) if change.__name__ == "_contacts_with_reach")
    await database.meta.update_one({"_id": "schema"}, {"$set": {"number": number}}, upsert=True)
    for _ in range(2):  # a process that was killed in it makes the next one do it again
        await MIGRATIONS[number](database)
    fields = {"reach": ["p:13800001111"], "news_at": now}
    found = {row["_id"]: row async for row in database.contacts.find({})}
    assert found == {
        scored: {"_id": scored, "rev": 1, **contact, **fields},
        filled: {"_id": filled, "rev": 1, **contact, **known},
    }
    assert (await database.resumes.find_one({"_id": waiting}))["contact"] == {**contact, **fields}
    assert (await database.retention.find_one({"_id": "state"}))["fill_again_at"] > datetime.now(UTC)


TIERS = next(number for number, change in enumerate(MIGRATIONS) if change.__name__ == "_results_in_tiers")


async def with_results(database, results):
    """Store results of the release before this change, all in one feed."""
    feed = ObjectId()
    await database.feeds.insert_one({"_id": feed, "part": 1})
    await database.results.insert_many([{**one, "feed": feed} for one in results])
    await database.results.create_index([("feed", 1), ("deleted", 1), ("read", 1)], name="unread")
    await database.meta.update_one({"_id": "schema"}, {"$set": {"number": TIERS}}, upsert=True)


@pytest.mark.gen_test
@pytest.mark.parametrize("is_long", [False, True])
async def test_results_of_the_release_before_are_in_tiers_by_their_score(
    settings, database, monkeypatch, is_long
):
    if is_long:
        monkeypatch.setattr(spans, "LONGEST_MS", 1)  # so that they are read day by day
    now = {"day": day_of(datetime.now(UTC))}
    strong = [
        former_result(score=40.0, **now),
        former_result(score=99.5, read=True, **now),
        former_result(score=10.0, send=True, **now),
        former_result(score=0.0, partner=True, **now),
        former_result(score=20.0, fit=0.7, possible=None, **now),  # scored by this release already
    ]
    weak = [
        former_result(score=39.99, **now),
        former_result(score=10.0, read=True),  # of an earlier day than the feed
        former_result(score=25.0, deleted=True, **now),
        former_result(score=25.0, day=now["day"] + 1),
    ]
    await with_results(database, [*strong, *weak])
    before = await results_of(database)
    await changed(settings)
    rows = await results_of(database)
    assert {id_ for id_, row in rows.items() if row.get("possible")} == {row["_id"] for row in weak}
    same = {id_: {**row, "possible": None} for id_, row in rows.items()}
    assert same == {id_: {**row, "possible": None} for id_, row in before.items()}
    indexes = await database.results.index_information()
    assert "feed_tier" in indexes
    assert "unread" not in indexes
    one = result_from(rows[weak[0]["_id"]])
    assert (one.strong, one.fit) == (False, 0.4)


@pytest.mark.gen_test
async def test_giving_tiers_that_was_killed_is_done_to_its_end(settings, database, monkeypatch):
    today = day_of(datetime.now(UTC))
    await with_results(database, [former_result(score=20.0, day=today) for _ in range(9)])
    update = late_tiers.update_by_ids

    async def killed_in_the_middle(collection, ids, change, **how):
        await update(collection, ids[:4], change, **how)
        raise KeyError

    with monkeypatch.context() as patch:
        patch.setattr(late_tiers, "update_by_ids", killed_in_the_middle)
        with pytest.raises(KeyError):
            await migrate(database, "gone")
    rows = await results_of(database)
    assert sum(bool(row.get("possible")) for row in rows.values()) == 4
    await database.meta.update_one({"_id": "schema"}, {"$unset": {"held_by": ""}})
    await changed(settings)
    assert all(row["possible"] for row in (await results_of(database)).values())


@pytest.mark.gen_test
async def test_people_whom_the_release_before_marked_are_listed_by_their_latest_mark(settings, database):
    user, feed, marked, noted = (ObjectId() for _ in range(4))
    then = datetime(2026, 3, 1, tzinfo=UTC)
    marks = [
        {"name": name, "good": True, "feed": feed, "at": then + timedelta(days=days)}
        for days, name in enumerate(("已联系", "约面试"))
    ]
    comments = [{"content": "电话里谈得不错", "at": then}]
    rows = [
        {"_id": ObjectId(candidate_record_id(str(user), str(resume))), "user": user, "resume": resume, **kept}
        for resume, kept in ((marked, {"marks": marks}), (noted, {"comments": comments}))
    ]
    await database.dossiers.insert_many(rows)
    number = next(n for n, change in enumerate(MIGRATIONS) if change.__name__ == "_marked_people_in_lists")
    await database.meta.update_one({"_id": "schema"}, {"$set": {"number": number}}, upsert=True)
    async with opened(settings.mongo_url, settings.mongo_db, settings.redis_url, settings.data_dir) as (
        stores,
        _,
    ):
        await stores.prepare()
        assert await stores.marked.page(str(user), "约面试", skip=0, limit=9) == [str(marked)]
        assert await stores.marked.page(str(user), "", skip=0, limit=9) == [str(marked)]
        assert await stores.marked.page(str(user), "已联系", skip=0, limit=9) == []
    now = {row["_id"]: row async for row in database.dossiers.find({})}
    assert all(
        now[row["_id"]] | row == now[row["_id"]] for row in rows
    )  # whoever is not restarted yet reads it
    assert len(now) == 2


@pytest.mark.gen_test
async def test_indexes_of_lists_that_only_the_release_before_needs_go_an_hour_later(settings, database):
    lists = {"page": [("feed", 1), ("deleted", 1)], "tier": [("feed", 1), ("deleted", 1), ("possible", 1)]}
    for name, key in lists.items():
        await database.results.create_index(key, name=name)
    await changed(settings)
    indexes = await database.results.index_information()
    assert indexes.keys() >= {"page", "tier", "feed_page", "feed_tier"}
    assert (await database.retention.find_one({"_id": "state"}))["fill_again_at"] > datetime.now(UTC)
    async with opened(settings.mongo_url, settings.mongo_db, settings.redis_url, settings.data_dir) as (
        stores,
        _,
    ):
        for _ in range(2):
            await stores.retention.fill_contacts()
            left = await database.results.index_information()
            assert indexes.keys() - left.keys() == {"page", "tier"}


@pytest.mark.gen_test
async def test_a_server_does_not_listen_while_the_database_is_being_changed(
    server, settings, analyzer, monkeypatch
):
    """To each request it could only say 503, and a proxy has other servers until then."""
    monkeypatch.setattr(life, "_LISTEN_ANYWAY_S", 0.05)
    meta = server.stores._database.meta
    held = {"held_by": "another", "held_until": datetime.now(UTC) + timedelta(hours=1)}
    await meta.update_one({"_id": "schema"}, {"$inc": {"number": -1}, "$set": held})
    second = Server(settings, analyzer=analyzer)
    running = asyncio.create_task(second.run())
    await second._compiled.wait()
    await asyncio.sleep(1)
    assert not second.started.is_set()
    await meta.update_one({"_id": "schema"}, {"$inc": {"number": 1}, "$unset": held})
    await second.started.wait()
    assert second._prepared.is_set()
    second.stop()
    await running


@pytest.mark.parametrize("ends", ["stopped", "too long"])
@pytest.mark.gen_test
async def test_it_does_not_wait_for_that_without_end(server, settings, analyzer, monkeypatch, ends):
    monkeypatch.setattr(life, "_LISTEN_ANYWAY_S", 0.05)
    held = {"held_by": "another", "held_until": datetime.now(UTC) + timedelta(hours=1)}
    meta = server.stores._database.meta
    await meta.update_one({"_id": "schema"}, {"$inc": {"number": -1}, "$set": held})
    if ends == "too long":
        monkeypatch.setattr(life, "_CHANGES_S", 0.5)
    second = Server(settings, analyzer=analyzer)
    running = asyncio.create_task(second.run())
    await second._compiled.wait()
    if ends == "stopped":
        second.stop()
    await asyncio.wait_for(second.started.wait(), 60)
    second.stop()
    await asyncio.wait_for(running, 60)
    await meta.update_one({"_id": "schema"}, {"$inc": {"number": 1}, "$unset": held})
