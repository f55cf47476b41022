"""A feed learns from its recruiter's clicks; nobody else's does, and what is taken back is unlearned."""

import pytest

from tests.integration.engine.feedback import (
    CHEAP,
    DEAR,
    FEED,
    broken,
    delete,
    learned,
    learned_row,
    model_of,
    paid,
    restore,
    scores,
)
from tests.integration.gates import Gate
from tests.support import python_resume, recount


async def test_three_deletions_for_the_same_reason_push_such_resumes_down_and_no_others(server, hr):
    feed_id = await hr.submit(**FEED)
    dear = await hr.scored(*(paid(DEAR) for _ in range(3)))
    (cheap,) = await hr.scored(paid(CHEAP))
    before = await scores(hr, feed_id)
    await delete(hr, feed_id, *dear, feedback="salary_high")
    await learned(server)
    new_dear, new_cheap = await hr.scored(paid(DEAR), paid(CHEAP))
    after = await scores(hr, feed_id)
    assert after[new_dear] <= before[dear[0]] - 5
    assert after[new_cheap] == before[cheap] == after[cheap]
    items = {item["resume"]["id"]: item for item in await hr.results(feed_id)}
    (row,) = learned_row(items[new_dear])
    assert (row["term"], row["matched"]) == ("薪资偏高 3次", DEAR)
    assert round(sum(row["points"] for row in items[new_dear]["why"]), 2) == items[new_dear]["score"]
    assert not learned_row(items[new_cheap])
    assert await broken(server) == []


async def test_restoring_undoes_exactly_what_was_learned_from_the_deletions(server, hr):
    feed_id = await hr.submit(**FEED)
    people = await hr.scored(*(paid(DEAR) for _ in range(3)))
    before = {item["score"]: item["why"] for item in await hr.results(feed_id)}
    await hr.get(f"/feed/get/{feed_id}/{people[0]}")
    await learned(server)
    read_alone = await model_of(server, feed_id)
    assert read_alone
    await delete(hr, feed_id, *people, feedback="salary_high,area")
    await learned(server)
    assert await model_of(server, feed_id) not in {b"", read_alone}
    await restore(hr, feed_id, *people)
    await learned(server)
    assert await model_of(server, feed_id) == read_alone
    # Without the read as well everything is as it was.
    await server.stores._database.results.update_many({}, {"$set": {"read": False}})
    await recount(server.stores)
    assert await server.stores.feedback.clicks(hr.user, feed_id) == []
    await hr.submit(feed_id=feed_id, **FEED)
    assert await model_of(server, feed_id) == b""
    (again,) = await hr.scored(paid(DEAR))
    (item,) = [item for item in await hr.results(feed_id) if item["resume"]["id"] == again]
    assert {item["score"]: item["why"]} == before
    assert await broken(server) == []


async def test_nobody_elses_feed_moves_nor_another_of_the_same_recruiter(server, hr, other_hr):
    feeds = [
        (hr, await hr.submit(**FEED)),
        (hr, await hr.submit(**FEED)),
        (other_hr, await other_hr.submit(**FEED)),
    ]
    people = await hr.scored(*(paid(DEAR) for _ in range(3)))
    before = (await scores(*feeds[0]))[people[0]]
    await delete(hr, feeds[0][1], *people, feedback="salary_high")
    await hr.get(f"/resumes/add_watch/{people[0]}", feed_id=feeds[0][1])
    await learned(server)
    (new,) = await hr.scored(paid(DEAR))
    after = [(await scores(*feed))[new] for feed in feeds]
    assert after[0] < before == after[1] == after[2]
    assert [bool(await model_of(server, feed_id)) for _, feed_id in feeds] == [True, False, False]


@pytest.mark.parametrize("click", ["read", "watch"])
async def test_reads_and_favourites_push_up_who_is_alike(server, hr, click):
    feed_id = await hr.submit(**FEED)
    alike, other = {"self_evaluation": "精通Kafka、Flink实时计算"}, {"self_evaluation": "会用Excel报表"}
    people = await hr.scored(*(python_resume(**alike) for _ in range(3)))
    (neighbour,) = await hr.scored(python_resume(**other))
    before = await scores(hr, feed_id)
    for resume_id in people:
        url = f"/feed/get/{feed_id}/{resume_id}" if click == "read" else f"/resumes/add_watch/{resume_id}"
        assert (await hr.get(url, **({} if click == "read" else {"feed_id": feed_id}))).status == "ok"
    await learned(server)
    new_alike, new_other = await hr.scored(python_resume(**alike), python_resume(**other))
    after = await scores(hr, feed_id)
    assert after[new_alike] - before[people[0]] > max(after[new_other] - before[neighbour], 0)
    if click == "watch":
        for resume_id in people:
            await hr.get(f"/resumes/remove_watch/{resume_id}", feed_id=feed_id)
        await learned(server)
        assert await model_of(server, feed_id) == b""
    assert await broken(server) == []


async def test_a_favourite_counts_for_the_feed_in_whose_list_it_was_found(server, hr):
    first, second = await hr.submit(**FEED), await hr.submit(**FEED)
    (id_,) = await hr.scored(python_resume(self_evaluation="精通Kafka、Flink"))
    await hr.get(f"/resumes/add_watch/{id_}", feed_id=first)
    await learned(server)
    assert [bool(await model_of(server, feed)) for feed in (first, second)] == [True, False]
    hold = Gate(server.stores.feedback, "begin")
    await hr.get(f"/resumes/remove_watch/{id_}", feed_id=second)  # whatever feed the client names
    await hr.get(f"/resumes/add_watch/{id_}", feed_id=second)
    await hold.reached.wait()
    assert list(await server.stores.feedback.due(10)) == sorted((first, second))
    hold.open()
    await learned(server)
    assert [bool(await model_of(server, feed)) for feed in (first, second)] == [False, True]


@pytest.mark.long
async def test_backfill_and_percolation_agree_under_one_model(sweeping, server, hr):
    feed_id = await hr.submit(**FEED)
    people = await hr.scored(*(paid(DEAR) for _ in range(3)), *(paid(CHEAP) for _ in range(2)))
    await delete(hr, feed_id, *people[:3], feedback="salary_high")
    await hr.get(f"/resumes/add_watch/{people[3]}", feed_id=feed_id)
    await learned(server)
    stream = [
        paid(f"{low}000-{low + 2}000", self_evaluation=f"熟悉{word}")
        for low, word in zip(range(6, 26, 2), ["Kafka", "Flink", "Excel", "Docker", "Redis"] * 2, strict=True)
    ]
    ids = await hr.scored(*stream)
    percolated = {item["resume"]["id"]: item for item in await hr.results(feed_id)}
    model = await model_of(server, feed_id)
    await hr.submit(feed_id=feed_id, **FEED)
    assert await model_of(server, feed_id) == model
    filled = {item["resume"]["id"]: item for item in await hr.results(feed_id)}
    assert percolated.keys() == filled.keys() >= set(ids)
    assert [filled[i]["why"] for i in ids] == [percolated[i]["why"] for i in ids]
    assert sum(bool(learned_row(filled[i])) for i in ids) >= 3
    await server.stores.resumes.requeue(people + ids)
    await hr.all_scored()
    again = {item["resume"]["id"]: item["why"] for item in await hr.results(feed_id)}
    assert again == {id_: item["why"] for id_, item in filled.items()}


async def test_a_feed_that_is_submitted_at_once_after_a_click_has_learned_from_it(server, hr):
    feed_id = await hr.submit(**FEED)
    people = await hr.scored(*(paid(DEAR) for _ in range(4)))
    before = (await scores(hr, feed_id))[people[3]]
    hold = Gate(server.stores.feedback, "due")
    await hold.reached.wait()
    await delete(hr, feed_id, *people[:3], feedback="salary_high")
    await hr.submit(feed_id=feed_id, **FEED)
    assert (await scores(hr, feed_id))[people[3]] < before
    hold.open()


async def test_a_preview_of_an_edited_feed_shows_what_it_has_learned(server, hr):
    feed_id = await hr.submit(**FEED)
    people = await hr.scored(*(paid(DEAR) for _ in range(4)))
    await delete(hr, feed_id, *people[:3], feedback="salary_high")
    await learned(server)
    edited, new = [
        (await hr.post("/special_feed/preview/", {**FEED, **form}))["data"]
        for form in ({"feed_id": feed_id}, {})
    ]
    assert edited[0]["score"] < new[0]["score"]
    await hr.submit(feed_id=feed_id, **FEED)
    assert edited[0]["score"] == (await scores(hr, feed_id))[people[3]]


async def test_doing_it_twice_is_learned_once(server, hr):
    feed_id = await hr.submit(**FEED)
    (id_,) = await hr.scored(paid(DEAR))
    for _ in range(2):
        await hr.get(f"/feed/get/{feed_id}/{id_}")
        await hr.get(f"/resumes/add_watch/{id_}", feed_id=feed_id)
        await delete(hr, feed_id, id_, feedback="salary_high,area")
        await learned(server)
    Gate(server.stores.feedback, "begin")  # pending feedback stays from here on
    await hr.get(f"/feed/get/{feed_id}/{id_}")
    await hr.get(f"/resumes/add_watch/{id_}", feed_id=feed_id)
    await delete(hr, feed_id, id_, feedback="salary_high,area")
    assert list(await server.stores.feedback.due(10)) == []
    await delete(hr, feed_id, id_, feedback="salary_high")  # but this is another reason
    assert list(await server.stores.feedback.due(10)) == [feed_id]
