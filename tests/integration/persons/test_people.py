"""A person is found over all sources, given out, erased for good, and refused from then on."""

import asyncio
import json

import pytest

from store.errors import NotFound
from store.ids import resume_id
from store.persons.people import SeveralNames
from store.persons.reach import reach_of
from tests.api.company.team import colleague, share
from tests.integration.ends.test_erasure import about, all_delivered, broken, places
from tests.integration.gates import Gate
from tests.integration.processes import manage
from tests.support import PYTHON_FEED, Api, Hr, nurse_resume, python_resume

PERSON = {
    "name": "欧阳翡翠",
    "phone": "13712340000",
    "email": "feicui.ouyang@example.com",
    "qq": "100998877",
    "self_evaluation": "熟悉Python，业余修复紫砂茶壶",
}
ELSEWHERE = {"phone": "+86 137-1234-0000", "email": "紫砂 <feicui@old.example.com>", "name": "欧阳翡翠"}
OTHER = {"name": "李四", "phone": "13912345678", "email": "li@example.com"}
REACH = reach_of("137 1234 0000", "")


@pytest.fixture
def people(server):
    return server.stores.people


async def of_three_sources(api):
    """The person twice, once more by an address of the second, and somebody else."""
    return await api.scored(
        python_resume(source="one", source_id="1", **PERSON, consent="勾选同意", collected_at="2025-03-04"),
        nurse_resume(source="two", **ELSEWHERE, contact_status="secret"),
        nurse_resume(source="three", name="O. Feicui", email="FEICUI@old.example.com"),
        python_resume(**OTHER),
    )


async def test_a_person_is_found_over_all_sources_by_any_spelling(api, people):
    *ids, other = await of_three_sources(api)
    assert (await people.find(reach_of("", PERSON["email"]))).resumes == ids[:1]
    for spelling in ("", "欧阳翡翠", " 欧阳 翡翠 "):
        found = await people.find(REACH, spelling)
        assert (found.resumes, found.names, found.reach) == (sorted(ids[:2]), ["欧阳翡翠"], REACH)
    assert (await people.find(reach_of(OTHER["phone"], ""))).resumes == [other]
    assert (await people.find(reach_of("13000000000", ""))).resumes == []
    summaries = {row["resume_id"]: row for row in await people.summaries(found)}
    assert summaries[ids[0]]["source"] == "one"
    assert summaries[ids[0]]["consent"] == "勾选同意"
    assert summaries[ids[0]]["collected_at"] == "2025-03-04 00:00:00"
    assert summaries[ids[1]]["contact_status"] == "secret"


async def test_a_resume_that_waits_is_found_too(server, api, people):
    Gate(server.stores.contacts, "comparable")  # it is never scored
    (id_,) = (await api.ingest(python_resume(**PERSON)))["ids"]
    assert (await people.find(REACH)).resumes == [id_]


async def test_what_several_names_say_takes_one_of_them_to_act(api, people):
    _, second, third, _ = await of_three_sources(api)
    (nameless,) = await api.scored(nurse_resume(email="feicui@old.example.com"))
    reach = reach_of("", "Feicui@Old.example.com")
    found = await people.find(reach)
    assert (found.resumes, found.names) == (sorted([second, third, nameless]), ["O. Feicui", "欧阳翡翠"])
    for to_erase in (False, True):
        with pytest.raises(SeveralNames) as several:
            await people.find_somebody(reach, to_erase=to_erase)
        assert several.value.names == found.names
    for name, id_ in (("欧阳翡翠", second), ("o.feicui", third)):
        assert (await people.find_somebody(reach, name)).resumes == sorted([id_, nameless])
    assert (await people.find(REACH, "李四")).resumes == []
    with pytest.raises(NotFound):
        await people.find_somebody(REACH, "李四", to_erase=True)


async def test_nine_strangers_in_a_resume_are_not_erased_with_it_nor_kept_out(server, api, people):
    strangers = [
        {"name": f"人{n}甲", "phone": f"1370000000{n}", "email": f"n{n}@example.com"} for n in range(9)
    ]
    ids = await api.scored(*(nurse_resume(**one) for one in strangers))
    phones, emails = (" ".join(one[key] for one in strangers) for key in ("phone", "email"))
    false = nurse_resume(name="人9甲", phone=f"13700000009 {phones}", email=f"n9@example.com {emails}")
    (id_,) = await api.scored(false)
    taken = [nurse_resume(name="人9甲", phone=one["phone"]) for one in strangers]
    await api.scored(*taken)
    erased = await people.erase(await people.find_somebody(reach_of("13700000009", ""), to_erase=True))
    assert erased.resumes == [id_]
    for one, own in zip(strangers, ids, strict=True):
        assert own in (await people.find(reach_of(one["phone"], ""))).resumes
    again = await api.ingest(*(python_resume(source="again", **one) for one in strangers))
    assert again["accepted"] == 9
    # Whoever has the number and another name is not refused; with a part of the name hidden they may be it.
    with_number = [nurse_resume(phone="13700000009", name=name) for name in ("王五", "王女士", "人女士", "")]
    answer = await api.ingest(*with_number)
    assert (answer["accepted"], [row["line"] for row in answer["rejected"]]) == (2, [3, 4])


async def test_all_that_is_stored_of_a_person_is_given_out(server, hr, people):
    feed_id = await hr.submit(**PYTHON_FEED)
    id_, *_ = await of_three_sources(hr)
    # What one source keeps secret, nobody unlocks by another.
    assert (await hr.unlock(feed_id, id_)).status == "secret"
    await hr.get(f"/feed/get/{feed_id}/{id_}")
    await hr.post(f"/resumes/comment/{id_}", {"content": "约了周五"})
    exported = await people.export(await people.find(REACH))
    assert json.loads(json.dumps(exported)) == exported
    (one,) = [entry for entry in exported if entry["resume_id"] == id_]
    assert (one["source"], one["consent"]) == ("one", "勾选同意")
    assert {name: one["contact"][name] for name in ("name", "phone", "email", "qq")} == {
        name: PERSON[name] for name in ("name", "phone", "email", "qq")
    }
    assert one["resume"]["works"][0]["compnay_name"] == "甲乙丙科技"
    assert (one["listed"][0]["account"], one["listed"][0]["feed"]) == (hr.user, feed_id)
    assert one["listed"][0]["why"]
    assert one["noted"][0]["company"] == "示例公司"
    assert one["noted"][0]["comments"][0]["content"] == "约了周五"
    assert {read["action"] for read in one["read_by"]} == {"view"}
    assert len(exported) == 2


async def test_an_erasure_names_who_wrote_of_whom_a_name_stands_in(server, hr, people):
    feed_id = await hr.submit(**PYTHON_FEED)
    *_, other = await of_three_sources(hr)
    wei = await colleague(hr)
    await share(hr, feed_id, {wei: "work"})
    await wei.post(f"/resumes/comment/{other}", {"content": "和欧阳翡翠同组"})
    handed = {"feed_id": feed_id, "resume_ids": [other], "to": "王总", "note": "欧阳翡翠推荐的"}
    assert (await hr.post("/handover/", handed)).status == "ok"
    await all_delivered(server)
    erased = await people.erase(await people.find(REACH))
    assert erased.notes.named == sorted([(hr.user, other), (wei.user, other)])


async def test_a_person_is_erased_everywhere_and_refused_from_every_source(server, hr, people):
    feed_id = await hr.submit(**PYTHON_FEED)
    *ids, third, other = await of_three_sources(hr)
    note = f"和欧阳翡翠同组，她的电话是１３７-1234 0000，邮箱{PERSON['email']}，QQ100998877"
    await hr.post(f"/resumes/comment/{other}", {"content": note})
    mark = {"feed_id": feed_id, "mark_name": "问13712340000", "good_result": True}
    await hr.post(f"/resumes/mark/{other}", mark)
    date = {"at": "2030-01-01 10:00", "minutes": 30, "kind": "phone", "place": "13712340000", "note": note}
    await hr.post(f"/resumes/mark/{other}", {**mark, "mark_name": "约面试", "interview": date})
    await all_delivered(server)
    erased = await people.erase(await people.find(REACH))
    assert erased.resumes == sorted(ids)
    assert (erased.notes.notes, erased.notes.named) == (3, [(hr.user, other)])
    assert third in (await people.find(reach_of("", "feicui@old.example.com"))).resumes
    await server.stores.erasures.erase(third)
    (item,) = await hr.results(feed_id)
    assert item["comment_log"][0]["content"] == "和欧阳翡翠同组，她的电话是***，邮箱***，QQ***"
    assert item["mark_log"][0]["mark_name"] == "问***"
    assert item["mark_log"][1]["interview"]["place"] == "***"
    assert item["mark_log"][1]["interview"]["note"] == item["comment_log"][0]["content"]
    for id_ in ids:
        assert await about(server, id_) <= {"suppressions"}
    # The name that stands in the note about somebody else is left to the operator.
    assert await places(server) <= {"candidate_records"}
    assert await broken(server) == []
    answer = await hr.ingest(
        python_resume(source="four", phone="0086 13712340000", name="欧阳 翡翠"),
        python_resume(source="four", phone="0086 13712340000", name=""),
        python_resume(source="four"),
    )
    assert answer["accepted"] == 1
    for phone in answer["rejected"]:
        assert (phone["status"], phone["errors"].keys()) == ("erased", {"phone"})
    # The address of the second resume was not asked for: it is erased by itself.
    elsewhere = python_resume(source="four", name="欧阳翡翠", email="FEICUI@old.example.com")
    assert (await hr.ingest(elsewhere))["accepted"] == 1
    by_email = await people.find_somebody(reach_of("", "feicui@old.example.com"), to_erase=True)
    await people.erase(by_email)
    (email,) = (await hr.ingest(elsewhere | {"source": "five"}))["rejected"]
    assert (email["status"], email["errors"].keys()) == ("erased", {"email"})
    # The same resume again is refused as itself, whatever it has.
    again = await hr.ingest(python_resume(source="one", source_id="1", **PERSON))
    assert [(one["status"], one["errors"].keys()) for one in again["rejected"]] == [("erased", {"source_id"})]
    assert (await people.find(REACH)).resumes == []


async def test_erasing_one_resume_suppresses_nobodys_phone(server, api):
    (id_,) = await api.scored(python_resume(**PERSON))
    await server.stores.erasures.erase(id_)
    assert (await api.ingest(python_resume(source="other", **PERSON)))["accepted"] == 1


async def test_what_an_operator_lifts_comes_in_again(server, api, people):
    resume, second = python_resume(source="one", **PERSON), python_resume(source="two", **PERSON)
    third = python_resume(source="three", **PERSON)
    await api.scored(resume, second)
    first_id, second_id = (await people.find(REACH)).resumes
    await people.erase(await people.find(REACH))
    stores = server.stores
    sent = {resume_id(one["source"], one["source_id"]): one for one in (resume, second)}
    assert await stores.erasures.lift(first_id)
    await stores.suppressions.lift_resume(first_id)
    answers = [(await api.ingest(body))["accepted"] for body in (sent[first_id], sent[second_id], third)]
    assert answers == [1, 0, 0]
    assert await stores.erasures.lift(second_id)
    await stores.suppressions.lift_resume(second_id)
    answers = [(await api.ingest(body))["accepted"] for body in (sent[second_id], third)]
    assert answers == [1, 1]
    assert await stores.suppressions.lift(REACH) == 0


@pytest.mark.faults
async def test_commands_find_export_erase_and_lift_beside_running_servers(start):
    one, two = await asyncio.gather(start().ready(), start().ready())
    data_dir = one.data_dir
    hr = await Hr.register(one.port)
    feed_id = await hr.submit(**PYTHON_FEED)
    resume = python_resume(source="one", **PERSON)
    (id_,) = await hr.scored(resume)
    live = await hr.live(total=1)

    async def run(*words, status=0):
        done = await asyncio.to_thread(manage, data_dir, *words)
        assert done.returncode == status, done.stderr
        assert b"Traceback" not in done.stderr
        return done.stdout.decode()

    for words in (["person", "--phone", "13000000000"], ["lift", "one", "x"], ["lift", "--email", "a@b.cn"]):
        await run(*words, status=1)
    for words in (["person"], ["person", "--phone", "1"], ["person", "--email", "x"], ["lift", "one"]):
        await run(*words, status=2)
    (row,) = json.loads(await run("person", "--phone", "137 1234 0000"))
    assert (row["resume_id"], row["source"], row["name"]) == (id_, "one", PERSON["name"])
    (whole,) = json.loads(await run("person", "--email", PERSON["email"], "--export"))
    assert whole["contact"]["qq"] == PERSON["qq"]
    done = json.loads(await run("person", "--phone", "137 1234 0000", "--erase"))
    assert done["erased"] == [id_]
    await live.until("unread", feed_id=feed_id, unread_count=0, within_s=70)
    for words in ([], ["--export"], ["--erase"]):
        assert not await run("person", "--phone", "137 1234 0000", *words, status=1)
    # The other process has never heard of them.
    refused = await Api(two.port).ingest(resume, python_resume(source="two", **PERSON))
    assert [row["status"] for row in refused["rejected"]] == ["erased", "erased"]
    await run("lift", "one", resume["source_id"])
    assert (await Api(two.port).ingest(resume))["accepted"] == 1
    token = (await run("tokens", "--new", "one")).strip()
    api = Api(two.port, f"Bearer {token}")
    body = json.dumps(resume).encode()
    kind = {"Content-Type": "application/json"}
    assert (await api.call("POST", "/resumes/", body=body, headers=kind)).http == 200
    await run("tokens", "--new", "one")
    await run("tokens", "--new", "one", status=1)
    token_ids = [line.split()[0] for line in (await run("tokens")).splitlines()]
    for token_id in token_ids:
        await run("tokens", "--revoke", token_id)
    await run("tokens", "--revoke", token_ids[0], status=1)
    assert (await api.call("POST", "/resumes/", body=body, headers=kind)).http == 403
    await run("check")
    for log in (one.log, two.log):
        told = log.read_text()
        assert not [word for word in (*PERSON.values(), token) if word in told]
    live.connection.close()
    await live.closed()
