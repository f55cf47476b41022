"""`bench.harness.outcome`, as a command over two databases that are filled alike, and then not."""

import asyncio
import subprocess
import sys

from bson import ObjectId

from store.stores import Stores
from tests.integration.stored import new_account, new_feed
from tests.support import drop_database, scored_result


async def filled(stores):
    account = await new_account(stores)
    feed = await new_feed(stores, account.id)
    await stores.results.save([scored_result(feed=feed.id, company=account.id, resume="5" * 24)])


def compared(argv):
    """It reads whole databases, which no process of ours may: what it asks is not watched."""
    command = [sys.executable, "-m", "bench.harness.outcome", *argv]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def test_two_runs_of_the_same_work_are_equal_and_one_score_is_a_difference(store_urls):
    names = [f"test-outcome-{ObjectId()}" for _ in range(2)]

    async def scene():
        both = [Stores(store_urls["mongo"], name, store_urls["redis"]) for name in names]
        try:
            for stores in both:
                await stores.prepare()
                await filled(stores)
            argv = [word for name in names for word in (store_urls["mongo"], name)]
            equal = await asyncio.to_thread(compared, argv)
            await both[1]._database.results.update_one({}, {"$set": {"score": 12.0}})
            other = await asyncio.to_thread(compared, argv)
        finally:
            for stores in both:
                await drop_database(stores)
                await stores.close()
        return equal, other

    equal, other = asyncio.run(scene())
    assert equal.returncode == 0, equal
    assert "results: 0 differences\n" in equal.stdout
    assert other.returncode == 1, other
    assert "score: ...50.0 and ...12.0" in other.stdout
