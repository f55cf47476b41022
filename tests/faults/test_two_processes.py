"""Two servers on the same stores: each does what a dead one leaves."""

import asyncio
import time

import pytest

from tests.integration.processes import check_stores, urls
from tests.support import IS_LONG, PYTHON_FEED, Api, Hr, python_resume

pytestmark = pytest.mark.faults

WITHIN_S = 15 if IS_LONG else 40  # a normal run shares its cores with other tests
"""In this time nothing of a dead process is left undone."""


@pytest.mark.parametrize("moment", ["before-results.save-1", "after-results.save-1", "after-profiles.save-1"])
async def test_what_a_process_was_scoring_when_it_was_killed_is_scored_by_the_other(moment, settings, start):
    other = await start(**urls(settings)).ready()
    hr = await Hr.register(other.port)
    feed = await hr.submit(**PYTHON_FEED)
    ids = set((await hr.ingest(python_resume()))["ids"])
    await hr.all_scored()  # so that it has looked for what its predecessors left
    socket = await hr.live()
    dies = await start(**urls(settings), crash_at=moment).ready()
    while not dies.is_dead():  # each of them gets its share, as they come to it
        assert len(ids) < 4000, "one process does all the work"
        ids.update((await Api(other.port).ingest(*(python_resume() for _ in range(40))))["ids"])
        await asyncio.sleep(0.1)
    died_at = time.monotonic()
    frame = await socket.until("unread", unread_count=len(ids), within_s=WITHIN_S)
    assert frame["total"] == len(ids)
    await hr.all_scored()
    took_s = time.monotonic() - died_at
    print(f"\none of two processes killed {moment}: what it had taken is scored after {took_s:.1f} s")
    assert took_s < WITHIN_S
    assert {item["resume"]["id"] for item in await hr.results(feed)} == ids
    assert await hr.unread(feed) == len(ids)
    await asyncio.to_thread(check_stores, other.data_dir, **urls(settings))
