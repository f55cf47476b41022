"""A backfill shows what it finds as it finds it."""

import asyncio

import pytest

from tests.integration.gates import Gate
from tests.support import PYTHON_FEED, eventually, python_resume


@pytest.mark.gen_test
async def test_the_first_candidates_are_listed_before_the_others_are_looked_for(server, hr):
    await hr.ingest(*(python_resume() for _ in range(3)))
    await hr.all_scored()
    profiles, feed_ids = server.stores.profiles, []
    newest = profiles.newest

    async def patient(feed_id, *args):
        """As `newest`, but the first page must be listed before there is another."""
        async for page in newest(feed_id, *args):
            yield page
            if page:
                await eventually(lambda: hr.unread(feed_id), what="the first page")
                feed_ids.append(feed_id)

    profiles.newest = patient
    feed_id = await hr.submit(**PYTHON_FEED)
    assert feed_ids == [feed_id]
    assert await hr.unread(feed_id) == 3


@pytest.mark.gen_test
async def test_who_would_not_go_there_is_not_even_loaded(server, hr):
    near, far = python_resume(), python_resume()
    near["job_target"] = near["job_target"] | {"expectation_area": "北京"}
    far["job_target"] = far["job_target"] | {"expectation_area": "哈尔滨"}
    ids = (await hr.ingest(near, far))["ids"]
    await hr.all_scored()
    loaded: list[str] = []
    load = server.stores.profiles.load

    async def noted(resume_ids):
        loaded.extend(resume_ids)
        return await load(resume_ids)

    server.stores.profiles.load = noted
    feed_id = await hr.submit(**PYTHON_FEED)
    assert [item["resume"]["id"] for item in await hr.results(feed_id)] == ids[:1]
    assert set(loaded) == {ids[0]}


@pytest.mark.gen_test
async def test_of_many_that_are_not_scored_yet_the_first_are_asked_for(server, hr):
    gate = Gate(server.stores.profiles, "save")  # percolation stands still
    await hr.ingest(*(python_resume() for _ in range(250)))
    await gate.reached.wait()
    resumes, asked, several = server.stores.resumes, [], asyncio.Event()
    revisions = resumes.revisions

    async def noted(ids):
        asked.append(set(ids))
        if len(asked) == 4:
            several.set()
        return await revisions(ids)

    resumes.revisions = noted
    feed_id = await hr.submit(wait=False, **PYTHON_FEED)
    await several.wait()
    assert len(set.union(*asked)) == 100
    gate.open()
    await hr.calced(feed_id)
    assert await hr.unread(feed_id) == 250
