"""What an attacker tries (operators, patterns, repetitions, sizes, guesses), and who read a contact."""

import itertools
import json
from urllib.parse import urlencode

import pytest
from argon2 import PasswordHasher

from mail.links import Links
from tests.api.scene import FULL_FEED, INGEST, JSON_INGEST, UNKNOWN, everything, listed_person, small_resume
from tests.support import PASSWORD, SECRET, Api, Hr

HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
}
LOGIN = {"username": "nobody@example.com", "password": "wrong wrong"}
REGISTRATION = {
    "user_email": "new@example.com", "password": PASSWORD, "company_name": "新公司", "phone": "010-123456",
}  # fmt: skip
# None of these is a text, a number, a flag, or a list of texts or options.
OPERATORS = ({"$gt": ""}, {"$ne": None}, [{"$gt": ""}], {"$regex": ".*"}, 1.5)
OPERATOR_TEXTS = (
    '{"$gt": ""}',
    "$ne",
    "[$ne]=1",
    "' || '1'=='1",
    "$where: sleep(9)",
    "a.$.b",
    "%00$",
    "%s{0}",
)


def bodies_of(scene):
    """A right body for every endpoint that a recruiter sends one to."""
    of_feed = {"feed_id": scene.feed_id}
    return {
        "/hr/register/": REGISTRATION,
        "/hr/login/": LOGIN,
        "/hr/password/forgot/": {"username": "nobody@example.com"},
        "/hr/activate/resend/": {"username": "nobody@example.com"},
        "/hr/wechat/exchange/": {"exchange": "x"},
        "/hr/profile/": {"phone": "010-123456", "user_industry": "互联网"},
        "/hr/password/": {"old_password": "wrong wrong", "password": "another good one"},
        "/special_feed/submit_feed/": {**FULL_FEED, **of_feed},
        "/special_feed/preview/": {**FULL_FEED, **of_feed},
        f"/resumes/download/{scene.resume_id}": of_feed,
        f"/resumes/mark/{scene.resume_id}": {**of_feed, "mark_name": "已联系", "good_result": True},
        f"/resumes/comment/{scene.resume_id}": {"content": "再联系"},
    }


async def ingest_one(api, resume):
    return await api.call("POST", "/resumes/", json_body=resume, headers=JSON_INGEST)


async def test_every_kind_of_answer_has_the_headers_that_keep_browsers_from_harm(server, hr, monkeypatch):
    scene = await listed_person(hr)
    api = Api(server.port)
    link = Links(SECRET, "").make(hr.user)
    browser = {"Accept": "text/html"}

    async def fails(*_):
        raise RuntimeError("cannot read /srv/config of 王小明")

    kinds = {
        "200": await hr.get("/special_feed/page/"),
        "400": await hr.get("/feed/delete/x"),
        "401": await api.get("/special_feed/page/"),
        "403": await hr.call("GET", "/feed/delete/x", headers={"Sec-Fetch-Site": "cross-site"}),
        "404": await hr.get(f"/feed/delete/{UNKNOWN}"),
        "404 of a URL": await api.get("/no/such/url"),
        "404 of a file": await api.get("/docs/no.css"),
        "405": await hr.call("PUT", "/special_feed/page/"),
        "413": await hr.call("POST", "/special_feed/submit_feed/", body=b"x" * 1_100_000),
        "200 of the page": await api.get("/"),
        "200 of the docs": await api.get("/docs/"),
        "200 of a style sheet": await api.get("/docs/swagger-ui.css"),
        "200 of a script": await api.get("/docs/swagger-ui-bundle.js"),
        "200 of the description": await api.get("/openapi.json"),
        "200 of a table": await hr.get(f"/feed/export/{scene.feed_id}.csv"),
        "200 of metrics": await api.get("/metrics"),
        "200 of HEAD": await hr.call("HEAD", "/special_feed/page/"),
        "200 of ingest": await ingest_one(api, small_resume("x")),
        "200 of an activation": await api.post(link),
        "200 of an activation's page": await api.call("GET", link, headers=browser),
        "200 of a bad link's page": await api.call("GET", "/hr/activate/x/", headers=browser),
        "400 of a socket": await api.get("/special_feed/ws/"),
    }
    monkeypatch.setattr(server.stores.feeds, "list_for", fails)
    kinds["500"] = await hr.get("/special_feed/page/")
    assert kinds["500"].json == {"status": "error", "msg": "服务器内部错误"}
    for _ in range(6):
        kinds["429"] = await api.post("/hr/login/", {"username": hr.email, "password": "wrong wrong"})
    for kind, answer in kinds.items():
        assert str(answer.http) == kind.partition(" ")[0], (kind, answer.http)
        assert {name: answer.headers.get(name) for name in HEADERS} == HEADERS, kind
        policy = answer.headers["Content-Security-Policy"]
        assert policy.startswith("default-src 'none'"), kind
        assert "frame-ancestors 'none'" in policy, kind
        assert answer.headers["X-Request-Id"], kind
        assert not {"Server", "Set-Cookie", "X-Powered-By", "Etag"} & set(answer.headers), kind
        assert "charset=utf-8" in answer.headers["Content-Type"].lower(), kind
        # Only files may be kept by anybody.
        keeping = {
            "200 of the page": "no-cache",
            "200 of a style sheet": "public, max-age=3600",
            "200 of a script": "public, max-age=3600",
        }
        assert answer.headers["Cache-Control"] == keeping.get(kind, "no-store"), kind


async def test_an_operator_for_a_value_is_400_in_every_field_of_every_body(server, hr):
    scene = await listed_person(hr)
    before = await everything(server)
    for path, body in bodies_of(scene).items():
        for name, operator in itertools.product(body, OPERATORS):
            answer = await hr.post(path, {**body, name: operator})
            assert answer.http == 400, (path, name, operator, answer.body)
            assert [key for key in answer["errors"] if key.startswith(name)], (path, name, operator)
    for name, operator in itertools.product(small_resume("y"), OPERATORS):
        answer = await ingest_one(hr, small_resume("y") | {name: operator})
        # Records and their parts ignore fields that they do not know, and an operator is one.
        inner = operator[0] if isinstance(operator, list) else operator
        takes_it = (name, inner) == ("work_years", 1.5) or (
            isinstance(inner, dict)
            and (name, type(operator)) in {("job_target", dict), ("works", list), ("education", list)}
        )
        assert answer.http == (200 if takes_it else 400), (name, operator, answer.body)
    after = await everything(server)
    assert '"$' not in json.dumps(after["resumes"], default=str)
    stored = {"resumes", "profiles", "results", "contacts", "counters"}  # of the one that was taken
    assert {n: d for n, d in after.items() if n not in stored} == {
        n: d for n, d in before.items() if n not in stored
    }


async def test_an_operator_in_a_parameters_name_is_another_unknown_parameter(server, hr):
    scene = await listed_person(hr)
    path = f"/resumes/add_watch/{scene.resume_id}"
    for name in ("feed_id[$ne]", "feed_id[]", "feed_id.$ne", "$where"):
        answer = await hr.get(path, **{name: "x"})
        assert (answer.http, answer["errors"]) == (400, {"feed_id": ["必填"]})
        login = {**LOGIN, "username": hr.email, "password": "", name.replace("feed_id", "password"): "x"}
        answer = await Api(server.port).call("POST", "/hr/login/", form=login)
        assert (answer.status, answer["auth_info"]) == ("form_error", {})
    listed = await hr.get(
        f"/special_feed/feed_list/{scene.feed_id}", **{"current_area[$ne]": "x", "$or": "1"}
    )
    assert listed["total_count"] == 1
    assert (await hr.get("/resume/follow/list/"))["data"] == []


async def test_an_operator_in_a_text_is_a_text(server, hr):
    scene = await listed_person(hr)
    await scene.watch()
    api = Api(server.port)
    for number, text in enumerate(OPERATOR_TEXTS):
        address = {"X-Real-Ip": f"10.3.0.{number}"}
        for form in (
            {"username": text, "password": text},
            {"username": hr.email + text, "password": PASSWORD},
        ):
            answer = await api.call("POST", "/hr/login/", form=form, headers=address)
            assert (answer.http, answer.status) == (200, "form_error"), text
        assert (await hr.get("/resume/follow/list/", keywords=text))["data"] == [], text
        listed = await hr.get(f"/special_feed/feed_list/{scene.feed_id}", current_area=text)
        assert (listed.status, listed["data"]) == ("ok", []), text
        assert (await scene.comment(text))["comment_log"][-1]["content"] == text
    form = {**REGISTRATION, "company_name": OPERATOR_TEXTS[0]}
    made = await api.call("POST", "/hr/register/", form=form)
    mine = Hr.logged_in(server.port, "", made["auth_info"])
    data = (await mine.get("/special_feed/edit_feed/"))["data"]
    assert data["feed"]["company"]["company_name"] == OPERATOR_TEXTS[0]


async def test_an_area_is_a_text_and_no_pattern(hr):
    """The search in favourites is held to the same in `people/test_favourites.py`."""
    odd = "Q(1).*[x]\\d+|^$ {2}"
    feed_id = await hr.submit(**FULL_FEED)
    ids = await hr.scored(small_resume("plain", address="北京海淀"), small_resume("odd", address=odd))

    async def found(area):
        return [item["resume"]["id"] for item in await hr.results(feed_id, current_area=area)]

    for pattern in (
        ".*", "北.海", "北京|上海", "^北京", "淀$", "[北]", "(北京)",
        r"\w+", "(?i)q", "(?=北)", "北京海淀?", "\\", "(",
    ):  # fmt: skip
        assert await found(pattern) in ([], [ids[1]] if pattern in odd else []), pattern
    for part in (odd, "(1).*", "[x]", "\\d+|", "^$", "{2}"):
        assert await found(part) == [ids[1]], part
    assert await found("北京") == [ids[0]]


async def test_a_parameter_that_comes_twice_is_400_and_named(server, hr):
    scene = await listed_person(hr)
    change = {"feed_id": scene.feed_id, "resume_id": scene.resume_id, "reco_index": 150, "feedback": "area"}
    listing = {
        "sort": "score", "latest": 0, "send": 0, "partner": 0, "title_match": 0, "extend_match": 0,
        "reco_time": 7, "current_area": "", "salary_min": 1, "salary_max": 2,
    }  # fmt: skip
    queries = {
        f"/special_feed/feed_list/{scene.feed_id}": {**listing, "start": 0, "size": 10},
        f"/feed/export/{scene.feed_id}.csv": listing,
        "/feed/modify_feed_result": change,
        f"/resumes/add_watch/{scene.resume_id}": {"feed_id": scene.feed_id},
        f"/resumes/remove_watch/{scene.resume_id}": {"feed_id": scene.feed_id},
        "/resume/follow/list/": {"start": 0, "size": 10, "search_fields": "all", "keywords": "x"},
    }
    forms = {p: b for p, b in bodies_of(scene).items() if "special_feed" not in p}
    before = await everything(server)
    for path, query in queries.items():
        for name, value in query.items():
            twice = urlencode([*query.items(), (name, value)])
            answer = await hr.get(f"{path}?{twice}")
            assert (answer.http, list(answer["errors"])) == (400, [name]), (path, name)
    for path, form in forms.items():
        for name, value in form.items():
            body = urlencode([*form.items(), (name, value)]).encode()
            headers = {"Content-Type": "application/x-www-form-urlencoded"}
            answer = await hr.call("POST", path, body=body, headers=headers)
            assert (answer.http, list(answer["errors"])) == (400, [name]), (path, name)
    # Once in the URL and once in the body is twice too.
    answer = await hr.call(
        "POST", f"/feed/modify_feed_result?{urlencode(change)}", form={"reco_index": "-150"}
    )
    assert (answer.http, list(answer["errors"])) == (400, ["reco_index"])
    ignore = {"audit", "audit_chains"}
    assert {n: d for n, d in (await everything(server)).items() if n not in ignore} == {
        n: d for n, d in before.items() if n not in ignore
    }


async def test_a_body_over_a_mebibyte_is_413_everywhere(hr):
    scene = await listed_person(hr)
    big = json.dumps({"title": "a", "content": "x" * 1_100_000, "username": "x"}).encode()
    for path in bodies_of(scene):
        answer = await hr.call("POST", path, body=big)
        assert (answer.http, answer.status) == (413, "too_large"), path
    answer = await hr.call("POST", "/resumes/", body=big, headers=JSON_INGEST)
    assert (answer.http, answer.status) == (413, "too_large")


async def test_what_is_too_long_is_refused_and_never_an_error_of_the_server(hr):
    scene = await listed_person(hr)
    path = f"/special_feed/feed_list/{scene.feed_id}"
    for answer, named in (
        (await hr.get(path, current_area="长" * 5_000), "current_area"),
        (await hr.get("/resume/follow/list/", keywords="长" * 5_000), "keywords"),
        (await hr.get(path, start=10**9 + 1), "start"),
        (await hr.get(path, start=10**18), "start"),
        (await hr.get(path, size="5" * 5_000), "size"),
        (await hr.get("/feed/delete/" + "a" * 50_000), "feed_id"),
        (await hr.call("POST", "/hr/login/", form={f"f{n}": "x" for n in range(200)}), "body"),
        (await hr.post(f"/resumes/mark/{scene.resume_id}", {
            "feed_id": "5" * 5_000, "mark_name": "x", "good_result": True,
        }), "feed_id"),
    ):  # fmt: skip
        assert (answer.http, list(answer["errors"])) == (400, [named])
    for query in ({"start": 10**9, "size": 50}, {"start": 10**9, "size": 50, "sort": "score", "latest": 1}):
        answer = await hr.get(path, **query)
        assert (answer.http, answer["data"], answer["next_start"]) == (200, [], -1)
    assert (await hr.get("/resume/follow/list/", start=10**9, size=50))["data"] == []
    answer = await hr.get(path, **{f"p{n}": "x" for n in range(900)})
    assert (answer.http, answer["total_count"]) == (200, 1)
    answer = await Api(hr.port, "Basic " + "x" * 60_000).get("/special_feed/page/")
    assert answer.http == 401
    login = await hr.post("/hr/login/", {"username": hr.email, "password": "x" * 8_000})
    assert (login.http, login.status) == (200, "form_error")
    login = await hr.post("/hr/login/", {"username": hr.email, "password": "长" * 100_000})
    assert (login.http, login.status) == (413, "too_large")


async def test_an_unknown_field_is_refused_where_it_could_be_a_misspelt_wish_and_ignored_elsewhere(hr):
    scene = await listed_person(hr)
    strict = {"/special_feed/submit_feed/", "/special_feed/preview/"}
    extra = {"compnay": "x", "$set": {"vip": True}, "vip": True, "user": UNKNOWN, "deleted": True}
    for path, body in bodies_of(scene).items():
        answer = await hr.post(path, body | extra)
        if path in strict:
            assert (answer.http, answer["errors"].keys()) == (400, extra.keys()), path
        else:
            assert answer.http == 200, path
    answer = await ingest_one(hr, small_resume("extra") | extra)
    assert (answer["accepted"], answer["rejected"]) == (1, [])
    page = await hr.get("/special_feed/page/", unknown="x")
    assert (page["data"]["vip_user"], len(page["data"]["all_feed"])) == (False, 1)


async def test_what_a_registration_is_not_asked_for_it_does_not_get(server):
    form = {**REGISTRATION, "vip": True, "quota": 999, "active": True, "is_hr": True, "_id": UNKNOWN}
    made = await Api(server.port).post("/hr/register/", form)
    account = await server.stores.accounts.get(made["auth_info"]["user"])
    assert (account.vip, account.quota) == (False, None)
    assert account.id != UNKNOWN


async def wrong_login(api, account, headers):
    form = {"username": account, "password": "wrong wrong"}
    return (await api.call("POST", "/hr/login/", form=form, headers=headers)).http


async def right_login(api, account, headers):
    form = {"username": account, "password": PASSWORD}
    return (await api.call("POST", "/hr/login/", form=form, headers=headers)).http


HERE, ELSEWHERE = {"X-Real-Ip": "10.4.0.1"}, {"X-Real-Ip": "10.4.0.2"}


class TestGuessing:
    """More of it is in `accounts/test_guesses.py`, and of attempts at once in `accounts/test_accounts.py`."""

    async def test_a_success_gives_the_account_its_attempts_back_but_not_the_address(self, api, hr, other_hr):
        for _ in range(3):
            assert await wrong_login(api, hr.email, HERE) == 200
        assert await right_login(api, hr.email, HERE) == 200
        codes = [await wrong_login(api, other_hr.email, HERE) for _ in range(3)]
        assert codes == [200, 200, 429]
        codes = [await wrong_login(api, hr.email, ELSEWHERE) for _ in range(6)]
        assert codes == [200] * 5 + [429]

    @pytest.mark.usefixtures("dear_passwords")
    async def test_an_unknown_account_costs_the_same_work(self, api, hr, monkeypatch):
        held_against = []
        verify = PasswordHasher.verify

        def counted(self, password_hash, password):
            held_against.append(password_hash)
            return verify(self, password_hash, password)

        monkeypatch.setattr(PasswordHasher, "verify", counted)
        for number, account in enumerate((hr.email, "nobody@example.com", "no address", "$ne")):
            await wrong_login(api, account, {"X-Real-Ip": f"10.7.0.{number}"})
        assert [text[:31] for text in held_against] == ["$argon2id$v=19$m=19456,t=2,p=1$"] * 4

    @pytest.mark.settings(trusted_proxies=("10.9.9.9",))
    async def test_without_a_proxy_nobodys_word_for_an_address_counts(self, api):
        words = [{"X-Real-Ip": f"10.8.0.{n}", "X-Forwarded-For": f"10.8.1.{n}"} for n in range(6)]
        codes = [await wrong_login(api, f"c{n}@example.com", word) for n, word in enumerate(words)]
        assert codes == [200] * 5 + [429]

    @pytest.mark.settings(redis_url="redis://127.0.0.1:1", register_per_minute=3)
    async def test_without_redis_the_limits_hold_in_each_process(self, api):
        made = []
        for number in range(5):
            form = {**REGISTRATION, "user_email": f"r{number}@example.com"}
            made.append((await api.call("POST", "/hr/register/", form=form, headers=HERE)).http)
        assert made == [200] * 3 + [429] * 2
        account = "r0@example.com"
        codes = [await wrong_login(api, account, {"X-Real-Ip": "10.4.1.1"}) for n in range(6)]
        assert codes == [200] * 5 + [429]
        codes = [await wrong_login(api, f"d{n}@example.com", ELSEWHERE) for n in range(6)]
        assert codes == [200] * 5 + [429]


class TestAudit:
    """Who was shown a contact, and by which request.

    `integration/resumes/test_contacts.py` has that nothing is read before.
    """

    async def test_every_showing_of_a_contact_is_one_row_and_nothing_else_is(self, server, hr, other_hr):
        scene = await listed_person(hr)
        theirs = await other_hr.submit(**FULL_FEED)
        lists = {
            "list": f"/special_feed/feed_list/{scene.feed_id}",
            "read": f"/feed/get/{scene.feed_id}/{scene.resume_id}",
            "follow": "/resume/follow/list/",
            "by name": "/resume/follow/list/?search_fields=name&keywords=%E6%9E%97",
            "by anything": "/resume/follow/list/?keywords=python",
            "not found": "/resume/follow/list/?search_fields=name&keywords=x",
            "by school": "/resume/follow/list/?search_fields=school&keywords=%E6%B8%85%E5%8D%8E",
            "export": f"/feed/export/{scene.feed_id}.csv",
        }
        audit = server.stores.audit
        await scene.watch()
        for path in lists.values():
            await hr.get(path)
        assert await audit.reads_of(scene.resume_id) == []
        rows = {}

        async def noted(answer):
            reads = await audit.reads_of(scene.resume_id)
            new = [read for read in reads if read.request == answer.headers["X-Request-Id"]]
            assert {read.user for read in new} <= {hr.user}
            return sorted(read.action for read in new)

        rows["unlock"] = await noted(await scene.unlock())
        rows["again"] = await noted(await scene.unlock())
        for name, path in lists.items():
            answer = await hr.get(path)
            rows[name] = await noted(answer)
            assert ("13900001234" in answer.body.decode()) == (name != "not found"), name
        for name, answer in (
            ("mark", await scene.mark("x", good=True)),
            ("comment", await scene.comment("x")),
            ("page", await hr.get("/special_feed/page/")),
            ("preview", await hr.post("/special_feed/preview/", FULL_FEED)),
            ("another's list", await other_hr.get(f"/special_feed/feed_list/{theirs}")),
        ):
            rows[name] = await noted(answer)
        assert rows == {
            "unlock": ["unlock"],
            "again": ["unlock"],
            "list": ["list"],
            "read": ["list"],
            "follow": ["list"],
            "by name": ["list", "search"],  # the names that it looked at, and the contact that it showed
            "by anything": ["list", "search"],
            "not found": ["search"],
            "by school": ["list", "search"],
            "export": ["export"],
            "preview": ["list"],
            **{asked: [] for asked in ("mark", "comment", "page", "another's list")},
        }
        assert len(await audit.reads_of(scene.resume_id)) == sum(map(len, rows.values()))

    async def test_nothing_that_clients_do_changes_or_removes_a_row(self, server, hr):
        scene = await listed_person(hr)
        await scene.unlock()
        await hr.results(scene.feed_id)
        before = (await everything(server))["audit"]
        assert [row["action"] for row in before] == ["company", "unlock", "list"]
        await hr.scored(small_resume("full", source="scene", contact_status="secret", name="乙"))
        await hr.submit(feed_id=scene.feed_id, title="会计")
        await hr.get(f"/resumes/remove_watch/{scene.resume_id}", feed_id=scene.feed_id)
        await hr.get(f"/feed/delete/{scene.feed_id}")
        erased = await hr.call("DELETE", f"/resumes/{scene.resume_id}", headers=INGEST)
        assert erased.status == "ok"
        await hr.post("/hr/logout/")
        rows = (await everything(server))["audit"]
        assert rows[: len(before)] == before
        # What they did since is on record: the feed was changed and deleted, somebody was erased.
        since = [(row["action"], row.get("act")) for row in rows[len(before) :]]
        assert since == [("company", "edit"), ("company", "delete"), ("erase", None)]
        text = str(rows)
        assert not [secret for secret in ("林晚照", "13900001234", "lin.wanzhao", hr.email) if secret in text]

    def test_no_code_has_a_way_to_change_one(self):
        from store.audit.audit import Audit

        assert {name for name in vars(Audit) if not name.startswith("_")} == {"record", "changed", "reads_of"}
