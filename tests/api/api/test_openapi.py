"""`/openapi.json` is held to the truth: to the routes, to what the server answers, to the standard."""

from __future__ import annotations

import asyncio
import itertools
import re
import tomllib
from dataclasses import replace
from pathlib import Path
from typing import Any
from unittest.mock import MagicMock

import jsonschema_rs
import pytest
from schemathesis.specs.openapi.definitions import OPENAPI_31_VALIDATOR

from config.demo.wechat_server import WechatServer
from handlers.ingest.resume_files import FileHandler
from handlers.routes import ROUTES
from mail.links import Links
from tests.api.company.team import colleague, invited, share
from tests.api.description import Description, references, schemas_in
from tests.api.provoker import Provoker, path_with
from tests.api.scene import FULL_RESUME, INGEST, INTERVIEW, UNKNOWN, listed_person, small_resume
from tests.files import FORM, form_of
from tests.support import PASSWORD, Answer, Hr

METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
SOCKET = {
    "Connection": "Upgrade",
    "Upgrade": "websocket",
    "Sec-WebSocket-Version": "13",
    "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
}
LOGIN_BY_CODE = {"app": "mini", "code": "false"}
TEXT = (Path(__file__).resolve().parents[3] / "docs" / "resume.txt").read_bytes()
ACTIVATE = "/hr/activate/{token}/"
DOWNLOAD = "/feed/export/link/{token}/"
TAKES_A_LINK = {ACTIVATE, DOWNLOAD}
CHANGING = {route.path for route in ROUTES if route.handler.changes_state_by("GET")}
"""Good with a token of their own alone, so they are called by hand."""
DESK = "/admin/api/"
"""What operators are answered is provoked in admin/test_access.py."""
HTML = {"Accept": "text/html"}
# Not provoked here: a store that is away, two previews at the same moment, and too many who hash.
UNSEEN = {"503", "101"}
UNIONS = {"ServerFrame", "ClientMessage"}
"""What goes over the socket: one of several components, which a tag tells apart."""
MAY_BE_EMPTY = {"AuthInfo", "ContactInfo", "EditData", "ReadForm", "ReadSources"}
OPTIONAL = {
    "ResultOutcome": {"mark_id"},
    "AskedYears": {"most"},
    "ChannelState": {"left"},
    "FileResult": {"record", "confidence"},
    "HandoversAnswer": {"id", "url", "data"},
    "LoginAnswer": {"awaits_activation"},
    "PostingAnswer": {"degree", "years"},
    "Refusal": {"errors"},
    "RegisterAnswer": {"auth_info"},
    "RejectedLine": {"status"},
    "WechatLoginAnswer": {"ticket", "company", "awaits_activation"},
}


@pytest.fixture
def description(api, io_loop):
    return io_loop.run_sync(lambda: Description.of(api))


@pytest.fixture
def settings(settings, wechat):
    apps = WechatServer().settings() | {"wechat_api_url": wechat.url, "wechat_open_url": wechat.url}
    return replace(settings, register_per_minute=10, login_attempts=2, **apps)


def test_the_document_is_valid_openapi_and_so_are_its_schemas(description):
    document = description.document
    assert document["openapi"] == "3.1.0"
    OPENAPI_31_VALIDATOR.validate(document)
    for name, schema in document["components"]["schemas"].items():
        (
            jsonschema_rs.meta.validate(
                {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema}
            ),
            name,
        )


def test_its_version_is_that_of_the_project(description):
    project = tomllib.loads((Path(__file__).resolve().parents[3] / "pyproject.toml").read_text("utf-8"))
    assert description.document["info"]["version"] == project["project"]["version"]


def test_every_route_and_method_is_an_operation_and_nothing_else_is(description):
    described = {(method, path) for method, path, _ in description.operations()}
    assert described == {(method, route.path) for route in ROUTES for method in route.handler.methods}
    assert len({route.path for route in ROUTES}) == len(ROUTES)


async def test_methods_answer_as_described_and_all_others_are_405(description, api):
    for path, methods in description.document["paths"].items():
        # A GET that changes nothing may be refused for a role alone.
        is_safe = "get" in methods and path not in CHANGING
        allowed = [*(method.upper() for method in methods), *(["HEAD"] if is_safe else [])]
        if "101" in methods.get("get", {}).get("responses", {}):
            allowed = ["GET"]
        ids = ("feed_id", "resume_id", "mark_id", "comment_id", "account_id", "file_id", "table_id")
        ids = (*ids, "handover_id", "member_id", "company_id")
        url = path_with(path, **dict.fromkeys(ids, UNKNOWN), user="u", token="t", name="n", link="l")
        for method in METHODS:
            answer = await api.call(method, url)
            assert (answer.http == 405) == (method not in allowed), (method, path, answer.http)
            if answer.http == 405:
                assert set(answer.headers["Allow"].split(", ")) == set(allowed), path


def test_every_component_is_used(description):
    components = description.document["components"]
    reached: set[str] = set()
    waiting = list(references(description.document["paths"]))
    while waiting:
        reference = waiting.pop()
        if reference not in reached:
            reached.add(reference)
            waiting += references(description.resolve({"$ref": reference}))
    there = {
        f"#/components/{kind}/{name}"
        for kind in components
        if kind != "securitySchemes"
        for name in components[kind]
    }
    assert reached == there
    used = {name for _, _, one in description.operations() for way in one["security"] for name in way}
    assert used == components["securitySchemes"].keys()


def test_every_operation_says_what_it_does_and_how_it_refuses(description):
    operations = [operation for _, _, operation in description.operations()]
    ids = [operation["operationId"] for operation in operations]
    assert len(set(ids)) == len(ids)
    assert all(re.fullmatch(r"[a-z][a-z0-9_]+", id_) for id_ in ids)
    tags = [tag["name"] for tag in description.document["tags"]]
    assert all(tag["description"] for tag in description.document["tags"])
    assert {tag for operation in operations for tag in operation["tags"]} == set(tags)
    for operation in operations:
        assert operation["summary"]
        assert operation["description"].endswith("."), operation["operationId"]
        assert any(code.startswith("4") for code in operation["responses"])
        for response in operation["responses"].values():
            assert description.resolve(response)["description"]
        for parameter in operation["parameters"]:
            assert "null" not in str(parameter["schema"]), parameter["name"]
            assert parameter["schema"]["type"] in {"string", "integer"}
        if operation["security"]:
            assert "401" in operation["responses"]


def test_answers_have_exactly_their_fields(description):
    schemas = description.document["components"]["schemas"]
    # What a client sends, over HTTP or a socket, may have fields that are ignored.
    asked = {
        reference
        for _, _, operation in description.operations()
        for part in (operation.get("requestBody"), operation["responses"].get("101", {}).get("x-messages"))
        for reference in references(part)
    }
    bodies, waiting = set(), list(asked)
    while waiting:
        reference = waiting.pop()
        bodies.add(reference.rpartition("/")[2])
        waiting += references(description.resolve({"$ref": reference}))
    for name in schemas.keys() - bodies - UNIONS:
        optional = schemas[name]["properties"].keys() - schemas[name].get("required", ())
        if name == "FollowContact":
            assert schemas[name]["required"] == ["status"]
        elif name in MAY_BE_EMPTY:
            assert optional == schemas[name]["properties"].keys()
        else:
            assert optional == OPTIONAL.get(name, set()), name
        assert schemas[name]["additionalProperties"] is False, name
    assert schemas["SubmittedFeed"]["additionalProperties"] is False


def test_schemas_are_plain_enough_for_generators(description):
    for name, component in description.document["components"]["schemas"].items():
        if name in UNIONS:
            assert component.keys() == {"description", "oneOf", "discriminator"}, name
            continue
        assert component["type"] == "object", name
        assert component["description"].endswith("."), name
        assert "Attributes:" not in component["description"]
        for schema in schemas_in(component):
            assert "title" not in schema
            assert "default" not in schema, f"{name}: generators take such a field for required"
            assert "type" in schema or "$ref" in schema or "anyOf" in schema, (name, schema)
            assert "\n    " not in schema.get("description", ""), f"{name}: Markdown takes that for code"
            kinds = [part.get("type") for part in schema.get("anyOf", ())]
            assert kinds == [] or {"array", None} & set(kinds), f"{name}: scalars need no anyOf"
            assert not {"integer", "number"} <= set(schema.get("type", ())), name


def test_a_wrong_answer_is_noticed(description):
    def problems(body: str, *, http: int = 200, **headers: str) -> list[str]:
        said = {
            "Content-Type": "application/json; charset=UTF-8",
            "X-Request-Id": "0123456789abcdef",
            **headers,
        }
        response = MagicMock(code=http, headers=said, body=body.encode())
        return description.problems("GET", "/healthz", Answer(response))

    assert problems('{"status":"ok","msg":"ok"}') == []
    assert problems('{"status":"ok","msg":1}')
    assert problems('{"status":"fine","msg":"ok"}')
    assert problems('{"status":"ok"}')
    assert problems('{"status":"ok","msg":"ok","more":1}')
    assert problems('{"status":"ok","msg":"ok"}', http=404)
    assert problems("ok", **{"Content-Type": "text/plain"})
    assert problems('{"status":"ok","msg":"ok"}', **{"X-Request-Id": "1"})
    assert problems('{"status":"unavailable","msg":"x"}', http=503)
    assert problems('{"status":"unavailable","msg":"x"}', http=503, **{"Retry-After": "2"}) == []


async def test_every_described_answer_is_given_and_every_answer_given_is_described(
    description, settings, hr, wechat, monkeypatch
):
    monkeypatch.setattr(FileHandler, "max_body_bytes", 1_000_000)  # as a form may be very long
    scene = await listed_person(hr)
    assert (await scene.watch()).status == "ok"
    marks = (await scene.mark("约面试", good=True, interview=INTERVIEW))["mark_log"]
    comments = (await scene.comment("再联系"))["comment_log"]
    victim = await hr.submit(title="Python开发")
    resumes = (await hr.ingest(small_resume("gone"), small_resume("secret", contact_status="secret")))["ids"]
    form = form_of(("a.txt", TEXT), source="scene", send_to=scene.feed_id, dry_run="")
    files = {"body": form, "headers": {**INGEST, "Content-Type": FORM}}
    (from_file,) = (await hr.call("POST", "/resumes/file/", **files))["results"]
    await hr.all_scored()
    names = {
        "feed_id": scene.feed_id,
        "resume_id": scene.resume_id,
        "mark_id": marks[0]["id"],
        "comment_id": comments[0]["id"],
        "user": hr.user,
        "member_id": hr.user,
        "token": hr.token,
        "name": "start.js",
    }
    handed = {"feed_id": scene.feed_id, "resume_ids": [scene.resume_id], "to": "王总", "code": "240815"}
    handover, another = [await hr.post("/handover/", handed) for _ in range(2)]
    names |= {"handover_id": handover["id"], "link": handover["url"].split("=")[1]}
    provoker = Provoker(description, hr, names)
    await invited(hr, "lan@example.com")
    of_feed = {"feed_id": scene.feed_id}
    asset = re.search(r'/assets/([^"]+\.js)', (await hr.get("/")).body.decode())
    desk_asset = re.search(r'/assets/([^"]+\.js)', (await hr.get("/admin/")).body.decode())
    assert asset, "the page is not built: make web"
    entry = {**of_feed, "resume_id": scene.resume_id, "reco_index": "-150"}
    pair = {"resume_id": scene.resume_id, "other_id": resumes[1]}
    register = {
        "user_email": "new@example.com",
        "password": PASSWORD,
        "company_name": "示例",
        "phone": "12345",
    }
    good: dict[str, dict[str, Any]] = {
        "/hr/register/": {"json_body": register},
        "/hr/password/": {"json_body": {"old_password": PASSWORD, "password": PASSWORD}},
        "/hr/password/forgot/": {"json_body": {"username": "nobody@example.com"}},
        "/hr/activate/resend/": {"json_body": {"username": "nobody@example.com"}},
        "/hr/password/reset/{token}/": {"json_body": {"password": PASSWORD}},
        "/hr/sessions/revoke/": {"json_body": {"all": 1}},
        "/hr/legal/consent/": {"json_body": {"version": "x"}},
        "/hr/profile/": {"json_body": {"phone": "010-7654321", "company": {"categroys": [1]}}},
        "/company/": {"json_body": {"name": "示例公司"}},
        "/company/invite/": {"json_body": {"email": "wei@example.com", "role": "recruiter"}},
        "/company/join/": {"json_body": {"invite": "x"}},
        "/company/members/{member_id}/": {"json_body": {"role": "owner"}},
        "/company/members/{member_id}/remove/": {
            "json_body": {"to": hr.user},
            "names": {"member_id": (await hr.get("/company/"))["data"]["members"][-1]["id"]},
        },
        "/special_feed/share/{feed_id}": {"json_body": {"members": []}},
        "/special_feed/transfer/{feed_id}": {"json_body": {"to": hr.user}},
        "/resumes/claim/{resume_id}": {"json_body": {**of_feed, "kind": "look"}},
        "/hr/login/": {"json_body": {"username": hr.email, "password": PASSWORD}},
        "/hr/wechat/login/": {"json_body": {"app": "mini", "code": ""}},
        "/hr/wechat/exchange/": {"json_body": {"exchange": ""}},
        "/hr/wechat/start/": {"app": "mp"},
        "/hr/wechat/bind/": {"json_body": {"app": "mini", "code": ""}},
        "/hr/wechat/unbind/": {"json_body": {"app": "mini"}},
        "/hr/notices/consent/": {"json_body": {"app": "mini", "accepted": 1}},
        "/special_feed/submit_feed/": {"json_body": {"title": "Python开发"}},
        "/special_feed/read/": {"json_body": {"text": "会计 8-12K 上海"}},
        "/special_feed/pause/": {"json_body": {**of_feed, "paused": 0}},
        "/special_feed/preview/": {"json_body": {"title": "Python开发"}},
        "/special_feed/feed_list/{feed_id}": {"size": "5", "sort": "score"},
        "/feed/delete/{feed_id}": {"names": {"feed_id": victim}},
        "/feed/modify_feed_result": entry,
        "/special_feed/ws/": {"headers": SOCKET},
        "/resumes/add_watch/{resume_id}": of_feed,
        "/resumes/remove_watch/{resume_id}": of_feed,
        "/resumes/download/{resume_id}": {"json_body": of_feed},
        "/resumes/mark/{resume_id}": {"json_body": {**of_feed, "mark_name": "已面试", "good_result": True}},
        "/resumes/search/": {"q": "Python"},
        "/special_feed/results/": {
            "json_body": {**of_feed, "resume_ids": [scene.resume_id], "action": "restore"}
        },
        "/handover/": {"json_body": handed, "feed_id": scene.feed_id},
        "/handover/{handover_id}/revoke/": {"names": {"handover_id": another["id"]}},
        "/review/{link}/": {"json_body": {"code": "240815"}},
        "/review/{link}/{resume_id}/": {"json_body": {"verdict": "no", "reason": "area", "code": "240815"}},
        "/resumes/comment/{resume_id}": {"json_body": {"content": "不错"}},
        "/resumes/mark/{resume_id}/{mark_id}": {"json_body": {"good_result": False}},
        "/resumes/comment/{resume_id}/{comment_id}": {"json_body": {"content": "很好"}},
        "/resumes/join/": {"json_body": pair},
        "/resumes/part/": {"json_body": pair},
        "/resumes/": {"json_body": FULL_RESUME, "headers": INGEST},
        "/resumes/file/": files,
        "/resumes/original/{resume_id}": {"names": {"resume_id": from_file["id"]}},
        "/resumes/{resume_id}": {"names": {"resume_id": resumes[0]}, "headers": INGEST},
        "/assets/{name}": {"names": {"name": asset[1]}},
        "/admin/assets/{name}": {"names": {"name": desk_asset[1]}},
    }
    operations = [one for one in description.operations() if not one[1].startswith(DESK)]
    for method, path, operation in operations:
        options = good.get(path, {})
        if path != "/hr/logout/":
            named = options.get("names", {})
            rest = {name: value for name, value in options.items() if name != "names"}
            await provoker.refuse(method, path, operation, rest)
            if "200" in operation["responses"] and path not in TAKES_A_LINK:
                answer = await provoker.call(method, path, names=named, **rest)
                assert answer.http == 200, (path, answer.body)

    await roles_refuse(provoker, hr)
    activation = Links(settings.secret_key, "").make(hr.user).split("/")[-2]
    for method in ("GET", "POST"):
        for headers in ({}, HTML):
            assert (await provoker.call(method, ACTIVATE, headers=headers)).http == 200
            answer = await provoker.call(method, ACTIVATE, headers=headers, names={"token": activation})
            assert answer.http == 200
    for method in ("GET", "POST"):
        answer = await provoker.call(method, "/hr/wechat/start/", app="mp")
        cookie = answer.headers["Set-Cookie"].partition(";")[0]
        state = re.search(r"[?&]state=([^&#]+)", answer.headers["Location"])[1]
        back = {"code": wechat.code("somebody"), "state": state, "headers": {"Cookie": cookie}}
        assert (await provoker.call(method, "/hr/wechat/callback/", **back)).http == 302
        assert (await provoker.call(method, "/hr/wechat/callback/", code="\0")).http == 400
        ahead = {"headers": {"Sec-Purpose": "prefetch"}}
        assert (await provoker.call(method, "/hr/wechat/callback/", **ahead)).http == 403
    for path in ("/terms/", "/privacy/"):
        assert (await provoker.call("GET", path)).headers["Location"] == f"/#{path.rstrip('/')}"
    made = await provoker.call("POST", "/feed/export/{feed_id}/link/")
    link = {"names": {"token": made["url"].split("/")[-2]}}
    for headers in ({}, {"Accept": "text/html", "User-Agent": "MicroMessenger"}):
        opened = await provoker.call("GET", DOWNLOAD, headers=headers, **link)
        assert opened.http == 200
    await original_answers(provoker, from_file["id"])
    await other_answers(provoker, resumes[1])
    for more in ({"json_body": {}}, {"json_body": {}, "names": {"link": "x"}}):
        assert (await provoker.call("POST", "/review/{link}/", **more)).status in {
            "code_error",
            "token_error",
        }
    missing = {
        (method, path, code)
        for method, path, operation in operations
        for code in operation["responses"].keys() - UNSEEN
    } - provoker.seen
    # What an account gets for asking too often is the same everywhere, and has tests in test_fairness.py.
    missing = {(method, path) for method, path, code in missing if code != "429"}
    assert missing == set()


async def roles_refuse(provoker: Provoker, hr: Hr) -> None:
    """What not every member may do."""
    of_feed = {"feed_id": provoker.names["feed_id"]}
    member = await colleague(hr)
    by_member = Provoker(provoker.description, member, provoker.names)
    await share(hr, of_feed["feed_id"], {member: "work"})
    made = await by_member.call("POST", "/feed/export/{feed_id}/link/")
    await share(hr, of_feed["feed_id"], {member: "view"})
    link = {"names": {"token": made["url"].split("/")[-2]}}
    for method, path, options in (
        ("GET", DOWNLOAD, link),
        ("GET", "/feed/export/{feed_id}.csv", {}),
        ("GET", "/special_feed/edit_feed/{feed_id}/", {}),
        ("POST", "/special_feed/preview/", {"json_body": {"title": "a", **of_feed}}),
        ("GET", "/company/audit/", {}),
        ("GET", "/company/feeds/", {}),
        ("GET", "/company/work/", {}),
    ):
        assert (await by_member.call(method, path, **options)).http == 403
    provoker.seen |= by_member.seen


async def original_answers(provoker: Provoker, resume_id: str) -> None:
    """An original once it is unlocked, and what a dry run says of a file."""
    of = {"names": {"resume_id": resume_id}}
    await provoker.call(
        "POST", "/resumes/download/{resume_id}", json_body={"feed_id": provoker.names["feed_id"]}, **of
    )
    given = await provoker.call("GET", "/resumes/original/{resume_id}", **of)
    assert (given.body, given.headers["X-Original-Kind"]) == (TEXT, "txt")
    assert (await provoker.call("GET", "/resumes/original/{resume_id}", page="1", **of)).http == 400
    form = form_of(("a.txt", TEXT), ("b.bin", b"\0"), source="elsewhere", dry_run="1")
    headers = {**INGEST, "Content-Type": FORM}
    dry = await provoker.call("POST", "/resumes/file/", body=form, headers=headers)
    assert [row["status"] for row in dry["results"]] == ["accepted", "rejected"]


async def other_answers(provoker: Provoker, secret: str) -> None:
    """What an operation answers beside what the same call makes every operation answer."""
    hr, call = provoker.hr, provoker.call
    at_once = (call("POST", "/special_feed/preview/", json_body={"title": "Python开发"}) for _ in range(4))
    assert {answer.http for answer in await asyncio.gather(*at_once)} <= {200, 429}
    for path, body in (
        ("/special_feed/submit_feed/", {"title": ""}),
        ("/special_feed/submit_feed/", {"title": "a", "feed_id": UNKNOWN}),
        ("/special_feed/preview/", {"title": ""}),
        ("/special_feed/preview/", {"title": "a", "feed_id": UNKNOWN}),
        ("/hr/register/", {}),
        ("/hr/login/", {}),
        ("/hr/login/", {"username": hr.email, "password": "wrong password"}),
        ("/hr/password/", {}),
        ("/hr/profile/", {"phone": "x"}),
        ("/hr/password/reset/{token}/", {"password": PASSWORD}),
    ):
        answer = await call("POST", path, json_body=body)
        assert answer.status in {"form_error", "feed_error", "token_error"}
    assert (await call("GET", "/company/audit/", size="0")).http == 400
    assert (await call("GET", "/company/feeds/", size="0")).http == 400
    assert (await call("GET", "/company/work/", week="x")).http == 400
    for path in ("/special_feed/edit_feed/{feed_id}/", "/special_feed/feed_list/{feed_id}"):
        answer = await call("GET", path, names={"feed_id": UNKNOWN})
        assert (answer.http, answer.status) in {(200, "feed_error"), (200, "no_feed")}
    while (await call("POST", "/special_feed/submit_feed/", json_body={"title": "a"})).status == "ok":
        pass
    assert (await call("GET", "/special_feed/edit_feed/")).status == "no_rest_feed"
    of_feed = {"feed_id": provoker.names["feed_id"]}
    download = "/resumes/download/{resume_id}"
    assert (await call("POST", download, names={"resume_id": secret}, form=of_feed)).status == "secret"
    lines = {**INGEST, "Content-Type": "application/x-ndjson"}
    assert (await call("POST", "/resumes/", body=b'{"a":1}\n\n[\n', headers=lines))["ids"] == [None, None]
    assert (await call("GET", "/special_feed/ws/")).http == 400
    assert (
        await call("GET", "/hr/valid_token/{user}/{token}/", names={"token": "x"})
    ).status == "token_error"
    body = {"username": hr.email, "password": "wrong password"}
    while (await call("POST", "/hr/login/", json_body=body)).http != 429:
        pass
    for path in ("/hr/password/", "/hr/password/forgot/", "/hr/activate/resend/"):
        body = {"old_password": "wrong password", "password": "another good one", "username": "x"}
        while (await call("POST", path, json_body=body)).http != 429:
            pass
    for path, body in (("/hr/wechat/exchange/", {"exchange": "x"}), ("/hr/wechat/login/", LOGIN_BY_CODE)):
        while (await call("POST", path, json_body=body)).http != 429:
            pass
    form = {"user_email": "a@example.com", "password": PASSWORD, "company_name": "示例", "phone": "12345"}
    # The minute that they are counted in may end between two of them.
    emails = ({"user_email": f"a{number}@example.com"} for number in itertools.count())
    while (await call("POST", "/hr/register/", form=form | next(emails))).http != 429:
        pass
    logout = provoker.description.document["paths"]["/hr/logout/"]["post"]
    await provoker.refuse("POST", "/hr/logout/", logout, {})
    assert (await call("POST", "/hr/logout/")).http == 200
