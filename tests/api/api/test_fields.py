"""Every field of the API document and of the interface, in live answers: there, spelled so, of its type."""

import asyncio
import re
import time
from dataclasses import dataclass, replace

import pytest

from config.demo.wechat_server import WechatServer
from mail.links import Links
from store.feeds.relations import Basis, StoredTopics
from tests.api.api.fields import Clock, problems, read_document, read_table
from tests.api.company.team import colleague, invited, share
from tests.api.scene import (
    CONTACT,
    FULL_FEED,
    FULL_RESUME,
    INGEST,
    INTERVIEW,
    JSON_INGEST,
    NDJSON_INGEST,
    UNKNOWN,
    Scene,
    listed_person,
    small_resume,
)
from tests.support import PASSWORD, PYTHON_FEED, SECRET, Api, Hr, Socket, each, serving, settings_for

TABLE = read_table()
DOCUMENT = read_document()
needs_document = pytest.mark.skipif(not DOCUMENT, reason="../shared/spec/wechat-api.md is not here")
COMPANY = {
    "url": "https://example.com",
    "product_url": "https://example.com/product",
    "company_stage": "A轮",
    "key_points": "不加班",
    "desc": "做软件",
    "categroys": [7],
}
POSTINGS = """Java开发工程师 15-25K·14薪
深圳 | 3-5年 | 本科
行业：O2O
五险一金
岗位职责：
1、用Java和Spring开发交易系统。
任职要求：
1、熟悉MySQL、Redis，有软件设计师证书，英语六级，C1驾照。
出纳（1名）
岗位职责：
1、管理现金，做Excel表。月薪5000-8000元，五险一金。
任职要求：
1、大专以上学历，1-3年经验，有初级会计证，英语四级，C1驾照，熟悉用友。
工作地点：深圳
行业：O2O
"""
# What each parameter of the API document is not: so it is read, not ignored.
WRONG = {
    "special_feed/feed_list": {
        "start": -1, "latest": 2, "send": "x", "partner": "true", "title_match": 5, "extend_match": "-1",
        "reco_time": 8, "current_area": "长" * 201, "salary_min": "2k", "salary_max": -1,
    },
    "feed/modify_feed_result": {"feed_id": "x", "resume_id": "x", "reco_index": 1},
    "resumes/add_watch": {"feed_id": "x"},
    "resumes/remove_watch": {"feed_id": "x"},
    "resume/follow/list": {"search_fields": "phone", "keywords": "长" * 201},
    "hr/register": {"user_email": "x", "password": "short", "company_name": "", "phone": "x"},
    "hr/login": {"username": "", "password": ""},
}  # fmt: skip


@dataclass
class Recording:
    """Live answers by the table's names, the best-filled first; and when they were given."""

    answers: dict[str, list[dict]]
    wrong: dict[tuple[str, str], tuple[int, dict]]
    scene: Scene
    clock: Clock


@pytest.fixture(scope="module")
def recorded(store_urls, analyzer, tmp_path_factory) -> Recording:
    settings = settings_for(store_urls, tmp_path_factory.mktemp("fields"), login_attempts=100)

    async def record() -> Recording:
        wechat = await WechatServer().start()
        try:
            async with serving(replace(settings, **wechat.settings()), analyzer) as server:
                return await _record(server, wechat)
        finally:
            await wechat.stop()

    return asyncio.run(record())


async def _record(server, wechat) -> Recording:
    began = time.time()
    answers: dict[str, list[dict]] = {}

    def note(name, answer, http=200):
        assert answer.http == http, (name, answer.http, answer.body)
        answers.setdefault(name, []).append(answer.json)
        return answer

    api = Api(server.port)
    hr = await _accounts(server, api, note)
    await _wechat(wechat, hr, api, note)
    scene = await _feeds(hr, api, note)
    await _person(scene, api, note)
    await _handover(scene, api, note)
    await _socket(scene, note=lambda name, frame: answers.setdefault(f"socket/{name}", []).append(frame))
    await _company(scene, answers, note)
    await _ends(server, scene, note)
    wrong = await _wrong(scene, api)
    return Recording(answers, wrong, scene, Clock(began, time.time()))


async def _handover(scene, api, note) -> None:
    handed = {"feed_id": scene.feed_id, "resume_ids": [scene.resume_id], "to": "王总", "code": "240815"}
    made = note("handover/made", await scene.hr.post("/handover/", {**handed, "note": "请看看"}))
    link, code = made["url"].split("=")[1], {"code": "240815"}
    for token in ("x", link):
        note("review/refused", await api.post(f"/review/{token}/", {}))
    judged = f"/review/{link}/{scene.resume_id}/"
    note("review/verdict", await api.post(judged, {"verdict": "no"}))
    said = {"verdict": "no", "reason": "area", "comment": "太远"}
    note("review/verdict", await api.post(judged, {**said, **code}))
    note("review", await api.post(f"/review/{link}/", code))
    note("handover", await scene.hr.get("/handover/", feed_id=scene.feed_id))
    note("handover/revoke", await scene.hr.post(f"/handover/{made['id']}/revoke/"))


async def _accounts(server, api, note) -> Hr:
    form = {"user_email": "fields@example.com", "password": PASSWORD, "company_name": "示例公司"}
    registered = note("hr/register", await api.post("/hr/register/", {**form, "phone": "010-12345678"}))
    note("hr/register", await api.post("/hr/register/", form))
    login = {"username": "fields@example.com", "password": PASSWORD}
    note("hr/login", await api.post("/hr/login/", login))
    note("hr/login", await api.post("/hr/login/", {**login, "password": "wrong wrong"}))
    accounts = server.stores.accounts._accounts
    for change in ({"active": False}, {"is_hr": False}, {"active": True, "is_hr": True}):
        await accounts.update_one({"email": login["username"]}, {"$set": change})
        note("hr/login", await api.post("/hr/login/", login))
    hr = Hr.logged_in(api.port, login["username"], registered["auth_info"])
    for token in (hr.token, "x"):
        note("hr/valid_token", await api.get(f"/hr/valid_token/{hr.user}/{token}/"))
    link = Links(SECRET, "").make(hr.user)
    note("hr/activate", await api.post(link))
    note("hr/activate", await api.post("/hr/activate/x/"))
    version = (await api.get("/hr/legal/"))["version"]
    note("hr/legal/consent", await hr.post("/hr/legal/consent/", {"version": version}))
    note("hr/legal/consent", await hr.get("/hr/legal/consent/"))
    note("hr/legal/consent", await hr.post("/hr/legal/consent/", {"version": "x"}))
    full = {"name": "陈一鸣", "phone": "010-7654321", "user_industry": "互联网", "company": COMPANY}
    note("hr/profile", await hr.post("/hr/profile/", full))
    note("hr/profile", await hr.get("/hr/profile/"))
    note("hr/profile", await hr.post("/hr/profile/", {"phone": "x", "company": {"url": "a b"}}))
    note("hr/login", await api.post("/hr/login/", login))
    note("hr/sessions", await hr.get("/hr/sessions/"))
    note("hr/sessions/revoke", await hr.post("/hr/sessions/revoke/", {"all": 1}))
    change = {"old_password": PASSWORD, "password": "another good one"}
    note("hr/password", await hr.post("/hr/password/", change))
    note("hr/password", await hr.post("/hr/password/", change | {"password": "short"}))
    back = {"old_password": "another good one", "password": PASSWORD}
    note("hr/password", await hr.post("/hr/password/", back))
    note("hr/legal", await api.get("/hr/legal/"))
    note("hr/activate/resend", await api.post("/hr/activate/resend/", {"username": login["username"]}))
    note("hr/password/forgot", await api.post("/hr/password/forgot/", {"username": login["username"]}))
    reset = "/hr/password/reset/" + Links(SECRET, "").make_reset(hr.user, 2).partition("=")[2]
    for path, password in ((reset, "short"), (reset, PASSWORD), (reset, PASSWORD)):
        note("hr/password/reset", await api.post(path, {"password": password}))
    again = (await api.post("/hr/login/", login))["auth_info"]
    return Hr.logged_in(api.port, login["username"], again)


async def _wechat(wechat, hr, api, note) -> None:
    def code(openid="somebody"):
        return {"app": "mini", "code": wechat.code(openid)}

    note("hr/wechat/bind", await hr.post("/hr/wechat/bind/", code()))
    note("hr/wechat/bind", await hr.post("/hr/wechat/bind/", {"app": "mini"}))
    note("hr/wechat/ways", await hr.get("/hr/wechat/ways/"))
    note("hr/notices/consent", await hr.post("/hr/notices/consent/", {"app": "mini", "accepted": 1}))
    note("hr/notices", await hr.get("/hr/notices/"))
    note("hr/notices", await hr.post("/hr/notices/", {"quiet": "x"}))
    wechat.consents["somebody"] = 1
    note("hr/notices/test", await hr.post("/hr/notices/test/"))
    note("hr/wechat/login", await api.post("/hr/wechat/login/", code()))
    note("hr/wechat/login", await api.post("/hr/wechat/login/", {"app": "mini"}))
    note("hr/wechat/unbind", await hr.post("/hr/wechat/unbind/", {"app": "mini"}))
    await hr.post("/hr/wechat/bind/", {"app": "wecom", "code": wechat.code(userid="zhangsan")})
    await hr.post("/company/", {"wecom": 1})
    begun = await api.get("/hr/wechat/start/", app="wecom")
    cookie = {"Cookie": begun.headers["Set-Cookie"].partition(";")[0]}
    state = re.search(r"state=([\w-]+)", begun.headers["Location"]).group(1)
    back = {"code": wechat.code(userid="stranger"), "state": state}
    back = await api.call("GET", "/hr/wechat/callback/", headers=cookie, **back)
    exchange = {"exchange": back.headers["Location"].partition("=")[2]}
    note("hr/wechat/callback", await api.get("/hr/wechat/callback/"))
    note("hr/wechat/exchange", await api.post("/hr/wechat/exchange/", exchange))
    note("hr/wechat/exchange", await api.post("/hr/wechat/exchange/", exchange))
    await hr.post("/hr/wechat/unbind/", {"app": "wecom"})


async def _feeds(hr, api, note) -> Scene:
    submit, edit = "/special_feed/submit_feed/", "/special_feed/edit_feed/"
    first = note("special_feed/submit_feed", await hr.post(submit, FULL_FEED))
    for wrong in ({"title": ""}, {**FULL_FEED, "feed_id": UNKNOWN}):
        note("special_feed/submit_feed", await hr.post(submit, wrong))
    blank = await hr.get(edit)
    while (full := await hr.post(submit, {"title": "会计"})).status == "ok":
        pass
    note("special_feed/submit_feed", full)
    used_up = await hr.get(edit)
    for row in (await hr.get("/special_feed/page/"))["data"]["all_feed"]:
        if row["feed"]["id"] != first["feed_id"]:
            await hr.get(f"/feed/delete/{row['feed']['id']}")
    await hr.ingest(FULL_RESUME | {"source": "elsewhere"})  # an older resume of the same person
    scene = await listed_person(hr, feed_id=first["feed_id"], **FULL_FEED)
    note("special_feed/edit_feed", await hr.get(f"{edit}{scene.feed_id}/"))
    for answer in (blank, used_up, await hr.get(f"{edit}{UNKNOWN}/")):
        note("special_feed/edit_feed", answer)
    answers = [await hr.post("/special_feed/preview/", FULL_FEED)]
    answers += [
        await hr.post("/special_feed/preview/", wrong)
        for wrong in ({"title": ""}, {"title": "x", "feed_id": UNKNOWN})
    ]
    for answer in answers:
        note("special_feed/preview", answer)
    note("special_feed/read", await hr.post("/special_feed/read/", {"text": POSTINGS}))
    for paused in (1, 0):
        note(
            "special_feed/pause",
            await hr.post("/special_feed/pause/", {"feed_id": scene.feed_id, "paused": paused}),
        )
    await hr.calced(scene.feed_id)
    note("healthz", await api.get("/healthz"))
    note("refusal", await hr.get(f"/special_feed/feed_list/{scene.feed_id}", size=0, start=-1), http=400)
    return scene


async def _person(scene, api, note) -> None:
    hr, path = scene.hr, f"/special_feed/feed_list/{scene.feed_id}"
    untouched = await hr.get(path)
    secret = small_resume("secret", contact_status="secret")
    (secret_id,) = await hr.scored(secret)
    note("resumes/download", await scene.unlock())
    answer = await hr.post(f"/resumes/download/{secret_id}", {"feed_id": scene.feed_id})
    assert answer.status == "secret"
    note("resumes/download", answer)
    pair = {"resume_id": scene.resume_id, "other_id": secret_id}
    for what in ("join", "part"):
        note(f"resumes/{what}", await hr.post(f"/resumes/{what}/", pair))
    await api.call("DELETE", f"/resumes/{secret_id}", headers=INGEST)
    note("resumes/add_watch", await scene.watch())
    await scene.mark("已电话沟通", good=False)
    note("resumes/mark", await scene.mark("约面试", good=True, interview=INTERVIEW))
    note("resumes/comment", await scene.comment("电话里谈得不错"))
    note("resumes/marked", await hr.get("/resumes/marked/"))
    note("special_feed/feed_list", await hr.get(path))
    note("special_feed/feed_list", untouched)
    note("special_feed/feed_list", await hr.get(f"/special_feed/feed_list/{UNKNOWN}"))
    note("resume/follow/list", await hr.get("/resume/follow/list/"))
    note("special_feed/page", await hr.get("/special_feed/page/"))
    note("special_feed/occupations", await hr.get("/special_feed/occupations/", words="前端"))
    note("feed/get", await hr.get(f"/feed/get/{scene.feed_id}/{scene.resume_id}"))
    query = {"feed_id": scene.feed_id, "resume_id": scene.resume_id}
    for index in (-150, 150):
        note("feed/modify_feed_result", await hr.get("/feed/modify_feed_result", **query, reco_index=index))
        note("special_feed/feed_list", await hr.get(path, removed=1))


async def _socket(scene, note) -> None:
    socket = await scene.hr.socket()
    note("snapshot", await socket.until("snapshot"))
    await scene.hr.ingest(small_resume("pushed"))
    note("unread", await socket.until("unread"))
    note("undecided", await _undecided(scene))
    other = await scene.hr.submit(title="护士")
    note("progress", await socket.until("progress", feed_id=other))
    await scene.hr.get(f"/feed/delete/{other}")
    note("removed", await socket.until("removed", feed_id=other))
    for message in ({"type": "ping"}, {"type": "nonsense"}):
        await socket.say(message)
    note("pong", await socket.until("pong"))
    note("error", await socket.until("error"))
    socket.connection.close()
    await socket.closed()


async def _undecided(scene) -> dict:
    """The frame that a page asks for."""
    page = await Socket.connect(scene.hr.port, None)
    await page.say({"type": "auth", "authorization": scene.hr.authorization, "undecided": True})
    await page.until("snapshot")
    (pushed, *_) = await scene.hr.results(scene.feed_id, latest=1)
    await scene.hr.get(f"/feed/get/{scene.feed_id}/{pushed['resume']['id']}")
    frame = await page.until("undecided")
    page.connection.close()
    await page.closed()
    return frame


async def _company(scene, answers, note) -> None:
    hr = scene.hr
    token = await invited(hr, "wei@example.com")
    note("company/invite", await hr.post("/company/invite/", {"email": "x", "role": "owner"}))
    note("company/invite/token", await hr.get(f"/company/invite/{token}/"))
    note("company/invite/token", await hr.get("/company/invite/x/"))
    wei = await colleague(hr)
    other = await Hr.register(hr.port)
    note("company/join", await other.post("/company/join/", {"invite": token}))
    note("company/join", await other.post("/company/join/", {"invite": token}))
    note("company", await hr.get("/company/"))
    note("company", await hr.post("/company/", {"name": ""}))
    note("company/members", await hr.post(f"/company/members/{wei.user}/", {"role": "recruiter"}))
    live = await wei.socket()
    await share(hr, scene.feed_id, {wei: "work"})
    note("special_feed/page", await wei.get("/special_feed/page/"))
    claim = {"feed_id": scene.feed_id, "kind": "call"}
    note("resumes/claim", await hr.post(f"/resumes/claim/{scene.resume_id}", claim))
    await wei.post(f"/resumes/claim/{scene.resume_id}", {**claim, "ask": 1})
    for kind in ("claim", "asked"):
        answers[f"socket/{kind}"] = [await live.until(kind)]
    handed = {"feed_id": scene.feed_id, "resume_ids": [scene.resume_id], "to": "王总"}
    link = (await hr.post("/handover/", handed))["url"].partition("#review=")[2]
    await Api(hr.port).post(f"/review/{link}/{scene.resume_id}/", {"verdict": "yes"})
    answers["socket/claim"] = [await live.until("claim")]
    answers["special_feed/feed_list/claimed"] = [
        {"data": [{"claim": row["claim"]} for row in await hr.results(scene.feed_id) if row["claim"]]}
    ]
    note("resumes/release", await hr.post(f"/resumes/release/{scene.resume_id}"))
    note("special_feed/share", await hr.post(f"/special_feed/share/{scene.feed_id}", {"members": []}))
    note("special_feed/transfer", await hr.post(f"/special_feed/transfer/{scene.feed_id}", {"to": hr.user}))
    theirs = await wei.submit(wait=False, **PYTHON_FEED)
    await share(wei, theirs, {hr: "view"})
    note("company/feeds", await hr.get("/company/feeds/"))
    await wei.get(f"/feed/delete/{theirs}")
    note("company/audit", await hr.get("/company/audit/"))
    note("company/work", await hr.get("/company/work/"))
    note("company/remove", await hr.post(f"/company/members/{wei.user}/remove/", {"to": hr.user}))
    await other.get("/hr/profile/")
    await hr.post(f"/company/members/{other.user}/remove/", {"to": hr.user})


async def _ends(server, scene, note) -> None:
    hr, path = scene.hr, f"/resumes/remove_watch/{scene.resume_id}"
    note("resumes/remove_watch", await hr.get(path, feed_id=scene.feed_id))
    line = '{"source": "s", "source_id": "1", "self_evaluation": "会计"}\n{"age": "x"}\n'.encode()
    note("resumes", await hr.call("POST", "/resumes/", body=line, headers=NDJSON_INGEST))
    single = await hr.call("POST", "/resumes/", json_body=small_resume("single"), headers=JSON_INGEST)
    erased = note("resumes", single)["ids"][0]
    note("resumes/delete", await hr.call("DELETE", f"/resumes/{erased}", headers=INGEST))
    other = await Hr.register(server.port)
    note("feed/delete", await other.get(f"/feed/delete/{await other.submit(title='会计')}"))
    note("special_feed/page", await other.get("/special_feed/page/"))
    note("hr/logout", await other.post("/hr/logout/"))
    of_rules = Basis(resumes=7, profiles=7, rules="rules")
    await server.stores.relations.note(StoredTopics(), "", of_rules)
    note("readyz", await hr.get("/readyz"))


async def _wrong(scene, api) -> dict[tuple[str, str], tuple[int, dict]]:
    """The answer to each parameter that is wrong, the others being right."""
    right = {
        "special_feed/feed_list": {},
        "feed/modify_feed_result": {
            "feed_id": scene.feed_id, "resume_id": scene.resume_id, "reco_index": 150,
        },
        "resumes/add_watch": {"feed_id": scene.feed_id},
        "resumes/remove_watch": {"feed_id": scene.feed_id},
        "resume/follow/list": {"search_fields": "all", "keywords": "python"},
        "hr/register": {
            "user_email": "a@example.com", "password": PASSWORD, "company_name": "甲", "phone": "010-123456",
        },
        "hr/login": {"username": scene.hr.email, "password": PASSWORD},
    }  # fmt: skip
    ids = {"special_feed/feed_list": scene.feed_id}
    ids |= dict.fromkeys(("resumes/add_watch", "resumes/remove_watch"), scene.resume_id)
    answers = {}
    for name, values in WRONG.items():
        for parameter, value in values.items():
            sent = {**right[name], parameter: value}
            if name.startswith("hr/"):
                answer = await api.call("POST", f"/{name}/", form=sent)
            else:
                answer = await scene.hr.get(f"/{name}/{ids.get(name, '')}", **sent)
            answers[name, parameter] = (answer.http, answer.json)
    return answers


# Fields that only some elements of a list have, and a list that is empty for most.
OF_SOME = {
    "hr/login": ("awaits_activation",),
    "special_feed/preview": ("advice",),
    "hr/notices": ("channels[].left: the answer",),
    "special_feed/feed_list": ("data[].maybe_same", "data[].feedback", "data[].claim"),
    "special_feed/page": ("data.all_feed[].feed.members",),
    "company/audit": ("data[].about", "data[].resumes"),
    "feed/get": ("data.maybe_same", "data.feedback", "data.claim"),
}


@each("name", TABLE)
def test_every_field_is_there_and_of_its_type_and_no_other_is(recorded, name):
    lines = problems(recorded.answers[name][0], TABLE[name], recorded.clock, whole=True)
    assert [line for line in lines if not line.startswith(OF_SOME.get(name, ()))] == []


@each("name", TABLE)
def test_what_an_answer_of_any_status_has_is_in_the_table(recorded, name):
    for answer in recorded.answers[name]:
        assert problems(answer, TABLE[name], recorded.clock, whole=False) == []


@needs_document
@each("name", DOCUMENT)
def test_the_table_has_every_field_that_the_document_lists(name):
    paths = {field.path.replace("[]", "") for field in TABLE[name] if field.said_in == "doc"}
    whole = {path[:end] for path in paths for end in [*dots(path), len(path)]}
    assert set(DOCUMENT[name].fields) - whole == set()
    # What the table ascribes to the document is in it; fields of options stand in its examples alone.
    own = {path for path in paths - set(DOCUMENT[name].fields) if path.rpartition(".")[2] not in EXAMPLE_KEYS}
    assert own == set()


EXAMPLE_KEYS = {"id", "name", "category"}


def dots(path: str) -> list[int]:
    return [at for at, char in enumerate(path) if char == "."]


@needs_document
def test_the_document_is_read_to_its_end():
    assert len(DOCUMENT) == 13
    assert len(DOCUMENT["special_feed/feed_list"].fields) == 65
    assert "data.feed.company.categroys" in DOCUMENT["special_feed/edit_feed"].fields
    assert "data.resume.works.compnay_name" in DOCUMENT["resume/follow/list"].fields
    assert DOCUMENT["hr/login"].statuses == {"ok", "form_error", "not_active", "not_hr"}


@needs_document
@each("name", DOCUMENT)
def test_every_status_of_the_document_is_given_and_no_answer_lacks_its_fields(recorded, name):
    answers = recorded.answers[name]
    assert {answer["status"] for answer in answers} == DOCUMENT[name].statuses
    top = {path for path in DOCUMENT[name].fields if "." not in path}
    for answer in answers:
        assert top - answer.keys() == set(), answer["status"]


@needs_document
@each("name", [name for name in DOCUMENT if DOCUMENT[name].parameters])
def test_every_parameter_of_the_document_is_read(recorded, name):
    assert WRONG[name].keys() == set(DOCUMENT[name].parameters)
    for parameter in DOCUMENT[name].parameters:
        http, answer = recorded.wrong[name, parameter]
        assert (http, answer["status"]) in {(400, "bad_request"), (200, "form_error")}, parameter
        assert answer["errors"].keys() == {parameter}


def test_a_feed_has_the_forms_of_the_documents_examples(recorded):
    form = recorded.answers["special_feed/edit_feed"][0]["data"]["feed"]
    assert form["keywords"] == ["python", "nodejs"]
    assert form["talent_level"] == ["中级", "高级"]
    assert form["company_prefer"] == [{"id": 1, "name": "一线互联网人才"}]
    assert form["job_welfare"] == ["不加班", "364天都放假"]
    assert form["job_domain"] == [{"id": 7, "category": "O2O"}]
    assert form["company"]["categroys"] == [{"id": 1, "category": "医疗健康"}]
    (row,) = recorded.answers["special_feed/page"][0]["data"]["all_feed"]
    feed = row["feed"]
    assert feed["talent_level"] == "中级, 高级"
    assert feed["expect_area"] == "广州,成都,北京"
    assert (feed["feed_type"], feed["job_type"], feed["partner_feed"]) == (1, "全职", False)
    assert (feed["salary_min"], feed["salary_max"], feed["unread_count"]) == (15000, 25000, 0)


def test_an_item_says_what_was_sent_and_done(recorded):
    scene = recorded.scene
    done, untouched = recorded.answers["special_feed/feed_list"][:2]
    (item,), (before,) = done["data"], untouched["data"]
    sent = {name: FULL_RESUME[name] for name in item["resume"] if name != "id"}
    assert item["resume"] == {**sent, "id": scene.resume_id}
    assert item["feed"]["id"] == scene.feed_id
    assert (item["favStatus"], before["favStatus"]) == (True, False)
    assert item["user_read_status"] == "read", "who is marked is read"
    assert recorded.answers["feed/get"][0]["data"]["user_read_status"] == "read"
    assert item["contact_info"] == {**CONTACT, "resume_id": scene.resume_id}
    assert [(row["mark_name"], row["good_result"]) for row in item["mark_log"]] == [
        ("已电话沟通", False),
        ("约面试", True),
    ]
    assert [row["content"] for row in item["comment_log"]] == ["电话里谈得不错"]
    assert (before["contact_info"], before["mark_log"], before["comment_log"]) == ({}, [], [])
    assert recorded.answers["feed/get"][0]["data"] == item


def test_tags_hold_the_keywords_and_the_classes_of_schools_and_companies(recorded):
    (item,) = recorded.answers["special_feed/feed_list"][0]["data"]
    assert "python" in [word.lower() for word in item["feed"]["keywords"]]
    assert {*item["feed"]["keywords"], "985", "硕士", "软件工程", "上市公司"} <= set(item["tags"])


def test_a_favourite_says_where_and_how_it_can_be_reached(recorded):
    (favourite,) = recorded.answers["resume/follow/list"][0]["data"]
    assert favourite["feed_id"] == recorded.scene.feed_id
    assert favourite["resume"]["contact_info"] == {**CONTACT, "status": "public"}
    assert (
        favourite["keywords"] == recorded.answers["special_feed/feed_list"][0]["data"][0]["feed"]["keywords"]
    )


def test_lists_of_options_hold_the_documents_examples(recorded):
    data = recorded.answers["special_feed/edit_feed"][0]["data"]
    assert {"id": 1, "name": "一线互联网人才"} in data["company_prefer"]
    assert {"广州", "成都", "北京"} <= set(data["expect_area"])
    assert {"不加班", "不打卡"} <= set(data["job_welfare"])
    assert [row["name"] for row in data["job_domain"] if row["id"] in {1, 7}] == ["医疗健康", "O2O"]
    assert {"中级", "高级"} <= {row["name"] for row in data["talent_level"]}
    assert "A轮" in [row["name"] for row in data["company_stage"]]


# What needs other people than the one of the scene.


async def test_schools_are_classed_985_211_or_abroad(hr):
    feed_id = await hr.submit(**FULL_FEED)
    schools = {"复旦大学": "985", "北京邮电大学": "211", "Stanford University": "海外", "某某学院": ""}
    resumes = [small_resume(school, education=[{"school": school, "degree": "本科"}]) for school in schools]
    await hr.scored(*resumes)
    items = {item["resume"]["education"][0]["school"]: item for item in await hr.results(feed_id)}
    assert items.keys() == schools.keys()
    for school, kind in schools.items():
        found = {"985", "211", "海外"} & set(items[school]["tags"])
        assert found == ({kind} if kind else set()), school


async def test_a_day_that_was_sent_without_a_time_comes_back_as_a_time(hr):
    feed_id = await hr.submit(**FULL_FEED)
    resume = small_resume("day", last_contact="2025-01-02")
    resume["job_target"]["enroll_time"] = "2024-03-05"
    await hr.scored(resume)
    (item,) = await hr.results(feed_id)
    assert item["resume"]["last_contact"] == "2025-01-02 00:00:00"
    assert item["resume"]["job_target"]["enroll_time"] == "2024-03-05 00:00:00"
