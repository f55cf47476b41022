"""Who looks like whom is the same whatever comes first, follows changes, and ends with the resume."""

import itertools
from datetime import UTC, datetime

import pytest

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


async def test_whatever_comes_first_both_of_a_pair_know_each_other(engine, stores):
    await engine.load()
    # Each as the first and as the last, and each pair both ways round.
    for order in itertools.islice(itertools.permutations(PEOPLE), None, None, 5):
        for name in order:
            await bring(engine, person(name))
        assert await pairs(stores) == ALL
        for name in order:
            await stores.erasures.erase(id_of(name))
            await stores.erasures.lift(id_of(name))
        assert await pairs(stores) == set()


async def test_a_change_ends_a_pair_and_makes_another(engine, stores):
    await engine.load()
    await bring(engine, *map(person, PEOPLE))
    await bring(engine, person("one", education=[]))
    assert await pairs(stores) == both(("one", "copy"))
    await bring(engine, person("one", self_evaluation=prose(3)))
    assert await pairs(stores) == both(("one", "classmate"))
    await bring(engine, person("one"))
    assert await pairs(stores) == ALL


async def test_one_that_is_gone_is_in_nobodys_document(engine, stores):
    await engine.load()
    await bring(engine, *map(person, PEOPLE))
    await stores.erasures.erase(id_of("copy"))
    assert await pairs(stores) == both(("one", "classmate"))
    assert await stores.erasures.end(id_of("classmate"), datetime.now(UTC))
    assert await pairs(stores) == set()


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
