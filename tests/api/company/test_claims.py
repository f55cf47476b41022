"""Who is with whom: colleagues see it at once, one of two wins, and it ends."""

import asyncio

import pytest

from store.accounts.companies import Member
from store.errors import NotFound
from tests.api.company.team import colleague, share
from tests.api.company.test_shared import shared
from tests.support import PYTHON_FEED, python_resume


async def claim(hr, resume, feed, kind="look", **more):
    return await hr.post(f"/resumes/claim/{resume}", {"feed_id": feed, "kind": kind, **more})


async def claimed(hr, feed):
    """Who is with whom by somebody's list."""
    rows = await hr.results(feed)
    return {row["resume"]["id"]: row["claim"]["by"]["id"] for row in rows if row["claim"]}


async def test_colleagues_see_who_calls_and_an_outcome_ends_it(hr):
    feed, (one, *_), (wei,) = await shared(hr, ["work"])
    live = await wei.live()
    answer = await claim(hr, one, feed, "call")
    assert (answer.status, answer["by"]["id"], answer["kind"]) == ("ok", hr.user, "call")
    frame = await live.until("claim", resume_id=one)
    assert (frame["feed_id"], frame["by"]["id"], frame["kind"]) == (feed, hr.user, "call")
    assert frame["until"] == answer["until"]
    other = await claim(wei, one, feed, "call")
    assert (other.status, other["by"]["id"]) == ("claimed", hr.user)
    assert await claimed(wei, feed) == await claimed(hr, feed) == {one: hr.user}
    assert (await claim(hr, one, feed))["kind"] == "call", "a look makes no less of a call"
    await hr.mark(feed, one, "已联系")
    ended = await live.until("claim", by=None)
    assert (ended["resume_id"], ended["kind"], ended["until"]) == (one, "", 0)
    assert (await claim(wei, one, feed)).status == "ok"


async def test_a_mark_that_is_sent_again_ends_no_call_that_began_since(hr):
    feed, (one, *_), (wei,) = await shared(hr, ["work"])
    await hr.mark(feed, one, "没接", client_id="mark-0001")
    assert (await claim(wei, one, feed, "call")).status == "ok"
    assert (await hr.mark(feed, one, "没接", client_id="mark-0001")).status == "ok"
    assert await claimed(hr, feed) == {one: wei.user}
    await hr.mark(feed, one, "没接", client_id="mark-0002")
    assert await claimed(hr, feed) == {}


async def test_a_call_shows_in_each_feed_that_lists_the_person(hr):
    feed, (one, *_), _ = await shared(hr, [])
    wei = await colleague(hr)
    own = await wei.submit(**PYTHON_FEED)
    assert one in {row["resume"]["id"] for row in await wei.results(own)}
    live = await wei.live()
    await claim(hr, one, feed, "call")
    frame = await live.until("claim", feed_id=own)
    assert (frame["resume_id"], frame["by"]["id"], frame["kind"]) == (one, hr.user, "call")
    assert await claimed(wei, own) == {one: hr.user}
    await hr.post(f"/resumes/release/{one}", {})
    await live.until("claim", feed_id=own, by=None)


async def test_who_works_in_the_feed_no_more_when_their_call_is_noted_is_with_nobody(server, hr):
    """As between the request's look at who they are in it and its writing."""
    feed, (one, *_), (wei, guest) = await shared(hr, ["work", "view"])
    await share(hr, feed, {guest: "view"})
    for who in (wei, guest):
        member = Member(hr.user, who.user, "recruiter")
        with pytest.raises(NotFound):
            await server.stores.person_records.claim(member, one, feed, "call")
    assert await claimed(hr, feed) == {}


async def test_the_others_are_left_out_and_may_ask(hr):
    feed, (one, two, three), (wei,) = await shared(hr, ["work"])
    await claim(hr, one, feed)
    await claim(wei, two, feed)
    mine = await hr.live()
    left = [row["resume"]["id"] for row in await wei.results(feed, unclaimed=1)]
    assert set(left) == {two, three}
    assert {row["resume"]["id"] for row in await wei.results(feed, unclaimed=1, latest=1)} == {two, three}
    assert (await claim(wei, one, feed, ask=1)).status == "claimed"
    frame = await mine.until("asked")
    assert (frame["resume_id"], frame["by"]["id"]) == (one, wei.user)
    await hr.get("/feed/modify_feed_result", feed_id=feed, resume_id=one, reco_index=-150)
    assert await claimed(wei, feed) == {two: wei.user}
    form = {"feed_id": feed, "resume_ids": [two], "action": "delete"}
    await hr.post("/special_feed/results/", form)
    assert await claimed(wei, feed) == {}


async def test_an_owner_who_is_not_in_the_feed_ends_a_claim_too(hr):
    wei, lan = await colleague(hr), await colleague(hr)
    feed, (one,) = await wei.feed_with(python_resume())
    assert (await claim(wei, one, feed)).status == "ok"
    assert (await lan.post(f"/resumes/release/{one}", {})).http == 404
    assert (await hr.post(f"/resumes/release/{one}", {})).status == "ok"
    assert await claimed(wei, feed) == {}
    assert (await hr.post(f"/resumes/release/{'0' * 24}", {})).http == 404


async def test_it_is_released_by_who_has_it_and_by_owners(hr):
    feed, (one, two, _), (wei, lan, guest) = await shared(hr, ["work", "work", "view"])
    await claim(wei, one, feed)
    assert (await lan.post(f"/resumes/release/{one}", {})).http == 403
    assert (await wei.post(f"/resumes/release/{one}", {})).status == "ok"
    assert (await wei.post(f"/resumes/release/{one}", {})).status == "ok"
    await claim(wei, two, feed)
    assert (await hr.post(f"/resumes/release/{two}", {})).status == "ok"
    assert await claimed(hr, feed) == {}
    assert (await claim(guest, one, feed)).http == 403
    stranger = await colleague(hr)
    assert (await claim(stranger, one, feed)).http == 404
    assert (await claim(wei, one, feed, "stare")).http == 400
    await claim(wei, one, feed, "call")
    live = await lan.live()
    await hr.post(f"/company/members/{wei.user}/remove/", {"to": hr.user})
    await live.until("claim", by=None)
    assert await claimed(hr, feed) == {}


async def test_of_two_at_once_one_wins_whatever_resume_of_the_person(hr):
    feed, _, (wei,) = await shared(hr, ["work"], count=0)
    contact = {"phone": "13700001234"}
    other = await hr.submit(wait=False, title="护士", job_desc="静脉采血")
    await share(hr, other, {wei: "work"})
    (old,) = (await hr.ingest(python_resume(**contact)))["ids"]
    (new,) = await hr.scored(python_resume(**contact))
    for _ in range(5):
        answers = await asyncio.gather(claim(hr, old, feed), claim(wei, new, feed))
        assert sorted(answer.status for answer in answers) == ["claimed", "ok"]
        assert len({answer["by"]["id"] for answer in answers}) == 1
        await hr.post(f"/resumes/release/{new}", {})
        assert await claimed(hr, feed) == {}


async def test_who_does_not_work_in_a_feed_any_more_is_with_nobody_of_it(hr):
    feed, (one, two, three), (wei, lan, tao) = await shared(hr, ["work", "work", "work"])
    other = await hr.submit(**PYTHON_FEED)
    await share(hr, other, {wei: "work"})
    await claim(wei, one, feed, "call")
    await claim(lan, two, feed, "call")
    live = await tao.live()
    # One looks on alone, another is out; what somebody else does goes on.
    await claim(tao, three, feed)
    await share(hr, feed, {wei: "view", tao: "work"})
    ended = {(await live.until("claim", by=None))["resume_id"] for _ in range(2)}
    assert ended == {one, two}
    assert await claimed(hr, feed) == {three: tao.user}
    await claim(wei, one, other, "call")
    await claim(hr, two, feed, "call")
    assert (await hr.post(f"/special_feed/transfer/{feed}", {"to": tao.user})).status == "ok"
    assert await claimed(tao, feed) == {one: wei.user, three: tao.user}
