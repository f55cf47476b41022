"""Sessions end by themselves, and what has ended does not stay in the store."""

from datetime import UTC, datetime, timedelta

import pytest
from bson import ObjectId

from store.sessions import LIFETIME, token_hash


async def stored(stores):
    return {session["_id"] async for session in stores.sessions._sessions.find({})}


async def expire(stores, *tokens):
    hashes = [token_hash(token) for token in tokens]
    ended = {"expires_at": datetime.now(UTC) - timedelta(seconds=1)}
    await stores.sessions._sessions.update_many({"_id": {"$in": hashes}}, {"$set": ended})


@pytest.mark.gen_test
async def test_a_login_removes_what_has_expired_and_nothing_else(stores):
    user, other = str(ObjectId()), str(ObjectId())
    old, live = await stores.sessions.create(user), await stores.sessions.create(other)
    await expire(stores, old)
    assert not await stores.sessions.is_valid(user, old)
    new = await stores.sessions.create(other)
    assert await stored(stores) == {token_hash(live), token_hash(new)}
    assert await stores.sessions.is_valid(other, live)


@pytest.mark.gen_test
async def test_many_that_have_expired_are_removed_by_several_logins(stores):
    user = ObjectId()
    then = datetime.now(UTC) - timedelta(days=1)
    old = {"user": user, "created_at": then - LIFETIME, "expires_at": then}
    await stores.sessions._sessions.insert_many([{"_id": f"old-{number}", **old} for number in range(250)])
    left = []
    for _ in range(3):
        await stores.sessions.create(str(user))
        left.append(len([key for key in await stored(stores) if key.startswith("old-")]))
    assert left == [150, 50, 0]
