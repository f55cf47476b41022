"""Tables at the desk: what is read, what columns are proposed, what comes of each row, and going on."""

import asyncio
from datetime import UTC, datetime

import pytest
from bson import ObjectId

from intake.tables.limits import MAX_ROWS
from tests.api.admin.desk import world
from tests.api.scene import INGEST, UNKNOWN
from tests.api.wechat_scene import io_loop
from tests.files import form_of
from tests.spreadsheets import xlsx
from tests.support import Api, eventually

__all__ = ["io_loop", "world"]
HEADER = ["姓名", "手机号码", "邮箱", "年龄", "应聘职位", "期望薪资", "目前公司", "学历", "备注"]
_people = iter(range(100_000))


def person(**changes):
    """A row of somebody of their own, as texts."""
    number = next(_people)
    cells = [f"表{number}人", f"135{number:08}", "", "28岁", "会计", "8-12K", "示例公司", "本科", ""]
    return [changes.get(name, cell) for name, cell in zip(HEADER, cells, strict=True)]


def csv_of(*rows, header=HEADER):
    return "\n".join(",".join(map(str, row)) for row in (header, *rows)).encode()


async def upload(world, data, name="people.csv", **fields):
    return await world.admin.send("tables/upload/", form_of((name, data), **{"source": "desk", **fields}))


async def run_through(world, table_id, mapping=None):
    """Import to the end; returns all rows and the table."""
    rows, given = [], {} if mapping is None else {"mapping": mapping}
    while True:
        answer = await world.admin.do(f"tables/{table_id}/import/", **given)
        assert answer.status == "ok", answer.body
        rows += answer["results"]
        if answer["table"]["state"] == "done":
            return rows, answer["table"]
        given = {}


async def stored(world, resume_id):
    """The resume as it is stored, with its contact."""
    resumes = world.server.stores.resumes
    (found,) = await resumes.load([resume_id])
    contacts = world.server.stores.contacts._contacts
    contact = await contacts.find_one({"_id": ObjectId(resume_id)})
    return found.body, contact


async def test_a_spreadsheet_is_read_with_its_columns_proposed_and_imported_row_by_row(world):
    rows = [person(), person(年龄="old"), person(手机号码=13911112222.0, 邮箱="t@t.example")]
    data = xlsx({"说明": [], "名单": [["候选人名单"], HEADER, *rows]})
    table = (await upload(world, data, "名单.xlsx"))["table"]
    assert (table["sheet"], table["rows"], table["done"], table["state"]) == ("名单", 3, 0, "new")
    assert [table["mapping"].get(str(at)) for at in range(len(HEADER))] == [
        "name", "phone", "email", "age", "job_target.job_career", "job_target.salary",
        "work.compnay_name", "education.degree", "hr_evaluate",
    ]  # fmt: skip
    assert table["columns"][1]["samples"][-1] == "13911112222"
    assert len(table["first_rows"]) == 3
    preview = await world.admin.do(f"tables/{table['id']}/preview/")
    assert [list(one["errors"]) for one in preview["records"]] == [[], ["age"], []]
    results, ended = await run_through(world, table["id"])
    assert [(one["row"], one["status"]) for one in results] == [
        (3, "accepted"), (4, "rejected"), (5, "accepted"),
    ]  # fmt: skip
    assert results[1]["errors"] == {"age": ["应为年龄，如 28 或 28岁"]}
    assert ended["counts"] == {"accepted": 2, "updated": 0, "duplicate": 0, "rejected": 1}
    body, contact = await stored(world, results[2]["id"])
    assert (contact["phone"], contact["email"]) == ("13911112222", "t@t.example")
    assert body["job_target"]["job_career"] == "会计"
    assert body["works"][0]["compnay_name"] == "示例公司"
    rejected = await world.admin.read(f"tables/{table['id']}/rejected.csv")
    text = rejected.body.decode("utf-8-sig")
    assert text.splitlines()[0].endswith('"备注","未导入原因"')
    assert text.splitlines()[1].startswith(f'"{rows[1][0]}"')
    assert len(text.splitlines()) == 2
    listed = await world.viewer.read(f"tables/{table['id']}/rows/", status="rejected")
    assert ([one["row"] for one in listed["rows"]], listed["total"]) == ([4], 1)


async def test_the_same_file_is_the_same_table_and_the_next_months_table_updates_people(world):
    rows = [person(), person()]
    first = (await upload(world, csv_of(*rows)))["table"]
    await run_through(world, first["id"])
    again = (await upload(world, csv_of(*rows)))["table"]
    assert (again["id"], again["state"], again["done"]) == (first["id"], "done", 2)
    assert (await world.admin.do(f"tables/{first['id']}/import/"))["results"] == []
    rows[1][5] = "20-30K"
    later = (await upload(world, csv_of(*rows)))["table"]
    results, _ = await run_through(world, later["id"])
    assert [one["status"] for one in results] == ["duplicate", "updated"]
    other = (await upload(world, csv_of(*rows), source="elsewhere"))["table"]
    assert other["id"] != later["id"]


async def test_a_gbk_csv_is_read_like_one_in_utf_8_and_blank_rows_keep_their_numbers(world):
    rows = [person(), [""] * len(HEADER), person()]
    data = csv_of(*rows).decode().encode("gb18030")
    table = (await upload(world, data))["table"]
    results, _ = await run_through(world, table["id"])
    assert [(one["row"], one["status"]) for one in results] == [(2, "accepted"), (4, "accepted")]


@pytest.mark.long
async def test_an_import_goes_on_where_it_stopped_and_two_tabs_do_nothing_twice(world):
    rows = [person() for _ in range(450)]
    table = (await upload(world, csv_of(*rows)))["table"]
    path = f"tables/{table['id']}"
    first = await world.admin.do(f"{path}/import/")
    assert (len(first["results"]), first["table"]["state"], first["table"]["done"]) == (200, "importing", 200)
    # The answer is lost, and another process goes on: nothing is in this one's memory.
    assert (await world.viewer.read(f"{path}/"))["table"]["done"] == 200
    both = [world.admin.do(f"{path}/import/") for _ in range(2)]
    answers = [await one for one in both]
    assert [one["table"]["done"] for one in answers] == [400, 450]
    _, ended = await run_through(world, table["id"])
    assert ended["counts"] == {"accepted": 450, "updated": 0, "duplicate": 0, "rejected": 0}
    page = await world.viewer.read(f"{path}/rows/", size=100, start=4)
    assert (len(page["rows"]), page["total"], page["next_start"]) == (50, 450, -1)


@pytest.mark.long
async def test_an_import_whose_page_was_closed_goes_on_by_itself_after_a_while(world):
    stores = world.server.stores
    tables = [(await upload(world, csv_of(*[person() for _ in range(450)])))["table"] for _ in range(3)]
    paths = [f"tables/{table['id']}" for table in tables]
    for path in paths:
        assert (await world.admin.do(f"{path}/import/"))["table"]["done"] == 200
    assert await stores.jobs.claim("import") == []
    await world.admin.do(f"{paths[0]}/restart/")
    await world.admin.do(f"{paths[1]}/drop/")
    await stores.jobs.hasten("import", [table["id"] for table in tables], datetime.now(UTC))

    async def no_job_is_left():
        return not await stores.jobs.count("import")

    await eventually(no_job_is_left, what="the end of the import")
    states = [(await world.viewer.read(f"{path}/"))["table"] for path in (paths[0], paths[2])]
    assert [(table["state"], table["done"]) for table in states] == [("new", 0), ("done", 450)]


async def test_two_requests_at_once_for_the_same_piece_import_it_once(world):
    table = (await upload(world, csv_of(*[person() for _ in range(30)])))["table"]
    answers = await asyncio.gather(*(world.admin.do(f"tables/{table['id']}/import/") for _ in range(3)))
    assert {one.http for one in answers} == {200}
    ended = (await world.viewer.read(f"tables/{table['id']}/"))["table"]
    assert (ended["state"], ended["done"]) == ("done", 30)
    assert ended["counts"]["rejected"] == 0


@pytest.mark.long
async def test_a_mapping_is_refused_where_it_cannot_be_and_fixed_once_the_import_has_begun(world):
    rows = [person() for _ in range(250)]
    table = (await upload(world, csv_of(*rows)))["table"]
    path = f"tables/{table['id']}"
    for mapping in (
        {"0": "nonsense", "4": "job_target.job_career"},
        {"0": "name", "1": "name", "4": "job_target.job_career"},
        {"99": "name", "4": "job_target.job_career"},
        {"x": "name"},
        {"0": "name"},
    ):
        for act in ("preview", "import"):
            refused = await world.admin.do(f"{path}/{act}/", mapping=mapping)
            assert (refused.status, list(refused["errors"])) == ("form_error", ["mapping"]), mapping
    assert (await world.viewer.read(f"{path}/"))["table"]["state"] == "new"
    mine = {"0": "name", "1": "phone", "4": "work.position_title", "8": ""}
    assert (await world.admin.do(f"{path}/import/", mapping=mine)).status == "ok"
    changed = await world.admin.do(f"{path}/import/", mapping={**mine, "8": "self_evaluation"})
    assert changed.status == "form_error"
    results, ended = await run_through(world, table["id"], mine)
    assert ended["done"] == 250
    body, _ = await stored(world, results[0]["id"])
    assert body["works"][0]["position_title"] == "会计"
    assert body["hr_evaluate"] == ""
    anew = (await world.admin.do(f"{path}/restart/"))["table"]
    assert (anew["state"], anew["done"]) == ("new", 0)
    results, _ = await run_through(world, table["id"], {**mine, "6": "work.compnay_name"})
    assert {one["status"] for one in results} == {"updated"}


async def test_what_is_no_table_is_refused_with_what_to_do(world):
    too_long = csv_of(*[["x", "1"]] * (MAX_ROWS + 1), header=["姓名", "备注"])
    for data in (
        b"",
        b"%PDF-1.7 whatever",
        b"PK\x03\x04 no zip at all",
        csv_of(),
        csv_of(["x"] * 101, header=["h"] * 101),
        too_long,
    ):
        answer = await upload(world, data)
        assert (answer.http, answer.status) == (200, "form_error"), data[:20]
        (text,) = answer["errors"]["file"]
        assert text
    wrong_sheet = await upload(world, xlsx({"a": [HEADER, person()]}), sheet="b")
    assert wrong_sheet.status == "form_error"
    assert (await world.admin.send("tables/upload/", form_of(source="desk"))).http == 400
    assert (await world.admin.send("tables/upload/", form_of(("a.csv", b"x"), source=""))).http == 400
    two = form_of(("a.csv", csv_of(person())), ("b.csv", csv_of(person())), source="desk")
    assert (await world.admin.send("tables/upload/", two)).http == 400
    for act in ("preview", "import", "restart", "drop"):
        assert (await world.admin.do(f"tables/{UNKNOWN}/{act}/")).http == 404
    for what in ("", "rows/", "rejected.csv"):
        assert (await world.admin.read(f"tables/{UNKNOWN}/{what}")).http == 404


async def test_an_admin_who_sees_the_rows_of_a_table_is_in_the_audit(world):
    row = person()
    table = (await upload(world, csv_of(row)))["table"]
    audit = world.server.stores._database.audit
    before = await audit.count_documents({"command": "desk tables"})
    await world.viewer.read(f"tables/{table['id']}/")
    assert await audit.count_documents({"command": "desk tables"}) == before
    assert row[1] in (await world.admin.read(f"tables/{table['id']}/")).body.decode()
    assert await audit.count_documents({"command": "desk tables"}) == before + 1


async def test_whoever_is_erased_is_taken_out_of_tables_too_and_not_imported_again(world):
    gone, other = person(), person()
    table = (await upload(world, csv_of(gone, other)))["table"]
    results, _ = await run_through(world, table["id"])
    erased = await world.admin.do("person/erase/", phone=gone[1], confirm=gone[1])
    assert erased["erased"] == [results[0]["id"]]
    shown = await world.admin.read(f"tables/{table['id']}/")
    assert gone[1] not in shown.body.decode()
    assert gone[0] not in shown.body.decode()
    assert other[1] in shown.body.decode()
    await world.admin.do(f"tables/{table['id']}/restart/")
    results, _ = await run_through(world, table["id"])
    assert [one["status"] for one in results] == ["rejected", "duplicate"]


async def test_a_dropped_table_leaves_the_resumes_that_came_of_it(world):
    table = (await upload(world, csv_of(person())))["table"]
    results, _ = await run_through(world, table["id"])
    assert (await world.admin.do(f"tables/{table['id']}/drop/")).status == "ok"
    assert (await world.admin.read(f"tables/{table['id']}/")).http == 404
    assert (await world.admin.do(f"tables/{table['id']}/drop/")).http == 404
    answer = await Api(world.server.port).call("DELETE", f"/resumes/{results[0]['id']}", headers=INGEST)
    assert answer.status == "ok"
