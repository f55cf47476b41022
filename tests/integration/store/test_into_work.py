"""Results of before say where their person stands, with the right counts, whatever kills the change."""

import itertools

from store.migrations.into_work import into_work
from tests.api.people.test_notes import mark, with_people
from tests.integration.gates import Killed
from tests.integration.store.test_into_companies import dying_after
from tests.support import python_resume

NEW = ("work", "outcome", "outcome_at", "unlocked")


async def kept(database):
    """What the change is about: of each result, and of the counters."""
    rows = await database.results.find({}, dict.fromkeys(("outcome", "outcome_at", "work"), 1)).to_list(None)
    counters = await database.counters.find({}, {"undecided": 1}).to_list(None)
    return {row.pop("_id"): row for row in rows}, [one.get("undecided") for one in counters]


async def become_of_before(database):
    await database.results.update_many({}, {"$unset": dict.fromkeys(NEW, "")})
    await database.counters.update_many({}, {"$unset": {"undecided": ""}})


async def test_what_was_marked_and_read_is_said_by_the_lists_whatever_write_it_dies_at(server, hr):
    person = {"phone": "13900000003", "email": "he@example.com"}
    feed, (older, called, read, _) = await with_people(
        hr, python_resume(source_id="old", **person), *(python_resume() for _ in range(3))
    )
    await mark(hr, feed, older, "约面试")
    await mark(hr, feed, called, "没接")
    await hr.scored(python_resume(source_id="new", **person))
    await hr.get(f"/feed/get/{feed}/{read}")
    database = server.stores._database
    expected = await kept(database)
    assert [*expected[1][0].values()] == [1]
    assert sorted(row.get("work", "") for row in expected[0].values()) == [
        *("", "", "contacted", "interview", "undecided")
    ]
    await become_of_before(database)
    for lives in itertools.count():
        try:
            await into_work(dying_after(database, lives))
        except Killed:
            continue
        break
    assert lives > 0
    assert await kept(database) == expected
    assert [line async for line in server.stores.invariants.broken()] == []
