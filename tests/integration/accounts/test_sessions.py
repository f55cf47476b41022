"""Sessions end by themselves, and what has ended does not stay in the store."""

import asyncio
import secrets
from datetime import UTC, datetime, timedelta

import pytest
from bson import ObjectId

from store.accounts import sessions as sessions_module
from store.accounts.sessions import LIFETIME, LONGEST, MOST, token_hash
from tests.integration.stored import new_account


async def account(stores, number=1):
    return (await new_account(stores, number)).id


async def change(stores, token, **fields):
    await stores.sessions._sessions.update_one({"_id": token_hash(token)}, {"$set": fields})


async def holds(stores, user, token):
    """Whether a session is valid as of now; `is_valid` may know it from a moment ago."""
    return bool(await stores.sessions.check([(user, token_hash(token))]))


async def stored(stores):
    return {session["_id"] async for session in stores._database.sessions.find({})}


async def test_a_session_ends_ninety_days_after_its_login_however_it_is_used(stores):
    user = await account(stores)
    token = await stores.sessions.create(user)
    now = datetime.now(UTC)
    await change(stores, token, created_at=now - LONGEST + timedelta(minutes=1))
    assert await holds(stores, user, token)
    await change(stores, token, created_at=now - LONGEST - timedelta(minutes=1))
    assert not await holds(stores, user, token)
    assert await stores.sessions.list_for(user) == []


async def test_use_extends_a_session_and_is_noted(stores):
    user = await account(stores)
    token = await stores.sessions.create(user, agent="x" * 300)
    before = datetime.now(UTC) - timedelta(days=29)
    await change(stores, token, expires_at=before + LIFETIME, created_at=before)
    (session,) = await stores.sessions.list_for(user)
    assert (abs(session.used_at - before) < timedelta(seconds=1), len(session.agent)) == (True, 200)
    assert await holds(stores, user, token)
    (session,) = await stores.sessions.list_for(user)
    assert datetime.now(UTC) - session.used_at < timedelta(minutes=1)


async def test_a_login_that_was_under_way_when_all_sessions_ended_is_not_let_in(stores):
    user = await account(stores)
    read = await stores.accounts.get(user)
    early = await stores.sessions.create(user, epoch=read.epoch)
    assert await holds(stores, user, early)
    await stores.accounts.end_sessions(user)
    late = await stores.sessions.create(user, epoch=read.epoch)
    fresh = await stores.sessions.create(user, epoch=(await stores.accounts.get(user)).epoch)
    held = [await holds(stores, user, token) for token in (early, late, fresh)]
    assert held == [False, False, True]


DAY, MINUTE, SECOND = timedelta(days=1), timedelta(minutes=1), timedelta(seconds=1)


def session(user, *, used, created):
    key = secrets.token_hex(32)
    return {
        "_id": key,
        "user": ObjectId(user),
        "created_at": created,
        "expires_at": used + LIFETIME,
        "epoch": 0,
        "agent": "",
    }


@pytest.fixture
def every_login_trims(monkeypatch):
    monkeypatch.setattr(sessions_module, "_TRIMMED_EVERY", 1)


async def test_a_client_that_logs_in_for_each_call_ends_its_own_sessions_alone(stores, every_login_trims):
    user, other = await account(stores), await account(stores, 2)
    now = datetime.now(UTC)
    foreign = [session(other, used=now - DAY, created=now - DAY) for _ in range(3)]
    person = session(user, used=now - 2 * DAY, created=now - 9 * DAY)
    calls = [session(user, used=at, created=at) for n in range(MOST + 30) if (at := now - DAY + n * MINUTE)]
    fresh = [session(user, used=at, created=at) for n in range(30) if (at := now - n * SECOND)]
    await stores.sessions._sessions.insert_many([*foreign, person, *calls, *fresh])
    token = await stores.sessions.create(user)
    assert await holds(stores, user, token)
    left = [*foreign, person, *calls[30:], *fresh]
    assert await stored(stores) == {one["_id"] for one in left} | {token_hash(token)}


async def test_whoever_logs_in_while_many_do_is_let_in(stores, every_login_trims):
    user = await account(stores)
    tokens = await asyncio.gather(*(stores.sessions.create(user) for _ in range(MOST + 20)))
    held = await asyncio.gather(*(holds(stores, user, token) for token in tokens))
    assert all(held)


async def test_a_session_that_is_used_while_a_login_ends_those_too_many_stays(
    stores, every_login_trims, monkeypatch
):
    user = await account(stores)
    at = datetime.now(UTC) - DAY
    calls = [session(user, used=at + n * SECOND, created=at + n * SECOND) for n in range(MOST + 2)]
    await stores.sessions._sessions.insert_many(calls)
    delete = sessions_module.delete_by_ids

    async def used_first(collection, ids, **which):
        change = {"$set": {"expires_at": datetime.now(UTC) + LIFETIME}}
        await collection.update_one({"_id": calls[0]["_id"]}, change)
        await delete(collection, ids, **which)

    monkeypatch.setattr(sessions_module, "delete_by_ids", used_first)
    await stores.sessions.create(user)
    left = await stored(stores)
    assert (calls[0]["_id"] in left, calls[1]["_id"] in left) == (True, False)


MANY = 1_100


async def with_many(stores):
    """An account with more sessions than a query should find, and the token of one more."""
    user = await account(stores)
    token = await stores.sessions.create(user)
    now = datetime.now(UTC)
    times = [now - n * SECOND for n in range(MANY)]
    await stores.sessions._sessions.insert_many([session(user, used=at, created=at) for at in times])
    return user, token


async def test_thousands_of_sessions_of_an_account_are_listed_and_ended_some_at_a_time(noted, rows_found):
    user, token = await with_many(noted)
    listed = await noted.sessions.list_for(user)
    assert len(listed) == MANY + 1
    assert listed == sorted(listed, key=lambda one: one.used_at, reverse=True)
    assert await noted.sessions.end_all(user, but=token_hash(token)) == MANY
    assert await stored(noted) == {token_hash(token)}
    assert 0 < rows_found.most["sessions"] <= 1000


async def test_a_session_that_is_used_while_all_are_ended_ends_and_a_later_login_stays(stores, monkeypatch):
    user = await account(stores)
    now = datetime.now(UTC)
    rows = [session(user, used=now - n * DAY, created=now - 20 * DAY) for n in (1, 10)]
    await stores.sessions._sessions.insert_many(rows)
    delete, late, has_begun = sessions_module.delete_by_ids, [], asyncio.Event()

    async def used_first(collection, ids, **which):
        if not has_begun.is_set():
            has_begun.set()  # before a login that deletes, too, as one in sixteen does
            change = {"$set": {"expires_at": datetime.now(UTC) + LIFETIME}}
            await collection.update_one({"_id": rows[1]["_id"]}, change)
            late.append(await stores.sessions.create(user))
        await delete(collection, ids, **which)

    monkeypatch.setattr(sessions_module, "delete_by_ids", used_first)
    assert await stores.sessions.end_all(user) == 2
    assert await stored(stores) == {token_hash(late[0])}
