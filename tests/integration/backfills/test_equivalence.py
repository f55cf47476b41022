"""Scoring resumes as they come, in the middle, or all of them afterwards gives the same lists."""

import asyncio

import pytest
from bson import ObjectId

from config.demo import DEMO_FEEDS, demo_resumes
from tests.integration.engines import another
from tests.integration.gates import Gate
from tests.support import PYTHON_FEED, Hr, eventually, nurse_resume, python_resume


def comparable(items):
    return [
        (
            item["resume"]["id"],
            item["score"],
            item["tier"],
            item["fit"],
            item["title_match"],
            item["why"],
            item["missing"],
            item["feed"]["keywords"],
        )
        for item in items
    ]


async def submit_all(hr):
    return [await hr.submit(wait=False, **feed) for feed in DEMO_FEEDS]


async def test_incremental_equals_backfill(server):
    resumes = list(demo_resumes(80))
    # Some people change their minds: what they first wrote must leave no trace.
    changed = [
        resume | {"works": demo["works"]} for resume, demo in zip(resumes[:15], resumes[40:55], strict=True)
    ]
    stream = [*resumes, *changed]
    before, during, after = [await Hr.register(server.port) for _ in range(3)]
    feeds = {before: await submit_all(before)}
    for start in range(0, len(stream), 20):
        await before.ingest(*stream[start : start + 20])
        if start == 40:
            feeds[during] = await submit_all(during)  # while resumes arrive and are scored
    await before.all_scored()
    feeds[after] = await submit_all(after)
    for hr, ids in feeds.items():
        for feed_id in ids:
            await hr.calced(feed_id)
    for position in range(len(DEMO_FEEDS)):
        lists = [
            comparable(await hr.results(feeds[hr][position], sort="score")) for hr in (before, during, after)
        ]
        assert lists[0] == lists[1] == lists[2]
        assert len(lists[0]) >= 5
        strong = await before.results(feeds[before][position], tier="strong")
        badges = [await hr.unread(feeds[hr][position]) for hr in (before, during, after)]
        assert badges == [len(strong)] * 3


async def pause(hr, feed_id, paused):
    answer = await hr.post("/special_feed/pause/", {"feed_id": feed_id, "paused": paused})
    assert (answer.status, answer["paused"]) == ("ok", bool(paused))


@pytest.mark.long
async def test_a_feed_that_was_paused_ends_with_the_list_of_one_that_never_was(server):
    """Resumes arrive, change and are sent to it before, while and after it is paused."""
    paused, never = [await Hr.register(server.port) for _ in range(2)]
    mine, theirs = [await submit_all(hr) for hr in (paused, never)]
    resumes = list(demo_resumes(80))
    changed = [
        resume | {"works": demo["works"]} for resume, demo in zip(resumes[:15], resumes[35:50], strict=True)
    ]
    await paused.ingest(*resumes[:30])
    for feed_id in mine:
        await paused.calced(feed_id)
    await paused.all_scored()
    before = [comparable(await paused.results(feed_id)) for feed_id in mine]
    await asyncio.gather(*(pause(paused, feed_id, 1) for feed_id in mine))
    await paused.scored(*resumes[30:60], *changed, nurse_resume(send_to=[mine[0], theirs[0]]))
    assert [comparable(await paused.results(feed_id)) for feed_id in mine] == before, "they keep their lists"
    # While the rest arrives and is scored.
    arriving = asyncio.create_task(paused.ingest(*resumes[60:]))
    await asyncio.gather(*(pause(paused, feed_id, 0) for feed_id in mine))
    await arriving
    await paused.all_scored()
    for one, other in zip(mine, theirs, strict=True):
        await paused.calced(one)
        lists = [
            comparable(await hr.results(feed, sort="score")) for hr, feed in ((paused, one), (never, other))
        ]
        assert lists[0] == lists[1]
        assert len(lists[0]) >= 5
        assert await paused.unread(one) == await never.unread(other)


async def test_a_backfill_that_is_paused_lists_nothing_more_and_is_made_up_for(server, hr):
    await hr.scored(python_resume())
    gate = Gate(server.stores.results, "save")  # the backfill has scored, and not yet written
    feed_id = await hr.submit(wait=False, **PYTHON_FEED)
    await gate.reached.wait()
    await pause(hr, feed_id, 1)
    await hr.submit(wait=False, feed_id=feed_id, title="护士")
    gate.open()
    await hr.scored(python_resume(), nurse_resume())
    listed = (await hr.get("/special_feed/page/"))["data"]["all_feed"][0]["feed"]
    assert (listed["paused"], listed["calced"]) == (True, True)
    await pause(hr, feed_id, 0)
    await hr.calced(feed_id)
    assert [item["resume"]["job_target"]["job_career"] for item in await hr.results(feed_id)] == ["护士"]


async def test_a_feed_edited_while_a_resume_is_scored_against_its_old_form_ends_with_its_new_one(server, hr):
    feed_id = await hr.submit(**PYTHON_FEED)
    gate = Gate(server.stores.results, "save")
    ids = (await hr.ingest(python_resume(), nurse_resume()))["ids"]
    await gate.reached.wait()
    await hr.submit(wait=False, feed_id=feed_id, title="护士")
    gate.open()
    await hr.calced(feed_id)
    assert [item["resume"]["id"] for item in await hr.results(feed_id)] == [ids[1]]


async def test_a_process_that_comes_late_with_an_older_resume_spoils_nothing(server, settings, analyzer, hr):
    feed_id = await hr.submit(**PYTHON_FEED)
    late = Gate(server.stores.contacts, "comparable")
    resume = python_resume(phone="10000000001")
    (id_,) = (await hr.ingest(resume))["ids"]
    await late.reached.wait()
    async with another(settings, analyzer) as second:
        nurse = {name: nurse_resume()[name] for name in ("job_target", "works")}
        changed = resume | nurse | {"self_evaluation": "", "address": "", "phone": "10000000002"}
        await Hr(second.port).ingest(changed)
        await hr.all_scored()
        noticed = Gate(server.stores.resumes, "revisions")
        noticed.open()
        late.open()
        await noticed.reached.wait()

        async def is_right():
            return await hr.results(feed_id) == []

        await eventually(is_right, what="the newer resume's list")
        await hr.all_scored()
        assert await hr.unread(feed_id) == 0
        contact = await server.stores._database.contacts.find_one({"_id": ObjectId(id_)})
        assert contact["phone"] == "10000000002"
        (profile,) = await server.stores.profiles.load([id_])
        assert "python开发工程师" not in str(profile.data.decode(errors="replace"))
        assert [line async for line in server.stores.invariants.broken()] == []
