"""`DELETE /resumes/<id>`: the person is gone from every list at once, and only the ingest token may do it."""

import json

from tests.support import INGEST_TOKEN, PYTHON_FEED, python_resume

TOKEN = {"Authorization": f"Bearer {INGEST_TOKEN}"}


async def erase(api, resume_id, headers=TOKEN):
    return await api.call("DELETE", f"/resumes/{resume_id}", headers=headers)


async def test_an_erased_person_is_gone_from_lists_counts_favourites_and_badges(hr, other_hr):
    feed_id, theirs = await hr.submit(**PYTHON_FEED), await other_hr.submit(**PYTHON_FEED)
    gone, stays = await hr.scored(python_resume(), python_resume())
    await hr.get(f"/resumes/add_watch/{gone}", feed_id=feed_id)
    await hr.post(f"/resumes/comment/{gone}", {"content": "留用"})
    socket = await other_hr.live(total=2)
    answer = await erase(hr, gone)
    assert (answer.http, answer.json) == (200, {"status": "ok", "msg": "ok"})
    await socket.until("unread", feed_id=theirs, unread_count=1, total=1)
    for account, feed in ((hr, feed_id), (other_hr, theirs)):
        assert [item["resume"]["id"] for item in await account.results(feed)] == [stays]
        assert await account.unread(feed) == 1
    assert (await hr.get("/resume/follow/list/"))["data"] == []
    assert (await hr.get(f"/feed/get/{feed_id}/{gone}")).http == 404
    assert (await hr.get(f"/resumes/add_watch/{gone}", feed_id=feed_id)).http == 404
    assert gone not in (await hr.get(f"/feed/export/{feed_id}.csv")).body.decode()
    assert (await erase(hr, gone)).status == "ok"


async def test_who_was_erased_is_refused_when_sent_again(hr):
    resume, other = python_resume(), python_resume()
    (resume_id,) = (await hr.ingest(resume))["ids"]
    await erase(hr, resume_id)
    answer = await hr.ingest(other, resume, resume | {"age": 29})
    assert (answer["accepted"], answer["ids"][1:]) == (1, [None, None])
    erased = {"status": "erased", "errors": {"source_id": ["这份简历已被删除，不再接收"]}}
    assert answer["rejected"] == [{"line": 2, **erased}, {"line": 3, **erased}]
    headers = TOKEN | {"Content-Type": "application/json"}
    alone = await hr.call("POST", "/resumes/", body=json.dumps(resume).encode(), headers=headers)
    assert (alone.http, alone.status, alone["errors"].keys()) == (400, "erased", {"source_id"})
    await hr.all_scored()
    assert (await hr.get("/readyz")).http == 200


async def test_who_is_let_in_again_is_a_new_person(server, hr):
    feed_id = await hr.submit(**PYTHON_FEED)
    resume = python_resume()
    (resume_id,) = await hr.scored(resume)
    await hr.post(f"/resumes/comment/{resume_id}", {"content": "旧备注"})
    await hr.get(f"/feed/get/{feed_id}/{resume_id}")
    await erase(hr, resume_id)
    assert await server.stores.erasures.lift(resume_id)
    assert (await hr.ingest(resume))["accepted"] == 1
    await hr.all_scored()
    (item,) = await hr.results(feed_id)
    assert (item["user_read_status"], item["comment_log"]) == ("unread", [])
    # That was for this once.
    await erase(hr, resume_id)
    assert (await hr.ingest(resume))["rejected"][0]["status"] == "erased"
    assert not await server.stores.erasures.lift("0" * 24)
