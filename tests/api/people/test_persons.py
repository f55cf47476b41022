"""One person by several resumes: notes, secrets and favourites are theirs, whichever is asked for."""

import json

import pytest

import store.notes.candidate_records
from tests.support import PYTHON_FEED, contact_of, nurse_resume, python_resume
from tests.unit.persons.test_likeness import prose

PERSON = contact_of("one person")
OTHER = contact_of("another phone")
SCHOOL = [{"school": "北京邮电大学", "degree": "本科", "end_time": "2018-06"}]


async def bring(hr, *resumes):
    ids = []
    for resume in resumes:  # one after the other, so that it is known which is the newest
        ids += (await hr.ingest(resume))["ids"]
    await hr.all_scored()
    return ids


async def two_resumes(hr, **changes):
    """A feed, and two resumes of one person, the older one first."""
    feed_id = await hr.submit(**PYTHON_FEED)
    older, newer = await bring(hr, python_resume(**PERSON), python_resume(**{**PERSON, **changes}))
    return feed_id, older, newer


async def item(hr, feed_id):
    (only,) = await hr.results(feed_id)
    return only


async def favourites(hr, **query):
    return await hr.get("/resume/follow/list/", **query)


async def decide(hr, what, one, other):
    answer = await hr.post(f"/resumes/{what}/", {"resume_id": one, "other_id": other})
    assert (answer.http, answer.json) == (200, {"status": "ok", "msg": "ok"})


async def test_what_is_noted_on_one_resume_is_the_persons(hr):
    feed_id, older, newer = await two_resumes(hr)
    await hr.post(f"/resumes/comment/{newer}", {"content": "一"})
    await hr.mark(feed_id, newer, "已约")
    answer = await hr.post(f"/resumes/comment/{older}", {"content": "二"})
    assert [(row["content"], row["resume_id"]) for row in answer["comment_log"]] == [
        ("一", newer),
        ("二", older),
    ]
    answer = await hr.mark(feed_id, older, "已面试")
    assert [row["mark_name"] for row in answer["mark_log"]] == ["已约", "已面试"]
    assert (await hr.get(f"/resumes/add_watch/{older}", feed_id=feed_id)).status == "ok"
    shown = await item(hr, feed_id)
    assert (shown["resume"]["id"], shown["others"], shown["favStatus"]) == (newer, [older], True)
    assert [row["content"] for row in shown["comment_log"]] == ["一", "二"]
    assert [row["mark_name"] for row in shown["mark_log"]] == ["已约", "已面试"]
    # By any of the ids it is none any more.
    assert (await hr.get(f"/resumes/remove_watch/{newer}", feed_id=feed_id)).status == "ok"
    assert (await item(hr, feed_id))["favStatus"] is False
    assert (await favourites(hr))["total_count"] == 0
    await decide(hr, "part", older, newer)
    assert {
        row["resume"]["id"]: [one["content"] for one in row["comment_log"]]
        for row in await hr.results(feed_id)
    } == {older: ["二"], newer: ["一"]}


async def test_what_may_be_noted_is_bounded_by_person(hr, monkeypatch):
    monkeypatch.setattr(store.notes.candidate_records, "MAX_ENTRIES", 3)
    monkeypatch.setattr(store.notes.candidate_records, "MAX_COMMENT_CHARS", 9)
    feed_id, older, newer = await two_resumes(hr)
    for resume_id, http in ((older, 200), (newer, 200), (older, 200), (newer, 400), (older, 400)):
        assert (await hr.mark(feed_id, resume_id, "x")).http == http
    for resume_id, content, http in ((older, "12345", 200), (newer, "12345", 400), (newer, "1234", 200)):
        answer = await hr.post(f"/resumes/comment/{resume_id}", {"content": content})
        assert answer.http == http
        assert http == 200 or answer["errors"] == {"content": ["最多 200 条备注，共 40000 个字符"]}


async def test_an_unlock_is_the_persons_and_counts_once(server, hr):
    feed_id, older, newer = await two_resumes(hr, phone=f"{PERSON['phone']} / 13900001111", qq="")
    assert (await hr.unlock(feed_id, older)).status == "ok"
    assert (await hr.unlock(feed_id, newer)).status == "ok"
    allowance = await server.stores._database.allowances.find_one({"_id": f"{hr.user}:unlock"})
    assert allowance["count"] == 1
    reads = await server.stores.audit.reads_of(older)
    assert [read.resumes for read in reads if read.action == "unlock"] == [[older]]
    shown = (await item(hr, feed_id))["contact_info"]
    assert (shown["resume_id"], shown["phone"]) == (newer, f"{PERSON['phone']} / 13900001111")


async def test_a_contact_is_what_that_very_resume_says(hr):
    feed_id, older, newer = await two_resumes(hr, phone="", qq="")
    assert (await hr.unlock(feed_id, older))["contact_info"]["phone"] == PERSON["phone"]
    shown = await item(hr, feed_id)
    assert shown["resume"]["id"] == newer
    assert (shown["contact_info"]["phone"], shown["contact_info"]["qq"]) == ("", "")
    assert shown["contact_info"]["email"] == PERSON["email"]
    opened = (await hr.get(f"/feed/get/{feed_id}/{older}"))["data"]
    assert opened["contact_info"]["phone"] == PERSON["phone"]


async def test_a_resume_with_a_strangers_numbers_opens_nothing_of_the_stranger(hr, other_hr):
    victims = [contact_of(f"victim {n}") | {"name": f"林晚{n}", "qq": f"10099887{n}"} for n in range(3)]
    await bring(hr, *(nurse_resume(**one) for one in victims))
    nurses, feed_id = await other_hr.submit(title="护士"), await hr.submit(**PYTHON_FEED)
    listed = {row["resume"]["id"] for row in await other_hr.results(nurses)}
    assert len(listed) == 3
    own = {"name": "甲乙丙", "email": " ".join(one["email"] for one in victims), "phone": victims[0]["phone"]}
    (id_,) = await bring(hr, python_resume(**own, qq=""))
    answer = await hr.unlock(feed_id, id_)
    assert answer["contact_info"] == {**own, "qq": "", "resume_id": id_}
    told = json.dumps([answer.json, await hr.results(feed_id)], ensure_ascii=False)
    assert not [one for one in victims if one["name"] in told or one["qq"] in told]
    # And the other company's list has whom it had, each by their own resume.
    assert {row["resume"]["id"] for row in await other_hr.results(nurses)} == listed
    # One of the victim's name too, whom no list of the account has: their resume stays closed to it.
    (closer,) = await bring(hr, python_resume(**{**victims[0], "qq": ""}))
    assert (await hr.unlock(feed_id, closer))["contact_info"]["qq"] == ""
    for victim in listed:
        assert (await hr.get(f"/feed/get/{feed_id}/{victim}")).http == 404
        assert (await hr.unlock(feed_id, victim)).http == 404


async def test_nobody_lifts_a_secret_by_using_the_number(hr):
    feed_id = await hr.submit(**PYTHON_FEED)
    public, secret = await bring(
        hr, python_resume(**PERSON), python_resume(**PERSON, contact_status="secret")
    )
    others = [python_resume(**{**PERSON, "name": f"别人{n}"}) for n in range(4)]
    same = [python_resume(**PERSON) for _ in range(17)]  # more than a person has
    await bring(hr, *others)
    assert (await hr.ingest(*same))["accepted"] == 17
    await hr.all_scored()
    listed = [row["resume"]["id"] for row in await hr.results(feed_id)]
    answers = [await hr.unlock(feed_id, id_) for id_ in dict.fromkeys((public, secret, *listed))]
    opened = [answer["contact_info"]["name"] for answer in answers if answer.status == "ok"]
    assert sorted(opened) == [one["name"] for one in others]
    assert [answer.status for answer in answers[:2]] == ["secret", "secret"]
    assert all(answer["contact_info"] == {} for answer in answers if answer.status == "secret")


@pytest.mark.parametrize("secret", [0, 1])
async def test_secret_in_one_source_hides_all(hr, secret):
    feed_id = await hr.submit(**PYTHON_FEED)
    text = {"self_evaluation": f"熟悉Python，电话 {PERSON['phone']}"}
    resumes = [python_resume(**PERSON, **text), python_resume(**PERSON, **text)]
    (first,) = await bring(hr, resumes[1 - secret])
    assert (await hr.unlock(feed_id, first)).status == "ok"
    assert PERSON["phone"] in (await item(hr, feed_id))["resume"]["self_evaluation"]
    (second,) = await bring(hr, {**resumes[secret], "contact_status": "secret"})
    shown = await item(hr, feed_id)
    assert (shown["resume"]["id"], shown["contact_info"]) == (second, {})
    assert "***" in shown["resume"]["self_evaluation"]
    opened = (await hr.get(f"/feed/get/{feed_id}/{first}"))["data"]
    assert opened["contact_info"] == {}
    assert PERSON["phone"] not in opened["resume"]["self_evaluation"]
    for resume_id in (first, second):
        answer = await hr.unlock(feed_id, resume_id)
        assert (answer.status, answer["contact_info"]) == ("secret", {})
    # Nobody makes it public by saying that they are two people.
    await decide(hr, "part", first, second)
    assert (await hr.unlock(feed_id, first)).status == "secret"
    assert all(row["contact_info"] == {} for row in await hr.results(feed_id))


async def test_a_favourite_is_there_once_by_the_newest_resume_and_pages_are_right(hr):
    feed_id = await hr.submit(**PYTHON_FEED)
    people = [contact_of(f"person {number}") for number in range(3)]
    olders = await bring(hr, *(python_resume(**one) for one in people))
    for resume_id in olders:
        await hr.get(f"/resumes/add_watch/{resume_id}", feed_id=feed_id)
    # Two of them come again, one of whom the account had as a favourite by two resumes that nobody connected.
    alone = python_resume(**OTHER)
    (stranger,) = await bring(hr, alone)
    await hr.get(f"/resumes/add_watch/{stranger}", feed_id=feed_id)
    assert (await favourites(hr))["total_count"] == 4
    newers = await bring(
        hr,
        python_resume(**people[0]),
        python_resume(phone=f"{people[1]['phone']}/{OTHER['phone']}", email=OTHER["email"]),
    )
    first = await favourites(hr, size=2)
    second = await favourites(hr, size=2, start=1)
    assert (first["total_count"], first["next_start"], second["next_start"]) == (3, 1, -1)
    shown = [row["resume"]["id"] for row in (*first["data"], *second["data"])]
    assert shown == [olders[2], newers[1], newers[0]]
    found = await favourites(hr, keywords="Python")
    assert [row["resume"]["id"] for row in found["data"]] == shown
    # Told apart, both are favourites again.
    await decide(hr, "part", olders[1], stranger)
    await decide(hr, "part", newers[1], stranger)
    assert (await favourites(hr))["total_count"] == 4
    await decide(hr, "join", olders[1], stranger)
    await decide(hr, "join", newers[1], stranger)
    assert (await favourites(hr))["total_count"] == 3


async def test_two_that_look_alike_are_named_and_the_recruiter_decides(hr, other_hr):
    feed_id = await hr.submit(**PYTHON_FEED)
    theirs = await other_hr.submit(**PYTHON_FEED)
    one, other = await bring(
        hr,
        python_resume(name="林晚照", education=SCHOOL),
        python_resume(name="林晚照", education=SCHOOL, self_evaluation=prose(1)),
    )

    async def alike(who=hr, feed=feed_id):
        return {row["resume"]["id"]: row["maybe_same"] for row in await who.results(feed)}

    both = {one: [other], other: [one]}
    assert await alike() == both
    socket = await hr.live(total=2)
    await decide(hr, "join", one, other)
    await socket.until("unread", feed_id=feed_id, unread_count=1)
    shown = await item(hr, feed_id)
    assert (shown["resume"]["id"], shown["others"], shown["maybe_same"]) == (other, [one], [])
    await decide(hr, "join", other, one)
    # It is undone, and they are not taken for one person any more.
    await decide(hr, "part", other, one)
    await socket.until("unread", feed_id=feed_id, unread_count=2)
    assert await alike() == {one: [], other: []}
    assert await alike(other_hr, theirs) == both


async def test_who_looks_alike_is_named_only_where_the_account_has_both(hr, other_hr):
    theirs = await other_hr.submit(title="护士")
    fields = {"name": "林晚照", "education": SCHOOL}
    nurse = python_resume(**fields, job_target={"job_career": "护士"}, works=[], self_evaluation="护理")
    _, other = await bring(hr, python_resume(**fields), nurse)
    (shown,) = await other_hr.results(theirs)
    assert (shown["resume"]["id"], shown["maybe_same"]) == (other, [])
    feed_id = await hr.submit(**PYTHON_FEED)
    assert (await item(hr, feed_id))["maybe_same"] == []


async def test_only_two_different_resumes_of_ones_own_lists_can_be_joined(hr, other_hr):
    feed_id, older, newer = await two_resumes(hr)
    for what in ("join", "part"):
        path = f"/resumes/{what}/"
        for spelling in (older, older.upper()):
            same = await hr.post(path, {"resume_id": older, "other_id": spelling})
            assert (same.http, same.status) == (400, "bad_request")
            assert same["errors"] == {"other_id": ["应为另一份简历"]}
        missing = await hr.post(path, {"resume_id": older})
        assert (missing.http, missing["errors"].keys()) == (400, {"other_id"})
        for pair in ((older, "0" * 24), ("0" * 24, older)):
            answer = await hr.post(path, {"resume_id": pair[0], "other_id": pair[1]})
            assert (answer.http, answer.status) == (404, "not_found")
        foreign = await other_hr.post(path, {"resume_id": older, "other_id": newer})
        assert (foreign.http, foreign.status) == (404, "not_found")
        form = await hr.call("POST", path, form={"resume_id": older.upper(), "other_id": newer})
        assert form.status == "ok"
        assert len(await hr.results(feed_id)) == (1 if what == "join" else 2)
