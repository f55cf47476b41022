"""Who looks like whom is the same whatever comes first, follows changes, and ends with the resume."""

import itertools
from datetime import UTC, datetime

import pytest

import store.persons.lookalikes
from intake.record import parse_resume
from runtime.decoding import dump
from store.ids import resume_id
from tests.integration.gates import Killed, Trap
from tests.support import python_resume
from tests.unit.persons.test_likeness import prose

SCHOOL = [{"school": "北京邮电大学", "degree": "本科", "end_time": "2018-06"}]
PEOPLE = {
    "one": {"name": "林晚照", "education": SCHOOL, "self_evaluation": prose(1)},
    "classmate": {"name": "林晚照", "education": SCHOOL},
    "copy": {"name": "林女士", "self_evaluation": prose(1)},
    "nobody": {"name": "王小明", "education": SCHOOL, "self_evaluation": prose(2)},
}


def person(source_id, **changes):
    """Somebody whom no phone or e-mail connects with anybody."""
    fields = {**PEOPLE.get(source_id, {}), **changes}
    return parse_resume(dump(python_resume(source_id=source_id, phone="", email="", **fields)).encode())


def id_of(name):
    return resume_id("test", name)


async def bring(engine, *people):
    await engine.stores.resumes.save(people)
    await engine.percolate()


async def pairs(stores):
    rows = await stores._database.resumes.find({}, {"maybe_same": 1, "source_id": 1}).to_list(None)
    names = {row["_id"]: row["source_id"] for row in rows}
    return {
        (row["source_id"], names.get(other, "gone")) for row in rows for other in row.get("maybe_same", ())
    }


def both(*couples):
    return {pair for one, other in couples for pair in ((one, other), (other, one))}


ALL = both(("one", "classmate"), ("one", "copy"))


@pytest.mark.gen_test
async def test_whatever_comes_first_both_of_a_pair_know_each_other(engine, stores):
    await engine.load()
    for order in itertools.permutations(PEOPLE):
        for name in order:
            await bring(engine, person(name))
        assert await pairs(stores) == ALL
        for name in order:
            await stores.erasures.erase(id_of(name))
            await stores.erasures.lift(id_of(name))
        assert await pairs(stores) == set()


@pytest.mark.gen_test
async def test_those_of_one_batch_and_of_two_processes_find_each_other(engine, other, stores):
    await engine.load()
    await other.load()
    await bring(engine, person("one"), person("copy"))
    await bring(other, person("classmate"), person("nobody"))
    assert await pairs(stores) == ALL


@pytest.mark.gen_test
async def test_a_change_ends_a_pair_and_makes_another(engine, stores):
    await engine.load()
    await bring(engine, *map(person, PEOPLE))
    await bring(engine, person("one", education=[]))
    assert await pairs(stores) == both(("one", "copy"))
    await bring(engine, person("one", self_evaluation=prose(3)))
    assert await pairs(stores) == both(("one", "classmate"))
    await bring(engine, person("one"))
    assert await pairs(stores) == ALL


@pytest.mark.gen_test
async def test_one_that_is_gone_is_in_nobodys_document(engine, stores):
    await engine.load()
    await bring(engine, *map(person, PEOPLE))
    await stores.erasures.erase(id_of("copy"))
    assert await pairs(stores) == both(("one", "classmate"))
    assert await stores.erasures.end(id_of("classmate"), datetime.now(UTC))
    assert await pairs(stores) == set()


@pytest.mark.gen_test
async def test_a_process_that_dies_in_between_leaves_nothing_out(engine, stores):
    await engine.load()
    await bring(engine, person("one"))
    trap = Trap(stores.lookalikes, "settle")
    with pytest.raises(Killed):
        await bring(engine, person("copy"))
    trap.take_away()
    assert await pairs(stores) == set()
    await engine.percolate()
    assert await pairs(stores) == both(("one", "copy"))


@pytest.mark.gen_test
async def test_what_many_share_is_everybodys(engine, stores, monkeypatch):
    monkeypatch.setattr(store.persons.lookalikes, "MOST", 2)
    monkeypatch.setattr(store.by_ids, "_MOST_READ", 3)
    await engine.load()
    for number in range(5):
        await bring(engine, person(f"many-{number}", name="", self_evaluation=prose(4)))
    found = await stores._database.resumes.find({}, {"maybe_same": 1}).to_list(None)
    # More than the most, so that it can be seen, and not one more.
    assert [len(row["maybe_same"]) for row in found] == [3] * 5


@pytest.mark.gen_test
async def test_a_key_that_many_have_is_looked_up_for_few(rows_found, noted, engine, monkeypatch):
    monkeypatch.setattr(store.persons.lookalikes, "MOST", 2)
    await engine.load()
    for part in range(8):
        await bring(engine, *(person(f"{part}-{n}", name="林晚照", education=SCHOOL) for n in range(5)))
    # Those four with the lowest ids, some who were among these when they came, and the batch.
    assert rows_found.most["contacts"] < 20
