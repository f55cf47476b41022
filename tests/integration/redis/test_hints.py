"""Hints over a real Redis: whom they reach, from when on, and what becomes of them when Redis goes away."""

import asyncio
import time

import pytest
from bson import ObjectId

from store.redis.events import Event
from store.redis.redis_client import connect
from tests.integration.redis.hint_processes import Process, user
from tests.support import IN_TIME_S, eventually


@pytest.fixture
def url(store_urls):
    return store_urls["redis"]


@pytest.fixture
def prefix():
    return f"hints-{ObjectId()}"


@pytest.fixture
def start(url, prefix, io_loop):
    """Start one process's end."""
    running = []

    async def start_one() -> Process:
        running.append(Process(url, prefix))
        return await running[-1].connected()

    yield start_one
    for process in running:
        io_loop.run_sync(process.stop)


@pytest.fixture
def redis(url, io_loop):
    client = connect(url)
    yield client
    io_loop.run_sync(client.aclose)


@pytest.mark.usefixtures("said_once")
async def test_a_hint_reaches_the_process_that_follows_the_account_and_no_other(start):
    one, near, far = await start(), await start(), await start()
    account, marker = user(), user()
    await near.events.follow(account)
    await far.events.follow(marker)
    before = far.received
    await one.events.publish(*(Event("unread", company=account, feed="f") for _ in range(300)))
    await one.events.publish(Event("unread", company=marker, feed="f"))
    await eventually(lambda: far.heard, what="the marker")
    await eventually(lambda: len(near.heard) == 300, what="every hint")
    assert set(near.heard) == {("unread", account)}
    assert far.heard == [("unread", marker)]
    assert far.received == before + 1


@pytest.mark.usefixtures("said_once")
async def test_thousands_who_are_followed_at_once_are_all_heard(start):
    one, other = await start(), await start()
    accounts = [user() for _ in range(3_000)]
    await asyncio.gather(*map(one.events.follow, accounts))
    assert all(map(one.events.hears, accounts))
    for start_at in range(0, len(accounts), 100):  # few at a time: what does not fit into 0.3 s is sent twice
        some = accounts[start_at : start_at + 100]
        await other.events.publish(*(Event("progress", company=account, feed="f") for account in some))
    await eventually(lambda: len(one.heard) == len(accounts), what="a hint of each")
    assert {told for _, told in one.heard} == set(accounts)


@pytest.mark.usefixtures("said_once")
async def test_an_event_of_a_kind_reaches_all_who_act_on_the_kind_and_its_own_process_once(start):
    one, other = await start(), await start()
    await one.events.publish(Event("feed", company="u", feed="f"))
    await eventually(lambda: other.heard, what="the event")
    await other.events.publish(Event("feed", company="v", feed="f"))
    await eventually(lambda: len(one.heard) > 1, what="the answer")
    assert one.heard == other.heard == [("feed", "u"), ("feed", "v")]


@pytest.mark.usefixtures("said_once")
async def test_after_a_broken_connection_everything_is_followed_again_and_read_anew(start, redis):
    one, other = await start(), await start()
    accounts = [user() for _ in range(600)]
    await asyncio.gather(*map(one.events.follow, accounts))
    before = one.resyncs
    await redis.execute_command("CLIENT", "KILL", "TYPE", "pubsub")
    await eventually(lambda: one.resyncs > before, what="the resync")
    await one.connected()
    await other.connected()
    await other.events.publish(*(Event("unread", company=account, feed="f") for account in accounts))
    await eventually(lambda: len(one.heard) == len(accounts), what="a hint of each")


@pytest.mark.faults
@pytest.mark.usefixtures("said_once")  # before all are heard nothing may be said
async def test_what_redis_does_not_take_is_sent_once_it_does(in_time, start, redis):
    one, other = await start(), await start()
    accounts = [user() for _ in range(500)]
    await asyncio.gather(*map(one.events.follow, accounts))
    told_here, before = len(other.heard), one.resyncs
    await redis.client_pause(600, all=False)  # of what writes or publishes: nobody loses a connection
    await other.events.publish(*(Event("unread", company=account, feed="f") for account in accounts[1:]))
    # Not even tried, as Redis was away just now.
    await other.events.publish(Event("progress", company=accounts[0], feed="f"))
    await other.events.publish(Event("feed", company="u", feed="f"))
    await eventually(lambda: len({told for _, told in one.heard}) == len(accounts) + 1, what="a hint of each")
    assert ("progress", accounts[0]) in one.heard
    assert (len(other.heard), one.resyncs) == (told_here + len(accounts) + 1, before)
    assert not other.events._unsent


async def test_nobody_waits_for_a_redis_that_is_away():
    process = Process("redis://127.0.0.1:1", "nowhere")
    began = time.monotonic()
    for _ in range(50):
        await process.events.follow(user())
    await process.events.publish(Event("unread", company=user(), feed="f"))
    assert time.monotonic() - began < IN_TIME_S  # half a second for each would be more
    assert not process.events.connected
    await process.stop()
