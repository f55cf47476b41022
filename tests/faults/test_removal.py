"""A member is removed by a server that is killed at each write: all they had is one colleague's, always.

A short run tries two of the points with a small company, `TALENTFEED_FAULTS=long` (`make faults`) all of
them with 50 feeds and 20,000 results.
"""

import asyncio
import random
import time

import pytest
from tornado.httpclient import HTTPClientError

from tests.faults.team import joined, opened
from tests.integration.processes import check_stores, urls
from tests.support import IS_LONG, PASSWORD, PYTHON_FEED, Hr, basic, eventually, python_resume

FEEDS, PEOPLE = (50, 400) if IS_LONG else (3, 4)
_SEED = 35


async def page_of(hr):
    """The feeds that somebody sees, with what is unread; none for who is out."""
    answer = await hr.read("/special_feed/page/")
    if answer.http == 401:
        return {}
    return {row["feed"]["id"]: row["feed"]["unread_count"] for row in answer["data"]["all_feed"]}


async def had(hr, feed):
    """What somebody has of one feed and of its people."""
    rows = (await hr.read(f"/special_feed/feed_list/{feed}", size=50, tier="all"))["data"]
    listed = [(row["resume"]["id"], row["user_read_status"], row["work"], row["score"]) for row in rows]
    return listed, (await hr.get("/resumes/marked/"))["marked_count"], await page_of(hr)


async def logs_in(hr):
    answer = await hr.post("/hr/login/", {"username": hr.email, "password": PASSWORD})
    hr.authorization = basic(hr.user, answer["auth_info"]["token"])


async def is_removed(owner, leaver, heir):
    """Remove somebody, again until it is answered; it was done where they are there no more."""

    async def is_answered():
        answer = await owner.post(f"/company/members/{leaver.user}/remove/", {"to": heir.user})
        assert answer.http in (200, 404, 503), answer.body
        return answer.http != 503

    await eventually(is_answered, what="the removal")


@pytest.mark.faults
@pytest.mark.gen_test(timeout=3_600 if IS_LONG else 240)
async def test_whoever_is_removed_by_a_server_that_dies_leaves_everything_to_one(settings, start, tmp_path):
    log, quota = tmp_path / "writes", {"feed_quota": FEEDS + 1}
    async with opened(settings) as stores:
        lives = await start(**urls(settings), **quota).ready()
        owner, leaver, heir = [await Hr.register(lives.port) for _ in range(3)]
        await joined(stores, owner, leaver, heir)
        feeds = [
            await leaver.submit(wait=False, **{**PYTHON_FEED, "title": f"Python开发 {number}"})
            for number in range(FEEDS)
        ]
        ids = (await leaver.ingest(*(python_resume() for _ in range(PEOPLE))))["ids"]
        await leaver.all_scored(every_s=0.5)
        await leaver.calced(feeds[-1])
        for feed in feeds[:3]:
            await leaver.get(f"/feed/get/{feed}/{ids[0]}")
            await leaver.get("/feed/modify_feed_result", feed_id=feed, resume_id=ids[1], reco_index=-150)
        mark = {"feed_id": feeds[0], "mark_name": "约面试", "good_result": True}
        assert (await leaver.post(f"/resumes/mark/{ids[2]}", mark)).status == "ok"
        before, longest = await had(leaver, feeds[0]), 0.0
        assert len(before[2]) == FEEDS
        assert before[1] == 1

        async def at(port, crash_at):
            """Remove the leaver at a server that may die of it, look who has what, and change sides."""
            nonlocal leaver, heir, longest
            for one in (leaver, heir):
                await page_of(one)  # so that sessions are known
            boss = Hr.logged_in(port, owner.email, {"user": owner.user, "token": owner.token})
            path, began = f"/company/members/{leaver.user}/remove/", time.monotonic()
            try:
                assert (await boss.post(path, {"to": heir.user})).status == "ok"
                assert not crash_at
            except (OSError, HTTPClientError):
                assert crash_at
            sides = await asyncio.gather(page_of(leaver), page_of(heir))
            # The two may stand on both sides of the commit that was on its way; the next ones may not.
            if sorted(map(len, sides)) != [0, FEEDS]:
                sides = await asyncio.gather(page_of(leaver), page_of(heir))
            assert sorted(map(len, sides)) == [0, FEEDS], (crash_at, sides)
            await is_removed(owner, leaver, heir)
            longest = max(longest, time.monotonic() - began)

            async def is_whole():
                return await had(heir, feeds[0]) == before

            # Reminders come with the account, which a server whose neighbour died knows for two seconds.
            await eventually(is_whole, what=f"what they had, of one who died {crash_at}")
            await logs_in(leaver)
            assert await page_of(leaver) == {}
            await joined(stores, owner, leaver)
            leaver, heir = heir, leaver

        calm = await start(**urls(settings), **quota, roles="web", writes_log=log).ready()
        log.write_text("")
        await at(calm.port, "")
        calm.stop()
        own = ("members.", "audit.", "revocations.", "notices.")
        points = [
            f"{when}-{write}"
            for write in log.read_text().split()
            if write.startswith(own)
            for when in ("before", "after")
        ]
        assert len(points) > 12
        for point in points if IS_LONG else random.Random(_SEED).sample(points, 2):
            dies = await start(**urls(settings), **quota, roles="web", crash_at=point).ready()
            await at(dies.port, point)
            await eventually(lambda dies=dies: asyncio.to_thread(dies.is_dead), what=f"the death {point}")
        print(
            f"\na member with {FEEDS} feeds and {FEEDS * PEOPLE} results, removed by servers that die at "
            f"{len(points)} points: all is one's each time, at most {longest:.1f} s until it is done"
        )
        await asyncio.to_thread(check_stores, lives.data_dir, **urls(settings))
