"""Requests of other sites' pages, told by Fetch Metadata or by their origin alone, and the page's policy."""

import re

import pytest

from tests.support import PYTHON_FEED, Api, python_resume

pytestmark = pytest.mark.settings(public_url="https://jobs.example/")


async def test_a_foreign_origin_changes_nothing_where_the_browser_says_no_more(server, hr):
    feed_id = await hr.submit(**PYTHON_FEED)
    resume_id = (await hr.ingest(python_resume()))["ids"][0]
    await hr.all_scored()
    path = f"/feed/get/{feed_id}/{resume_id}"
    own = f"http://127.0.0.1:{server.port}"
    for origin in ("https://evil.example", "null", f"https://127.0.0.1:{server.port}", "http://127.0.0.1:1"):
        for method in ("GET", "POST"):
            answer = await hr.call(method, path, headers={"Origin": origin})
            assert (answer.http, answer.status) == (403, "forbidden"), origin
        # What changes nothing may be read: no other site's page sees it.
        assert (await hr.call("GET", "/special_feed/page/", headers={"Origin": origin})).http == 200
    assert await hr.unread(feed_id) == 1
    for headers in (
        {"Origin": own},
        {"Origin": "https://jobs.example"},
        {"Origin": own.replace("http:", "https:"), "X-Forwarded-Proto": "https"},
        {"Origin": "https://evil.example", "Sec-Fetch-Site": "same-origin"},
        {},
    ):
        assert (await hr.call("POST", path, headers=headers)).status == "ok", headers


async def test_the_page_may_open_sockets_to_its_own_server_alone(server):
    api = Api(server.port)
    for headers, socket in (
        ({}, f"ws://127.0.0.1:{server.port}"),
        ({"Host": "jobs.example", "X-Forwarded-Proto": "https"}, "wss://jobs.example"),
    ):
        answer = await api.call("GET", "/", headers=headers)
        policy = answer.headers["Content-Security-Policy"]
        assert f"connect-src 'self' {socket};" in policy
        assert not re.search(r"wss?:(?!//)", policy)
