"""What all answers have in common, and what operators see."""

import asyncio
import json

import pytest

from handlers.api import connections
from tests.support import INGEST_TOKEN, PYTHON_FEED, Api, each, eventually, python_resume


async def test_every_answer_is_strict_json_that_nobody_stores(api, hr):
    seen = set()
    for client, path in (
        (api, "/nope"),
        (api, "/special_feed/page/"),
        (hr, "/special_feed/page/"),
        (hr, "/feed/get/x/y"),
        (hr, "/feed/delete/" + "0" * 24),
        (hr, "/%ff"),
        (hr, "/special_feed/ws/"),
        (hr, "/special_feed/feed_list/%00"),
        (hr, "/healthz"),
    ):
        answer = await client.get(path)
        assert {"status", "msg"} <= answer.json.keys(), path
        assert answer.http < 500
        assert answer.headers["Content-Type"] == "application/json; charset=UTF-8"
        assert answer.headers["Cache-Control"] == "no-store"
        assert "Server" not in answer.headers
        assert len(answer.headers["X-Request-Id"]) == 16
        seen.add(answer.headers["X-Request-Id"])
    assert len(seen) == 9


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


async def test_a_wrong_method_is_405_and_says_which_are_right(hr):
    for method, path, allow in (
        ("GET", "/special_feed/submit_feed/", "POST"),
        ("DELETE", "/special_feed/page/", "GET, HEAD"),
        ("PUT", "/hr/login/", "POST"),
        ("OPTIONS", "/special_feed/page/", "GET, HEAD"),
        ("PATCH", "/feed/delete/" + "0" * 24, "GET, POST"),
    ):
        answer = await hr.call(method, path)
        assert (answer.http, answer.status, answer.headers["Allow"]) == (405, "method_not_allowed", allow), (
            path
        )


async def test_a_get_that_changes_state_does_not_run_for_head_prefetch_or_other_sites(hr):
    feed_id = await hr.submit(**PYTHON_FEED)
    resume_id = (await hr.ingest(python_resume()))["ids"][0]
    await hr.all_scored()
    for path in (
        f"/feed/get/{feed_id}/{resume_id}",
        f"/feed/modify_feed_result?feed_id={feed_id}&resume_id={resume_id}&reco_index=-150",
        f"/feed/delete/{feed_id}",
    ):
        for headers in (
            {"Sec-Fetch-Site": "cross-site"},
            {"Sec-Purpose": "prefetch;prerender"},
            {"X-Moz": "prefetch"},
        ):
            for method in ("GET", "POST"):
                answer = await hr.call(method, path, headers=headers)
                assert (answer.http, answer.status) == (403, "forbidden")
        assert (await hr.call("HEAD", path)).http == 405
    assert await hr.unread(feed_id) == 1


async def test_a_body_over_the_limit_is_413_with_and_without_a_length(hr):
    body = json.dumps({"title": "a", "job_desc": "x" * 1_100_000}).encode()
    answer = await hr.call("POST", "/special_feed/submit_feed/", body=body)
    assert (answer.http, answer.status) == (413, "too_large")
    assert (await hr.get("/special_feed/page/")).status == "no_feed"


async def test_ready_says_what_there_is(api):
    answer = await api.get("/readyz")
    assert answer.http == 200
    assert (
        answer.json.items()
        >= {"status": "ok", "mongo": "ok", "redis": "ok", "engine": "ok", "unscored": 0}.items()
    )


async def test_metrics_are_for_this_machine_alone(api, hr):
    await hr.submit(**PYTHON_FEED)
    await hr.ingest(python_resume(), python_resume())
    await hr.all_scored()

    async def counted():  # which is after the store knows that nothing waits
        text = (await api.get("/metrics")).body.decode()
        return text if "talentfeed_resumes_scored_total 2.0" in text else ""

    text = await eventually(counted, what="the count of what is scored")
    assert "talentfeed_resumes_unscored 0.0" in text
    assert 'talentfeed_jobs{kind="reset",state="failed"} 0.0' in text
    assert "talentfeed_results_total 2.0" in text
    assert (await api.call("GET", "/metrics", headers={"X-Forwarded-For": "1.2.3.4"})).http == 404
    assert (await api.call("GET", "/metrics", headers={"X-Real-Ip": "127.0.0.1"})).http == 404


async def test_the_page_is_served_with_a_policy_that_loads_nothing_from_elsewhere(server):
    answer = await Api(server.port).get("/")
    assert answer.http == 200
    assert answer.headers["Content-Type"] == "text/html; charset=UTF-8"
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
    assert b"<html" in answer.body


async def test_bytes_that_are_no_utf8_are_no_id(api, hr):
    for path, named in (("/feed/delete/%ff", "feed_id"), ("/feed/get/%ff/%ff", "feed_id")):
        assert list((await hr.get(path))["errors"]) == [named]
    assert (await api.get("/hr/valid_token/%ff/%fe/")).status == "token_error"


@each("length", ["\xb2", "1" * 5000, "-1", "1_0"])
async def test_a_length_that_is_none_is_refused_without_a_stack(api, caplog, length):
    reader, writer = await asyncio.open_connection("127.0.0.1", api.port)
    writer.write(f"POST /hr/login/ HTTP/1.1\r\nHost: x\r\nContent-Length: {length}\r\n\r\n".encode("latin-1"))
    answer = await asyncio.wait_for(reader.read(), 40)
    writer.close()
    await writer.wait_closed()
    assert answer.startswith(b"HTTP/1.1 400")
    assert not [record for record in caplog.records if record.exc_info]


async def test_a_client_that_leaves_in_the_middle_of_its_body_is_forgotten(server, api):
    for _ in range(20):
        _, writer = await asyncio.open_connection("127.0.0.1", api.port)
        writer.write(b"POST /hr/login/ HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\nabc")
        await writer.drain()
        await asyncio.sleep(0)
        writer.close()
        await writer.wait_closed()

    async def none_is_left():
        names = [task.get_coro().__qualname__ for task in asyncio.all_tasks()]
        return server._drain._idle.is_set() and not [name for name in names if "_execute" in name]

    await eventually(none_is_left, what="the end of abandoned requests")


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
