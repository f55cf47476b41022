"""Sessions end by themselves, and what has ended does not stay in the store."""

from datetime import UTC, datetime, timedelta

import pytest

from store.accounts.sessions import LIFETIME, LONGEST, token_hash


async def account(stores, number=1):
    made = await stores.accounts.create(
        email=f"hr{number}@example.com", password_hash="x", company_name="x", phone="12345"
    )
    return made.id


async def change(stores, token, **fields):
    await stores.sessions._sessions.update_one({"_id": token_hash(token)}, {"$set": fields})


async def stored(stores):
    return {session["_id"] async for session in stores.sessions._sessions.find({})}


async def expire(stores, *tokens):
    hashes = [token_hash(token) for token in tokens]
    ended = {"expires_at": datetime.now(UTC) - timedelta(seconds=1)}
    await stores.sessions._sessions.update_many({"_id": {"$in": hashes}}, {"$set": ended})


@pytest.mark.gen_test
async def test_a_session_ends_ninety_days_after_its_login_however_it_is_used(stores):
    user = await account(stores)
    token = await stores.sessions.create(user)
    now = datetime.now(UTC)
    await change(stores, token, created_at=now - LONGEST + timedelta(minutes=1))
    assert await stores.sessions.is_valid(user, token)
    await change(stores, token, created_at=now - LONGEST - timedelta(minutes=1))
    assert not await stores.sessions.is_valid(user, token)
    assert await stores.sessions.list_for(user) == []


@pytest.mark.gen_test
async def test_use_extends_a_session_and_is_noted(stores):
    user = await account(stores)
    token = await stores.sessions.create(user, agent="x" * 300)
    before = datetime.now(UTC) - timedelta(days=29)
    await change(stores, token, expires_at=before + LIFETIME, created_at=before)
    (session,) = await stores.sessions.list_for(user)
    assert (abs(session.used_at - before) < timedelta(seconds=1), len(session.agent)) == (True, 200)
    assert await stores.sessions.is_valid(user, token)
    (session,) = await stores.sessions.list_for(user)
    assert datetime.now(UTC) - session.used_at < timedelta(minutes=1)


@pytest.mark.gen_test
async def test_a_session_of_the_release_before_holds(stores):
    user = await account(stores)
    token = await stores.sessions.create(user)
    await stores.sessions._sessions.update_one(
        {"_id": token_hash(token)}, {"$unset": {"epoch": "", "agent": ""}}
    )
    assert await stores.sessions.is_valid(user, token)
    (session,) = await stores.sessions.list_for(user)
    assert session.agent == ""


@pytest.mark.gen_test
async def test_a_login_that_was_under_way_when_all_sessions_ended_is_not_let_in(stores):
    user = await account(stores)
    read = await stores.accounts.get(user)
    early = await stores.sessions.create(user, epoch=read.epoch)
    assert await stores.sessions.is_valid(user, early)
    await stores.accounts.end_sessions(user)
    late = await stores.sessions.create(user, epoch=read.epoch)
    fresh = await stores.sessions.create(user, epoch=(await stores.accounts.get(user)).epoch)
    stores.sessions._states.forget(user)
    held = [await stores.sessions.is_valid(user, token) for token in (early, late, fresh)]
    assert held == [False, False, True]
