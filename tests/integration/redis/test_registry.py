"""Processes say what they do, and are forgotten soon after they stop saying so."""

import time

import store.redis.registry as module
from runtime.roles import ROLES
from store.redis import keys
from store.redis.presence import Presence
from store.redis.registry import Registry
from tests.support import eventually


async def test_everybody_sees_who_does_what(registries):
    one, two = registries("one"), registries("two")
    await one.announce("engine")
    await one.announce("web")

    async def sees(**expected):
        return {role: {*names} for role, names in (await two.by_role()).items()} == expected

    await eventually(lambda: sees(web={"one"}, engine={"one"}), what="the first")
    await two.announce("engine")
    await eventually(lambda: sees(web={"one"}, engine={"one", "two"}), what="both")
    assert await one.unserved() == []
    await one.leave()
    await one.announce("engine")  # by a task that has not ended yet
    assert await sees(web=set(), engine={"two"})
    assert await two.unserved() == ["web"]


async def test_who_is_killed_is_forgotten_and_a_wiped_redis_told_again(registries, stores, monkeypatch):
    lives, killed = registries("lives"), Registry(stores._redis, stores._database.name, "killed")
    await lives.announce("engine")
    await killed.announce("engine")
    await killed.say()

    async def sees(*expected):
        return await lives.living() == {*expected}

    await eventually(lambda: sees("lives", "killed"), what="both")
    monkeypatch.setattr(module, "_FORGET_S", 0.5)
    await eventually(lambda: sees("lives"), what="the end of the killed one")
    await stores._redis.client.delete(keys.running(stores._database.name, "engine"))
    await eventually(lambda: sees("lives"), what="the one that lives")


async def test_nothing_is_said_to_be_with_nobody_while_redis_does_not_say_who_has_it(
    stores, registries, monkeypatch
):
    asking = stores.registry
    assert await asking.unserved() is None  # before anybody has said anything
    registry = registries("one")
    await registry.announce(ROLES[1])

    async def is_known():
        return await asking.unserved() == [ROLES[0]]

    await eventually(is_known, what="what it does")

    async def is_away():
        raise TimeoutError

    with monkeypatch.context() as away:
        away.setattr(asking, "_read", is_away)
        assert await asking.unserved() is None
        assert await asking.by_role() is None
    await eventually(is_known, what="Redis")


async def test_who_scores_by_other_rules_is_known_before_it_scores_and_where_it_does_not_say_so(
    stores, monkeypatch
):
    mine, *others = (
        Registry(stores._redis, stores._database.name, f"host:{number}:a") for number in range(4)
    )
    starts, scores, former = others
    for one in (mine, starts, scores):
        await one.announce_rules("ours" if one is mine else "theirs")
    for one in (mine, scores, former):
        await one.announce("engine")
    await former.announce("web")
    for one in (mine, *others):
        await one.say()
    assert await mine.of_other_rules("ours") == {"host:1:a", "host:2:a", "host:3:a"}
    assert await mine.of_other_rules("theirs") == {"host:0:a", "host:3:a"}
    for one in others:
        await one.leave()
        await one.announce_rules("theirs")  # by a task that has not ended yet
        await one.say()
    assert await mine.of_other_rules("ours") == set()
    monkeypatch.setattr(module, "_FORGET_S", -1.0)
    assert await mine.of_other_rules("theirs") == set()


async def test_what_was_said_by_a_clock_that_was_ahead_is_passed_over_once_it_is_right(registries, stores):
    """Else a dead process would be waited for at an upgrade, for as long."""
    one, prefix, client = registries("one"), stores._database.name, stores._redis.client
    for key, member in (
        (keys.running(prefix, "engine"), "dead"),
        (keys.rules(prefix), "theirs@dead"),
        (keys.processes(prefix), "dead"),
    ):
        await client.zadd(key, {member: time.time() + 3600})
    assert await one.by_role() == {role: [] for role in ROLES}
    assert await one.of_other_rules("ours") == set()
    await stores.presence.say()
    assert [*await stores.presence.processes()] == [stores.presence.process]
    assert await stores.presence.count() == 1
    await one.announce("engine")
    await one.announce_rules("ours")
    await one.say()
    assert await one.living() == {"one"}
    assert await one.of_other_rules("ours") == set()


async def test_a_process_whose_clock_is_behind_takes_nobody_else_out(stores, monkeypatch):
    """Nobody sees it itself, but one such machine must not keep all others from seeing each other."""
    right, behind = (Registry(stores._redis, stores._database.name, name) for name in ("right", "behind"))
    for one in (right, behind):
        await one.announce("engine")
        await one.announce_rules("ours")
    await right.say()
    await stores.presence.say()
    now = time.time
    with monkeypatch.context() as clock:
        clock.setattr(time, "time", lambda: now() - 90)
        await behind.say()
        await Presence(stores._redis, stores._database.name, "behind").say()
    assert await right.living() == {"right"}
    assert await right.of_other_rules("theirs") == {"right"}
    assert stores.presence.process in await stores.presence.processes()
