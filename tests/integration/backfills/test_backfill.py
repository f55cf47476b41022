"""A backfill reads and asks for no more than it needs."""

import asyncio

import pytest

from tests.integration.gates import Gate
from tests.support import PYTHON_FEED, python_resume


async def test_who_would_not_go_there_is_not_even_loaded(server, hr):
    near, far = python_resume(), python_resume()
    near["job_target"] = near["job_target"] | {"expectation_area": "北京"}
    far["job_target"] = far["job_target"] | {"expectation_area": "哈尔滨"}
    ids = await hr.scored(near, far)
    loaded: list[str] = []
    load = server.stores.profiles.load

    async def noted(resume_ids):
        loaded.extend(resume_ids)
        return await load(resume_ids)

    server.stores.profiles.load = noted
    feed_id = await hr.submit(**PYTHON_FEED)
    assert [item["resume"]["id"] for item in await hr.results(feed_id)] == ids[:1]
    assert set(loaded) == {ids[0]}


@pytest.mark.long
async def test_of_many_that_are_not_scored_yet_the_first_are_asked_for(server, hr):
    gate = Gate(server.stores.profiles, "save", every=True)  # percolation stands still
    await hr.ingest(*(python_resume() for _ in range(250)))
    await gate.reached.wait()
    resumes, asked, several = server.stores.resumes, [], asyncio.Event()
    states = resumes.states

    async def noted(ids):
        if ids:  # a step with nothing to wait for asks for none
            asked.append(set(ids))
        if len(asked) == 4:
            several.set()
        return await states(ids)

    resumes.states = noted
    feed_id = await hr.submit(wait=False, **PYTHON_FEED)
    await several.wait()
    assert len(set.union(*asked)) == 100
    gate.open()
    await hr.calced(feed_id)
    assert await hr.unread(feed_id) == 250
