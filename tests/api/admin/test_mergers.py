"""A company that was registered twice: everybody is in one, with all that the two have."""

from datetime import UTC, datetime

import pytest
from bson import ObjectId

from store.ends import mergers
from store.jobs.jobs import Job
from tests.api.admin.desk import make_operator, sign_in
from tests.api.company.team import colleague, feeds_of, invited, register, share
from tests.api.handover.test_handovers import hand_over, judge, listed, reviewer
from tests.integration.ends.test_erasure import broken
from tests.support import PYTHON_FEED, Hr, eventually, python_resume

SCORED_AGAIN = ("claim", "calc_time", "score", "fit", "why", "summary", "feed")
"""What a row says otherwise: nobody is called any more, and the feed has learned."""


async def desk_of(server):
    await make_operator(server, "admin@example.com", "admin")
    return await sign_in(server.port, "admin@example.com")


async def merge(admin, gone, into):
    return await admin.do(f"companies/{gone.user}/merge/", into=into.user)


async def list_of(hr, feed_id):
    """A list as its recruiter sees it, with what was deleted from it."""
    rows = await hr.results(feed_id)
    removed = (await hr.get(f"/special_feed/feed_list/{feed_id}", removed=1))["data"]
    return {
        row["resume"]["id"]: {
            **row,
            "is_removed": row in removed,
        }
        for row in [*rows, *removed]
    }


async def numbers_of(hr, feed_id):
    for feed in (await hr.get("/special_feed/page/"))["data"]["all_feed"]:
        if feed["feed"]["id"] == feed_id:
            return feed["feed"]["unread_count"], feed["feed"]["undecided_count"]
    raise AssertionError(f"{feed_id} is not on the page")


async def arrived(admin, into):
    """Wait until all feeds are there, and are scored."""

    async def is_there():
        company = (await admin.read(f"companies/{into.user}/"))["company"]
        return company["arriving"] == 0

    await eventually(is_there, what="the feeds", within_s=120)


@pytest.mark.long
@pytest.mark.gen_test(timeout=240)
async def test_who_is_in_two_companies_works_in_one_with_all_lists_states_and_notes(server, hr, other_hr):
    """`hr`'s company goes into `other_hr`'s."""
    admin, into = await desk_of(server), other_hr
    await into.post("/company/", {"name": "在下有限公司"})
    wei, lan = await colleague(hr), await colleague(into)
    feed, quiet, gone = [await hr.submit(**PYTHON_FEED) for _ in range(3)]
    theirs = await into.submit(**PYTHON_FEED)
    await share(hr, feed, {wei: "work"})
    await share(into, theirs, {lan: "work"})
    ids = await hr.scored(*(python_resume() for _ in range(6)))
    await hr.post("/special_feed/pause/", {"feed_id": quiet, "paused": True})
    await hr.get(f"/feed/delete/{gone}")

    one, other, third, removed, plain, last = ids
    for who in (hr, wei):
        await who.get(f"/resumes/add_watch/{one}", feed_id=feed)
        assert (await who.post(f"/resumes/comment/{one}", {"content": f"备注 {who.user}"})).status == "ok"
    assert (await wei.mark(feed, one, "已联系")).status == "ok"
    assert (await wei.mark(feed, other, "已联系")).status == "ok"
    assert (await lan.mark(theirs, one, "没接", good=False)).status == "ok"
    assert (await lan.get(f"/resumes/add_watch/{one}", feed_id=theirs)).status == "ok"
    assert (await hr.unlock(feed, third)).status == "ok"
    await hr.get(f"/feed/get/{feed}/{other}")
    form = {"feed_id": feed, "resume_id": removed, "reco_index": -150, "feedback": "area"}
    assert (await hr.post("/feed/modify_feed_result", form)).status == "ok"
    claim = {"feed_id": feed, "kind": "call"}
    assert (await wei.post(f"/resumes/claim/{plain}", claim)).status == "ok"
    _, token = await hand_over(hr, feed, [last])
    assert (await judge(reviewer(server), token, last, "no")).status == "ok"
    awaited = await invited(hr, "late@example.com")
    before, count = await list_of(hr, feed), await numbers_of(hr, feed)

    answer = await merge(admin, hr, into)
    assert answer.status == "ok", answer.body
    members = {one["email"]: one["role"] for one in answer["company"]["accounts"]}
    assert members == {hr.email: "owner", wei.email: "recruiter", into.email: "owner", lan.email: "recruiter"}
    await arrived(admin, into)
    await into.all_scored()
    assert (await hr.get("/company/"))["data"]["name"] == "在下有限公司"
    assert (await admin.read(f"companies/{hr.user}/")).http == 404

    assert list(await feeds_of(hr)) == [quiet, feed]
    assert [one["paused"] for one in (await feeds_of(hr)).values()] == [True, False]
    assert list(await feeds_of(wei)) == [feed]
    assert list(await feeds_of(lan)) == [theirs]

    await hr.calced(feed)
    after = await list_of(hr, feed)
    for id_, row in before.items():
        now = after[id_]
        # What the other company noted of the same person is known now.
        if id_ == one:
            assert [entry["mark_name"] for entry in now["mark_log"]] == ["已联系", "没接"]
            row["mark_log"] = now["mark_log"]
        if id_ == last:
            # What is said by a link is called by the record that it is in.
            (was,), (entry,) = row["comment_log"], now["comment_log"]
            row["comment_log"] = [{**was, "id": entry["id"]}]
        same = {name: value for name, value in row.items() if name not in SCORED_AGAIN}
        assert {name: now[name] for name in same} == same
    assert await numbers_of(hr, feed) == count
    for who, feed_id in ((hr, feed), (wei, feed), (lan, theirs)):
        kept = (await who.get("/resume/follow/list/"))["data"]
        assert [item["resume"]["id"] for item in kept] == [one], who.email
        assert (await list_of(who, feed_id))[one]["favStatus"]
    for who, last_marked in ((wei, other), (lan, one)):
        marked = (await who.get("/resumes/marked/"))["data"]
        assert [item["resume"]["id"] for item in marked] == [last_marked], "whoever marked last comes back"
    assert (await hr.get(f"/feed/get/{feed}/{third}"))["data"]["contact_info"]["phone"]
    assert after[plain]["claim"] is None
    assert (await judge(reviewer(server), token, last, "yes")).status == "ok"
    assert [row["verdicts"][0]["resume_id"] for row in await listed(hr, feed)] == [last]
    said = (await hr.get(f"/feed/get/{feed}/{last}"))["data"]["comment_log"]
    assert [one["content"] for one in said] == ["王总：想见。"], "what they say now takes the old one's place"
    assert (await register(server.port, "late@example.com", invite=awaited)).status == "token_error"

    # They go on as one company: a new resume is in every list that is scored, and colleagues share.
    (new,) = await hr.scored(python_resume())
    assert [new in await list_of(*its) for its in ((hr, feed), (into, theirs), (hr, quiet))] == [
        True,
        True,
        False,
    ]
    await share(hr, feed, {wei: "work", lan: "work"})
    assert feed in await feeds_of(lan)
    assert await broken(server) == []


@pytest.mark.gen_test(timeout=120)
async def test_who_is_one_person_is_as_the_company_decided_into_which_another_goes(server, hr, other_hr):
    admin, into = await desk_of(server), other_hr
    feed, theirs = await hr.submit(**PYTHON_FEED), await into.submit(**PYTHON_FEED)
    one, two, three, four = await hr.scored(*(python_resume() for _ in range(4)))
    for joined in ((one, two), (three, four)):
        pair = dict(zip(("resume_id", "other_id"), joined, strict=True))
        assert (await hr.post("/resumes/join/", pair)).status == "ok"
    for act in ("join", "part"):
        assert (await into.post(f"/resumes/{act}/", {"resume_id": one, "other_id": two})).status == "ok"
    assert len(await hr.results(feed)) == 2
    assert (await merge(admin, hr, into)).status == "ok"
    await arrived(admin, into)
    await hr.calced(feed)

    async def are_settled():
        lists = [await list_of(hr, feed), await list_of(into, theirs)]
        return all(one in rows and two in rows and len(rows) == 3 for rows in lists)

    await eventually(are_settled, what="the lists to be settled")
    assert await broken(server) == []


async def test_what_is_written_late_under_the_old_company_is_taken_along(server, hr, other_hr):
    admin, stores = await desk_of(server), server.stores
    feed, (id_,) = await hr.feed_with(python_resume())
    assert (await merge(admin, hr, other_hr)).status == "ok"
    await arrived(admin, other_hr)
    await hr.calced(feed)
    (late,) = await hr.scored(python_resume())
    # As if it had been written by a process that has the feed as it was.
    own = {"feed": ObjectId(feed), "resume": ObjectId(late)}
    row = await stores._database.results.find_one(own | {"company": ObjectId(other_hr.user)})
    async with stores.result_counters.changing([(other_hr.user, feed)]) as change:
        await stores._database.results.delete_many({"_id": row["_id"], "company": row["company"]})
        await stores._database.results.insert_one({**row, "company": ObjectId(hr.user)})
        change.add(row, -1)
    (document,) = await stores.jobs.of_kind("merger")
    job = Job("merger", document["key"], datetime.now(UTC), datetime.now(UTC), "", 0)
    assert await stores.mergers.finish(job) is not None, "it looks again"
    assert {*await list_of(hr, feed)} == {id_, late}
    assert await hr.unread(feed) == 2
    assert await broken(server) == []


async def test_a_company_that_is_deleted_meanwhile_takes_along_what_was_coming(server, hr, other_hr):
    stores = server.stores
    feed, _ = await hr.feed_with(python_resume())
    await stores.mergers.merge(hr.user, other_hr.user)
    for user in (hr.user, other_hr.user):
        await stores.deletions.delete(user)

    async def is_gone():
        found = await stores._database.results.find_one({"feed": ObjectId(feed)})
        return found is None and await broken(server) == []

    await eventually(is_gone, what="everything to be gone", within_s=60)


async def test_who_leaves_while_their_feed_is_on_its_way_leaves_it_to_their_heir(server, hr, other_hr):
    wei, lan = await colleague(hr), await colleague(other_hr)
    feed = await wei.submit(**PYTHON_FEED)
    await share(wei, feed, {hr: "work"})
    stores, into = server.stores, other_hr.user
    async with stores.transaction():  # nothing is on its way before both are done
        await stores.mergers.merge(hr.user, into)
        for gone, heir in ((wei, lan), (hr, other_hr)):
            async with stores.revocations.of(gone.user):
                await stores.members.remove(into, gone.user, heir.user)

    async def is_theirs():
        return [one["members"] for one in (await feeds_of(lan)).values()] == [[]]

    await eventually(is_theirs, what="the feed to be the heir's alone")
    assert feed in await feeds_of(lan)
    await lan.calced(feed)
    assert await broken(server) == []


async def test_an_open_socket_hears_of_the_company_that_it_is_in_now(server, hr, other_hr):
    admin = await desk_of(server)
    feed, _ = await hr.feed_with(python_resume())
    live = await hr.live()
    assert (await merge(admin, hr, other_hr)).status == "ok"

    async def is_told():
        frame = await live.frame(within_s=1)
        return frame is None or (frame["type"] == "unread" and frame["feed_id"] == feed)

    await arrived(admin, other_hr)
    await hr.scored(python_resume())
    await eventually(is_told, what="the socket to hear of the feed, or to be told to come again")
    again = await hr.socket()
    assert [(one["feed_id"], one["unread_count"]) for one in (await again.until("snapshot"))["feeds"]] == [
        (feed, 2)
    ]


async def test_what_cannot_be_merged_is_refused_and_changes_nothing(server, hr, other_hr, monkeypatch):
    admin = await desk_of(server)
    third = await Hr.register(server.port)
    nobody = "0" * 24
    for gone, into in ((nobody, hr.user), (hr.user, nobody), (hr.user, hr.user)):
        assert (await admin.do(f"companies/{gone}/merge/", into=into)).http == 404, (gone, into)
    for wrong in ({}, {"into": 7}, {"into": "x"}):
        answer = await admin.do(f"companies/{other_hr.user}/merge/", **wrong)
        assert (answer.http, answer.status) == (400, "bad_request"), wrong
    with monkeypatch.context() as patch:
        patch.setattr(mergers, "MOST_MEMBERS", 1)
        answer = await merge(admin, hr, other_hr)
        assert (answer.status, answer["errors"]) == ("form_error", {"into": ["合并后会超过 200 名成员"]})
    assert (await merge(admin, hr, other_hr)).status == "ok"
    for gone, into in ((other_hr, third), (third, other_hr), (hr, third)):
        answer = await merge(admin, gone, into)
        assert (answer.status, answer["errors"]) == (
            "form_error",
            {"into": ["其中一家刚合并过，请十分钟后再试"]},
        )
    rows = [row async for row in server.stores._database.audit.find({"command": "desk companies merge"})]
    assert str(rows[-1]["about"]) == hr.user
    members = [one["email"] for one in (await admin.read(f"companies/{third.user}/"))["company"]["accounts"]]
    assert members == [third.email]
