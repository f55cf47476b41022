"""kill -9 of those who do shares of backfills, while feeds and resumes come and the number of shares changes.

In the end every list is the one that a process makes which does everything, and nobody has killed. 3 kills in
a normal run, 100 with `TALENTFEED_FAULTS=long` (`make faults`); a test's name holds its seed.
"""

from __future__ import annotations

import asyncio
import random

import pytest

from config.demo import DEMO_FEEDS, demo_resumes
from tests.faults.forks import urls
from tests.faults.test_kill_loop import comparable
from tests.integration.processes import manage
from tests.support import IS_LONG, Hr, eventually

pytestmark = pytest.mark.faults

SEARCHING = "score,backfill"
FORMS = DEMO_FEEDS[:3]
COUNTS = (2, 3, 1)
KILLS, SEEDS = (10, range(10)) if IS_LONG else (3, range(1))


class Shares:
    """The processes of all shares of one count, and what is killed of them."""

    def __init__(self, fork, given, chance):
        self._fork, self._given, self._chance = fork, given, chance
        self._running = {}

    def start(self, count):
        """Start a process for each share, beside those that run."""
        self._running |= {f"{number}/{count}": None for number in range(1, count + 1)}
        for part in [part for part, process in self._running.items() if process is None]:
            self._running[part] = self._fork(roles=SEARCHING, score_part=part, **self._given)

    def kill_one(self):
        """Kill one, and start its successor."""
        part = self._chance.choice(list(self._running))
        self._running[part].kill()
        self._running[part] = self._fork(roles=SEARCHING, score_part=part, **self._given)

    def change(self, count):
        """Have so many shares; those of the number before are killed once the others are started."""
        before, self._running = self._running, {}
        self.start(count)
        for process in before.values():
            process.kill()


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.gen_test(timeout=600)
async def test_kills_of_shares_leave_the_lists_of_one_process(settings, fork, tmp_path, seed):
    chance = random.Random(seed)
    given = {**urls(settings), "feed_quota": 1000}
    front = fork(roles="web,intake,notify,learn", **given)
    shares = Shares(fork, given, chance)
    shares.start(COUNTS[0])
    await front.ready()
    hr = await Hr.register(front.port)
    people = list(demo_resumes(90))
    await hr.ingest(*people[:40])
    feeds = {}
    for kill in range(KILLS):
        form = chance.choice(FORMS)
        feed = await hr.submit(wait=False, **form)
        feeds[feed] = form
        if len(feeds) > 1 and chance.random() < 0.5:
            feed, form = chance.choice(list(feeds)), chance.choice(FORMS)
            await hr.submit(wait=False, feed_id=feed, **form)
            feeds[feed] = form
        some = people[40 + kill * 50 // KILLS : 40 + (kill + 1) * 50 // KILLS]
        # Somebody who is stored changes, too.
        await hr.ingest(*some, people[kill] | {"works": people[kill + 40]["works"]})
        await asyncio.sleep(chance.uniform(0, 1.5))
        if kill % 4 == 1:
            shares.change(COUNTS[(kill // 4 + 1) % len(COUNTS)])
        else:
            shares.kill_one()

    async def is_done():
        page = await hr.get("/special_feed/page/")
        return all(row["feed"]["calced"] for row in page["data"]["all_feed"])

    await hr.all_scored()
    await eventually(is_done, within_s=120, what="the backfills")
    lists = {feed: comparable(await hr.results(feed)) for feed in feeds}
    # The same forms once more, for a process that does everything.
    shares.change(1)
    for feed, form in feeds.items():
        assert lists[feed] == comparable(await hr.results(await hr.submit(**form)))
        assert len(lists[feed]) >= 3
    checked = manage(tmp_path / "data", "check", **urls(settings))
    assert checked.returncode == 0, checked.stderr.decode()
