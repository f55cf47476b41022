"""What all answers have in common, and what operators see."""

import asyncio

import pytest

from handlers.api import connections
from tests.support import INGEST_TOKEN, PYTHON_FEED, eventually, python_resume


async def test_urls_answer_with_and_without_their_last_slash(hr):
    feed_id = await hr.submit(**PYTHON_FEED)
    for path in (
        "/special_feed/page",
        "/special_feed/edit_feed",
        f"/special_feed/edit_feed/{feed_id}",
        f"/special_feed/feed_list/{feed_id}",
        f"/hr/valid_token/{hr.user}/{hr.token}",
        "/healthz",
        "/readyz",
    ):
        assert (await hr.get(path)).status == (await hr.get(path + "/")).status == "ok", path


async def test_ready_says_what_there_is(api):
    answer = await api.get("/readyz")
    assert answer.http == 200
    assert (
        answer.json.items()
        >= {"status": "ok", "mongo": "ok", "redis": "ok", "engine": "ok", "unscored": 0}.items()
    )


async def test_metrics_are_for_this_machine_alone(api, hr):
    await hr.submit(**PYTHON_FEED)
    await hr.scored(python_resume(), python_resume())

    async def counted():  # which is after the store knows that nothing waits
        text = (await api.get("/metrics")).body.decode()
        return text if "talentfeed_resumes_scored_total 2.0" in text else ""

    text = await eventually(counted, what="the count of what is scored")
    assert "talentfeed_resumes_unscored 0.0" in text
    assert 'talentfeed_jobs{kind="reset",state="failed"} 0.0' in text
    assert "talentfeed_results_total 2.0" in text
    assert (await api.call("GET", "/metrics", headers={"X-Forwarded-For": "1.2.3.4"})).http == 404
    assert (await api.call("GET", "/metrics", headers={"X-Real-Ip": "127.0.0.1"})).http == 404


async def test_bytes_that_are_no_utf8_are_no_id(api, hr):
    for path, named in (("/feed/delete/%ff", "feed_id"), ("/feed/get/%ff/%ff", "feed_id")):
        assert list((await hr.get(path))["errors"]) == [named]
    assert (await api.get("/hr/valid_token/%ff/%fe/")).status == "token_error"


@pytest.mark.parametrize(
    "head",
    [
        "POST /hr/login/ HTTP/1.1",
        "POST /resumes/ HTTP/1.1\r\nContent-Type: application/x-ndjson\r\n"
        f"Authorization: Bearer {INGEST_TOKEN}",
    ],
)
async def test_a_body_that_does_not_come_is_given_up(api, monkeypatch, head):
    monkeypatch.setattr(connections, "_BODY_WINDOW_S", 2)
    reader, writer = await asyncio.open_connection("127.0.0.1", api.port)
    writer.write(f"{head}\r\nHost: x\r\nContent-Length: 1000\r\n\r\nabc".encode())
    assert await asyncio.wait_for(reader.read(), 40) == b""
    writer.close()
    await writer.wait_closed()


async def test_thousands_of_bad_lines_hold_nobody_up(api):
    headers = {"Authorization": f"Bearer {INGEST_TOKEN}", "Content-Type": "application/x-ndjson"}
    upload = asyncio.create_task(
        api.call("POST", "/resumes/", body=b"{}\n" * 3000 + b"\n" * 100_000, headers=headers)
    )
    turns = 0
    while not upload.done():
        await asyncio.sleep(0)
        turns += 1
    assert len((await upload)["rejected"]) == 3000
    assert turns > 100  # each turn of the loop is one that another request could have had
