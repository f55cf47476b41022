"""A feed learns from its recruiter's clicks; nobody else's does, and what is taken back is unlearned."""

import asyncio
from contextlib import asynccontextmanager
from dataclasses import replace

import pytest
from bson import ObjectId

from engine.learned import Learned
from engine.learning import Teacher
from engine.lesson import Lesson
from server import Server
from tests.integration.gates import Gate
from tests.integration.processes import free_port, manage
from tests.support import PYTHON_FEED, Hr, eventually, nurse_resume, python_resume

FEED = {**PYTHON_FEED, "salary_max": 30_000}
DEAR, CHEAP = "24000-28000", "8000-10000"


def paid(salary, **changes):
    target = {"job_career": "Python开发工程师", "salary": salary, "expectation_area": "北京"}
    return python_resume(job_target=target, **changes)


async def scored(api, *resumes):
    ids = (await api.ingest(*resumes))["ids"]
    await api.all_scored()
    return ids


async def delete(hr, feed_id, *resume_ids, feedback="", index=-150):
    for resume_id in resume_ids:
        query = {"feed_id": feed_id, "resume_id": resume_id, "reco_index": index, "feedback": feedback}
        assert (await hr.get("/feed/modify_feed_result", **query)).status == "ok"


async def restore(hr, feed_id, *resume_ids):
    await delete(hr, feed_id, *resume_ids, index=150)


async def learned(server):
    """Wait until everything that was clicked is learned."""

    async def nothing_is_due():
        return not await server.stores.lessons.due(10)

    await eventually(nothing_is_due, what="the lesson")


async def scores(hr, feed_id):
    return {item["resume"]["id"]: item["score"] for item in await hr.results(feed_id)}


async def lesson_of(server, feed_id):
    found = await server.stores.lessons.find([feed_id])
    return found[0].data if found else b""


async def broken(server):
    return [line async for line in server.stores.invariants.broken()]


@asynccontextmanager
async def another(settings, analyzer):
    """A second process on the same stores."""
    second = Server(settings, analyzer=analyzer)
    running = asyncio.create_task(second.run())
    await asyncio.gather(second.started.wait(), second._prepared.wait())
    yield second
    second.stop()
    await running


def learned_row(item):
    return [row for row in item["why"] if row["field"] == "learned"]


@pytest.mark.gen_test
async def test_three_deletions_for_the_same_reason_push_such_resumes_down_and_no_others(server, hr):
    feed_id = await hr.submit(**FEED)
    dear = await scored(hr, *(paid(DEAR) for _ in range(3)))
    (cheap,) = await scored(hr, paid(CHEAP))
    before = await scores(hr, feed_id)
    await delete(hr, feed_id, *dear, feedback="salary_high")
    await learned(server)
    new_dear, new_cheap = await scored(hr, paid(DEAR), paid(CHEAP))
    after = await scores(hr, feed_id)
    assert after[new_dear] <= before[dear[0]] - 5
    assert after[new_cheap] == before[cheap] == after[cheap]
    items = {item["resume"]["id"]: item for item in await hr.results(feed_id)}
    (row,) = learned_row(items[new_dear])
    assert (row["term"], row["matched"]) == ("薪资偏高 3次", DEAR)
    assert round(sum(row["points"] for row in items[new_dear]["why"]), 2) == items[new_dear]["score"]
    assert not learned_row(items[new_cheap])
    assert await broken(server) == []


@pytest.mark.gen_test
async def test_restoring_undoes_exactly_what_the_deletions_taught(server, hr):
    feed_id = await hr.submit(**FEED)
    people = await scored(hr, *(paid(DEAR) for _ in range(3)))
    before = {item["score"]: item["why"] for item in await hr.results(feed_id)}
    await hr.get(f"/feed/get/{feed_id}/{people[0]}")
    await learned(server)
    read_alone = await lesson_of(server, feed_id)
    assert read_alone
    await delete(hr, feed_id, *people, feedback="salary_high,area")
    await learned(server)
    assert await lesson_of(server, feed_id) not in {b"", read_alone}
    await restore(hr, feed_id, *people)
    await learned(server)
    assert await lesson_of(server, feed_id) == read_alone
    # Without the read as well everything is as it was.
    await server.stores._database.results.update_many({}, {"$set": {"read": False}})
    assert await server.stores.lessons.clicks(hr.user, feed_id) == []
    await hr.submit(feed_id=feed_id, **FEED)
    assert await lesson_of(server, feed_id) == b""
    (again,) = await scored(hr, paid(DEAR))
    (item,) = [item for item in await hr.results(feed_id) if item["resume"]["id"] == again]
    assert {item["score"]: item["why"]} == before
    assert await broken(server) == []


@pytest.mark.gen_test
async def test_nobody_elses_feed_moves_nor_another_of_the_same_recruiter(server, hr, other_hr):
    feeds = [
        (hr, await hr.submit(**FEED)),
        (hr, await hr.submit(**FEED)),
        (other_hr, await other_hr.submit(**FEED)),
    ]
    people = await scored(hr, *(paid(DEAR) for _ in range(3)))
    before = (await scores(*feeds[0]))[people[0]]
    await delete(hr, feeds[0][1], *people, feedback="salary_high")
    await hr.get(f"/resumes/add_watch/{people[0]}", feed_id=feeds[0][1])
    await learned(server)
    (new,) = await scored(hr, paid(DEAR))
    after = [(await scores(*feed))[new] for feed in feeds]
    assert after[0] < before == after[1] == after[2]
    assert [bool(await lesson_of(server, feed_id)) for _, feed_id in feeds] == [True, False, False]


@pytest.mark.gen_test
@pytest.mark.parametrize("click", ["read", "watch"])
async def test_reads_and_favourites_push_up_who_is_alike(server, hr, click):
    feed_id = await hr.submit(**FEED)
    alike, other = {"self_evaluation": "精通Kafka、Flink实时计算"}, {"self_evaluation": "会用Excel报表"}
    people = await scored(hr, *(python_resume(**alike) for _ in range(3)))
    (neighbour,) = await scored(hr, python_resume(**other))
    before = await scores(hr, feed_id)
    for resume_id in people:
        url = f"/feed/get/{feed_id}/{resume_id}" if click == "read" else f"/resumes/add_watch/{resume_id}"
        assert (await hr.get(url, **({} if click == "read" else {"feed_id": feed_id}))).status == "ok"
    await learned(server)
    new_alike, new_other = await scored(hr, python_resume(**alike), python_resume(**other))
    after = await scores(hr, feed_id)
    assert after[new_alike] - before[people[0]] > max(after[new_other] - before[neighbour], 0)
    if click == "watch":
        for resume_id in people:
            await hr.get(f"/resumes/remove_watch/{resume_id}", feed_id=feed_id)
        await learned(server)
        assert await lesson_of(server, feed_id) == b""
    assert await broken(server) == []


@pytest.mark.gen_test
async def test_a_favourite_teaches_the_feed_in_whose_list_it_was_found(server, hr):
    first, second = await hr.submit(**FEED), await hr.submit(**FEED)
    (id_,) = await scored(hr, python_resume(self_evaluation="精通Kafka、Flink"))
    await hr.get(f"/resumes/add_watch/{id_}", feed_id=first)
    await learned(server)
    assert [bool(await lesson_of(server, feed)) for feed in (first, second)] == [True, False]
    hold = Gate(server.stores.lessons, "begin")
    await hr.get(f"/resumes/remove_watch/{id_}", feed_id=second)  # whatever feed the client names
    await hr.get(f"/resumes/add_watch/{id_}", feed_id=second)
    await hold.reached.wait()
    assert await server.stores.lessons.due(10) == sorted((first, second))
    hold.open()
    await learned(server)
    assert [bool(await lesson_of(server, feed)) for feed in (first, second)] == [False, True]


@pytest.mark.gen_test
async def test_backfill_and_percolation_agree_under_one_lesson(server, hr):
    feed_id = await hr.submit(**FEED)
    people = await scored(hr, *(paid(DEAR) for _ in range(3)), *(paid(CHEAP) for _ in range(2)))
    await delete(hr, feed_id, *people[:3], feedback="salary_high")
    await hr.get(f"/resumes/add_watch/{people[3]}", feed_id=feed_id)
    await learned(server)
    stream = [
        paid(f"{low}000-{low + 2}000", self_evaluation=f"熟悉{word}")
        for low, word in zip(range(6, 26, 2), ["Kafka", "Flink", "Excel", "Docker", "Redis"] * 2, strict=True)
    ]
    ids = await scored(hr, *stream)
    percolated = {item["resume"]["id"]: item for item in await hr.results(feed_id)}
    lesson = await lesson_of(server, feed_id)
    await hr.submit(feed_id=feed_id, **FEED)
    assert await lesson_of(server, feed_id) == lesson
    filled = {item["resume"]["id"]: item for item in await hr.results(feed_id)}
    assert percolated.keys() == filled.keys() >= set(ids)
    assert [filled[i]["why"] for i in ids] == [percolated[i]["why"] for i in ids]
    assert sum(bool(learned_row(filled[i])) for i in ids) >= 3
    await server.stores.resumes.requeue(people + ids)
    await hr.all_scored()
    again = {item["resume"]["id"]: item["why"] for item in await hr.results(feed_id)}
    assert again == {id_: item["why"] for id_, item in filled.items()}


@pytest.mark.gen_test
async def test_a_feed_that_is_submitted_at_once_after_a_click_has_learned_from_it(server, hr):
    feed_id = await hr.submit(**FEED)
    people = await scored(hr, *(paid(DEAR) for _ in range(4)))
    before = (await scores(hr, feed_id))[people[3]]
    hold = Gate(server.stores.lessons, "due")
    await hold.reached.wait()
    await delete(hr, feed_id, *people[:3], feedback="salary_high")
    await hr.submit(feed_id=feed_id, **FEED)
    assert (await scores(hr, feed_id))[people[3]] < before
    hold.open()


@pytest.mark.gen_test
async def test_a_preview_of_an_edited_feed_shows_what_it_has_learned(server, hr):
    feed_id = await hr.submit(**FEED)
    people = await scored(hr, *(paid(DEAR) for _ in range(4)))
    await delete(hr, feed_id, *people[:3], feedback="salary_high")
    await learned(server)
    edited, new = [
        (await hr.post("/special_feed/preview/", {**FEED, **form}))["data"]
        for form in ({"feed_id": feed_id}, {})
    ]
    assert edited[0]["score"] < new[0]["score"]
    await hr.submit(feed_id=feed_id, **FEED)
    assert edited[0]["score"] == (await scores(hr, feed_id))[people[3]]


@pytest.mark.gen_test
async def test_doing_it_twice_teaches_nothing_new(server, hr):
    feed_id = await hr.submit(**FEED)
    (id_,) = await scored(hr, paid(DEAR))
    for _ in range(2):
        await hr.get(f"/feed/get/{feed_id}/{id_}")
        await hr.get(f"/resumes/add_watch/{id_}", feed_id=feed_id)
        await delete(hr, feed_id, id_, feedback="salary_high,area")
        await learned(server)
    Gate(server.stores.lessons, "begin")  # nobody takes a mark off any more
    await hr.get(f"/feed/get/{feed_id}/{id_}")
    await hr.get(f"/resumes/add_watch/{id_}", feed_id=feed_id)
    await delete(hr, feed_id, id_, feedback="salary_high,area")
    assert await server.stores.lessons.due(10) == []
    await delete(hr, feed_id, id_, feedback="salary_high")  # but this is another reason
    assert await server.stores.lessons.due(10) == [feed_id]


@pytest.mark.gen_test(timeout=110)
async def test_a_kill_right_after_the_click_loses_no_lesson(start):
    process = await start().ready()
    hr = await Hr.register(process.port)
    feed_id = await hr.submit(**FEED)
    people = await scored(hr, *(paid(DEAR) for _ in range(4)))
    before = (await scores(hr, feed_id))[people[3]]
    await delete(hr, feed_id, *people[:3], feedback="salary_high")
    process.kill_all()
    again = await start().ready()
    hr = Hr.logged_in(again.port, hr.email, {"user": hr.user, "token": hr.token})

    async def is_learned():
        (id_,) = await scored(hr, paid(DEAR))
        return (await scores(hr, feed_id))[id_] < before

    await eventually(is_learned, what="the lesson after a kill", every_s=0.3)
    check = await asyncio.to_thread(manage, again.data_dir, "check")
    assert check.returncode == 0, check.stderr


@pytest.mark.gen_test
async def test_what_a_dead_process_left_unlearned_another_learns(server, settings, analyzer, hr):
    feed_id = await hr.submit(**FEED)
    people = await scored(hr, *(paid(DEAR) for _ in range(3)))
    dies = Gate(server.stores.lessons, "begin")
    await delete(hr, feed_id, *people, feedback="salary_high")
    await dies.reached.wait()
    async with another(settings, analyzer):

        async def is_learned():
            return await lesson_of(server, feed_id)

        await eventually(is_learned, what="the other process's lesson")
    dies.open()


@pytest.mark.gen_test
async def test_a_process_that_comes_late_with_older_clicks_overwrites_nothing(server, settings, analyzer, hr):
    feed_id = await hr.submit(**FEED)
    people = await scored(hr, *(paid(DEAR) for _ in range(3)))
    late = Gate(server.stores.lessons, "save")
    await delete(hr, feed_id, people[0], feedback="salary_high")
    await late.reached.wait()  # it has read one deletion
    async with another(settings, analyzer) as second:
        await delete(hr, feed_id, people[1], feedback="salary_high")
        await learned(second)
        await restore(hr, feed_id, people[0])
        await delete(hr, feed_id, people[2], feedback="area")
        await learned(second)
        right = await lesson_of(second, feed_id)
    afterwards = Gate(server.stores.lessons, "due")
    late.open()
    await afterwards.reached.wait()
    afterwards.open()
    assert await lesson_of(server, feed_id) == right
    assert await broken(server) == []


@pytest.mark.gen_test
async def test_a_click_while_the_feed_is_being_learned_is_learned_too(server, hr):
    feed_id = await hr.submit(**FEED)
    people = await scored(hr, *(paid(DEAR) for _ in range(2)))
    held = Gate(server.stores.lessons, "finish")
    await delete(hr, feed_id, people[0], feedback="salary_high")
    await held.reached.wait()
    one = await lesson_of(server, feed_id)
    await delete(hr, feed_id, people[0], feedback="area")  # the same result, once more
    held.open()
    await learned(server)
    assert await lesson_of(server, feed_id) not in {b"", one}


@pytest.mark.gen_test
async def test_every_process_scores_with_the_lesson(server, settings, analyzer, hr):
    feed_id = await hr.submit(**FEED)
    people = await scored(hr, *(paid(DEAR) for _ in range(4)))
    before = (await scores(hr, feed_id))[people[3]]
    async with another(settings, analyzer) as second:
        theirs = second.stores
        await delete(hr, feed_id, *people[:3], feedback="salary_high")
        await learned(server)
        for queue in (server.stores.queue, theirs.queue):
            # Each in turn alone: the other one does not take work.
            idle = Gate(queue, "take")
            await idle.reached.wait()

            async def is_lower():
                (id_,) = await scored(hr, paid(DEAR))
                return (await scores(hr, feed_id))[id_] < before

            await eventually(is_lower)
            idle.open()


class TestWithoutRedis:
    """No hint arrives."""

    @pytest.fixture
    def settings(self, settings):
        return replace(settings, redis_url=f"redis://127.0.0.1:{free_port()}/0")

    @pytest.mark.gen_test
    async def test_a_lesson_of_another_process_is_found_by_polling(self, server, settings, analyzer, hr):
        feed_id = await hr.submit(**FEED)
        people = await scored(hr, *(paid(DEAR) for _ in range(3)))
        async with another(settings, analyzer) as second:
            await delete(hr, feed_id, *people, feedback="salary_high")
            await learned(server)
            (lesson,) = await server.stores.lessons.find([feed_id])
            known = Learned(second.stores.lessons, lesson.version, second.stores.events)
            await known.refresh()
            assert known._known == {feed_id: lesson.data}
            of_other_rules = Learned(second.stores.lessons, "other", second.stores.events)
            await of_other_rules.refresh()
            assert of_other_rules._known == {}
            await restore(hr, feed_id, *people)
            await learned(server)

            async def is_forgotten():
                await known.refresh()
                return known._known == {}

            await eventually(is_forgotten)


@pytest.mark.gen_test
async def test_erasing_a_person_takes_what_he_taught_out(server, hr):
    feed_id = await hr.submit(**FEED)
    odd = paid(DEAR, self_evaluation="精通紫砂茶壶修复")
    people = await scored(hr, paid(DEAR), paid(DEAR), odd)
    await delete(hr, feed_id, *people[:2], feedback="salary_high")
    await learned(server)
    without = await lesson_of(server, feed_id)
    await hr.get(f"/resumes/add_watch/{people[2]}", feed_id=feed_id)
    await learned(server)
    assert "紫砂" in (await lesson_of(server, feed_id)).decode(errors="replace")
    hold = Gate(server.stores.lessons, "due")
    await hold.reached.wait()
    await server.stores.erasures.erase(people[2])
    document = await server.stores._database.lessons.find_one({"_id": ObjectId(feed_id)})
    assert document["data"] == b""
    assert ObjectId(people[2]) not in document["resumes"]
    hold.open()
    await learned(server)
    assert await lesson_of(server, feed_id) == without
    assert await broken(server) == []


@pytest.mark.gen_test
async def test_a_person_erased_while_a_lesson_is_learned_from_him_leaves_nothing_in_it(server, hr):
    feed_id = await hr.submit(**FEED)
    (id_,) = await scored(hr, paid(DEAR, self_evaluation="精通紫砂茶壶修复"))
    held = Gate(server.stores.lessons, "save")
    await hr.get(f"/resumes/add_watch/{id_}", feed_id=feed_id)
    await held.reached.wait()
    Gate(server.stores.erasures, "finish_recent")  # nobody else clears it away
    await server.stores.erasures.erase(id_)
    held.open()

    async def is_clean():
        document = await server.stores._database.lessons.find_one({"_id": ObjectId(feed_id)})
        return document and not document["data"] and not document["resumes"]

    await eventually(is_clean)
    await learned(server)
    assert await lesson_of(server, feed_id) == b""
    assert await broken(server) == []


@pytest.mark.gen_test
async def test_deleting_a_feed_deletes_its_lesson(server, hr):
    feed_id = await hr.submit(**FEED)
    (id_,) = await scored(hr, paid(DEAR))
    await delete(hr, feed_id, id_, feedback="salary_high")
    await learned(server)
    await hr.get(f"/feed/delete/{feed_id}")

    async def is_gone():
        return not await server.stores.lessons.find([feed_id])

    await eventually(is_gone)
    await hr.get(f"/resumes/add_watch/{id_}", feed_id=feed_id)
    await learned(server)
    assert await is_gone()
    assert await broken(server) == []


@pytest.mark.gen_test
async def test_lessons_of_other_rules_and_of_deleted_feeds_are_seen_to_at_the_start(
    server, settings, analyzer, hr
):
    feeds = [await hr.submit(**FEED), await hr.submit(**FEED)]
    (id_,) = await scored(hr, paid(DEAR))
    for feed_id in feeds:
        await delete(hr, feed_id, id_, feedback="salary_high")
    await learned(server)
    right = await lesson_of(server, feeds[0])
    database = server.stores._database
    await database.lessons.update_one({"_id": ObjectId(feeds[0])}, {"$set": {"version": "0", "data": b"old"}})
    await database.profiles.update_many({}, {"$set": {"version": "0", "data": b"old"}})
    await database.feeds.update_one(
        {"_id": ObjectId(feeds[1])}, {"$set": {"deleted": True}, "$unset": {"slot": ""}}
    )
    async with another(settings, analyzer):

        async def is_right():
            return await lesson_of(server, feeds[0]) == right and not await server.stores.lessons.find(
                [feeds[1]]
            )

        await eventually(is_right)


@pytest.mark.gen_test
async def test_a_clicked_resume_that_changes_changes_the_lesson(server, hr):
    feed_id = await hr.submit(**FEED)
    resume = paid(DEAR)
    (id_,) = await scored(hr, resume)
    await delete(hr, feed_id, id_, feedback="salary_high")
    await learned(server)
    (before,) = Lesson.decode(await lesson_of(server, feed_id)).thresholds["salary_high"]
    await scored(hr, {**paid(CHEAP), "source_id": resume["source_id"]})
    await learned(server)
    (after,) = Lesson.decode(await lesson_of(server, feed_id)).thresholds["salary_high"]
    assert after.value < before.value


@pytest.mark.gen_test
async def test_a_result_that_goes_with_its_mark_leaves_it_to_the_feed(server, hr):
    feed_id = await hr.submit(**FEED)
    resume = paid(DEAR, address="")
    (id_,) = await scored(hr, resume)
    await delete(hr, feed_id, id_, feedback="salary_high")
    await learned(server)
    assert await lesson_of(server, feed_id)
    hold = Gate(server.stores.lessons, "due")
    await hold.reached.wait()
    await restore(hr, feed_id, id_)
    await hr.ingest({**nurse_resume(), "source_id": resume["source_id"]})

    await hr.all_scored()
    assert await server.stores._database.results.count_documents({}) == 0
    hold.open()
    await learned(server)
    assert await lesson_of(server, feed_id) == b""
    assert await broken(server) == []


@pytest.mark.gen_test
async def test_only_the_newest_clicks_teach(server, hr, monkeypatch):
    monkeypatch.setattr("store.lessons.MAX_CLICKS", 3)
    feed_id = await hr.submit(**FEED)
    people = await scored(hr, *(paid(DEAR) for _ in range(5)))
    await delete(hr, feed_id, *people[:2])
    for resume_id in people[2:]:
        await asyncio.sleep(0.002)
        await hr.get(f"/feed/get/{feed_id}/{resume_id}")
    clicks = await server.stores.lessons.clicks(hr.user, feed_id)
    assert [(click.act, click.resume) for click in clicks] == [("read", id_) for id_ in reversed(people[2:])]
    await restore(hr, feed_id, *people[:2])
    await asyncio.sleep(0.002)
    await delete(hr, feed_id, people[3])
    clicks = await server.stores.lessons.clicks(hr.user, feed_id)
    assert [(click.act, click.resume) for click in clicks] == [
        ("deleted", people[3]),
        ("read", people[4]),
        ("read", people[2]),
    ]
    for resume_id in people[:3]:
        await asyncio.sleep(0.002)
        await delete(hr, feed_id, resume_id)
    # The fourth deletion is forgotten, and what is deleted does not count as read; a favourite counts as one.
    assert people[3] not in {click.resume for click in await server.stores.lessons.clicks(hr.user, feed_id)}
    await restore(hr, feed_id, *people[:3])
    await hr.get(f"/resumes/add_watch/{people[4]}", feed_id=feed_id)
    clicks = await server.stores.lessons.clicks(hr.user, feed_id)
    assert [(click.act, click.resume) for click in clicks] == [
        ("favourite", people[4]),
        ("deleted", people[3]),
        ("read", people[2]),
    ]


@pytest.mark.gen_test
async def test_check_tells_of_a_lesson_that_its_clicks_do_not_give(server, hr):
    feed_id = await hr.submit(**FEED)
    (id_,) = await scored(hr, paid(DEAR))
    await delete(hr, feed_id, id_, feedback="salary_high")
    await learned(server)
    assert await broken(server) == []
    database = server.stores._database
    await database.results.update_one({"resume": ObjectId(id_)}, {"$set": {"reasons": ["area"]}})
    assert await broken(server) == [f"feed {feed_id} has a lesson that its clicks do not give"]
    await database.results.update_one({"resume": ObjectId(id_)}, {"$set": {"reasons": ["salary_high"]}})
    await database.lessons.insert_one({"_id": ObjectId("0" * 24), "turn": 1, "data": b""})
    assert await broken(server) == [f"lesson {'0' * 24} has no feed"]


@pytest.mark.gen_test
async def test_one_resume_that_cannot_be_read_spoils_no_lesson(server, hr, monkeypatch, caplog):
    feed_id = await hr.submit(**FEED)
    people = await scored(hr, paid(DEAR), paid(DEAR))
    await server.stores._database.profiles.delete_one({"_id": ObjectId(people[0])})
    analyse = type(server._analyzer).resume
    monkeypatch.setattr(type(server._analyzer), "resume", lambda *_: 1 / 0)
    await delete(hr, feed_id, *people, feedback="salary_high")
    await learned(server)
    monkeypatch.setattr(type(server._analyzer), "resume", analyse)
    (step,) = Lesson.decode(await lesson_of(server, feed_id)).thresholds["salary_high"]
    assert step.times == 1
    assert f"resume {people[0]} cannot be read for a lesson" in caplog.text


@pytest.mark.gen_test
async def test_learning_lets_others_run(server, hr, monkeypatch):
    """Each click is a slice at most, however many there are."""
    feed_id = await hr.submit(**FEED)
    people = await scored(hr, *(paid(DEAR) for _ in range(20)))
    during = []
    add = Teacher.add

    def slow_add(self, *args):
        during.append(len(asyncio.all_tasks()))
        until = asyncio.get_running_loop().time() + 0.005
        while asyncio.get_running_loop().time() < until:
            pass
        add(self, *args)

    monkeypatch.setattr(Teacher, "add", slow_add)
    turns = 0

    async def count_turns():
        nonlocal turns
        while len(during) < 20:
            turns += bool(during)
            await asyncio.sleep(0)

    counting = asyncio.create_task(count_turns())
    hold = Gate(server.stores.lessons, "due")
    await hold.reached.wait()
    await delete(hr, feed_id, *people, feedback="salary_high")
    hold.open()
    await counting
    assert turns >= 15
