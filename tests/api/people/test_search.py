"""One search over all feeds: by what everybody sees of people, and by the contacts that one has unlocked."""

import pytest

from runtime.slices import Rests
from tests.api.people.test_notes import mark, with_people
from tests.support import Hr, nurse_resume, python_resume

LIN = {"name": "林晚照", "phone": "13700001234", "email": "lin.wz@example.com"}


async def search(hr, q, **query):
    answer = await hr.get("/resumes/search/", q=q, **query)
    assert answer.status == "ok", answer.json
    return answer


async def found(hr, q, **query):
    return [item["resume"]["id"] for item in (await search(hr, q, **query))["data"]]


@pytest.mark.long
async def test_titles_companies_and_schools_are_everybodys_names_and_numbers_of_whom_is_unlocked(hr):
    feed_id, (lin, other) = await with_people(hr, python_resume(**LIN), python_resume())
    nurses = await hr.submit(title="护士", job_desc="静脉采血")
    (nurse,) = await hr.scored(nurse_resume())
    assert {*await found(hr, "python 开发")} == {lin, other}
    assert {*await found(hr, "北京邮电")} == {*await found(hr, "甲乙丙科技")} == {lin, other}
    assert await found(hr, "护士") == [nurse]
    for secret in ("林晚照", "1234", "lin.wz@", "13700001234"):
        assert await found(hr, secret) == []
    await hr.unlock(feed_id, lin)
    for known in ("林晚照", "1234", "LIN.WZ@example.com", "137 0000", "晚照 邮电"):
        assert await found(hr, known) == [lin], known
    assert await found(hr, "123") == []
    (item,) = (await search(hr, "护士"))["data"]
    assert (item["feed"]["id"], item["work"]) == (nurses, "new")


async def test_who_was_marked_last_comes_first_and_pages_are_cut(hr):
    feed_id, ids = await with_people(hr, *(python_resume() for _ in range(5)))
    await mark(hr, feed_id, ids[1], "已联系")
    await mark(hr, feed_id, ids[3], "约面试")
    first = await search(hr, "python", size=2)
    assert [item["resume"]["id"] for item in first["data"]] == [ids[3], ids[1]]
    assert [item["work"] for item in first["data"]] == ["interview", "contacted"]
    assert first["data"][0]["mark_log"][-1]["mark_name"] == "约面试"
    assert (first["total_count"], first["searched_count"], first["next_start"]) == (5, 5, 1)
    rest = await found(hr, "python", size=2, start=1) + await found(hr, "python", size=2, start=2)
    assert {*rest} == {*ids} - {ids[1], ids[3]}
    last = await search(hr, "python", size=2, start=2)
    assert (len(last["data"]), last["next_start"]) == (1, -1)
    assert (await search(hr, "python", start=9))["data"] == []


async def test_it_is_of_the_accounts_own_lists_and_has_who_was_called_and_removed_last(hr):
    feed_id, (kept, lin) = await with_people(hr, python_resume(), python_resume(**LIN))
    await hr.unlock(feed_id, lin)
    removal = {"feed_id": feed_id, "resume_id": lin, "reco_index": -150, "feedback": "salary_high"}
    await hr.get("/feed/modify_feed_result", **removal)
    assert await found(hr, "python") == [kept, lin]
    for known in ("林晚照", "13700001234"):
        (item,) = (await search(hr, known))["data"]
        assert (item["resume"]["id"], item["feedback"]) == (lin, ["salary_high"])
        assert item["removed_time"]
        assert item["contact_info"]["name"] == "林晚照"
        assert (await hr.get(f"/feed/get/{item['feed']['id']}/{lin}"))["data"]["removed_time"]
    await mark(hr, feed_id, lin, "不合适")
    assert await found(hr, "python") == [lin, kept], "who was marked comes first"
    stranger = await Hr.register(hr.port)
    answer = await search(stranger, "python")
    assert (answer["data"], answer["total_count"], answer["next_start"]) == ([], 0, -1)


async def test_nothing_and_too_much_are_refused(hr):
    for q in ("", " ", "，,", "字" * 51):
        answer = await hr.get("/resumes/search/", q=q)
        assert (answer.http, [*answer["errors"]]) == (400, ["q"]), q


async def test_all_that_a_search_does_in_parts_has_the_rests_of_one_request(hr, monkeypatch):
    await with_people(hr, python_resume())
    allowances, init = [], Rests.__init__

    def watched(self, *args):
        init(self, *args)
        allowances.append(self._allowance)

    monkeypatch.setattr(Rests, "__init__", watched)
    for _ in range(2):
        await search(hr, "python")
    assert len(allowances) > len({*allowances}) == 2
