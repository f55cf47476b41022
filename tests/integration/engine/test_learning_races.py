"""No click is lost and none is learned twice, whoever dies, comes late or is erased meanwhile."""

import asyncio

import pytest
from bson import ObjectId

from engine.learning.feedback_models import FeedbackModels
from engine.matching.feedback.model import FeedbackModel
from tests.integration.engine.feedback import (
    CHEAP,
    DEAR,
    FEED,
    broken,
    delete,
    learned,
    model_of,
    paid,
    restore,
    scores,
)
from tests.integration.engines import another
from tests.integration.gates import Gate
from tests.integration.processes import check_stores
from tests.support import Hr, eventually, nurse_resume


@pytest.mark.faults
async def test_a_kill_right_after_the_click_loses_nothing_to_learn(start):
    process = await start().ready()
    hr = await Hr.register(process.port)
    feed_id = await hr.submit(**FEED)
    people = await hr.scored(*(paid(DEAR) for _ in range(4)))
    before = (await scores(hr, feed_id))[people[3]]
    await delete(hr, feed_id, *people[:3], feedback="salary_high")
    process.kill_all()
    again = await start().ready()
    hr.port = again.port

    async def is_learned():
        (id_,) = await hr.scored(paid(DEAR))
        return (await scores(hr, feed_id))[id_] < before

    await eventually(is_learned, what="the feedback model after a kill", every_s=0.3)
    await asyncio.to_thread(check_stores, again.data_dir)


async def test_what_a_dead_process_left_unlearned_another_learns(server, settings, analyzer, hr):
    feed_id = await hr.submit(**FEED)
    people = await hr.scored(*(paid(DEAR) for _ in range(3)))
    dies = Gate(server.stores.feedback, "begin")
    await delete(hr, feed_id, *people, feedback="salary_high")
    await dies.reached.wait()
    async with another(settings, analyzer):
        await eventually(lambda: model_of(server, feed_id), what="the other process's feedback model")
    dies.open()


@pytest.mark.long
async def test_a_process_that_comes_late_with_older_clicks_overwrites_nothing(server, settings, analyzer, hr):
    feed_id = await hr.submit(**FEED)
    people = await hr.scored(*(paid(DEAR) for _ in range(3)))
    late = Gate(server.stores.feedback, "save")
    await delete(hr, feed_id, people[0], feedback="salary_high")
    await late.reached.wait()  # it has read one deletion
    async with another(settings, analyzer) as second:
        await delete(hr, feed_id, people[1], feedback="salary_high")
        await learned(second)
        await restore(hr, feed_id, people[0])
        await delete(hr, feed_id, people[2], feedback="area")
        await learned(second)
        right = await model_of(second, feed_id)
    afterwards = Gate(server.stores.feedback, "due")
    late.open()
    await afterwards.reached.wait()
    afterwards.open()
    assert await model_of(server, feed_id) == right
    assert await broken(server) == []


@pytest.mark.long
async def test_every_process_scores_with_the_model(server, settings, analyzer, hr):
    feed_id = await hr.submit(**FEED)
    people = await hr.scored(*(paid(DEAR) for _ in range(4)))
    before = (await scores(hr, feed_id))[people[3]]
    async with another(settings, analyzer) as second:
        theirs = second.stores
        await delete(hr, feed_id, *people[:3], feedback="salary_high")
        await learned(server)
        for queue in (server.stores.queue, theirs.queue):
            # One after the other, each alone: the other one does not take work.
            idle = Gate(queue, "take")
            await idle.reached.wait()

            async def is_lower():
                (id_,) = await hr.scored(paid(DEAR))
                return (await scores(hr, feed_id))[id_] < before

            await eventually(is_lower)
            idle.open()


@pytest.mark.settings(redis_url="redis://127.0.0.1:1")
async def test_a_model_of_another_process_is_found_by_polling_where_no_hint_comes(
    server, settings, analyzer, hr
):
    feed_id = await hr.submit(**FEED)
    people = await hr.scored(*(paid(DEAR) for _ in range(3)))
    async with another(settings, analyzer) as second:
        await delete(hr, feed_id, *people, feedback="salary_high")
        await learned(server)
        (model,) = await server.stores.feedback.find([feed_id])
        known = FeedbackModels(second.stores.feedback, model.version, second.stores.events)
        await known.refresh()
        assert known._known == {feed_id: model.data}
        of_other_rules = FeedbackModels(second.stores.feedback, "other", second.stores.events)
        await of_other_rules.refresh()
        assert of_other_rules._known == {}
        await restore(hr, feed_id, *people)
        await learned(server)

        async def is_forgotten():
            await known.refresh()
            return known._known == {}

        await eventually(is_forgotten)


@pytest.mark.long
async def test_erasing_a_person_takes_out_what_was_learned_from_them(server, hr):
    feed_id = await hr.submit(**FEED)
    odd = paid(DEAR, self_evaluation="精通紫砂茶壶修复")
    people = await hr.scored(paid(DEAR), paid(DEAR), odd)
    await delete(hr, feed_id, *people[:2], feedback="salary_high")
    await learned(server)
    without = await model_of(server, feed_id)
    await hr.get(f"/resumes/add_watch/{people[2]}", feed_id=feed_id)
    await learned(server)
    assert "紫砂" in (await model_of(server, feed_id)).decode(errors="replace")
    hold = Gate(server.stores.feedback, "due")
    await hold.reached.wait()
    await server.stores.erasures.erase(people[2])
    document = await server.stores._database.feedback.find_one({"_id": ObjectId(feed_id)})
    assert document["data"] == b""
    assert ObjectId(people[2]) not in document["resumes"]
    hold.open()
    await learned(server)
    assert await model_of(server, feed_id) == without
    assert await broken(server) == []


async def test_deleting_a_feed_deletes_its_model(server, hr):
    feed_id = await hr.submit(**FEED)
    (id_,) = await hr.scored(paid(DEAR))
    await delete(hr, feed_id, id_, feedback="salary_high")
    await learned(server)
    await hr.get(f"/feed/delete/{feed_id}")

    async def is_gone():
        return not await server.stores.feedback.find([feed_id])

    await eventually(is_gone)
    await hr.get(f"/resumes/add_watch/{id_}", feed_id=feed_id)
    await learned(server)
    assert await is_gone()
    assert await broken(server) == []


async def test_models_of_other_rules_and_of_deleted_feeds_are_seen_to_at_the_start(
    server, settings, analyzer, hr
):
    feeds = [await hr.submit(**FEED), await hr.submit(**FEED)]
    (id_,) = await hr.scored(paid(DEAR))
    for feed_id in feeds:
        await delete(hr, feed_id, id_, feedback="salary_high")
    await learned(server)
    right = await model_of(server, feeds[0])
    database = server.stores._database
    await database.feedback.update_one(
        {"_id": ObjectId(feeds[0])}, {"$set": {"version": "0", "data": b"old"}}
    )
    await database.profiles.update_many({}, {"$set": {"version": "0", "data": b"old"}})
    await database.feeds.update_one({"_id": ObjectId(feeds[1])}, {"$set": {"deleted": True}})
    async with another(settings, analyzer):

        async def is_right():
            return await model_of(server, feeds[0]) == right and not await server.stores.feedback.find(
                [feeds[1]]
            )

        await eventually(is_right)


async def test_a_clicked_resume_that_changes_changes_the_model(server, hr):
    feed_id = await hr.submit(**FEED)
    resume = paid(DEAR)
    (id_,) = await hr.scored(resume)
    await delete(hr, feed_id, id_, feedback="salary_high")
    await learned(server)
    (before,) = FeedbackModel.decode(await model_of(server, feed_id)).thresholds["salary_high"]
    await hr.scored({**paid(CHEAP), "source_id": resume["source_id"]})
    await learned(server)
    (after,) = FeedbackModel.decode(await model_of(server, feed_id)).thresholds["salary_high"]
    assert after.value < before.value


@pytest.mark.long
async def test_a_result_that_goes_with_its_pending_feedback_leaves_it_to_the_feed(server, hr):
    feed_id = await hr.submit(**FEED)
    resume = paid(DEAR, address="")
    (id_,) = await hr.scored(resume)
    await delete(hr, feed_id, id_, feedback="salary_high")
    await learned(server)
    assert await model_of(server, feed_id)
    hold = Gate(server.stores.feedback, "due")
    await hold.reached.wait()
    await restore(hr, feed_id, id_)
    await hr.scored({**nurse_resume(), "source_id": resume["source_id"]})
    assert await server.stores._database.results.count_documents({}) == 0
    hold.open()
    await learned(server)
    assert await model_of(server, feed_id) == b""
    assert await broken(server) == []


async def test_check_tells_of_a_model_that_its_clicks_do_not_give(server, hr):
    feed_id = await hr.submit(**FEED)
    (id_,) = await hr.scored(paid(DEAR))
    await delete(hr, feed_id, id_, feedback="salary_high")
    await learned(server)
    assert await broken(server) == []
    database = server.stores._database
    await database.results.update_one({"resume": ObjectId(id_)}, {"$set": {"reasons": ["area"]}})
    assert await broken(server) == [f"feed {feed_id} has a feedback model that its clicks do not give"]
    await database.results.update_one({"resume": ObjectId(id_)}, {"$set": {"reasons": ["salary_high"]}})
    await database.feedback.insert_one({"_id": ObjectId("0" * 24), "round": 1, "data": b""})
    assert await broken(server) == [f"feedback model {'0' * 24} has no feed"]


async def test_one_resume_that_cannot_be_read_spoils_no_model(server, hr, monkeypatch, caplog):
    feed_id = await hr.submit(**FEED)
    people = await hr.scored(paid(DEAR), paid(DEAR))
    await server.stores._database.profiles.delete_one({"_id": ObjectId(people[0])})
    analyse = type(server._analyzer).resume
    monkeypatch.setattr(type(server._analyzer), "resume", lambda *_: 1 / 0)
    await delete(hr, feed_id, *people, feedback="salary_high")
    await learned(server)
    monkeypatch.setattr(type(server._analyzer), "resume", analyse)
    (step,) = FeedbackModel.decode(await model_of(server, feed_id)).thresholds["salary_high"]
    assert step.deletions == 1
    assert f"resume {people[0]} cannot be analysed: " in caplog.text
