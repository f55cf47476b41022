"""The export: the list as a table that Excel opens as it is, and that runs nothing."""

import asyncio
import contextlib
import csv
import io

import pytest
from pymongo.errors import AutoReconnect

from handlers.results.export_table import COLUMNS, csv_lines, safe_cell
from tests.support import PYTHON_FEED, WANG, each, eventually, python_resume


def table(answer):
    assert answer.http == 200, answer.body
    assert answer.body.startswith(b"\xef\xbb\xbf")
    return list(csv.DictReader(io.StringIO(answer.body.decode("utf-8-sig"), newline="")))


async def close(writer):
    writer.close()
    with contextlib.suppress(ConnectionError):
        await writer.wait_closed()


async def test_the_table_has_the_list_in_its_order(hr):
    feed_id, _ = await hr.feed_with(*[python_resume(age=20 + number) for number in range(120)])
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


async def test_the_filters_are_those_of_the_list(hr):
    feed_id, ids = await hr.feed_with(python_resume(), python_resume())
    await hr.get(f"/feed/get/{feed_id}/{ids[0]}")
    unread = table(await hr.get(f"/feed/export/{feed_id}.csv", latest=1))
    assert [row["简历编号"] for row in unread] == [ids[1]]
    answer = await hr.get(f"/feed/export/{feed_id}.csv", reco_time=8)
    assert (answer.http, answer["errors"].keys()) == (400, {"reco_time"})


async def test_an_empty_list_is_a_head_line(hr):
    feed_id = await hr.submit(**PYTHON_FEED)
    answer = await hr.get(f"/feed/export/{feed_id}.csv")
    assert answer.body.decode("utf-8-sig") == ",".join(f'"{name}"' for name in COLUMNS) + "\r\n"


async def test_contacts_are_in_it_only_where_unlocked_and_then_audited(server, hr):
    feed_id, ids = await hr.feed_with(python_resume(qq="10001", **WANG), python_resume(name="李雷"))
    await hr.unlock(feed_id, ids[0])
    answer = await hr.get(f"/feed/export/{feed_id}.csv")
    rows = {row["简历编号"]: row for row in table(answer)}
    assert [rows[ids[0]][name] for name in ("姓名", "电话", "QQ")] == ["王小明", "10000000001", "10001"]
    assert rows[ids[1]]["姓名"] == ""
    assert "李雷" not in answer.body.decode()
    reads = [(read.action, read.request) for read in await server.stores.audit.reads_of(ids[0])]
    assert ("export", answer.headers["X-Request-Id"]) in reads
    assert await server.stores.audit.reads_of(ids[1]) == []


async def test_no_cell_is_a_formula_and_every_text_comes_back_whole(hr):
    evil = '=cmd|" /C calc"!A0,"\n第二行'
    feed_id, ids = await hr.feed_with(python_resume(self_evaluation=evil, gender="+1", address="北京 @sum"))
    await hr.post(f"/resumes/comment/{ids[0]}", {"content": "\u3000=1+1"})
    (row,) = table(await hr.get(f"/feed/export/{feed_id}.csv"))
    assert row["自我评价"] == "'" + evil
    assert row["性别"] == "'+1"
    assert row["现居地"] == "北京 @sum"
    assert row["备注"].startswith("'") or not row["备注"].lstrip().startswith("=")


@each(
    "text",
    [
        *("=1", "+1", "-1", "@a", "\t=1", "\r=1", "\n=1", "＝1", " =1", "\u3000=1", "\u00a0+1"),
        # What nobody sees: zero-width, marks of direction, control characters, fillers, selectors.
        *(
            "\u200b=1",
            "\ufeff=1",
            "\u200e@a",
            "\u202e+1",
            "\u2066=1",
            "\u00ad=1",
            "\u2060-1",
            "\x01=1",
            "\x7f=1",
        ),
        *("\u3164=1", "\u2800=1", "\ufe0f=1", "\u200b \u200d\t=1"),
    ],
)
def test_what_a_spreadsheet_would_run_is_quoted(text):
    assert safe_cell(text) == "'" + text


@each("text", ["", "Python", "3-5年", "a=1", "C++", "\u200b", "\u200b3-5年", "\u202eabc"])
def test_other_texts_stay_as_they_are(text):
    assert safe_cell(text) == text


def test_every_cell_is_quoted():
    assert csv_lines([["a", "", 'b"c'], ["=1"]]) == '"a","","b""c"\r\n"\'=1"\r\n'


async def test_head_shows_nobodys_contact(server, hr):
    feed_id, (resume_id,) = await hr.feed_with(python_resume())
    await hr.unlock(feed_id, resume_id)
    before = await server.stores.audit.reads_of(resume_id)
    answer = await hr.call("HEAD", f"/feed/export/{feed_id}.csv")
    assert (answer.http, answer.body) == (200, b"")
    assert await server.stores.audit.reads_of(resume_id) == before


async def is_cut_in_the_middle(hr, feed_id):
    """Have a list exported of which the answer begins, and never ends."""
    reader, writer = await asyncio.open_connection("127.0.0.1", hr.port)
    head = f"GET /feed/export/{feed_id}.csv HTTP/1.1\r\nHost: x\r\nAuthorization: {hr.authorization}\r\n\r\n"
    writer.write(head.encode())
    answer = await asyncio.wait_for(reader.read(), 40)
    await close(writer)
    assert answer.startswith(b"HTTP/1.1 200 ")
    assert not answer.endswith(b"\r\n0\r\n\r\n")  # the end of a chunked answer


async def test_a_table_that_fails_in_the_middle_is_cut_and_never_looks_whole(server, hr, monkeypatch):
    monkeypatch.setattr("handlers.results.export._CHUNK", 2)
    feed_id, _ = await hr.feed_with(*[python_resume() for _ in range(5)])
    bodies, asked = server.stores.resumes.bodies, 0

    async def fails_the_second_time(ids):
        nonlocal asked
        asked += 1
        if asked == 2:
            raise AutoReconnect("away")
        return await bodies(ids)

    monkeypatch.setattr(server.stores.resumes, "bodies", fails_the_second_time)
    await is_cut_in_the_middle(hr, feed_id)


async def test_an_export_whose_session_ends_is_cut(server, hr, monkeypatch):
    monkeypatch.setattr("handlers.results.export._CHUNK", 2)
    monkeypatch.setattr("handlers.results.export.CHECK_AGAIN_S", 0.0)
    feed_id, _ = await hr.feed_with(*[python_resume() for _ in range(5)])
    bodies, asked = server.stores.resumes.bodies, 0

    async def disables_the_account(ids):
        nonlocal asked
        asked += 1
        async with server.stores.revocations.of(hr.user):
            await server.stores.accounts.set_disabled(hr.user, disabled=True)
        return await bodies(ids)

    monkeypatch.setattr(server.stores.resumes, "bodies", disables_the_account)
    await is_cut_in_the_middle(hr, feed_id)
    assert asked <= 2  # the account's state is remembered for a moment


async def failed(hr):
    """Exports that the server says have failed."""
    lines = (await hr.get("/metrics")).body.decode().splitlines()
    return [line for line in lines if "/feed/export/" in line and 'status="5' in line and "_count" in line]


@pytest.mark.long
async def test_a_client_that_reads_nothing_is_not_waited_for(server, hr, monkeypatch):
    monkeypatch.setattr("handlers.api.base._READ_WITHIN_S", 0.2)
    feed_id, _ = await hr.feed_with(*[python_resume(self_evaluation="长" * 90_000) for _ in range(60)])
    failed_before = await failed(hr)
    _, writer = await asyncio.open_connection("127.0.0.1", hr.port, limit=1024)
    writer.transport.pause_reading()
    head = f"GET /feed/export/{feed_id}.csv HTTP/1.1\r\nHost: x\r\nAuthorization: {hr.authorization}\r\n\r\n"
    writer.write(head.encode())
    await eventually(lambda: server._drain._active, what="the export's begin")
    await eventually(lambda: not server._drain._active, what="the export's end")
    await close(writer)
    assert await failed(hr) == failed_before, "it is the client that failed"
