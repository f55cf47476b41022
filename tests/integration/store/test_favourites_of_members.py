"""Favourites of before are those of whoever made the company, whatever kills the change."""

import itertools

from store.migrations.favourites_of_members import favourites_of_members
from tests.api.people.test_notes import with_people
from tests.integration.gates import Killed
from tests.integration.store.test_into_companies import dying_after
from tests.support import python_resume


async def test_they_are_there_as_before_and_the_old_index_is_gone(server, hr):
    feed, ids = await with_people(hr, *(python_resume() for _ in range(3)))
    for resume in ids[:2]:
        await hr.get(f"/resumes/add_watch/{resume}", feed_id=feed)
    database = server.stores._database
    records = database.candidate_records
    expected = await records.find({}).sort("_id", 1).to_list(None)
    await records.update_many({}, {"$unset": {"watcher": ""}})
    before = [("company", 1), ("watched_at", -1), ("_id", -1)]
    await records.create_index(before, name="favourites", partialFilterExpression={"watched": True})
    assert (await hr.get("/resume/follow/list/"))["total_count"] == 0
    for lives in itertools.count():
        try:
            await favourites_of_members(dying_after(database, lives))
        except Killed:
            continue
        break
    assert lives > 0
    assert await records.find({}).sort("_id", 1).to_list(None) == expected
    assert (await hr.get("/resume/follow/list/"))["total_count"] == 2
    assert "favourites" not in await records.index_information()
