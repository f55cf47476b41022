"""The server is killed before and after each of its writes; a restart and a patient client mend everything.

A normal run tries some of the points, `TALENTFEED_FAULTS=long` (`make faults`) all of them. A point is named
by the write and its number in the story: `after-results.save-2`, see `crashing.py`.
"""

from __future__ import annotations

import random
import time
from collections import Counter
from dataclasses import replace

import pytest

from tests.faults.story import Story
from tests.faults.team import opened
from tests.integration.processes import urls
from tests.support import IS_LONG, drop_database

# Every write that the server makes, and how often the story makes it at least; the time it takes decides
# about more.
WRITES = {
    "accounts.create": 4,
    "accounts.know": 1,
    "accounts.start_mission": 1,
    "allowances.take": 10,
    "audit.changed": 10,
    "audit.record": 6,
    "backfills.claim": 6,
    "backfills.finish": 9,
    "contacts.disclose": 10,
    "erasures.erase": 14,
    "feedback.drop": 1,
    "feedback.finish": 5,
    "feedback.save": 15,
    "feedback.set_pending": 1,
    "feeds.create": 12,
    "feeds.delete": 3,
    "feeds.mark_partner": 1,
    "feeds.open": 4,
    "feeds.pause": 3,
    "feeds.resume": 3,
    "feeds.update": 3,
    "lookalikes.settle": 8,
    "meta.database_id": 1,
    "meta.note_start": 1,
    "notices.look_again": 1,
    "person_records.change": 5,
    "person_records.comment": 3,
    "person_records.mark": 3,
    "person_records.unlock": 4,
    "person_records.unwatch": 3,
    "person_records.watch": 9,
    "persons.came": 8,
    "profiles.save": 6,
    "result_counters.alone": 6,
    "results.drop_outdated": 6,
    "results.drop_unmatched": 5,
    "results.keep_unchanged": 2,
    "results.mark_read": 6,
    "results.note_unlocked": 4,
    "results.rescore_kept": 8,
    "results.save": 9,
    "results.save_spared": 9,
    "results.set_deleted": 9,
    "results.settle_saved": 4,
    "resumes.save": 12,
    "sessions.create": 1,
    "stores.note_key": 1,
    "waiting_resumes.mark_scored": 6,
}
# Made where something is left to do when the clock strikes, or a process begins.
BY_THE_CLOCK = {
    "arrivals.flush",
    "backfills.claim_newest",
    "backfills.keep",
    "backfills.note_progress",
    "erasures.finish_recent",
    "notices.claim",
    "notices.gather",
    "notices.put_off",
    "notices.settle",
    "quarantine.claim",
    "jobs._keep",
    "jobs.hasten",
    "jobs.holding",
    "jobs.put_off",
    "runner._do",
    "runner.run",
    "stores.opened",
    "stores.prepare",
    "stores.close",
}
ALL_POINTS = [
    f"{when}-{write}-{number}"
    for write, times in WRITES.items()
    for number in range(1, times + 1)
    for when in ("before", "after")
]
POINTS = ALL_POINTS if IS_LONG else random.Random(280).sample(ALL_POINTS, 2)
_CALM = {}


async def tell(settings, start, **how):
    """The story's outcome, whether its server died, and which invariants are broken."""
    given = urls(settings)
    async with opened(settings) as stores:
        story = Story(start(**given, **how), lambda: start(**given), stores)
        outcome = await story.play()
        broken = [line async for line in stores.invariants.broken()]
        story.process.stop()
        await drop_database(stores)
        return outcome, story.died, broken


@pytest.fixture
def writes_log(tmp_path):
    return tmp_path / "writes.log"


@pytest.fixture(scope="module")
def tally():
    """For whoever reads the output: how many points were tried, and how many of them came to the same end."""
    counts, began = Counter(), time.monotonic()
    yield counts
    took_s = time.monotonic() - began
    print(
        f"\nkilled at {counts['tried']} of its writes: {counts['same']} ends as undisturbed, {took_s:.0f} s"
    )


async def undisturbed(settings, start, writes_log):
    """What the story ends with where nobody dies; told once."""
    if not _CALM:
        calm = replace(settings, mongo_db=f"{settings.mongo_db}-calm")
        outcome, died, broken = await tell(calm, start, writes_log=writes_log)
        assert (died, broken) == (False, [])
        written = {point.rpartition("-")[0] for point in writes_log.read_text().split()}
        _CALM.update(outcome=outcome, written=written)
    return _CALM


@pytest.mark.long
async def test_the_story_makes_every_write_that_is_listed_here(settings, start, writes_log):
    written = (await undisturbed(settings, start, writes_log))["written"]
    assert written - BY_THE_CLOCK == WRITES.keys()


@pytest.mark.parametrize("point", POINTS)
async def test_a_server_killed_at_a_write_ends_as_one_that_never_was(
    point, settings, start, writes_log, tally
):
    expected = (await undisturbed(settings, start, writes_log))["outcome"]
    tally["tried"] += 1
    outcome, died, broken = await tell(settings, start, crash_at=point)
    assert died
    assert broken == []
    for name, there in expected.items():
        assert outcome[name] == there, name
    tally["same"] += 1
