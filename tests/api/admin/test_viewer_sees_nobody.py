"""A viewer of the desk sees no candidate: they are planted everywhere, and every route is asked."""

import json
from urllib.parse import unquote

import pytest

from handlers.routes import ROUTES
from tests.api.admin.desk import quarantined, world
from tests.api.admin.test_access import TABLE, send
from tests.api.admin.test_tables import HEADER, csv_of
from tests.api.scene import small_resume
from tests.api.wechat_scene import io_loop
from tests.files import form_of
from tests.spreadsheets import xlsx
from tests.support import Hr

__all__ = ["io_loop", "world"]

NAME, PHONE, EMAIL = "欧阳藏", "13977776666", "ouyang.cang@canary.example"
OTHER = "诸葛匿"
CANARIES = (NAME, OTHER, PHONE, "139-7777-6666", EMAIL)
SAID = f"{NAME} {OTHER} {PHONE} 139-7777-6666 {EMAIL}"
NAMELESS = {
    "job_target": {"job_career": SAID, "salary": PHONE, "expectation_area": SAID},
    "works": [{"compnay_name": SAID, "position_title": SAID, "job_desc": SAID, "start_time": "2019-03"}],
    "education": [{"school": SAID, "major": SAID}],
    "address": SAID,
    "gender": NAME,
    "self_evaluation": SAID,
    "hr_evaluate": SAID,
    "age": 31,
}
MAIL = (
    f"From: {EMAIL}\r\nSubject: =?utf-8?B?5qyn6Ziz6JeP?=\r\nMIME-Version: 1.0\r\n"
    'Content-Type: multipart/mixed; boundary="x"\r\n\r\n--x\r\nContent-Type: application/octet-stream\r\n'
    f'Content-Disposition: attachment; filename="{PHONE}.bin"\r\n\r\n\x01\x02\x03\r\n--x--\r\n'
)


async def plant(world):
    """Put people wherever the desk may show them; returns what the routes' names stand for."""
    admin = world.admin
    named = {**small_resume(PHONE, name=NAME, phone=PHONE, email=EMAIL), **NAMELESS}
    nameless = {**small_resume(NAME), **NAMELESS}
    nameless = {name: value for name, value in nameless.items() if name not in ("name", "phone", "email")}
    resumes = [await quarantined(world, sent) for sent in (named, nameless)]
    row = [NAME, PHONE, EMAIL, "31", OTHER, PHONE, OTHER, "本科", SAID]
    sheets = [
        (f"{NAME}.csv", csv_of(row, [*row[:3], OTHER, *row[4:]])),
        (f"{NAME}-{PHONE}", csv_of(row, header=[OTHER, PHONE, EMAIL, "30", NAME, "1", "2", "3", SAID])),
        (f"resume.{PHONE}", xlsx({OTHER: [["说明"]], NAME: [row, row], EMAIL: [HEADER, row]})),
    ]
    tables = []
    for name, data in sheets:
        fields = {"sheet": NAME} if name == f"resume.{PHONE}" else {}
        answer = await admin.send("tables/upload/", form_of((name, data), source="desk", **fields))
        assert answer.status == "ok", answer.body
        tables.append(answer["table"]["id"])
        await admin.do(f"tables/{tables[-1]}/import/")
    refused = [
        *((f"{NAME}.bin", b"\0\1"), (f"{NAME} {PHONE}", b"\0\2"), (f"cv.{OTHER}", b"\0\3")),
        *((f"cv.{PHONE}", b"\0\4"), (f"{NAME}.eml", MAIL.encode())),
    ]
    await admin.send("files/", form_of(*refused, source="desk"))
    files = [one["id"] for one in (await admin.read("quarantine/files/", size=100))["items"]]
    for act in ("find", "export"):
        await admin.do(f"person/{act}/", phone=PHONE, email=EMAIL)
    hr = await Hr.register(world.server.port)
    await admin.do(f"accounts/{hr.user}/end_sessions/")
    names = {"account_id": [hr.user], "company_id": [hr.user]}
    return {**names, "table_id": tables, "file_id": files, "resume_id": resumes}


def seen_in(answer):
    """The canaries in an answer, its headers among it."""
    text = json.dumps(answer.json, ensure_ascii=False) if answer.json else ""
    headers = " ".join(f"{name}: {unquote(value)}" for name, value in answer.headers.get_all())
    text += answer.body.decode("utf-8", "replace") + headers
    return sorted(canary for canary in CANARIES if canary in text)


@pytest.mark.long
async def test_no_answer_to_a_viewer_says_who_anybody_is(world):
    names = await plant(world)
    rows = {(row.method, f"/admin/api/{row.path}"): row for row in TABLE}
    routes = [
        (method, route.path)
        for route in ROUTES
        if route.path.startswith("/admin/api/") and not route.path.endswith(("/login/", "/logout/"))
        for method in route.handler.methods
    ]
    shown_to_admins = set()
    for route in routes:
        row = rows[route]
        name = next((one for one in names if f"{{{one}}}" in row.path), None)
        for id_ in names[name] if name else [""]:
            answer = await send(world.viewer, row, {name: id_} if name else {})
            assert answer.http < 404, (route, answer.body)
            assert seen_in(answer) == [], (route, answer.body.decode())
            if row.method == "GET" and seen_in(await send(world.admin, row, {name: id_} if name else {})):
                shown_to_admins.add(row.path)
    # Of these the admin is shown people: so there was something to hide.
    assert shown_to_admins == {
        *("tables/", "tables/{table_id}/", "tables/{table_id}/rejected.csv"),
        *("quarantine/resumes/", "quarantine/resumes/{resume_id}/"),
        *("quarantine/files/", "quarantine/files/{file_id}/content/", "resumes/{resume_id}/"),
    }


async def test_a_viewer_is_shown_what_kind_of_thing_there_is(world):
    names = await plant(world)
    table = (await world.viewer.read(f"tables/{names['table_id'][1]}/"))["table"]
    assert [column["header"] for column in table["columns"]] == list("ABCDEFGHI")
    assert (table["file"], table["sheets"], table["first_rows"]) == ("***", [], [])
    assert (await world.viewer.read(f"tables/{names['table_id'][2]}/"))["table"]["sheets"] == ["***"] * 3
    files = {table["file"] for table in (await world.viewer.read("tables/"))["tables"]}
    assert files == {"***", "***.csv"}
    item = (await world.viewer.read(f"quarantine/resumes/{names['resume_id'][1]}/"))["item"]
    (work,) = item["resume"]["works"]
    assert (item["source_id"], item["resume"]["age"], item["resume"]["gender"]) == ("***", 31, "***")
    assert (work["start_time"], work["position_title"], work["company_scale"]) == ("2019-03", "***", "")
    plain = (await world.admin.read(f"quarantine/resumes/{names['resume_id'][1]}/"))["item"]
    assert plain["source_id"] == NAME
