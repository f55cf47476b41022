"""Budgets of accounts and allowances of a day: over processes, a wiped Redis, and a Redis that is away."""

import asyncio
import secrets
import time
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest
from bson import ObjectId

from store.accounts.allowances import Allowances
from store.redis import budgets as budgets_module
from store.redis.budgets import Budgets
from store.redis.redis_client import Redis
from store.retry import Sweep, sweep
from tests.support import eventually

USER, OTHER = str(ObjectId()), str(ObjectId())
LIMIT = 60


@pytest.fixture
def prefix():
    return f"test-{secrets.token_hex(6)}"


@pytest.fixture
def still(monkeypatch):
    """The clock of the processes stands: nothing comes back while a busy machine takes its time."""
    now = time.monotonic()
    monkeypatch.setattr(budgets_module, "time", SimpleNamespace(monotonic=lambda: now))


@pytest.fixture
def slowly(monkeypatch):
    """What is spent comes back in hours: nothing of it while a busy machine takes its time."""
    monkeypatch.setattr(budgets_module, "MINUTE_S", 60_000.0)


@pytest.fixture
def open_budgets(store_urls, prefix, io_loop):
    """Makes the budgets of one more process, which tells Redis."""
    made = []

    def make(url=store_urls["redis"]):
        redis = Redis(url)
        budgets = Budgets(redis, prefix)
        telling = sweep([Sweep("budgets", budgets.tell, budgets_module.EVERY_S)])
        made.append((redis, asyncio.create_task(telling)))
        return budgets

    yield make

    async def close():
        for redis, task in made:
            task.cancel()
            await redis.client.aclose()

    io_loop.run_sync(close)


async def spend_all(budgets, units=1, limit=LIMIT, user=USER):
    """How many requests of so many units are let in until one is not."""
    for number in range(1000):
        if await budgets.spend(user, units, limit):
            return number
    raise AssertionError("there is no end")


async def test_a_budget_is_used_up_and_fills_up_again_evenly(open_budgets, still):
    budgets = open_budgets()
    assert await spend_all(budgets) == LIMIT
    wait_s = await budgets.spend(USER, 10, LIMIT)
    assert 8 < wait_s <= 10
    assert await budgets.spend(OTHER, 10, LIMIT) == 0
    level = budgets._levels[USER]
    level.at -= 30
    level.heard_at += 10
    assert await spend_all(budgets) == 30  # one comes back a second


async def test_what_is_refused_costs_nothing_and_what_is_dearer_than_all_takes_all(open_budgets, still):
    budgets = open_budgets()
    assert await budgets.spend(USER, 55, LIMIT) == 0
    waits = [await budgets.spend(USER, 10, LIMIT) for _ in range(20)]
    assert 3 < min(waits) <= max(waits) <= 5
    assert await budgets.spend(OTHER, 100, LIMIT) == 0


async def test_what_is_given_back_is_given_back_in_all_processes(open_budgets, prefix, slowly):
    here, there = open_budgets(), open_budgets()
    assert await spend_all(here, units=20) == 3

    async def is_told(units):
        """Whether Redis knows so much to be spent; a process counts it as sent before that."""
        value = await here._redis.client.get(f"{prefix}:budget:{USER}")
        return round(float(value.split()[0]) if value else 0.0) == units

    await eventually(lambda: is_told(60), what="what was spent")
    assert await there.spend(USER, 20, LIMIT) > 0
    here.give_back(USER, 20)
    here.give_back(OTHER, 20)  # of whom nothing is known

    async def may_spend():
        return not await there.spend(USER, 20, LIMIT)

    await eventually(may_spend, what="what was given back")
    assert await there.spend(USER, 20, LIMIT) > 0
    await eventually(lambda: is_told(60), what="what was spent there")
    here.give_back(USER, 200)
    await eventually(lambda: is_told(0), what="all of it")
    assert await spend_all(open_budgets(), units=20) == 3


async def test_processes_share_the_budget_of_an_account(open_budgets, prefix, slowly):
    here, there = open_budgets(), open_budgets()
    assert await spend_all(here) == LIMIT

    async def is_told():
        value = await here._redis.client.get(f"{prefix}:budget:{USER}")
        return value and float(value.split()[0]) > LIMIT - 2

    await eventually(is_told, what="Redis knows")
    assert await spend_all(there) <= 3
    assert await there.spend(OTHER, 1, LIMIT) == 0


async def test_a_wiped_redis_gives_nobody_a_new_budget(open_budgets, prefix, still):
    budgets = open_budgets()
    assert await spend_all(budgets) >= LIMIT
    await budgets._redis.client.delete(f"{prefix}:budget:{USER}")
    budgets._levels[USER].heard_at = 0
    assert await budgets.spend(USER, 5, LIMIT) > 0


async def test_without_redis_a_process_goes_on_by_itself(open_budgets, still):
    budgets = open_budgets("redis://127.0.0.1:1")
    assert await spend_all(budgets) == LIMIT


async def test_of_many_at_once_in_two_processes_as_many_pass_as_may(stores):
    allowances = [stores.allowances, Allowances(stores._database)]
    waits = await asyncio.gather(*(allowances[n % 2].take(USER, "unlock", 7) for n in range(30)))
    assert waits.count(0) == 7
    assert all(0 < wait <= 86_400 for wait in waits if wait)
    assert await allowances[0].take(USER, "test", 7) == 0
    assert await allowances[0].take(OTHER, "unlock", 7) == 0


async def test_a_day_later_the_window_begins_anew(stores):
    allowances, documents = stores.allowances, stores._database.allowances
    assert [bool(await allowances.take(USER, "unlock", 2)) for _ in range(3)] == [False, False, True]
    await documents.update_many({}, {"$set": {"ends_at": datetime.now(UTC) - timedelta(seconds=1)}})
    waits = await asyncio.gather(*(allowances.take(USER, "unlock", 2) for _ in range(5)))
    assert waits.count(0) == 2


async def test_what_is_repeated_after_a_kill_counts_once(stores, monkeypatch):
    monkeypatch.setattr("store.accounts.allowances._REMEMBERED", 2)
    allowances, documents = stores.allowances, stores._database.allowances

    async def takes(*ids):
        return [bool(await allowances.take(USER, "unlock", 3, of=id_)) for id_ in ids]

    assert await takes("a", "a", "b", "b", "a") == [False] * 5
    # Nor does it at the limit; only the last ones are remembered.
    assert await takes("c", "c", "d", "a") == [False, False, True, True]
    for _ in range(2):
        await allowances.give_back(USER, "unlock", of="c")
    assert await takes("d", "c") == [False, True]
    await documents.update_many({}, {"$set": {"ends_at": datetime.now(UTC) - timedelta(seconds=1)}})
    assert await takes("d", "e", "d", "f", "g") == [False] * 4 + [True]


async def test_the_same_at_once_in_two_processes_counts_once(stores):
    allowances = [stores.allowances, Allowances(stores._database)]
    waits = await asyncio.gather(*(allowances[n % 2].take(USER, "unlock", 2, of="a") for n in range(10)))
    assert waits == [0] * 10
    assert await allowances[0].take(USER, "unlock", 2, of="b") == 0
    assert await allowances[0].take(USER, "unlock", 2, of="c") > 0
