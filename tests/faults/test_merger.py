"""A company goes into another one, by servers that are killed at a write: everything is in the other one.

A short run tries one of the points, `TALENTFEED_FAULTS=long` (`make faults`) all of them.
"""

import asyncio
import random

import pytest

from tests.faults.team import joined, opened
from tests.integration.processes import check_stores, urls
from tests.support import IS_LONG, PYTHON_FEED, Hr, eventually, python_resume

PEOPLE, MOST_POINTS = 3, 80 if IS_LONG else 1
_SEED = 71


class Pair:
    """A company of two who share a feed, and another one that knows the same people by a feed of its own."""

    async def fill(self, stores, port):
        self.hr, self.wei, self.into = [await Hr.register(port) for _ in range(3)]
        await joined(stores, self.hr, self.wei)
        self.feed = await self.hr.submit(**PYTHON_FEED)
        self.theirs = await self.into.submit(**PYTHON_FEED)
        members = [{"id": self.wei.user, "role": "work"}]
        assert (await self.hr.post(f"/special_feed/share/{self.feed}", {"members": members})).status == "ok"
        return self

    async def note(self, ids):
        first, second, third = ids
        for who, feed in ((self.hr, self.feed), (self.wei, self.feed), (self.into, self.theirs)):
            await who.get(f"/resumes/add_watch/{first}", feed_id=feed)
            assert (
                await who.post(f"/resumes/comment/{first}", {"content": f"备注 {who.user}"})
            ).status == "ok"
        mark = {"feed_id": self.feed, "mark_name": "已联系", "good_result": True}
        assert (await self.wei.post(f"/resumes/mark/{second}", mark)).status == "ok"
        await self.hr.get("/feed/modify_feed_result", feed_id=self.feed, resume_id=third, reco_index=-150)
        self.before = await self.has()
        return self

    async def has(self):
        """What the two have of the feed and of its people."""
        rows, answer = [], None
        for removed in (0, 1):
            answer = await self.hr.read(f"/special_feed/feed_list/{self.feed}", tier="all", removed=removed)
            rows += answer.json.get("data", [])
        kept = [
            [row["resume"]["id"] for row in (await who.read("/resume/follow/list/"))["data"]]
            for who in (self.hr, self.wei)
        ]
        page = (await self.wei.read("/special_feed/page/"))["data"]["all_feed"]
        numbers = [(one["feed"]["unread_count"], one["feed"]["undecided_count"]) for one in page]
        marked = (await self.wei.read("/resumes/marked/"))["marked_count"]
        noted = {
            row["resume"]["id"]: (row["work"], row["favStatus"], bool(row["removed_time"]), row["mark_log"])
            for row in rows
        }
        return noted, kept, numbers, marked

    async def is_whole(self):
        return await self.has() == self.before


@pytest.mark.faults
@pytest.mark.gen_test(timeout=7_200 if IS_LONG else 240)
async def test_a_company_goes_whole_into_another_one_whichever_write_its_server_dies_at(
    settings, start, tmp_path
):
    log = tmp_path / "writes"
    pairs = MOST_POINTS + 1
    async with opened(settings) as stores:
        scene = await start(**urls(settings), register_per_minute=3 * pairs).ready()
        all_pairs = [await Pair().fill(stores, scene.port) for _ in range(pairs)]
        ids = (await all_pairs[0].hr.ingest(*(python_resume() for _ in range(PEOPLE))))["ids"]
        await all_pairs[0].hr.all_scored(every_s=0.5)
        for pair in all_pairs:
            await pair.note(ids)
        calm, *others = all_pairs
        scene.stop()

        async def merged(pair, server):
            for who in (pair.hr, pair.wei, pair.into):
                who.port = server.port
            await stores.mergers.merge(pair.hr.user, pair.into.user)

        async def is_done(pair, point):
            await eventually(pair.is_whole, what=f"all of a company whose server died {point}", within_s=120)
            comments = (await pair.into.get(f"/feed/get/{pair.theirs}/{ids[0]}"))["data"]["comment_log"]
            assert len(comments) == 3, "what both noted is known to all"
            assert (await pair.into.get("/resume/follow/list/"))["data"][0]["resume"]["id"] == ids[0]

        lives = await start(**urls(settings), writes_log=log).ready()
        await merged(calm, lives)
        await is_done(calm, "not at all")
        lives.stop()
        # The runner of jobs does them; few of its writes are of others.
        writes = [write for write in log.read_text().split() if write.startswith("runner._do")]
        points = [f"{when}-{write}" for write in writes for when in ("before", "after")]
        assert len(points) > 20
        chosen = points if IS_LONG else random.Random(_SEED).sample(points, MOST_POINTS)
        for pair, point in zip(others, chosen, strict=False):
            dies = start(**urls(settings), crash_at=point)
            await stores.mergers.merge(pair.hr.user, pair.into.user)
            await eventually(lambda dies=dies: asyncio.to_thread(dies.is_dead), what=f"the death {point}")
            lives = await start(**urls(settings)).ready()
            for who in (pair.hr, pair.wei, pair.into):
                who.port = lives.port
            await is_done(pair, point)
            await asyncio.to_thread(check_stores, lives.data_dir, **urls(settings))
            lives.stop()
        print(
            f"\na company merged by servers that die at {len(chosen)} of {len(points)} points: all is there"
        )
