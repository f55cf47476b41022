"""Identities and tickets in the store: killed at each write, and two at once."""

import asyncio
import itertools

import pytest

from store.accounts.identity import Identity
from store.errors import IdentityTaken
from tests.integration.gates import Gate, Killed, Trap, beside, done_again
from tests.integration.stored import new_account

NUMBERS = itertools.count(1)
APPS = {"mini": "wx1", "mp": "wx2", "wecom": "ww1"}


def person(app="mini", unionid=""):
    return Identity(app=app, appid=APPS[app], openid=f"openid-{next(NUMBERS)}", unionid=unionid)


async def account(stores):
    return (await new_account(stores, next(NUMBERS))).id


async def opened(stores, identity):
    found = await stores.identities.find(identity)
    return found and found.id


async def test_a_bind_that_is_killed_at_any_write_leaves_nothing(stores):
    who = person(unionid=f"union-{next(NUMBERS)}")
    first, second = await account(stores), await account(stores)
    identities = stores.identities
    for owner, name in (
        (identities._claims._claims, "update_one"),
        (identities._accounts, "update_one"),
        (identities._notices, "turn_on"),
    ):
        trap = Trap(owner, name)
        with pytest.raises(Killed):
            await identities.bind(first, who)
        trap.take_away()
        assert await opened(stores, who) is None
        assert await stores._database.identities.count_documents({}) == 0
    await identities.bind(second, who)
    assert await opened(stores, who) == second
    with pytest.raises(IdentityTaken):
        await identities.bind(first, who)


async def test_of_two_who_bind_the_same_person_at_once_one_is_refused(stores):
    who = person()
    accounts = [await account(stores) for _ in range(2)]
    gate = Gate(stores.identities._notices, "turn_on")
    first = beside(stores.identities.bind(accounts[0], who))
    await gate.reached.wait()  # all of it is written, and nothing is committed
    again, second = done_again(), beside(stores.identities.bind(accounts[1], who))
    while done_again() == again:
        await asyncio.sleep(0.01)
    gate.open()
    await first
    with pytest.raises(IdentityTaken):
        await second
    assert await opened(stores, who) == accounts[0]
    assert (await stores.accounts.get(accounts[1])).wechat == {}
    assert await stores._database.identities.count_documents({}) == 1


async def test_a_person_who_is_bound_again_while_they_are_unbound_opens_the_account(stores):
    user, who = await account(stores), person()
    await stores.identities.bind(user, who)
    gate = Gate(stores.identities._notices, "turn_on")
    binding = beside(stores.identities.bind(user, who))
    await gate.reached.wait()
    again, unbinding = done_again(), beside(stores.identities.unbind(user, "mini", APPS))
    while done_again() == again:
        await asyncio.sleep(0.01)
    gate.open()
    await asyncio.gather(binding, unbinding)
    assert await opened(stores, who) is None  # which came last
    assert await stores._database.identities.count_documents({}) == 0
    await stores.identities.bind(user, who)
    assert await opened(stores, who) == user


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
