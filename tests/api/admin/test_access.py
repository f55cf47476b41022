"""Who may do what at the desk: every route for nobody, a recruiter, a source, a viewer, an admin, a leaver.

And every answer that the description of a route has is given, and no other.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, NamedTuple

import pytest

from handlers.admin.desk import DeskHandler
from handlers.ingest.resume_files import FileHandler
from handlers.routes import ROUTES
from process.life import Server
from tests.api.admin.desk import Desk, make_operator, quarantined, sign_in, world
from tests.api.admin.test_tables import csv_of, person
from tests.api.description import Description
from tests.api.provoker import CROSS_SITE, Provoker, path_with
from tests.api.scene import UNKNOWN, everything, small_resume
from tests.api.wechat_scene import io_loop
from tests.files import FORM, form_of
from tests.support import INGEST_TOKEN, PASSWORD, Api, Hr

__all__ = ["io_loop", "world"]
OK, NOBODY, VIEWER, MISSING = "200 ok", "401 auth_error", "403 forbidden", "404 not_found"
UNSEEN = {"503", "429"}
"""A store that is away, and too many requests: both are the same everywhere."""


class Row(NamedTuple):
    """One route: what a viewer and an admin are answered; everybody else is refused with 401."""

    method: str
    path: str
    viewer: str
    admin: str
    body: Mapping[str, Any] | None = MappingProxyType({})
    writes: bool = True
    form: bytes | None = None


def read(path: str, admin: str = OK, *, viewer: str | None = None) -> Row:
    return Row("GET", path, viewer or admin, admin, None, writes=False)


def done(path: str, admin: str = OK, **body: Any) -> Row:
    return Row("POST", path, VIEWER, admin, body)


def asked(path: str, **body: Any) -> Row:
    return Row("POST", path, OK, OK, body, writes=False)


ACCOUNT = "accounts/{account_id}/"
TABLE_ = "tables/{table_id}/"
TABLE = [
    read("me/"),
    Row("POST", "password/", "200 form_error", "200 form_error", {"old_password": "x", "password": "x"}),
    read("health/"),
    read("sources/"),
    read("tokens/"),
    done("tokens/make/", source="access"),
    done("tokens/revoke/", MISSING, id="0" * 12),
    read("resumes/{resume_id}/", viewer=VIEWER),
    Row("POST", "files/", VIEWER, OK, form=form_of(("a.bin", b"\0\1"), source="desk")),
    read("quarantine/resumes/"),
    read("quarantine/resumes/{resume_id}/"),
    done("quarantine/resumes/retry/", ids=[UNKNOWN]),
    done("quarantine/resumes/drop/", ids=[UNKNOWN]),
    read("quarantine/files/"),
    read("quarantine/files/{file_id}/content/", "200", viewer=VIEWER),
    done("quarantine/files/retry/", ids=[UNKNOWN]),
    done("quarantine/files/drop/", ids=[UNKNOWN]),
    Row("POST", "tables/upload/", VIEWER, OK, form=form_of(("p.csv", csv_of(person())), source="desk")),
    read("tables/"),
    read(TABLE_),
    done(f"{TABLE_}preview/"),
    done(f"{TABLE_}import/"),
    read(f"{TABLE_}rows/"),
    read(f"{TABLE_}rejected.csv", "200", viewer=VIEWER),
    done(f"{TABLE_}restart/"),
    done(f"{TABLE_}drop/"),
    asked("companies/find/"),
    read("companies/{company_id}/"),
    done("companies/{company_id}/limits/", quota=3),
    done("companies/{company_id}/merge/", MISSING, into=UNKNOWN),
    asked("accounts/find/"),
    read(ACCOUNT),
    done("accounts/invite/", email="invited@access.example", company_name="公司"),
    done(f"{ACCOUNT}invite/", "200 form_error"),
    done(f"{ACCOUNT}reset/"),
    done(f"{ACCOUNT}limits/", quota=3),
    done(f"{ACCOUNT}end_sessions/"),
    done(f"{ACCOUNT}disable/"),
    done(f"{ACCOUNT}enable/"),
    asked("audit/"),
    done("audit/check/"),
    done("person/find/", phone="13999990000"),
    done("person/export/", MISSING, phone="13999990000"),
    done("person/erase/", MISSING, phone="13999990000", confirm="13999990000"),
    Row("POST", "logout/", OK, OK),
]
OPEN = {"/admin/api/login/"}
OF_MYSELF = {"logout/", "password/"}
"""What anybody who is signed in does about themselves alone."""


@pytest.fixture
def names(world, io_loop) -> dict[str, str]:
    """What the rows' names stand for, a test's own: an admin deletes some of it."""

    async def make() -> dict[str, str]:
        hr = await Hr.register(world.server.port)
        table = await world.admin.send("tables/upload/", form_of(("t.csv", csv_of(person())), source="desk"))
        unique = secrets.token_hex(8)
        await world.admin.send("files/", form_of(("b.bin", f"\0{unique}".encode()), source="desk"))
        file, *_ = (await world.admin.read("quarantine/files/"))["items"]
        return {
            "account_id": hr.user,
            "company_id": hr.user,
            "table_id": table["table"]["id"],
            "file_id": file["id"],
            "resume_id": await quarantined(world, small_resume(unique, name="甲乙丙")),
        }

    return io_loop.run_sync(make, timeout=120)


async def send(desk: Api, row: Row, names: Mapping[str, str], **headers: str) -> Any:
    url = "/admin/api/" + path_with(row.path, **names)
    if row.form is not None:
        return await desk.call(row.method, url, body=row.form, headers={"Content-Type": FORM, **headers})
    body = None if row.body is None else dict(row.body)
    return await desk.call(row.method, url, json_body=body, headers=headers)


def said(answer: Any) -> str:
    status = answer.json.get("status", "") if answer.json else ""
    return f"{answer.http} {status}".strip()


def test_the_table_has_every_route_of_the_desk_and_knows_what_changes_something():
    live = {
        (method, route.path): route.handler
        for route in ROUTES
        if route.path.startswith("/admin/api/")
        for method in route.handler.methods
    }
    there = {(row.method, f"/admin/api/{row.path}") for row in TABLE}
    assert there | {("POST", path) for path in OPEN} == live.keys()
    for row in TABLE:
        handler = live[row.method, f"/admin/api/{row.path}"]
        assert issubclass(handler, DeskHandler), row.path
        assert handler.is_for_operators, row.path
        assert handler.changes_state_by(row.method) == row.writes, row.path
        # Whoever only looks changes nothing but what is their own.
        assert handler.needs_role == "admin" or not row.writes or row.path in OF_MYSELF, row.path
        assert (handler.needs_role == "admin") == (row.viewer == VIEWER), row.path


async def leaver_of(server: Server, email: str) -> Desk:
    """An operator who was signed in before they were disabled."""
    await make_operator(server, email, "admin")
    leaver = await sign_in(server.port, email)
    gone = await server.stores.operators.find_by_email(email)
    await server.stores.operators.set_disabled(gone, disabled=True)
    return leaver


async def test_nobody_but_operators_gets_in_and_nothing_changes(world, names):
    server = world.server
    hr = await Hr.register(server.port)
    leaver = await leaver_of(server, "leaver@example.com")
    signed_out = await sign_in(server.port, "admin@example.com")
    await signed_out.do("logout/")
    before = await everything(server, but={"operator_sessions"})
    clients = {
        "nobody": Desk(server.port),
        "a recruiter": hr,
        "a recruiter's token": Desk(server.port, hr.token),
        "a source": Desk(server.port, INGEST_TOKEN),
        "a leaver": leaver,
        "signed out": signed_out,
    }
    for row in TABLE:
        for who, client in clients.items():
            answer = await send(client, row, names)
            assert said(answer) == NOBODY, (who, row.path, answer.body)
    assert await everything(server, but={"operator_sessions"}) == before


async def test_a_viewer_reads_and_changes_nothing(world, names):
    await make_operator(world.server, "looker@example.com", "viewer")
    viewer = await sign_in(world.server.port, "looker@example.com")
    before = await everything(world.server, but={"operator_sessions"})
    for row in TABLE:
        answer = await send(viewer, row, names)
        assert said(answer) == row.viewer, (row.path, answer.body)
    assert await everything(world.server, but={"operator_sessions"}) == before


async def test_other_sites_and_browsers_that_fetch_ahead_change_nothing(world, names):
    before = await everything(world.server, but={"operator_sessions"})
    for row in TABLE:
        for headers in (CROSS_SITE, {"Origin": "https://evil.example"}, {"Sec-Purpose": "prefetch"}):
            if row.writes:
                answer = await send(world.admin, row, names, **headers)
                assert said(answer) == "403 forbidden", (row.path, headers)
    assert await everything(world.server, but={"operator_sessions"}) == before


async def test_every_described_answer_is_given_and_every_answer_given_is_described(world, names, monkeypatch):
    monkeypatch.setattr(FileHandler, "max_body_bytes", 1_000_000)  # as a form may be very long
    admin = await sign_in(world.server.port, "admin@example.com")
    description = await Description.of(admin)
    provoker = Provoker(description, admin, names)
    rows = {f"/admin/api/{row.path}": row for row in TABLE}
    for method, path, operation in description.operations():
        if path not in rows or path.endswith("logout/"):
            continue
        row = rows[path]
        for parameter in operation["parameters"]:
            if parameter["in"] == "query" and "minimum" in parameter["schema"]:
                answer = await provoker.call(method, path, **{parameter["name"]: "-1"})
                assert answer.http == 400, path
        good: dict[str, Any] = {}
        if row.form is not None:
            good = {"body": row.form, "headers": {"Content-Type": FORM}}
        elif "requestBody" in operation:
            good = {"json_body": dict(row.body or {})}
        if (path.endswith("/files/") and method == "POST") or path.endswith("upload/"):
            await refuse_form(provoker, path, good)
        else:
            await provoker.refuse(method, path, operation, good)
        if row.viewer == VIEWER:
            provoker.hr = world.viewer
            assert (await provoker.call(method, path, **good)).http == 403
            provoker.hr = admin
        if row.admin != MISSING:
            answer = await provoker.call(method, path, **good)
            assert said(answer) == row.admin, (path, answer.body)
    await leaver_of(world.server, "gone@example.com")
    await other_answers(provoker)
    missing = {
        (method, path, code)
        for method, path, operation in description.operations()
        if path.startswith("/admin/api/")
        for code in operation["responses"].keys() - UNSEEN
    } - provoker.seen
    assert sorted(missing) == []


async def refuse_form(provoker: Provoker, path: str, good: dict[str, Any]) -> None:
    """What a form with files is refused for; its bounds have tests in ingest/test_resume_files.py."""
    headers = good["headers"]
    for change in (
        {"body": form_of(source="desk")},
        {"headers": {**headers, "Authorization": "Bearer x"}},
        {"headers": {**headers, "Content-Encoding": "br"}},
        {"headers": {**headers, **CROSS_SITE}},
        {"body": b"x" * 1_100_000},
    ):
        await provoker.call("POST", path, **good | change)
    await provoker.call("POST", path, really="PATCH")


async def other_answers(provoker: Provoker) -> None:
    """What has to be made for it: a person, a mistake in a form, a sign-in."""
    call, login = provoker.call, "/admin/api/login/"
    operation = provoker.description.document["paths"][login]["post"]
    body = {"email": "admin@example.com", "password": PASSWORD}
    await provoker.refuse("POST", login, operation, {"json_body": body})
    assert (await call("POST", login, json_body=body)).status == "ok"
    assert (await call("POST", login, json_body={**body, "password": "x"})).status == "form_error"
    assert (await call("POST", login, json_body={**body, "email": "gone@example.com"})).status == "not_active"
    assert (await call("POST", "/admin/api/audit/", json_body={"account": "x@x.x"})).status == "form_error"
    await call("POST", "/admin/api/tokens/make/", json_body={"source": "provoked"})
    (made,) = [
        one for one in (await call("GET", "/admin/api/tokens/"))["tokens"] if one["source"] == "provoked"
    ]
    assert (await call("POST", "/admin/api/tokens/revoke/", json_body={"id": made["id"]})).status == "ok"
    sheet = await provoker.hr.call(
        "POST", "/admin/api/tables/upload/", body=form_of(("q.csv", csv_of(person())), source="desk"),
        headers={"Content-Type": FORM},
    )  # fmt: skip
    of_table = {"names": {"table_id": sheet["table"]["id"]}}
    path = "/admin/api/tables/{table_id}"
    wrong = {"json_body": {"mapping": {"0": "x"}}}
    for act in ("preview", "import"):
        assert (await call("POST", f"{path}/{act}/", **wrong, **of_table)).status == "form_error"
    ended = await call("POST", f"{path}/import/", json_body={}, **of_table)
    phone = next(iter((await provoker.hr.call(
        "GET", f"/admin/api/tables/{sheet['table']['id']}/"))["table"]["columns"][1]["samples"]))  # fmt: skip
    assert ended["results"][0]["status"] == "accepted"
    for act in ("find", "export"):
        assert (await call("POST", f"/admin/api/person/{act}/", json_body={"phone": phone})).http == 200
        assert (await call("POST", f"/admin/api/person/{act}/", json_body={})).status == "form_error"
    erase = {"phone": phone, "confirm": "x"}
    assert (await call("POST", "/admin/api/person/erase/", json_body=erase)).status == "form_error"
    erased = await call("POST", "/admin/api/person/erase/", json_body={**erase, "confirm": phone})
    assert erased.status == "ok"
    merge = "/admin/api/companies/{company_id}/merge/"
    into = {"json_body": {"into": (await Hr.register(provoker.hr.port)).user}}
    assert [(await call("POST", merge, **into)).status for _ in range(2)] == ["ok", "form_error"]
    logout = provoker.description.document["paths"]["/admin/api/logout/"]["post"]
    await provoker.refuse("POST", "/admin/api/logout/", logout, {})
    assert (await call("POST", "/admin/api/logout/")).status == "ok"


async def test_what_an_admin_does_is_in_the_audit_and_what_is_typed_is_not(world):
    await world.admin.do("person/find/", phone="13911110099", email="typed@secret.example")
    rows = await world.server.stores._database.audit.find({}).sort("at", -1).limit(1).to_list(1)
    assert rows[0]["command"] == "desk person find"
    assert re.search("13911110099|typed@secret", str(rows)) is None
