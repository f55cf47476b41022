"""Notices when the sender is killed at its writes, and when results pour in for hundreds of accounts.

A normal run tries some of the points and a smaller flood, `TALENTFEED_FAULTS=long` (`make faults`) two
hundred kills and ten thousand results.
"""

from __future__ import annotations

import asyncio
import random
import time
from datetime import UTC, datetime, timedelta

import pytest
from bson import ObjectId

from config.demo.wechat_server import WechatServer
from notices.schedule import SPACING, Rules
from store.stores import Stores
from tests.integration.notices.notice_scene import (
    NEVER_QUIET,
    RecordedWay,
    list_results,
    make_sender,
    recruiter,
    state,
)
from tests.integration.processes import urls
from tests.support import IS_LONG, drop_database, eventually, scored_result

pytestmark = pytest.mark.faults

WRITES = ("gather-1", "gather-2", "claim-1", "note_unanswered-1", "use_consent-1", "settle-1", "settle-2")
ALL_POINTS = [f"{when}-notices.{write}" for write in WRITES for when in ("before", "after")]
POINTS = ALL_POINTS if IS_LONG else random.Random(15).sample(ALL_POINTS, 2)
ROUNDS = range(20) if IS_LONG else [0]
# The only points after which nobody knows that the message went out.
MAY_REPEAT = {"before-notices.use_consent-1", "after-notices.use_consent-1", "before-notices.settle-1"}
ACCOUNTS, RESULTS, FLOOD_S = (500, 10_000, 60.0) if IS_LONG else (50, 500, 2.0)
LATE_S = 5.0 if IS_LONG else 30.0  # a normal run shares its cores with other tests


def wechat_flags(wechat):
    """The mini-program's settings, as a server's environment has them."""
    flags = {name: value for name, value in wechat.settings().items() if "mini" in name or "url" in name}
    template, fields = flags["wechat_mini_template"]
    named = ",".join(f"{name}={field}" for name, field in fields.items())
    return flags | {"wechat_mini_template": f"{template}:{named}"}


@pytest.fixture
def wechat(io_loop):
    double = WechatServer()
    io_loop.run_sync(double.start)
    yield double
    io_loop.run_sync(double.stop)


@pytest.fixture
def stores(settings, io_loop):
    async def open_stores():
        opened = Stores(settings.mongo_url, settings.mongo_db, settings.redis_url)
        await opened.prepare()
        return opened

    async def close_stores():
        await drop_database(opened)
        await opened.close()

    opened = io_loop.run_sync(open_stores)
    yield opened
    io_loop.run_sync(close_stores)


@pytest.mark.parametrize("attempt", ROUNDS)
async def test_a_sender_killed_at_a_write_loses_nothing_and_repeats_one_at_most(
    settings, stores, start, wechat, attempt
):
    given = urls(settings) | wechat_flags(wechat) | {"notice_grace_s": 0, "quiet_hours": "00:00-00:00"}
    repeated = 0
    for number, point in enumerate(POINTS):
        openid = f"o{number}"
        wechat.consents[openid] = 5
        user, feed = await recruiter(stores, number, left={"mini": 5})
        way = {"openid": openid, "appid": wechat.MINI, "unionid": "", "at": datetime.now(UTC)}
        await stores._database.accounts.update_one({"_id": ObjectId(user)}, {"$set": {"wechat.mini": way}})
        await stores.jobs.drop(["notice"], user)
        await list_results(stores, user, feed, [80.0])
        victim = start(**given, crash_at=point)
        await eventually(lambda victim=victim: victim.is_dead(), within_s=120, what=f"death {point}")
        # The lease is over.
        await stores._database.jobs.update_many(
            {"lease": {"$exists": True}}, {"$set": {"lease": datetime.now(UTC)}}
        )
        successor = start(**given)

        async def told(user=user):
            found = await state(stores, user)
            return "last_sent" in found and not {"due", "lease"} & found.keys()

        await eventually(told, within_s=120, what=f"a notice after {point}")
        successor.stop()
        got = sum(1 for one, _ in wechat.inbox if one == openid)
        assert got == 1 or (got == 2 and point in MAY_REPEAT), (point, got)
        repeated += got - 1
    print(f"\nround {attempt}: {len(POINTS)} kills of the sender: 0 lost, {repeated} repeated once")


@pytest.mark.gen_test(timeout=600)
async def test_a_flood_of_results_is_one_message_an_account(stores):
    """They are sent within seconds of their due time, by a way that takes as long as WeChat does."""
    grace = timedelta(seconds=2)
    way = RecordedWay()
    way.takes_s = 0.05
    sent_at = {}
    send = way.send

    async def timed(receiver, notice):
        await send(receiver, notice)
        sent_at[receiver.user] = datetime.now(UTC)

    way.send = timed
    sender = make_sender(stores, way, defaults=Rules(quiet=NEVER_QUIET.quiet, digests=(), grace=grace))
    made = [await recruiter(stores, number) for number in range(ACCOUNTS)]
    sending = asyncio.create_task(sender.run())
    first, began = {}, time.monotonic()
    rounds = RESULTS // ACCOUNTS
    for number in range(rounds):
        for start in range(0, ACCOUNTS, 50):
            part = [
                scored_result(company=user, feed=feed, score=50.0 + number)
                for user, feed in made[start : start + 50]
            ]
            for user, _ in made[start : start + 50]:
                first.setdefault(user, datetime.now(UTC))
            await stores.results.save(part)
        await asyncio.sleep(max(0.0, began + FLOOD_S * (number + 1) / rounds - time.monotonic()))
    await eventually(lambda: len(sent_at) == ACCOUNTS, within_s=60, what="a message an account")

    async def all_quiet():
        """Whether every result is looked at, and nobody is due before their hour is over."""
        database, soon = stores._database, datetime.now(UTC) + SPACING / 2
        waiting = {"$or": [{"due": {"$lte": soon}}, {"lease": {"$exists": True}}]}
        return not (
            await database.counters.count_documents({"untold": {"$exists": True}})
            or await database.jobs.count_documents({"kind": "notice", **waiting})
        )

    await eventually(all_quiet, within_s=60, what="the end of all looks")
    sending.cancel()
    await asyncio.gather(sending, return_exceptions=True)
    assert sorted(user for user, _ in way.sent) == sorted(user for user, _ in made)
    late_s = sorted((sent_at[user] - first[user] - grace).total_seconds() for user in first)
    print(
        f"\n{RESULTS} results for {ACCOUNTS} accounts: {len(way.sent)} messages, "
        f"{late_s[len(late_s) // 2]:.1f} s after due at the median, {late_s[-1]:.1f} s at most"
    )
    assert late_s[-1] < LATE_S
