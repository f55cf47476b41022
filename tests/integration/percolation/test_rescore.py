"""After an upgrade of the rules everything is scored by them, whoever still went by others meanwhile.

A process of older rules is an engine whose analyzer has another version. Looks are steps that a test takes.
"""

import asyncio
import copy

import pytest
from redis.exceptions import ConnectionError

from engine.percolation import rescore as module
from store.meta import Rules
from store.redis import registry as registry_module
from tests.integration.engines import Engine
from tests.integration.gates import Gate, Killed, Trap
from tests.support import python_resume

LOOKS = module._QUIET_LOOKS


def with_rules(analyzer, version):
    other = copy.copy(analyzer)
    other.version = version
    return other


@pytest.fixture(autouse=True)
def unhurried(monkeypatch):
    """Who said once by which rules it goes is seen for as long as a test takes its steps."""
    monkeypatch.setattr(registry_module, "_FORGET_S", 3600.0)


@pytest.fixture
def older(analyzer):
    return with_rules(analyzer, "older rules")


async def look(*engines, times=LOOKS):
    for _ in range(times):
        for one in engines:
            await one.rescoring._step()


async def begin(engine):
    """A process starts, and says that it scores."""
    await engine.rescoring.begin()
    await engine.stores.registry.announce("engine")
    await engine.stores.registry.say()
    await engine.load()


async def end(engine):
    await engine.stores.registry.leave()


async def waiting(stores, ids):
    """Of some resumes those that wait to be scored."""
    return {id_ for id_, (_, pending) in (await stores.resumes.revisions(ids)).items() if pending}


async def versions(stores):
    """The rules of all profiles."""
    return {one["version"] async for one in stores._database.profiles.find({}, {"version": 1})}


async def test_of_several_processes_one_has_all_scored_again(stores, other, engine, analyzer):
    ids = await engine.bring(python_resume(), python_resume())
    await stores.meta.note_start("older rules")
    await begin(engine)
    await begin(other)
    held = Gate(stores.resumes, "requeue")
    first = asyncio.create_task(look(engine))
    await held.reached.wait()
    await look(other, times=2 * LOOKS)
    held.open()
    await first
    await look(other, engine)
    assert await stores.meta.rules() == Rules(analyzer.version)
    assert await stores.resumes.revisions(ids) == dict.fromkeys(ids, (2, True))


async def test_all_are_scored_again_once_the_last_process_of_older_rules_is_gone(
    stores, other, analyzer, older
):
    """What that scores after the first restart stays by older rules else."""
    old, new = Engine(other.stores, older), Engine(stores, analyzer)
    await begin(old)
    before = await old.bring(python_resume())
    await begin(new)
    await look(new)
    meanwhile = await old.bring(python_resume())
    await look(new)
    assert await versions(stores) == {"older rules"}
    assert not await waiting(stores, before + meanwhile)
    await end(old)
    await look(new)
    assert await waiting(stores, before + meanwhile) == {*before, *meanwhile}
    await new.percolate()
    await look(new)
    assert not await waiting(stores, before + meanwhile)
    assert await versions(stores) == {analyzer.version}
    assert await stores.meta.rules() == Rules(analyzer.version)


async def is_away(*_):
    raise ConnectionError


async def test_while_redis_is_away_nobody_is_taken_for_gone(stores, other, engine, older, monkeypatch):
    old = Engine(other.stores, older)
    await begin(old)
    ids = await old.bring(python_resume())
    await begin(engine)
    monkeypatch.setattr(stores.registry, "_read_others", is_away)
    await look(engine)
    assert not await waiting(stores, ids)


@pytest.mark.parametrize("is_new", [True, False])
async def test_a_process_of_older_rules_that_starts_while_all_are_queued_has_them_queued_again(
    stores, other, engine, older, analyzer, is_new
):
    """It has crashed, for example."""
    ids = await engine.bring(python_resume())
    await stores.meta.note_start("older rules")
    await begin(engine)
    old = Engine(other.stores, older)
    held = Gate(stores.resumes, "requeue")
    queueing = asyncio.create_task(look(engine))
    await held.reached.wait()
    if is_new:
        await begin(old)
        await old.stores.registry.leave()  # it starts, and nobody sees it yet
    else:
        await old.stores.registry.announce("engine")
        await old.stores.registry.say()
    held.open()
    await queueing
    await old.percolate()
    assert not (await stores.meta.rules()).are_settled(analyzer.version)
    await end(old)
    await look(engine)
    assert await waiting(stores, ids) == {*ids}
    await engine.percolate()
    assert await versions(stores) == {analyzer.version}


async def test_of_two_rules_those_stay_whose_processes_do(stores, other, engine, older):
    """A downgrade is an upgrade to older rules."""
    await begin(engine)
    ids = await engine.bring(python_resume())
    old = Engine(other.stores, older)
    await begin(old)
    await look(engine, old)
    assert not await waiting(stores, ids)
    await end(engine)
    await look(old)
    assert await waiting(stores, ids) == {*ids}
    await old.percolate()
    assert await versions(stores) == {"older rules"}
    assert await stores.meta.rules() == Rules("older rules")


@pytest.mark.parametrize("where", ["begin_rescoring", "requeue", "add", "end_rescoring"])
async def test_whoever_is_killed_meanwhile_leaves_it_to_the_next(stores, other, engine, analyzer, where):
    ids = await engine.bring(python_resume())
    await stores.meta.note_start("older rules")
    await begin(engine)
    owner = {"requeue": stores.resumes, "add": stores.queue}.get(where, stores.meta)
    trap = Trap(owner, where)
    with pytest.raises(Killed):
        await look(engine)
    trap.take_away()
    await end(engine)
    await begin(other)
    await look(other)
    assert await stores.meta.rules() == Rules(analyzer.version)
    assert await waiting(stores, ids) == {*ids}


async def test_what_a_process_scored_that_nobody_saw_is_scored_again_and_nothing_else(
    stores, other, engine, analyzer
):
    await begin(engine)
    wrong, waits, aside, right = await engine.bring(*(python_resume() for _ in range(4)))
    profiles, resumes = stores._database.profiles, stores._database.resumes
    await profiles.update_many({}, {"$set": {"version": "older rules"}})
    await resumes.update_many({}, {"$set": {"scored_at": None}})
    await stores.resumes.requeue([waits, aside])
    (poison,) = await stores.resumes.load([aside])
    await stores.quarantine.add(poison, "it ends processes")
    await begin(other)
    await stores.resumes.requeue([right])
    await engine.percolator.score(await stores.resumes.load([right]))  # the index of the other is behind
    await look(other, times=1)
    states = await stores.resumes.revisions([wrong, waits, aside, right])
    assert states == {wrong: (2, True), waits: (2, True), aside: (2, False), right: (2, False)}
    await engine.percolate()
    await look(other, times=2)
    assert not await waiting(stores, [wrong, waits, aside, right])
    assert other.stored.of_other_rules == [aside]
