"""Transactions: all that a block writes is there, or nothing; of two that meet one is done again."""

import asyncio
import threading
from contextvars import Context

import pytest
from motor.motor_asyncio import AsyncIOMotorClient
from pymongo import InsertOne
from pymongo.errors import AutoReconnect, InvalidOperation, OperationFailure
from pymongo.monitoring import CommandListener

from store import transactions, transactors
from store.bulk import bulk
from store.errors import Conflict
from store.stores import Stores
from store.transactions import Database, again_after_conflict, current, is_retried
from store.transactors import Transactors
from tests.integration.gates import beside, done_again


class Stop(Exception):
    """Ends a block in the middle."""


@pytest.fixture
def told():
    return []


@pytest.fixture
def database(stores, told, io_loop):
    """The test's database, with one thing in it."""

    async def publish(*events):
        told.extend(events)

    made = Database(stores._mongo[stores._database.name], publish)
    io_loop.run_sync(lambda: made.things.insert_one({"_id": 1, "n": 0}))
    return made


async def n_of(database, id_=1):
    return (await database.things.find_one({"_id": id_}) or {}).get("n")


async def add(database, id_=1):
    await database.things.update_one({"_id": id_}, {"$inc": {"n": 1}}, upsert=True)


async def test_what_a_killed_process_holds_is_let_go_once_nobody_hears_of_it(
    stores, store_urls, registries, database
):
    await registries().announce("web")
    other = Stores(store_urls["mongo"], stores._database.name, store_urls["redis"])
    async with await other._mongo.start_session() as session:
        await other.transactors.note(session.session_id["id"])
        session.start_transaction()
        held = other._mongo[stores._database.name].things
        await held.update_one({"_id": 1}, {"$inc": {"n": 7}}, session=session)

        @again_after_conflict
        async def write():
            async with stores.transaction():
                await add(stores._database)

        writing = asyncio.create_task(write(), context=Context())
        await stores.transactors.end_those_of_the_dead()
        await writing
        assert await n_of(database) == 1
        with pytest.raises(OperationFailure):
            await session.commit_transaction()
    assert await stores._database.transactors.count_documents({"process": other.name}) == 0
    await other.close()


async def test_own_writes_are_seen_and_others_see_them_after_the_commit(database):
    async with database.transaction() as transaction:
        assert current() is transaction
        await add(database)
        await bulk(database.things, [InsertOne({"_id": 2, "n": 5})])
        assert [await n_of(database, id_) for id_ in (1, 2)] == [1, 5]
        assert [await beside(n_of(database, id_)) for id_ in (1, 2)] == [0, None]
    assert current() is None
    assert [await n_of(database, id_) for id_ in (1, 2)] == [1, 5]


async def test_a_transaction_reads_what_was_there_when_it_began(database):
    async with database.transaction():
        assert await n_of(database) == 0
        await beside(add(database))
        assert await n_of(database) == 0
    assert await n_of(database) == 1


async def test_a_commit_tells_each_event_once_and_an_abort_tells_and_writes_nothing(database, told):
    async def abort():
        async with database.transaction() as transaction:
            await add(database)
            transaction.tell("a")
            raise Stop

    with pytest.raises(Stop):
        await abort()
    assert (told, await n_of(database)) == ([], 0)
    async with database.transaction() as transaction:
        await add(database)
        transaction.tell("b", "c")
        transaction.tell("b")
        assert told == []
    assert (told, await n_of(database)) == (["b", "c"], 1)


async def test_blocks_within_a_block_are_a_part_of_it(database, told):
    @again_after_conflict
    async def inner():
        async with database.transaction() as transaction:
            await add(database)
            transaction.tell("inner")

    tries = []

    @again_after_conflict
    async def inner_conflict():
        tries.append(current())
        raise Conflict

    async def outer(then):
        async with database.transaction():
            await inner()
            assert told == []
            await then()

    with pytest.raises(Conflict):
        await outer(inner_conflict)
    assert len(tries) == 1  # it is done again by who opened the block
    assert (told, await n_of(database)) == ([], 0)
    async with database.transaction() as outer:
        await inner()
        async with database.transaction() as same:
            assert same is outer
    assert (told, await n_of(database)) == (["inner"], 1)


async def test_of_two_that_write_the_same_the_later_one_is_done_again(database):
    tries = []

    @again_after_conflict
    async def write(meanwhile=None):
        async with database.transaction():
            tries.append((await n_of(database), is_retried()))
            if meanwhile is not None and not is_retried():
                await beside(meanwhile)
            await add(database)

    before = done_again()
    await write(write())
    assert (await n_of(database), done_again() - before) == (2, 1)
    assert tries == [(0, False), (0, False), (1, True)]
    assert not is_retried()


async def test_what_never_gets_through_is_given_up_after_its_time(database, monkeypatch):
    monkeypatch.setattr(transactions, "_LONGEST_S", 60.0)
    tries = []

    @again_after_conflict
    async def write():
        async with database.transaction():
            tries.append(await n_of(database))
            if len(tries) == 3:
                monkeypatch.setattr(transactions, "_LONGEST_S", 0.0)
            await beside(add(database))
            await add(database)

    with pytest.raises(Conflict):
        await write()
    assert (tries, await n_of(database)) == ([0, 1, 2], 3)


async def test_a_key_that_is_taken_is_a_conflict_in_a_transaction_and_an_answer_outside_of_one(database):
    writes = [InsertOne({"_id": 2, "n": 7}), InsertOne({"_id": 1, "n": 7})]
    with pytest.raises(Conflict):
        async with database.transaction():
            await bulk(database.things, writes)
    assert [await n_of(database, id_) for id_ in (1, 2)] == [0, None]
    assert await bulk(database.things, writes) == {1}
    assert [await n_of(database, id_) for id_ in (1, 2)] == [0, 7]


async def test_a_block_that_is_cancelled_leaves_nothing_and_holds_nobody_up(database):
    reached = asyncio.Event()

    async def never_ends():
        async with database.transaction():
            await add(database)
            reached.set()
            await asyncio.Event().wait()

    task = beside(never_ends())
    await reached.wait()
    task.cancel()
    await asyncio.wait({task})
    assert await n_of(database) == 0
    async with database.transaction():
        await add(database)
    assert await n_of(database) == 1


class HeldCommand(CommandListener):
    """Keeps the first command of a name in the driver's thread, about to be sent, until it is opened."""

    def __init__(self, name="update"):
        self.name = name
        self.reached, self.opened = threading.Event(), threading.Event()

    def started(self, event):
        if event.command_name == self.name and not self.reached.is_set():
            self.reached.set()
            self.opened.wait(60)

    def succeeded(self, event):
        """Nothing to do."""

    failed = succeeded


@pytest.mark.parametrize("is_alone", [False, True])
async def test_who_is_cancelled_while_a_first_command_is_sent_holds_nobody_up(
    store_urls, stores, database, is_alone
):
    held = HeldCommand()
    client = AsyncIOMotorClient(store_urls["mongo"], event_listeners=[held], retryWrites=False)
    slow = Database(client[stores._database.name])

    async def write():
        if is_alone:
            await slow.things.update_many({}, {"$inc": {"n": 1}})
            return
        async with slow.transaction():
            await add(slow)

    task = beside(write())
    await asyncio.to_thread(held.reached.wait)
    for _ in range(3):
        task.cancel()
        await asyncio.sleep(0.01)
    held.opened.set()
    await asyncio.wait({task})
    assert task.cancelled()
    async with database.transaction():
        await add(database)
    assert await n_of(database) == 1
    client.close()


async def test_a_transaction_without_an_answer_is_ended_although_its_process_lives(stores, registries):
    await registries().announce("web")
    noted = stores._database.transactors
    with pytest.raises(AutoReconnect):
        async with stores.transaction():
            raise AutoReconnect
    assert await noted.count_documents({"process": stores.name}) == 1
    await stores.transactors.end_those_of_the_dead()
    assert await noted.count_documents({}) == 0


async def test_a_process_that_leaves_waits_for_what_is_under_way_and_begins_nothing(stores):
    process = Transactors(stores._database, "process", stores._living)
    made = Database(stores._mongo[stores._database.name], transactors=process)
    began, goes_on = asyncio.Event(), asyncio.Event()

    async def write():
        async with made.transaction():
            await add(made)
            began.set()
            await goes_on.wait()

    task = beside(write())
    await began.wait()
    leaving = beside(process.leave())
    await asyncio.sleep(0.05)
    assert not leaving.done()
    with pytest.raises(InvalidOperation, match="after close"):
        await add_within(made)
    goes_on.set()
    await asyncio.wait({task, leaving})
    assert (task.exception(), leaving.exception(), await n_of(made)) == (None, None, 1)


async def test_a_process_that_leaves_waits_for_nothing_of_who_was_cancelled_while_it_was_taken_back(
    store_urls, stores, monkeypatch
):
    monkeypatch.setattr(transactors, "_LEAVES_WITHIN_S", 3_600)
    held = HeldCommand("abortTransaction")
    client = AsyncIOMotorClient(store_urls["mongo"], event_listeners=[held], retryWrites=False)
    process = Transactors(client[stores._database.name], "process", stores._living)
    made = Database(client[stores._database.name], transactors=process)

    async def stops():
        async with made.transaction():
            await add(made)
            raise Stop

    task = beside(stops())
    await asyncio.to_thread(held.reached.wait)
    task.cancel()
    held.opened.set()
    await asyncio.wait({task})
    assert task.cancelled()
    await process.leave()
    assert await stores._database.transactors.count_documents({}) == 0
    client.close()


async def add_within(database):
    async with database.transaction():
        await add(database)


async def test_a_session_may_be_noted_by_who_was_cancelled_after_it_was(stores):
    for _ in range(2):
        process = Transactors(stores._database, "process", stores._living)
        await process.note(b"session")
    assert await stores._database.transactors.count_documents({}) == 1
