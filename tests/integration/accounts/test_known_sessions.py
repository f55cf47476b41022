"""What is known of a session from a moment ago is never known for longer than it may hold."""

import asyncio

import pytest
from bson import ObjectId
from pymongo.errors import AutoReconnect

from store.accounts import known_sessions
from tests.integration.gates import Gate
from tests.integration.stored import new_account


class Clock:
    """Stands still until a test moves it."""

    now = 1_000.0

    def monotonic(self):
        self.now += 1e-6  # no two moments are one
        return self.now


@pytest.fixture
def clock(monkeypatch):
    made = Clock()
    monkeypatch.setattr(known_sessions, "time", made)
    return made


class Asked:
    """The sessions that MongoDB was asked for, in the order of the reads."""

    def __init__(self, stores) -> None:
        self.reads, self.is_away = [], False
        self._check = stores.sessions.known._check
        stores.sessions.known._check = self._read

    async def _read(self, checks):
        self.reads.append([user for user, _ in checks])
        if self.is_away:
            raise AutoReconnect("away")
        return await self._check(checks)


@pytest.fixture
def asked(stores, clock):
    return Asked(stores)


async def new_session(stores, number=1):
    made = await new_account(stores, number)
    return made.id, await stores.sessions.create(made.id)


async def by_hand(stores, user, **fields):
    await stores._database.accounts.update_one({"_id": ObjectId(user)}, {"$set": fields})


async def test_where_the_event_is_lost_the_note_ends_a_known_session(stores, asked, monkeypatch):
    mine, theirs = await new_session(stores), await new_session(stores, 2)
    for one in (mine, theirs):
        assert await stores.sessions.account_of(*one)
    with monkeypatch.context() as deaf:
        deaf.setattr(stores.events, "publish", lambda *_: asyncio.sleep(0))
        async with stores.revocations.of(mine[0]):
            await stores.sessions.revoke(mine[1])
    assert await stores.sessions.account_of(*mine), "nothing told of it yet"
    await stores.revocations.look()
    assert await stores.sessions.account_of(*mine) is None
    assert await stores.sessions.account_of(*theirs)
    assert len(asked.reads) == 3


@pytest.mark.parametrize("looks", [True, False])
@pytest.mark.parametrize("change", [{"is_hr": False}, {"disabled": True}, {"active": False}, {"epoch": 1}])
async def test_what_nothing_tells_of_holds_for_less_than_two_seconds(stores, asked, clock, change, looks):
    mine = await new_session(stores)
    assert await stores.sessions.account_of(*mine)
    assert await stores.sessions.account_of(*mine)
    await by_hand(stores, mine[0], **change)
    clock.now += 0.8 if looks else 1.6
    if looks:
        await stores.sessions.known.look()
    assert await stores.sessions.account_of(*mine) is None


async def test_what_is_known_is_not_trusted_for_long_while_mongodb_is_away(stores, asked, clock):
    mine = await new_session(stores)
    assert await stores.sessions.account_of(*mine)
    asked.is_away = True
    clock.now += 1.4
    assert await stores.sessions.account_of(*mine)
    with pytest.raises(AutoReconnect):
        await stores.sessions.known.look()
    clock.now += 0.2
    with pytest.raises(AutoReconnect):
        await stores.sessions.account_of(*mine)
    asked.is_away = False
    assert await stores.sessions.account_of(*mine)


async def test_what_was_read_before_an_event_is_not_known_after_it(stores, asked):
    mine = await new_session(stores)
    gate = Gate(stores.sessions, "_holding")  # the answer is on its way
    reading = asyncio.create_task(stores.sessions.account_of(*mine))
    await gate.reached.wait()
    async with stores.revocations.of(mine[0]):
        pass
    gate.open()
    assert await reading
    assert await stores.sessions.account_of(*mine)
    assert len(asked.reads) == 2


async def test_neither_tokens_nor_false_credentials_are_kept(stores, asked):
    mine, theirs = await new_session(stores), await new_session(stores, 2)
    assert await stores.sessions.account_of(*mine)
    assert await stores.sessions.account_of(mine[0], theirs[1]) is None
    assert await stores.sessions.account_of(theirs[0], mine[1]) is None
    assert mine[1] not in repr(stores.sessions.known._of)
    assert [*stores.sessions.known._of] == [mine[0]]
