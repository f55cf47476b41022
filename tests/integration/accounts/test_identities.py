"""Identities and tickets in the store: killed at each write, and what is left over then."""

import asyncio
import contextlib
import itertools

import pytest

from store.accounts import identities as module
from store.accounts.identity import Identity
from store.errors import IdentityTaken, TicketRefused
from tests.integration.gates import Gate, Killed, Trap

NUMBERS = itertools.count(1)
APPS = {"mini": "wx1", "mp": "wx2", "wecom": "ww1"}


def person(app="mini", unionid=""):
    return Identity(app=app, appid=APPS[app], openid=f"openid-{next(NUMBERS)}", unionid=unionid)


async def account(stores, **more):
    email = f"hr{next(NUMBERS)}@example.com"
    fields = {"email": email, "password_hash": "x", "company_name": "x", "phone": "12345"}
    return (await stores.accounts.create(**(fields | more))).id


async def opened(stores, identity):
    found = await stores.identities.find(identity)
    return found and found.id


@pytest.mark.gen_test
async def test_a_bind_that_is_killed_at_any_write_blocks_nobody(stores, monkeypatch):
    identities = stores.identities
    for owner, name in ((identities._claims, "insert_one"), (identities._accounts, "update_one")):
        who = person(unionid=f"union-{next(NUMBERS)}")
        first, second = await account(stores), await account(stores)
        trap = Trap(owner, name)
        # As where the process is gone: nothing is given back.
        monkeypatch.setattr(identities._claims, "delete_one", trap._call)
        with pytest.raises(Killed):
            await identities.bind(first, who)
        monkeypatch.undo()
        trap.take_away()
        assert await opened(stores, who) is None
        if name == "update_one":
            with pytest.raises(IdentityTaken):  # it may still be on its way
                await identities.bind(second, who)
        monkeypatch.setattr(module, "CLAIM", module.timedelta(0))
        await identities.bind(second, who)
        assert await opened(stores, who) == second
        with pytest.raises(IdentityTaken):
            await identities.bind(first, who)
        monkeypatch.undo()


@pytest.mark.gen_test
async def test_whoever_binds_at_the_same_moment_as_another_is_refused_and_leaves_nothing(stores):
    who = person()
    first, second = await account(stores), await account(stores)
    gate = Gate(stores.identities._accounts, "update_one")

    async def bind_first():
        await stores.identities.bind(first, who)

    task = asyncio.create_task(bind_first())
    await gate.reached.wait()
    with pytest.raises(IdentityTaken):
        await stores.identities.bind(second, who)
    gate.open()
    await task
    assert await opened(stores, who) == first
    assert await stores._database.identities.count_documents({}) == 1


@pytest.mark.gen_test
async def test_a_person_who_is_bound_again_while_they_are_unbound_opens_the_account(stores):
    user, who = await account(stores), person()
    await stores.identities.bind(user, who)
    gate = Gate(stores.identities._accounts, "update_one")
    task = asyncio.create_task(stores.identities.bind(user, who))
    await gate.reached.wait()
    await stores.identities.unbind(user, "mini", APPS)
    gate.open()
    await task
    assert await opened(stores, who) == user


@pytest.mark.gen_test
async def test_what_is_replaced_or_unbound_leaves_no_claim(stores):
    user = await account(stores)
    claims = stores._database.identities
    for number in range(3):
        await stores.identities.bind(user, person(unionid=f"union-{number}"))
        assert await claims.count_documents({}) == 2
    await stores.identities.bind(user, person("mp", unionid="union-2"))
    assert await claims.count_documents({}) == 3  # the unionid is one
    await stores.identities.unbind(user, "mini", APPS)
    assert await claims.count_documents({}) == 2  # and stays while the other app has it
    await stores.identities.unbind(user, "mp", APPS)
    assert await claims.count_documents({}) == 0
    assert (await stores.accounts.get(user)).wechat == {}


@pytest.mark.gen_test
async def test_a_ticket_in_the_hand_of_a_process_that_died_is_good_again(stores):
    tickets, who = stores.wechat_tickets, person()
    ticket = await tickets.make_ticket(who)
    trap = Trap(tickets._tickets, "update_one")
    with pytest.raises(Killed):
        async with tickets.redeeming(ticket):
            pass
    trap.take_away()
    with contextlib.suppress(Killed):
        async with tickets.redeeming(ticket) as held:
            assert held == who
            with pytest.raises(TicketRefused):  # one at a time
                await tickets.redeeming(ticket).__aenter__()
            raise Killed("what it is for fails")
    # Held by somebody who never came back.
    stored = stores._database.wechat_tickets
    past = (await stored.find_one({}))["expires_at"].replace(year=2000)
    await stored.update_one({}, {"$set": {"held_until": past}})
    async with tickets.redeeming(ticket):
        pass
    with pytest.raises(TicketRefused):
        async with tickets.redeeming(ticket):
            pass
