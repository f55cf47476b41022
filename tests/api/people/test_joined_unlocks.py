"""A join opens no contact past what an account may unlock in a day."""

import asyncio

import pytest

from handlers.people import people
from tests.api.people.test_decisions import decide
from tests.support import PYTHON_FEED, contact_of, python_resume

FIRST, SECOND, THIRD = (contact_of(f"stranger {number}") for number in range(3))


pytestmark = pytest.mark.settings(unlock_per_day=2)


async def strangers(hr, *contacts):
    """A feed, and the resumes of people who have nothing in common, in the order in which they came."""
    feed_id = await hr.submit(**PYTHON_FEED)
    ids = []
    for contact in contacts:
        ids += (await hr.ingest(python_resume(**contact)))["ids"]
        await hr.all_scored()
    return feed_id, *ids


async def shown(hr, feed_id, resume_id):
    """The phone that a resume shows, "" where it is locked."""
    item = (await hr.get(f"/feed/get/{feed_id}/{resume_id}"))["data"]
    return item["contact_info"].get("phone", "")


async def seen_anywhere(hr, feed_id):
    """All that lists show, as one text."""
    answers = await asyncio.gather(
        hr.get(f"/special_feed/feed_list/{feed_id}", size=50, tier="all"),
        hr.get("/resume/follow/list/"),
        hr.get("/resumes/marked/"),
        hr.get(f"/feed/export/{feed_id}.csv"),
    )
    assert all(answer.http == 200 for answer in answers)
    return "".join(answer.body.decode() for answer in answers)


async def counted(server, hr):
    allowance = await server.stores._database.allowances.find_one({"_id": f"{hr.user}:unlock"})
    return allowance["count"] if allowance else 0


@pytest.mark.long
async def test_a_stranger_who_is_joined_with_an_unlocked_one_counts_too(server, hr):
    feed_id, a, b, c = await strangers(hr, FIRST, SECOND, THIRD)
    assert (await hr.unlock(feed_id, a)).status == "ok"
    assert (await decide(hr, "join", a, b)).status == "ok"
    assert await counted(server, hr) == 2
    assert await shown(hr, feed_id, b) == SECOND["phone"]
    assert [row.action for row in await server.stores.audit.reads_of(b)].count("unlock") == 1
    for _ in range(2):  # a second time changes nothing
        assert (await decide(hr, "join", b, a)).status == "ok"
    # Nothing is left for a third, and nothing is joined.
    refused = await decide(hr, "join", b, c)
    assert (refused.http, refused.status) == (429, "too_many")
    assert 86_000 < int(refused.headers["Retry-After"]) <= 86_400
    assert {row["resume"]["id"]: row["others"] for row in await hr.results(feed_id)} == {b: [a], c: []}
    assert await shown(hr, feed_id, c) == ""
    assert THIRD["phone"] not in await seen_anywhere(hr, feed_id)
    assert await counted(server, hr) == 2
    # What was paid for stays open.
    assert (await decide(hr, "part", a, b)).status == "ok"
    assert [await shown(hr, feed_id, id_) for id_ in (a, b, c)] == [FIRST["phone"], SECOND["phone"], ""]


async def test_strangers_who_are_joined_first_count_each_when_they_are_unlocked(server, hr):
    feed_id, *ids = await strangers(hr, FIRST, SECOND, THIRD)
    least, greater, third = sorted(ids)
    assert (await decide(hr, "join", least, greater)).status == "ok"
    assert await counted(server, hr) == 0
    assert (await hr.unlock(feed_id, greater))["unlocks_left"] == 0
    assert await shown(hr, feed_id, least)
    assert (await decide(hr, "part", least, greater)).status == "ok"
    assert (await hr.unlock(feed_id, least)).status == "ok"
    assert (await hr.unlock(feed_id, third)).http == 429
    assert await counted(server, hr) == 2


@pytest.mark.long
async def test_what_the_day_has_no_room_for_stays_locked_wherever_it_is_shown(server, hr):
    newest = python_resume(**THIRD, self_evaluation=f"熟悉Python，电话 {THIRD['phone']}")
    feed_id, a, b = await strangers(hr, FIRST, {**SECOND, "phone": ""})
    (c,) = await hr.scored(newest)
    assert (await hr.unlock(feed_id, a)).status == "ok"
    for resume_id in (b, c):
        await hr.get(f"/resumes/add_watch/{resume_id}", feed_id=feed_id)
        await hr.mark(feed_id, resume_id, "已约")
    assert (await decide(hr, "join", b, c)).status == "ok"
    answer = await hr.unlock(feed_id, b)
    # It is not completed by one that is locked, either.
    assert (answer["contact_info"]["email"], answer["contact_info"]["phone"]) == (SECOND["email"], "")
    assert await counted(server, hr) == 2
    assert await shown(hr, feed_id, c) == ""
    assert THIRD["phone"] not in await seen_anywhere(hr, feed_id)
    assert (await hr.get("/resume/follow/list/", keywords=THIRD["phone"]))["total_count"] == 0
    assert (await hr.unlock(feed_id, c)).http == 429
    # Nor does a chain of joins open it.
    assert (await decide(hr, "join", a, c)).http == 429
    assert await shown(hr, feed_id, c) == ""
    assert (await decide(hr, "part", b, c)).status == "ok"
    assert (await hr.unlock(feed_id, c)).http == 429
    assert THIRD["phone"] not in await seen_anywhere(hr, feed_id)


async def test_of_joins_at_once_as_many_go_through_as_the_day_has_room_for(server, hr):
    feed_id, a, *others = await strangers(hr, FIRST, SECOND, THIRD, contact_of("stranger 3"))
    assert (await hr.unlock(feed_id, a)).status == "ok"
    answers = await asyncio.gather(*(decide(hr, "join", a, other) for other in others))
    assert sorted(answer.http for answer in answers) == [200, 429, 429]
    assert await counted(server, hr) == 2
    phones = [await shown(hr, feed_id, other) for other in others]
    assert [bool(phone) for phone in phones] == [answer.http == 200 for answer in answers]
    assert len(await hr.results(feed_id)) == 3


@pytest.mark.long
async def test_a_join_counts_strangers_alone_and_they_make_a_burst(server, hr, monkeypatch, caplog):
    monkeypatch.setattr(people, "BURST", 2)
    same_phone = {**FIRST, "email": SECOND["email"]}
    feed_id, a, same, secret, stranger = await strangers(
        hr, FIRST, same_phone, {**THIRD, "contact_status": "secret"}, contact_of("stranger 3")
    )
    assert (await decide(hr, "part", a, same)).status == "ok"
    assert (await hr.unlock(feed_id, a)).status == "ok"
    assert (await decide(hr, "join", a, same)).status == "ok"
    assert await shown(hr, feed_id, same) == FIRST["phone"]
    # All is secret then, and nothing is opened.
    assert (await decide(hr, "join", a, secret)).status == "ok"
    assert [await shown(hr, feed_id, id_) for id_ in (a, secret)] == ["", ""]
    assert (await decide(hr, "part", a, secret)).status == "ok"
    assert await counted(server, hr) == 1
    assert (await decide(hr, "join", a, stranger)).status == "ok"
    assert await counted(server, hr) == 2
    lines = [record.data for record in caplog.records if record.name == "talentfeed.security"]
    assert [one["outcome"] for one in lines if one["event"] == "unlock"] == ["burst"]
