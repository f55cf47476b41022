"""A resume that ends whoever scores it stops the scoring of no other."""

import asyncio

import pytest

from engine.percolation.quarantine import MAX_CRASHED_ATTEMPTS
from tests.faults.team import opened
from tests.integration.processes import check_stores, manage, urls
from tests.support import PYTHON_FEED, Hr, python_resume

pytestmark = pytest.mark.faults

POISON = "毒药"


async def test_it_is_set_aside_after_some_deaths_and_its_neighbours_are_listed(settings, start):
    alone = {**urls(settings), "poison": POISON, "take_over_s": 2}
    process = await start(**alone).ready()
    hr = await Hr.register(process.port)
    feed_id = await hr.submit(**PYTHON_FEED)
    people = [python_resume() for _ in range(6)]
    people[2]["self_evaluation"] = POISON
    ids = (await hr.ingest(*people))["ids"]
    deaths = 0
    async with opened(settings) as stores:
        # As supervisor does.
        while not await stores.quarantine.count():
            if process.is_dead():
                deaths += 1
                assert deaths <= MAX_CRASHED_ATTEMPTS + 2
                process = start(**alone)
            await asyncio.sleep(0.05)
        await process.ready()
        hr.port = process.port
        await hr.all_scored()
        assert {item["resume"]["id"] for item in await hr.results(feed_id)} == {*ids} - {ids[2]}
        # One more, as the process lives.
        await hr.scored(python_resume())
        assert await hr.unread(feed_id) == 6
        assert not process.is_dead()
        shown = await asyncio.to_thread(manage, settings.data_dir, "quarantine", **urls(settings))
        assert f"{ids[2]}  20" in shown.stdout.decode()
        assert f"{MAX_CRASHED_ATTEMPTS} processes ended" in shown.stdout.decode()
        await asyncio.to_thread(check_stores, settings.data_dir, **urls(settings))
