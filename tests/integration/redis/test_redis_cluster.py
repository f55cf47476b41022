"""A cluster of Redis in place of one: hints, streams, counters, also where slots move and nodes die."""

import asyncio
import contextlib

import pytest
from bson import ObjectId
from redis.crc import key_slot

from store.redis import keys
from store.redis.budgets import Budgets
from store.redis.events import Event
from store.redis.presence import Presence
from store.redis.queue import WorkQueue
from store.redis.redis_client import REDIS_FAILURES, Redis, WrongRedis, connect
from store.redis.registry import Registry
from store.redis.throttle import Throttle
from tests.integration.redis.hint_processes import Process, until, user
from tests.loops import shared_loop
from tests.redis_cluster import formed
from tests.support import eventually

PREFIX = "test"


@pytest.fixture(scope="module")
def io_loop():
    """The cluster of most tests belongs to a loop, and takes longer to form than most tests to run."""
    with shared_loop() as loop:
        yield loop


@contextlib.contextmanager
def running(folder, io_loop):
    stack = contextlib.AsyncExitStack()
    yield io_loop.run_sync(lambda: stack.enter_async_context(formed(folder, replicas=1)), timeout=60)
    io_loop.run_sync(stack.aclose)


@pytest.fixture(scope="module")
def cluster(tmp_path_factory, io_loop):
    """One for all tests that kill no node."""
    with running(tmp_path_factory.mktemp("cluster"), io_loop) as one:
        yield one


@pytest.fixture
def start(cluster, io_loop):
    """Start one process's end of the hints."""
    processes = []

    async def start_one() -> Process:
        processes.append(Process(cluster.url, PREFIX))
        return await processes[-1].connected()

    yield start_one
    for process in processes:
        io_loop.run_sync(process.stop)


@pytest.fixture
def redis(cluster, io_loop):
    client = Redis(cluster.url)
    yield client
    io_loop.run_sync(client.close)


def slot_of(account: str) -> int:
    return key_slot(keys.hints(PREFIX, account).encode())


async def all_hear(process: Process, sender: Process, accounts: list[str]) -> None:
    """Each account's hints arrive, those of a moment in which its channel moves perhaps not."""

    async def is_heard() -> bool:
        process.heard.clear()
        await sender.events.publish(*(Event("unread", user=one, feed="f") for one in accounts))
        await asyncio.sleep(0.05)
        return {told for _, told in process.heard} == set(accounts)

    await eventually(is_heard, what="a hint of each")


@pytest.mark.gen_test
@pytest.mark.usefixtures("said_once")
async def test_hints_go_by_account_over_all_nodes_and_to_nobody_else(start, cluster):
    one, other, far = await start(), await start(), await start()
    accounts = [user() for _ in range(300)]
    assert len({cluster.owner_of(slot_of(account)).port for account in accounts}) == 3
    await asyncio.gather(*map(one.events.follow, accounts))
    await other.events.publish(*(Event("unread", user=account, feed="f") for account in accounts))
    await other.events.publish(Event("feed", user="u", feed="f"))
    await until(lambda: len(one.heard) == 301, "every hint")
    assert {told for kind, told in one.heard if kind == "unread"} == set(accounts)
    await until(lambda: far.heard == [("feed", "u")], "the event of the kind")
    assert far.received == 1


@pytest.mark.gen_test
@pytest.mark.usefixtures("said_once")
async def test_channels_follow_a_slot_that_moves_and_what_was_missed_is_read_anew(start, cluster):
    one, other = await start(), await start()
    account, stays = user(), user()
    await asyncio.gather(*map(one.events.follow, (account, stays)))
    before, slot = one.resyncs, slot_of(account)
    owner = cluster.owner_of(slot)
    new_owner = next(node for node in cluster.masters if node is not owner)
    await cluster.move(slot, owner, new_owner)
    await until(lambda: one.resyncs > before, "the resync")
    await until(lambda: one.events.hears(account), "the channel")
    await all_hear(one, other, [account, stays])
    await cluster.move(slot, new_owner, owner)


@pytest.mark.gen_test
@pytest.mark.usefixtures("said_once")
async def test_counters_presence_and_budgets_are_shared_by_all_processes(cluster, redis):
    another = Redis(cluster.url)
    for number in range(6):  # keys of several nodes
        who = f"10.0.0.{number}"
        assert [await Throttle(one, PREFIX).count("login", who, 60) for one in (redis, another)] == [1, 2]
        assert await Throttle(redis, PREFIX).wait_s("login", who, 2) > 0
        await Throttle(another, PREFIX).forget("login", who)
        assert await Throttle(redis, PREFIX).count("login", who, 60) == 1
    accounts = [user() for _ in range(300)]
    here, there = Presence(redis, PREFIX, "here"), Presence(another, PREFIX, "there")
    here.accounts = lambda: accounts
    await here._say()
    assert await there.present([*accounts[:3], user()]) == set(accounts[:3])
    assert list(await there.processes()) == ["here"]
    here.accounts = list
    await here._say()
    assert await there.present(accounts[:3]) == set()
    one, other = Budgets(redis, PREFIX), Budgets(another, PREFIX)
    spenders = accounts[:30]
    for account in spenders:
        assert await one.spend(account, 100, 100) == 0.0
    await one._exchange(spenders)
    for account in spenders:
        assert await other.spend(account, 100, 100) > 0.0
    await another.close()


@pytest.mark.gen_test
@pytest.mark.usefixtures("said_once")
async def test_the_stream_of_work_spreads_and_hands_over_what_a_process_left(cluster, redis):
    reader = connect(cluster.url, blocking=True)
    one, other = (
        WorkQueue(redis, reader, PREFIX, name, Registry(redis, PREFIX, name)) for name in ("one", "other")
    )
    assert await one.take(10) == []  # makes the group
    ids = [str(ObjectId()) for _ in range(20)]
    assert await one.add(ids)
    taken = await one.take(12)
    rest = await other.take(12)
    assert [resume for _, resume in taken + rest] == ids
    await other.done(rest)
    assert [resume for _, resume in await other.take_over(0.0)] == [resume for _, resume in taken]
    assert await one.behind() == 12
    await one.leave()
    await reader.aclose()


@pytest.mark.gen_test
async def test_a_url_that_names_the_wrong_kind_of_redis_is_refused(cluster, redis, store_urls):
    assert await redis.refuse_wrong_kind()
    for url, right in (
        (f"redis://127.0.0.1:{cluster.nodes[1].port}", r"redis\+cluster://"),
        (store_urls["redis"].replace("redis://", "redis+cluster://"), "redis://"),
    ):
        wrong = Redis(url)
        with pytest.raises(WrongRedis, match=right):
            await wrong.refuse_wrong_kind()
        await wrong.close()


class TestWhereNodesDie:
    @pytest.fixture
    def cluster(self, tmp_path, io_loop):
        """One of the test's own."""
        with running(tmp_path, io_loop) as one:
            yield one

    @pytest.mark.gen_test
    async def test_while_a_node_is_dead_others_are_heard_and_its_successor_after_it(self, start, cluster):
        one, other = await start(), await start()
        accounts = [user() for _ in range(60)]
        await asyncio.gather(*map(one.events.follow, accounts))
        dead = cluster.masters[0]
        near = [account for account in accounts if cluster.owner_of(slot_of(account)) is not dead]
        lost = sorted(set(accounts) - set(near))
        before = one.resyncs
        dead.kill()
        await until(lambda: not any(map(one.events.hears, lost)), "the loss")
        assert all(map(one.events.hears, near))
        one.heard.clear()
        await all_hear(one, other, near)
        await until(lambda: all(map(one.events.hears, lost)), "the replica")
        assert one.resyncs > before
        await all_hear(one, other, accounts)

    @pytest.mark.gen_test
    async def test_of_thousands_of_hints_those_at_other_nodes_than_a_dead_one_arrive(self, start, cluster):
        one, other = await start(), await start()
        accounts = [user() for _ in range(1_000)]
        await asyncio.gather(*map(one.events.follow, accounts))
        dead = cluster.masters[1]  # nobody succeeds it
        near = {account for account in accounts if cluster.owner_of(slot_of(account)) is not dead}
        await other.events.publish(*(Event("unread", user=account, feed="f") for account in accounts))
        dead.kill()
        one.heard.clear()
        await other.events.publish(*(Event("progress", user=account, feed="f") for account in accounts))
        await until(lambda: {told for kind, told in one.heard if kind == "progress"} >= near, "those hints")
        await until(
            lambda: {event.user for event in other.events._unsent} == {*accounts} - near, "the others"
        )

    @pytest.mark.gen_test
    async def test_a_dead_node_keeps_nobody_from_the_others_and_its_successor_is_found(self, cluster, redis):
        dead = cluster.masters[0]
        await redis.quickly(redis.client.ping)
        names = {
            kind: next(
                name
                for name in map(str, range(99))
                if (cluster.owner_of(key_slot(name.encode())) is dead) == kind
            )
            for kind in (True, False)
        }
        dead.kill()
        for _ in range(20):
            with contextlib.suppress(*REDIS_FAILURES):
                await redis.quickly(lambda: redis.client.get(names[True]), names[True])
            assert await redis.quickly(lambda: redis.client.get(names[False]), names[False]) is None

        async def is_found() -> bool:
            with contextlib.suppress(*REDIS_FAILURES):
                return bool(await redis.quickly(lambda: redis.client.set(names[True], "1"), names[True]))
            return False

        await eventually(is_found, what="the replica")
