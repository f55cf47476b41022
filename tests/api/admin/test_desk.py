"""What operators see and do at the desk, tables apart: each act, once more, and where it is wrong."""

import json
from datetime import UTC, datetime

import pytest
from bson import ObjectId

from runtime.roles import ROLES
from store.files.arrivals import last_days
from tests.api.admin.desk import desk_server, desk_settings, quarantined, world
from tests.api.scene import UNKNOWN, small_resume
from tests.api.wechat_scene import io_loop
from tests.files import form_of
from tests.mail_server import MailServer
from tests.support import PASSWORD, Api, Hr, eventually

__all__ = ["io_loop", "world"]


async def test_the_overview_tells_of_each_part(world):
    health = (await world.viewer.read("health/"))["health"]
    assert (health["status"], health["mongo"], health["redis"]) == ("ok", "ok", "ok")
    assert health["smtp"] is False
    none = {"waiting": 0, "running": 0, "failed": 0, "oldest": None, "error": ""}
    assert {"kind": "reset", **none} in health["jobs"]
    for name in ("accounts", "feeds", "resumes", "results", "resumes_quarantined", "files_quarantined"):
        assert isinstance(health[name], int), name

    async def seen():
        processes = (await world.viewer.read("health/"))["health"]["processes"]
        return [one for one in processes or () if one["here"] and len(one["roles"]) == len(ROLES)]

    (here,) = await eventually(seen, what="this process among those that were seen")
    assert set(here["roles"]) == set(ROLES)
    health = (await world.viewer.read("health/"))["health"]
    assert (health["unserved"], health["processes_seen"]) == ([], len(health["processes"]))


@pytest.mark.usefixtures("within_a_day")
async def test_a_source_shows_its_last_arrival_its_days_and_why_it_was_refused(world):
    token = await world.server.stores.ingest_tokens.create("silent")
    assert token
    good = [{**small_resume(f"s{n}"), "source": "zhaopin"} for n in range(3)]
    bad = {**small_resume("s9"), "source": "zhaopin", "age": "old"}
    for _ in range(2):
        answer = await world.admin.ingest(*good, bad)
        assert len(answer["rejected"]) == 1

    async def counted():
        sources = {one["source"]: one for one in (await world.viewer.read("sources/", days=7))["sources"]}
        found = sources.get("zhaopin", {})
        # A bad line is counted before the good ones are stored, and may be written down before them.
        numbers = [found.get(name) for name in ("accepted", "duplicate", "rejected")]
        return sources if numbers == [3, 3, 2] else None

    sources = await eventually(counted, what="the counts")
    found = sources["zhaopin"]
    assert found["reject_rate"] == 0.25
    assert [day["day"] for day in found["days"]] == last_days(7, datetime.now(UTC))
    assert found["days"][-1] == {
        "day": last_days(1, datetime.now(UTC))[0], "accepted": 3, "updated": 0, "duplicate": 3, "rejected": 2,
    }  # fmt: skip
    assert found["reasons"] == [{"reason": "invalid", "text": "字段有误", "count": 2}]
    assert found["last_arrival"].startswith("20")
    assert (sources["silent"]["tokens"], sources["silent"]["last_arrival"]) == (1, None)
    assert (await world.viewer.read("sources/", days=91)).http == 400


async def test_files_that_are_dropped_have_an_outcome_each_and_those_refused_can_be_read_again(world):
    text = "姓名：林晚照\n手机：13700008888\n工作经历\n2019.03-至今 示例公司 会计\n"
    body = form_of(("林晚照.txt", text.encode()), ("nothing.bin", b"\x00\x01\x02\x03"), source="desk")
    answer = await world.admin.send("files/", body)
    assert answer.http == 200, answer.body
    statuses = {one["file"]: one["status"] for one in answer["results"]}
    assert statuses["nothing.bin"] == "rejected"
    assert statuses["林晚照.txt"] in {"accepted", "to_confirm"}
    kept = await world.admin.read("quarantine/files/")
    (file,) = [one for one in kept["items"] if one["name"] == "nothing.bin"]
    assert file["source"] == "desk"
    assert file["text"]
    hidden = await world.viewer.read("quarantine/files/")
    assert [one["name"] for one in hidden["items"]] == ["***.bin"]
    content = await world.admin.read(f"quarantine/files/{file['id']}/content/")
    assert content.body == b"\x00\x01\x02\x03"
    assert content.headers["Content-Disposition"].startswith("attachment")
    again = await world.admin.do("quarantine/files/retry/", ids=[file["id"], UNKNOWN])
    assert [one["results"][0]["status"] for one in again["results"]] == ["rejected"]
    assert (await world.admin.do("quarantine/files/drop/", ids=[file["id"]]))["count"] == 1
    assert (await world.admin.do("quarantine/files/drop/", ids=[file["id"]]))["count"] == 0
    assert (await world.admin.read(f"quarantine/files/{file['id']}/content/")).http == 404
    assert (await world.admin.read("quarantine/files/"))["total"] == 0


async def test_a_resume_in_quarantine_is_seen_masked_tried_again_and_erased(world):
    phone = "13500007777"
    sent = small_resume("q1", name="秦不见", phone=phone, self_evaluation=f"请打 {phone} 找秦不见")
    resume_id = await quarantined(world, sent)
    (row,) = (await world.viewer.read("quarantine/resumes/"))["items"]
    assert (row["id"], row["reason"]) == (resume_id, "ValueError in x")
    item = (await world.viewer.read(f"quarantine/resumes/{resume_id}/"))["item"]
    assert phone not in json.dumps(item, ensure_ascii=False)
    assert "秦不见" not in json.dumps(item, ensure_ascii=False)
    assert (await world.admin.do("quarantine/resumes/retry/", ids=[resume_id]))["count"] == 1
    assert (await world.admin.do("quarantine/resumes/retry/", ids=[resume_id]))["count"] == 0
    assert (await world.admin.do("quarantine/resumes/retry/")).http == 400
    # One that is not in quarantine is left alone.
    assert (await world.admin.do("quarantine/resumes/drop/", ids=[resume_id]))["count"] == 0
    assert await quarantined(world, sent) == resume_id
    assert (await world.admin.do("quarantine/resumes/drop/", ids=[resume_id]))["count"] == 1
    assert (await world.viewer.read(f"quarantine/resumes/{resume_id}/")).http == 404
    assert (await world.admin.ingest(sent))["rejected"][0]["status"] == "erased"


async def test_accounts_are_found_by_parts_of_address_or_company_and_paged(world):
    companies = ["甲公司", "乙公司 (Beta.)", "丙"]
    for number, company in enumerate(companies):
        await world.server.stores.accounts.create(
            email=f"found{number}@search.example", password_hash=None, company_name=company, phone="",
            vip=number == 2,
        )  # fmt: skip

    async def found(**form):
        answer = await world.viewer.do("accounts/find/", **form)
        return [one["email"] for one in answer["accounts"]], answer["total"], answer["next_start"]

    everybody = ["found2@search.example", "found1@search.example", "found0@search.example"]
    assert await found(q="SEARCH.example") == (everybody, 3, -1)
    assert await found(q="(beta.") == (["found1@search.example"], 1, -1)
    assert await found(q="search", state="vip") == (["found2@search.example"], 1, -1)
    assert await found(q="search", size=2) == (everybody[:2], 3, 1)
    assert await found(q="search", size=2, start=1) == (everybody[2:], 3, -1)
    assert await found(q=".*") == ([], 0, -1)
    assert (await found(size=1))[2] == 1
    for wrong in ({"size": 0}, {"start": -1}, {"state": "gone"}, {"q": "x" * 101}):
        assert (await world.viewer.do("accounts/find/", **wrong)).http == 400, wrong


async def test_whoever_is_invited_sets_a_password_by_the_link_once_and_logs_in(world):
    form = {"email": "New@Hire.example", "company_name": "新公司", "quota": 7}
    answer = await world.admin.do("accounts/invite/", **form)
    assert (answer.status, answer["mailed"]) == ("ok", False)
    token = answer["link"].partition("#reset=")[2]
    again = await world.admin.do("accounts/invite/", **form)
    assert (again.status, list(again["errors"])) == ("form_error", ["email"])
    account = (await world.viewer.read(f"accounts/{answer['account_id']}/"))["account"]
    assert (account["email"], account["feed_quota"], account["has_password"]) == (
        "new@hire.example",
        7,
        False,
    )
    api = Api(world.server.port)
    body = {"password": "a password of mine"}
    assert (await api.post(f"/hr/password/reset/{token}/", body)).status == "ok"
    assert (await api.post(f"/hr/password/reset/{token}/", body)).status == "token_error"
    login = {"username": form["email"], **body}
    assert (await api.post("/hr/login/", login)).status == "ok"
    refused = await world.admin.do(f"accounts/{answer['account_id']}/invite/")
    assert refused.status == "form_error"
    for field, value in (("email", "x"), ("company_name", ""), ("phone", "1")):
        wrong = await world.admin.do("accounts/invite/", **{**form, "email": "b@b.example", field: value})
        assert (wrong.status, list(wrong["errors"])) == ("form_error", [field])


async def test_an_account_is_shut_opened_logged_out_and_given_limits(world):
    hr = await Hr.register(world.server.port)
    path = f"accounts/{hr.user}"
    account = (await world.viewer.read(f"{path}/"))["account"]
    assert (len(account["sessions"]), account["feeds"], account["quota"]) == (1, 0, None)
    assert (await world.admin.do(f"{path}/end_sessions/"))["count"] == 1
    assert (await hr.get("/special_feed/page/")).http == 401
    login = {"username": hr.email, "password": PASSWORD}
    api = Api(world.server.port)
    assert (await api.post("/hr/login/", login)).status == "ok"
    for _ in range(2):
        assert (await world.admin.do(f"{path}/disable/")).status == "ok"
    assert (await api.post("/hr/login/", login)).status == "not_active"
    assert (await world.admin.do(f"{path}/reset/")).status == "form_error"
    assert (await world.admin.do(f"{path}/enable/")).status == "ok"
    assert (await api.post("/hr/login/", login)).status == "ok"
    limited = (await world.admin.do(f"{path}/limits/", quota=9))["account"]
    assert (limited["quota"], limited["feed_quota"], limited["vip"]) == (9, 9, False)
    limited = (await world.admin.do(f"{path}/limits/", quota=-1, vip=True))["account"]
    assert (limited["quota"], limited["vip"]) == (None, True)
    assert (await world.admin.do(f"{path}/limits/", quota=1001)).http == 400
    link = (await world.admin.do(f"{path}/reset/"))["link"]
    reset = f"/hr/password/reset/{link.partition('#reset=')[2]}/"
    assert (await api.post(reset, {"password": "another password"})).status == "ok"
    assert (await api.post("/hr/login/", {**login, "password": "another password"})).status == "ok"
    for act in ("disable", "enable", "reset", "invite", "end_sessions", "limits"):
        assert (await world.admin.do(f"accounts/{UNKNOWN}/{act}/")).http == 404, act
    assert (await world.viewer.read(f"accounts/{UNKNOWN}/")).http == 404


async def test_with_a_mail_server_links_are_mailed_and_never_shown(store_urls, analyzer, tmp_path):
    mail = MailServer()
    await mail.start()
    mail.before_data.clear()
    settings = desk_settings(
        store_urls, tmp_path, smtp_url=f"smtp://127.0.0.1:{mail.port}", public_url="https://t.example.com"
    )
    try:
        async with desk_server(settings, analyzer) as (server, admin, _):
            answer = await admin.do("accounts/invite/", email="mailed@a.example", company_name="公司")
            assert (answer["mailed"], answer["link"]) == (True, None)
            id_ = answer["account_id"]

            await mail.in_hand.wait()
            asked = await server.stores.jobs.find("invitation", [id_])
            assert asked[id_]["asked"] == 1, "it would be sent twice"
            mail.before_data.set()

            async def arrived():
                return mail.letters

            (letter,) = await eventually(arrived, what="the letter")
            assert letter["To"] == "mailed@a.example"
            for kind in ("plain", "html"):
                assert "https://t.example.com/#reset=" in letter.get_body((kind,)).get_content()
            reset = await admin.do(f"accounts/{id_}/reset/")
            assert (reset["mailed"], reset["link"]) == (True, None)
    finally:
        await mail.stop()


async def test_the_audit_names_the_operator_and_is_paged_and_its_chains_hold(world):
    hr = await Hr.register(world.server.port)
    for _ in range(3):
        await world.admin.do(f"accounts/{hr.user}/end_sessions/")
        await world.admin.do(f"accounts/{hr.user}/enable/")
    first = await world.viewer.do("audit/", account=hr.email, size=4)
    second = await world.viewer.do("audit/", account=hr.user, size=4, before=first["next"])
    rows = first["rows"] + second["rows"]
    assert [row["command"] for row in rows] == ["desk accounts enable", "desk accounts end_sessions"] * 3
    assert second["next"] is None
    assert {row["operator"] for row in rows} == {"admin@example.com"}
    assert {row["account_email"] for row in rows} == {hr.email}
    assert [row["seq"] for row in rows] == sorted((row["seq"] for row in rows), reverse=True)
    assert (await world.viewer.do("audit/", account=hr.user, since="2099-01-01"))["rows"] == []
    assert (await world.viewer.do("audit/", account=str(ObjectId())))["rows"] == []
    everything = await world.viewer.do("audit/", size=3)
    assert len(everything["rows"]) == 3
    assert everything["next"]
    for form, field in (({"account": "nobody@x.example"}, "account"), ({"since": "2026-02-30"}, "since")):
        refused = await world.viewer.do("audit/", **form)
        assert (refused.status, list(refused["errors"])) == ("form_error", [field])
    for form in ({"before": "x"}, {"since": "yesterday"}, {"resume": "x"}, {"size": 101}):
        assert (await world.viewer.do("audit/", **form)).http == 400, form
    check = await world.admin.do("audit/check/")
    assert (check["state"], check["broken"]) == ("ok", [])
    assert check["rows"] >= 6


async def test_a_person_is_found_given_out_and_erased_only_when_it_is_typed_again(world):
    phone = "13612345001"
    people = [
        small_resume("p1", name="万一", phone=phone),
        {**small_resume("p2", name="万一", phone=f"+86 {phone}", email="wan@p.example"), "source": "other"},
    ]
    ids = (await world.admin.ingest(*people))["ids"]
    found = await world.admin.do("person/find/", phone="136-1234-5001")
    assert {one["resume_id"] for one in found["resumes"]} == set(ids)
    assert found["names"] == ["万一"]
    assert (await world.admin.do("person/find/", email="nobody@p.example"))["resumes"] == []
    for form, field in (({}, "phone"), ({"phone": "12"}, "phone"), ({"email": "x"}, "email")):
        refused = await world.admin.do("person/find/", **form)
        assert (refused.status, list(refused["errors"])) == ("form_error", [field])
    exported = await world.admin.do("person/export/", email="WAN@p.example")
    assert exported.headers["Content-Disposition"].startswith("attachment")
    assert [one["resume_id"] for one in json.loads(exported.body)] == ids[1:], "what bears it, and no more"
    assert (await world.admin.do("person/export/", email="nobody@p.example")).http == 404
    for confirm in ("", "13612345002", "yes"):
        refused = await world.admin.do("person/erase/", phone=phone, confirm=confirm)
        assert (refused.status, list(refused["errors"])) == ("form_error", ["confirm"])
    erased = await world.admin.do("person/erase/", phone=phone, confirm="136 1234 5001")
    assert set(erased["erased"]) == set(ids)
    assert (await world.admin.do("person/find/", phone=phone))["resumes"] == []
    assert (await world.admin.do("person/erase/", phone=phone, confirm=phone)).http == 404
    rows = (await world.viewer.do("audit/", resume=ids[0]))["rows"]
    assert [row["command"] for row in rows if row["command"]] == [
        "desk person erase", "desk person find",
    ]  # fmt: skip


async def test_what_many_names_use_is_nobodys_and_erases_nobody(world):
    phone = "02155556666"
    crowd = [small_resume(f"c{n}", name=f"某{n}某", phone=phone) for n in range(5)]
    await world.admin.ingest(*crowd)
    answer = await world.admin.do("person/erase/", phone=phone, confirm=phone)
    assert answer.status == "shared"
    found = await world.admin.do("person/find/", phone=phone)
    assert (found["is_shared"], len(found["resumes"])) == (True, 5)


async def test_a_sources_token_is_made_shown_once_and_revoked_with_the_operators_name_in_the_audit(world):
    api = Api(world.server.port)

    async def sent(token):
        line = {**small_resume("by token"), "source": "猎头"}
        headers = {"Authorization": f"Bearer {token}"}
        return (await api.call("POST", "/resumes/", json_body=line, headers=headers)).http

    for wrong, status in ((" ", "form_error"), ("a\x00b", "bad_request"), ("", "bad_request")):
        refused = await world.admin.do("tokens/make/", source=wrong)
        assert (refused.status, list(refused["errors"])) == (status, ["source"])
    first, second = [(await world.admin.do("tokens/make/", source="猎头"))["token"] for _ in range(2)]
    assert await sent(first) == 200
    full = await world.admin.do("tokens/make/", source="猎头")
    assert (full.status, list(full["errors"])) == ("form_error", ["source"])
    listed = await world.viewer.read("tokens/")
    assert first not in str(listed.json)
    mine = [one for one in listed["tokens"] if one["source"] == "猎头"]
    assert [one["revoked_at"] for one in mine] == [None, None]
    assert (await world.admin.do("tokens/revoke/", id=mine[0]["id"])).status == "ok"
    assert (await world.admin.do("tokens/revoke/", id=mine[0]["id"])).http == 404
    assert [await sent(one) for one in (first, second)] == [403, 200]
    rows = (await world.viewer.do("audit/", size=5))["rows"]
    assert ("desk tokens revoke", "admin@example.com") in [(one["command"], one["operator"]) for one in rows]
    assert "猎头" not in str(rows)


async def test_an_admin_sees_a_stored_resume_and_that_is_in_the_audit(world):
    sent = small_resume("seen", name="尹一见", phone="13612349009", self_evaluation="请打 13612349009")
    (resume_id,) = (await world.admin.ingest(sent))["ids"]
    answer = await world.admin.read(f"resumes/{resume_id}/")
    assert (answer["about"]["name"], answer["about"]["phone"]) == ("尹一见", "13612349009")
    assert "13612349009" not in json.dumps(answer["resume"])
    assert answer["resume"]["id"] == resume_id
    (row, *_) = (await world.viewer.do("audit/", resume=resume_id))["rows"]
    assert (row["command"], row["operator"]) == ("desk resumes", "admin@example.com")
    assert (await world.admin.read(f"resumes/{UNKNOWN}/")).http == 404
