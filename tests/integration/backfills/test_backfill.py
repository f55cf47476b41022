"""A backfill reads and asks for no more than it needs."""

import pytest

from tests.integration.gates import Gate, calls_of
from tests.support import PYTHON_FEED, eventually, python_resume


async def test_who_would_not_go_there_is_not_even_loaded(server, hr):
    near, far = python_resume(), python_resume()
    near["job_target"] = near["job_target"] | {"expectation_area": "北京"}
    far["job_target"] = far["job_target"] | {"expectation_area": "哈尔滨"}
    ids = await hr.scored(near, far)
    loaded = calls_of(server.stores.profiles, "load")
    feed_id = await hr.submit(**PYTHON_FEED)
    assert [item["resume"]["id"] for item in await hr.results(feed_id)] == ids[:1]
    assert {id_ for (some,) in loaded for id_ in some} == {ids[0]}


@pytest.mark.long
async def test_of_many_that_are_not_scored_yet_the_first_are_asked_for(server, hr):
    gate = Gate(server.stores.profiles, "save", every=True)  # percolation stands still
    await hr.ingest(*(python_resume() for _ in range(250)))
    await gate.reached.wait()
    asked = calls_of(server.stores.resumes, "states")
    feed_id = await hr.submit(wait=False, **PYTHON_FEED)
    # A step with nothing to wait for asks for none.
    await eventually(lambda: sum(bool(ids) for (ids,) in asked) >= 4, what="several questions")
    assert len({id_ for (ids,) in asked for id_ in ids}) == 100
    gate.open()
    await hr.calced(feed_id)
    assert await hr.unread(feed_id) == 250
