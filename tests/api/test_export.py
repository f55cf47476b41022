"""The export: the list as a table that Excel opens as it is, and that runs nothing."""

import csv
import io

import pytest

from handlers.export import COLUMNS, safe_cell
from tests.support import PYTHON_FEED, python_resume


def table(answer):
    assert answer.http == 200, answer.body
    assert answer.body.startswith(b"\xef\xbb\xbf")
    return list(csv.DictReader(io.StringIO(answer.body.decode("utf-8-sig"), newline="")))


async def filled(hr, *resumes):
    feed_id = await hr.submit(**PYTHON_FEED)
    ids = (await hr.ingest(*resumes))["ids"]
    await hr.all_scored()
    return feed_id, ids


@pytest.mark.gen_test
async def test_the_table_has_the_list_in_its_order(hr):
    feed_id, _ = await filled(hr, *[python_resume(age=20 + number) for number in range(120)])
    answer = await hr.get(f"/feed/export/{feed_id}.csv")
    assert answer.headers["Content-Type"] == "text/csv; charset=UTF-8"
    assert answer.headers["Content-Disposition"] == (
        f"attachment; filename=\"feed-{feed_id}.csv\"; filename*=UTF-8''Python%E5%BC%80%E5%8F%91.csv"
    )
    rows = table(answer)
    items = await hr.results(feed_id)
    assert [row["简历编号"] for row in rows] == [item["resume"]["id"] for item in items]
    assert tuple(rows[0]) == COLUMNS
    assert rows[0]["年龄"] == str(items[0]["resume"]["age"])
    assert rows[0]["推荐时间"] == items[0]["pub_time"]
    assert float(rows[0]["匹配度"]) == items[0]["score"]


@pytest.mark.gen_test
async def test_the_filters_are_those_of_the_list(hr):
    feed_id, ids = await filled(hr, python_resume(), python_resume())
    await hr.get(f"/feed/get/{feed_id}/{ids[0]}")
    unread = table(await hr.get(f"/feed/export/{feed_id}.csv", latest=1))
    assert [row["简历编号"] for row in unread] == [ids[1]]
    answer = await hr.get(f"/feed/export/{feed_id}.csv", reco_time=8)
    assert (answer.http, answer["errors"].keys()) == (400, {"reco_time"})


@pytest.mark.gen_test
async def test_an_empty_list_is_a_head_line(hr):
    feed_id = await hr.submit(**PYTHON_FEED)
    answer = await hr.get(f"/feed/export/{feed_id}.csv")
    assert answer.body.decode("utf-8-sig") == ",".join(COLUMNS) + "\r\n"


@pytest.mark.gen_test
async def test_contacts_are_in_it_only_where_unlocked_and_then_audited(server, hr):
    feed_id, ids = await filled(hr, python_resume(qq="10001"), python_resume(name="李雷"))
    await hr.post(f"/resumes/download/{ids[0]}", {"feed_id": feed_id})
    answer = await hr.get(f"/feed/export/{feed_id}.csv")
    rows = {row["简历编号"]: row for row in table(answer)}
    assert [rows[ids[0]][name] for name in ("姓名", "电话", "QQ")] == ["王小明", "10000000001", "10001"]
    assert rows[ids[1]]["姓名"] == ""
    assert "李雷" not in answer.body.decode()
    reads = [(read.action, read.request) for read in await server.stores.audit.reads_of(ids[0])]
    assert ("export", answer.headers["X-Request-Id"]) in reads
    assert await server.stores.audit.reads_of(ids[1]) == []


@pytest.mark.gen_test
async def test_no_cell_is_a_formula_and_every_text_comes_back_whole(hr):
    evil = '=cmd|" /C calc"!A0,"\n第二行'
    feed_id, ids = await filled(hr, python_resume(self_evaluation=evil, gender="+1", address="北京 @sum"))
    await hr.post(f"/resumes/comment/{ids[0]}", {"content": "\u3000=1+1"})
    (row,) = table(await hr.get(f"/feed/export/{feed_id}.csv"))
    assert row["自我评价"] == "'" + evil
    assert row["性别"] == "'+1"
    assert row["现居地"] == "北京 @sum"
    assert row["备注"].startswith("'") or not row["备注"].lstrip().startswith("=")


@pytest.mark.parametrize(
    "text", ["=1", "+1", "-1", "@a", "\t=1", "\r=1", "\n=1", "＝1", " =1", "\u3000=1", "\u00a0+1"]
)
def test_what_a_spreadsheet_would_run_is_quoted(text):
    assert safe_cell(text) == "'" + text


@pytest.mark.parametrize("text", ["", "Python", "3-5年", "a=1", "C++"])
def test_other_texts_stay_as_they_are(text):
    assert safe_cell(text) == text


@pytest.mark.gen_test
async def test_a_foreign_feed_cannot_be_told_from_a_missing_one(hr, other_hr):
    feed_id, _ = await filled(hr, python_resume())
    foreign = await other_hr.get(f"/feed/export/{feed_id}.csv")
    missing = await other_hr.get(f"/feed/export/{'0' * 24}.csv")
    assert foreign.http == missing.http == 404
    assert foreign.body == missing.body
    assert (await hr.get("/feed/export/xyz.csv")).http == 400
