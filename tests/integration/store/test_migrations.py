"""Changes of what is stored are made once, in order, before anybody is served."""

import asyncio
import itertools
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from process import life
from process.life import Server
from store import mongo
from store.errors import OtherRelease
from store.migrations import migrations
from store.migrations.migrations import MIGRATIONS, migrate
from store.mongo import whole
from tests.databases import new_name
from tests.integration.processes import manage, serve, urls
from tests.support import eventually


@pytest.fixture
def settings(settings):
    return replace(settings, mongo_db=new_name())


@pytest.fixture
def database(settings, io_loop):
    """A database with nothing in it."""
    client = io_loop.run_sync(lambda: _connect(settings.mongo_url))
    yield whole(client[settings.mongo_db])
    io_loop.run_sync(lambda: client.drop_database(settings.mongo_db))
    client.close()


async def _connect(url):
    return mongo.connect(url)


def changes(log):
    async def one(database):
        log.append("one")

    async def two(database):
        await asyncio.sleep(0.2)
        log.append("two")

    return [one, two]


async def test_each_is_made_once_and_in_order(database):
    log: list[str] = []
    assert await migrate(database, changes(log)[:1]) == [1]
    assert await migrate(database, changes(log)) == [2]
    assert await migrate(database, changes(log)) == []
    assert log == ["one", "two"]


async def test_of_several_processes_one_makes_them_and_the_others_wait(database):
    log: list[str] = []
    made = await asyncio.gather(*(migrate(database, changes(log)) for _ in range(5)))
    assert log == ["one", "two"]
    assert sorted(itertools.chain(*made)) == [1, 2]


async def test_one_that_did_not_come_to_an_end_is_made_again(database):
    log: list[str] = []

    async def dies(database):
        log.append("half")
        raise KeyError

    with pytest.raises(KeyError):
        await migrate(database, [dies])
    assert await migrate(database, changes(log)) == [1, 2]
    assert log == ["half", "one", "two"]


async def test_a_database_of_a_later_release_is_left_alone(database, settings):
    await database.meta.update_one({"_id": "schema"}, {"$set": {"number": 999}}, upsert=True)
    with pytest.raises(OtherRelease, match="change 999"):
        await migrate(database)
    stats = await asyncio.to_thread(manage, settings.data_dir, "stats", **urls(settings))
    assert stats.returncode == 1
    assert b"of a newer release" in stats.stderr
    served = await asyncio.to_thread(serve, settings.data_dir, **urls(settings))
    assert served.returncode == 1
    told = served.stderr.decode().splitlines()[-1]
    assert told.startswith("server.py: the database is of a newer release")
    assert b"Traceback" not in stats.stderr + served.stderr


async def test_what_leaves_nothing_to_servers_of_an_earlier_release_waits_for_their_end(server, monkeypatch):
    log: list[str] = []
    database, registry = server.stores._database, server.stores.registry
    await eventually(registry.living, what="its word in Redis")
    later = [*MIGRATIONS, *changes(log)]
    assert await migrate(database, later[:-1], registry=registry) == [len(later) - 1]
    monkeypatch.setattr(migrations, "ALONE", later[-1:])
    with pytest.raises(OtherRelease, match="stop them"):
        await migrate(database, later, registry=registry)
    await registry.leave()
    assert await migrate(database, later, registry=registry) == [len(later)]


async def schema_is(server, number):
    change = {"$set": {"number": number}}
    await server.stores._database.meta.update_one({"_id": "schema"}, change, upsert=True)


@pytest.fixture
def waiting(server, settings, analyzer, monkeypatch, io_loop):
    """A second server, which waits for another process that changes the database; and its task."""
    monkeypatch.setattr(life, "_LISTEN_ANYWAY_S", 0.05)
    second = Server(settings, analyzer=analyzer)

    async def begin():
        await schema_is(server, len(MIGRATIONS) - 1)
        lease = datetime.now(UTC) + timedelta(hours=1)
        job = {"_id": "migration:", "kind": "migration", "key": "", "attempts": 1}
        await server.stores._database.jobs.insert_one({**job, "holder": "another", "lease": lease})
        running = asyncio.create_task(second.run())
        await second._callable.wait()
        return running

    running = io_loop.run_sync(begin)
    yield second, running
    io_loop.run_sync(lambda: schema_is(server, len(MIGRATIONS)))


async def test_a_server_does_not_listen_while_the_database_is_being_changed(server, waiting):
    """To each request it could only say 503, and a proxy has other servers until then."""
    second, running = waiting
    await asyncio.sleep(1)
    assert not second.started.is_set()
    await schema_is(server, len(MIGRATIONS))
    await second.started.wait()
    assert second._prepared.is_set()
    second.stop()
    await running


@pytest.fixture
def impatient(monkeypatch):
    monkeypatch.setattr(life, "_CHANGES_S", 0.5)


async def test_it_does_not_wait_for_that_without_end(impatient, waiting):
    second, running = waiting
    await asyncio.wait_for(second.started.wait(), 60)
    second.stop()
    await asyncio.wait_for(running, 60)


async def test_it_stops_while_it_waits_for_that(waiting):
    second, running = waiting
    second.stop()
    await asyncio.wait_for(second.started.wait(), 60)
    await asyncio.wait_for(running, 60)
