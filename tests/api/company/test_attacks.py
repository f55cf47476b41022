"""Whoever means harm from within: colleagues against each other, and what is not theirs to claim or give."""

import asyncio

import pytest

from tests.api.company.team import colleague, invited, register
from tests.api.company.test_claims import claim
from tests.api.company.test_shared import shared
from tests.api.handover.test_handovers import hand_over, reviewer, seen
from tests.api.scene import INGEST
from tests.support import PYTHON_FEED, nurse_resume


async def test_two_owners_who_demote_or_remove_each_other_at_once_leave_one(hr):
    wei, lan = await colleague(hr, "owner"), await colleague(hr)
    answers = await asyncio.gather(
        hr.post(f"/company/members/{wei.user}/", {"role": "recruiter"}),
        wei.post(f"/company/members/{hr.user}/", {"role": "recruiter"}),
    )
    assert sorted(answer.status for answer in answers) == ["last_owner", "ok"]
    owner, other = (hr, wei) if answers[0].status == "ok" else (wei, hr)
    assert (await owner.post(f"/company/members/{other.user}/", {"role": "owner"})).status == "ok"
    answers = await asyncio.gather(
        owner.post(f"/company/members/{other.user}/remove/", {"to": lan.user}),
        other.post(f"/company/members/{owner.user}/remove/", {"to": lan.user}),
    )
    assert sum(answer.status == "ok" for answer in answers) == 1, [answer.body for answer in answers]
    members = (await lan.get("/company/"))["data"]["members"]
    assert sorted(one["role"] for one in members) == ["owner", "recruiter"]


async def test_an_invitation_takes_one_of_many_who_try_it_at_once(hr):
    token = await invited(hr, "wei@example.com")
    answers = await asyncio.gather(
        *(register(hr.port, f"thief{number}@example.com", invite=token) for number in range(4))
    )
    assert sorted(answer.status for answer in answers) == ["ok", *["token_error"] * 3]
    assert len((await hr.get("/company/"))["data"]["members"]) == 2


async def test_nobody_claims_or_hands_over_whom_they_do_not_have(hr, other_hr):
    feed, (one, *_), (wei,) = await shared(hr, ["work"])
    theirs = await other_hr.submit(**PYTHON_FEED)
    (nurse,) = await hr.scored(nurse_resume())
    nobody = await claim(wei, "f" * 24, feed, "call")
    assert nobody.http == 404
    for who, resume, place in (
        (wei, nurse, feed),
        (wei, one, "f" * 24),
        (wei, one, theirs),
        (other_hr, one, feed),
    ):
        assert (await claim(who, resume, place, "call")).body == nobody.body
    hand = {"feed_id": feed, "to": "王总"}
    for resume in (nurse, "f" * 24):
        assert (await wei.post("/handover/", {**hand, "resume_ids": [one, resume]})).http == 404
    assert (await other_hr.post("/handover/", {**hand, "resume_ids": [one]})).http == 404
    assert (await wei.post("/handover/", {**hand, "resume_ids": [one] * 21})).http == 400
    everybody = {"members": [{"id": other_hr.user, "role": "work"}]}
    assert (await hr.post(f"/special_feed/share/{feed}", everybody)).http == 404
    assert (
        await hr.post(f"/special_feed/share/{feed}", {"members": [{"id": "x", "role": "work"}]})
    ).http == 400


async def test_who_is_not_in_the_feed_hears_nothing_of_a_claim(hr):
    feed, (one, *_), (wei,) = await shared(hr, ["work"])
    lan = await colleague(hr)
    live, told = await lan.live(), await hr.live()
    await claim(wei, one, feed)
    await claim(wei, one, feed, ask=1)
    await told.until("claim", resume_id=one)
    own = await lan.submit(wait=False, **PYTHON_FEED)
    first = await live.frame(within_s=40.0)
    assert first["feed_id"] == own, "whatever was told before would come before it"


@pytest.mark.long
async def test_of_twenty_who_are_handed_over_one_is_erased_meanwhile(hr, server):
    feed, ids, _ = await shared(hr, [], count=20)
    _, token = await hand_over(hr, feed, ids)
    boss = reviewer(server)
    judged = boss.post(f"/review/{token}/{ids[7]}/", {"verdict": "yes", "comment": "见"})
    erased = hr.call("DELETE", f"/resumes/{ids[7]}", headers=INGEST)
    answers = await asyncio.gather(*(boss.post(f"/review/{token}/") for _ in range(3)), judged, erased)
    assert all(answer.http in (200, 404) for answer in answers), [answer.body for answer in answers]
    assert await seen(boss, token) == [one for one in ids if one != ids[7]]
    assert ids[7] not in (await hr.get("/handover/", feed_id=feed)).body.decode()
