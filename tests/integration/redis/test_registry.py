"""Processes say what they do, and are forgotten soon after they stop saying so."""

import time

import pytest

import store.redis.registry as module
from commands import reports
from runtime.roles import ROLES
from store.redis import keys
from store.redis.fleet import Fleet
from store.redis.presence import Presence
from store.redis.redis_client import Redis
from store.redis.registry import Registry
from store.shards.shares import WHOLE, Share
from tests.integration.processes import free_port
from tests.support import eventually


@pytest.mark.gen_test
async def test_everybody_sees_who_does_what_those_seen_last_first(registries, monkeypatch):
    monkeypatch.setattr(module, "_REREAD_S", 0.0)
    one, two = registries("one"), registries("two")
    one.announce("score", Share(1, 2))
    one.announce("web", WHOLE)

    async def sees(role, expected):
        return await two.seen(role) == expected

    await eventually(lambda: sees("score", {Share(1, 2): ["one"]}), what="the first")
    two.announce("score", Share(1, 2))
    await eventually(lambda: sees("score", {Share(1, 2): ["two", "one"]}), what="both")
    assert await one.seen("web") == {WHOLE: ["one"]}
    assert await one.seen("learn") == {}
    await one.leave()
    one.announce("score", Share(1, 2))  # by a task that has not ended yet
    assert await two.seen("score") == {Share(1, 2): ["two"]}
    assert await two.seen("web") == {}


@pytest.mark.gen_test
async def test_who_is_killed_is_forgotten_and_a_wiped_redis_told_again(registries, stores, monkeypatch):
    monkeypatch.setattr(module, "_REREAD_S", 0.0)
    monkeypatch.setattr(module, "_SAY_EVERY_S", 0.05)
    lives, killed = registries("lives"), Registry(stores._redis, stores._database.name, "killed")
    lives.announce("score", WHOLE)
    killed.announce("score", WHOLE)
    await killed._say()

    async def sees(*expected):
        return set((await lives.seen("score")).get(WHOLE, ())) == {*expected}

    await eventually(lambda: sees("lives", "killed"), what="both")
    monkeypatch.setattr(module, "_FORGET_S", 0.5)
    await eventually(lambda: sees("lives"), what="the end of the killed one")
    await stores._redis.client.delete(keys.running(stores._database.name, "score"))
    await eventually(lambda: sees("lives"), what="the one that lives")


@pytest.mark.gen_test
async def test_while_redis_does_not_answer_those_seen_last_are_seen_and_nobody_after_that(
    stores, registries, monkeypatch
):
    monkeypatch.setattr(module, "_REREAD_S", 0.0)
    registry = registries("one")
    registry.announce("backfill", WHOLE)

    async def sees():
        return await registry.seen("backfill") == {WHOLE: ["one"]}

    async def no_answer(*_):
        raise TimeoutError

    await eventually(sees, what="itself")
    with monkeypatch.context() as away:
        away.setattr(stores._redis, "quickly", no_answer)
        for _ in range(3):
            assert await sees()
        assert await registry.find("backfill") is None
        away.setattr(module, "_FORGET_S", 0.0)
        assert await registry.seen("backfill") == {}
    await eventually(sees, what="Redis")


@pytest.mark.gen_test
async def test_nothing_is_said_to_be_with_nobody_while_redis_does_not_say_who_has_it(
    stores, registries, monkeypatch
):
    monkeypatch.setattr(module, "_REREAD_S", 0.0)
    asking = stores.registry
    fleet = Fleet(asking, stores.presence)
    assert await fleet.unserved() is None  # before anybody has said anything
    await stores.presence._say()
    registry = registries(stores.presence.process)
    for role in ROLES[1:]:
        registry.announce(role, WHOLE)

    async def is_known():
        return await fleet.unserved() == [ROLES[0]]

    await eventually(is_known, what="what it does")
    read = asking._read

    async def read_slowly(role):
        if role == "learn":
            raise TimeoutError
        return await read(role)

    monkeypatch.setattr(asking, "_read", read_slowly)
    assert await fleet.unserved() is None
    monkeypatch.setattr(asking, "_read", read)
    await eventually(is_known, what="Redis")


@pytest.mark.gen_test
async def test_what_another_release_says_is_passed_over(registries, stores):
    registry = registries("one")
    registry.announce("score", Share(2, 3))
    key = keys.running(stores._database.name, "score")
    now = time.time()
    await stores._redis.client.zadd(key, {"everything@other": now, "9/3@other": now, "1/3@x@y": now})

    async def is_there():
        return Share(2, 3) in await registry.seen("score")

    await eventually(is_there, what="itself")
    assert await registry.seen("score") == {Share(1, 3): ["x@y"], Share(2, 3): ["one"]}


@pytest.mark.gen_test
async def test_who_scores_by_other_rules_is_known_before_it_scores_and_where_it_does_not_say_so(
    stores, monkeypatch
):
    mine, *others = (
        Registry(stores._redis, stores._database.name, f"host:{number}:a") for number in range(4)
    )
    starts, scores, former = others
    for one in (mine, starts, scores):
        one.announce_rules("ours" if one is mine else "theirs")
    mine.announce("score", WHOLE)
    scores.announce("backfill", Share(1, 2))
    former.announce("score", Share(2, 2))
    former.announce("web", WHOLE)
    for one in (mine, *others):
        await one._say()
    assert await mine.of_other_rules("ours") == {"host:1:a", "host:2:a", "host:3:a"}
    assert await mine.of_other_rules("theirs") == {"host:0:a", "host:3:a"}
    for one in others:
        await one.leave()
        one.announce_rules("theirs")  # by a task that has not ended yet
        await one._say()
    assert await mine.of_other_rules("ours") == set()
    monkeypatch.setattr(module, "_FORGET_S", -1.0)
    assert await mine.of_other_rules("theirs") == set()


@pytest.mark.gen_test
async def test_that_nobody_goes_by_other_rules_is_not_said_while_redis_is_away():
    away = Redis(f"redis://127.0.0.1:{free_port()}")
    assert await Registry(away, "any", "one").of_other_rules("ours") is None
    await away.close()


@pytest.mark.gen_test
async def test_what_no_process_does_is_known_by_its_slots(registries, stores):
    one, two = registries("one"), registries("two")
    assert await one.unserved("backfill") == [*range(64)]
    one.announce("backfill", Share(1, 4))
    two.announce("backfill", Share(2, 2))

    async def sees():
        return await one.unserved("backfill") == [*range(16, 32)]

    await eventually(sees, what="both")
    one.announce("backfill", Share(1, 2))

    async def sees_nothing():
        return await one.unserved("backfill") == []

    await eventually(sees_nothing, what="the other half")


@pytest.mark.gen_test
async def test_who_lives_is_not_known_while_a_process_does_not_see_itself(registries, stores):
    one, two = registries("one"), registries("two")
    assert await one.living("score") is None
    two.announce("score", Share(1, 2))

    async def sees(*expected):
        return await two.living("score") == {*expected}

    await eventually(lambda: sees("two"), what="itself")
    assert await one.living("score") is None
    one.announce("score", Share(2, 2))
    await eventually(lambda: sees("one", "two"), what="both")
    await stores._redis.client.delete(keys.running(stores._database.name, "score"))
    assert await two.living("score") is None


@pytest.mark.gen_test
async def test_hundreds_of_processes_are_all_counted_and_some_of_them_named(stores):
    said_at, name = time.time(), stores._database.name
    processes = {f"process-{number}": said_at + number / 1000 for number in range(300)}
    parts = {f"{number % 3 + 1}/3@process-{number}": said_at for number in range(300)}
    redis = stores._redis.client
    await redis.zadd(keys.processes(name), processes)
    await redis.zadd(keys.running(name, "score"), parts)
    await redis.zadd(keys.running(name, "backfill"), {"1/2@process-1": said_at})
    await redis.zadd(keys.running(name, "web"), {"1/1@process-299": said_at})
    fleet = Fleet(stores.registry, stores.presence)
    lines = await reports._roles(fleet)
    assert lines["role score"] == "300 (1/3, 2/3, 3/3)"
    assert lines["role backfill"] == "1 (1/2) - NOT ALL OF IT IS DONE"
    assert (lines["role web"], lines["role learn"]) == ("1", "0 - NOT ALL OF IT IS DONE")
    assert await fleet.count() == 300
    listed = await fleet.processes()
    assert {one.name for one in listed} == {f"process-{number}" for number in range(100, 300)}


@pytest.mark.gen_test
async def test_what_was_said_by_a_clock_that_was_ahead_is_passed_over_once_it_is_right(registries, stores):
    """Else a dead process would be given work, and waited for at an upgrade, for as long."""
    one, prefix, client = registries("one"), stores._database.name, stores._redis.client
    for key, member in (
        (keys.running(prefix, "score"), "1/1@dead"),
        (keys.rules(prefix), "theirs@dead"),
        (keys.processes(prefix), "dead"),
    ):
        await client.zadd(key, {member: time.time() + 3600})
    assert await one.find("score") == {}
    assert await one.of_other_rules("ours") == set()
    await stores.presence._say()
    assert [*await stores.presence.processes()] == [stores.presence.process]
    assert await stores.presence.count() == 1
    one.announce("score", WHOLE)
    one.announce_rules("ours")
    await one._say()
    assert await one.living("score") == {"one"}
    assert await one.of_other_rules("ours") == set()


@pytest.mark.gen_test
async def test_a_process_whose_clock_is_behind_takes_nobody_else_out(stores, monkeypatch):
    """Nobody sees it itself, but one such machine must not keep all others from seeing each other."""
    right, behind = (Registry(stores._redis, stores._database.name, name) for name in ("right", "behind"))
    for one in (right, behind):
        one.announce("score", WHOLE)
        one.announce_rules("ours")
    await right._say()
    await stores.presence._say()
    now = time.time
    with monkeypatch.context() as clock:
        clock.setattr(time, "time", lambda: now() - 90)
        await behind._say()
        await Presence(stores._redis, stores._database.name, "behind")._say()
    assert await right.living("score") == {"right"}
    assert await right.of_other_rules("theirs") == {"right"}
    assert stores.presence.process in await stores.presence.processes()
