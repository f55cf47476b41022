"""Plays the demo against a running server, as any client would: over HTTP alone.

It makes the demo account and its feeds where they are missing, then lets resumes arrive one by one.
"""

from __future__ import annotations

import asyncio
import base64
import json
import logging
import random
import sys
import time
from collections.abc import Iterator
from datetime import UTC, date, datetime
from typing import Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from tornado.httpclient import AsyncHTTPClient, HTTPClientError, HTTPRequest, HTTPResponse

from config.demo.feeds import DEMO_FEEDS
from config.demo.phone import Phone
from config.demo.resumes import demo_resumes

logger = logging.getLogger(__name__)

DEMO_ACCOUNT = {"username": "demo@example.com", "password": "demo-pass-123"}
DEMO_OPERATOR = "operator@example.com"
RESUMES = 200
_FIRST_PAUSE_S, _PAUSE_S = 0.3, (0.4, 1.4)
_RETRY_S = 0.2
# With the first one that many runs have people of their own: there are ten million phones to give.
_LATER_RUNS = 49_999


def today() -> date:
    """The day of those who are made up: they were last active in the weeks before it."""
    return datetime.now(UTC).astimezone(ZoneInfo("Asia/Shanghai")).date()


class _Client:
    def __init__(self, url: str) -> None:
        self._url = url
        self._http = AsyncHTTPClient()

    async def call(self, method: str, path: str, body: str | None = None, **headers: str) -> dict[str, Any]:
        """Send a request; waits while the server starts, throttles, or its stores are away."""
        names = {name.replace("_", "-"): value for name, value in headers.items()}
        request = HTTPRequest(self._url + path, method, names, body)
        while True:
            try:
                response: HTTPResponse = await self._http.fetch(request)
                answer: dict[str, Any] = json.loads(response.body)
                return answer
            except HTTPClientError as error:
                if error.code not in {429, 503, 599}:
                    raise
            except OSError:
                pass
            await asyncio.sleep(_RETRY_S)


async def play(url: str, ingest_token: str, phone: Phone | None, *, desk_password: str) -> None:
    """Play the demo once; ends when the last resume has arrived.

    Args:
        url: Where the server is.
        ingest_token: By which resumes are stored.
        phone: The account's; None where the server has apps of its own.
        desk_password: The operator's, which is new at each start.
    """
    client = _Client(url)
    await client.call("GET", "/readyz")
    login, is_first = await _log_in(client)
    basic = base64.b64encode(f"{login['user']}:{login['token']}".encode()).decode()
    page = await client.call("GET", "/special_feed/page/", Authorization=f"Basic {basic}")
    for feed in DEMO_FEEDS if page["status"] == "no_feed" else ():
        await client.call(
            "POST",
            "/special_feed/submit_feed/",
            json.dumps(feed),
            Authorization=f"Basic {basic}",
            Content_Type="application/json",
        )
    if phone:
        await _bind(client, basic, phone)
    # Written to standard output, for the person who typed `make demo`.
    sys.stdout.write(
        f"\n  TalentFeed demo: open {url}/\n"
        f"  account {DEMO_ACCOUNT['username']}, password {DEMO_ACCOUNT['password']}\n"
        f"  operators: {url}/admin/, {DEMO_OPERATOR}, password {desk_password}\n"
        f"  {RESUMES} resumes arrive over the next minutes; Ctrl-C stops.\n"
    )
    if phone:
        sys.stdout.write("  While no page is open, the account's phone is told, at most once an hour:\n")
    sys.stdout.write("\n")
    sys.stdout.flush()
    pauses = random.Random(7)
    for number, resume in enumerate(resumes_of_run(0 if is_first else int(time.time()))):
        await client.call(
            "POST",
            "/resumes/",
            json.dumps(resume),
            Authorization=f"Bearer {ingest_token}",
            Content_Type="application/json",
        )
        await asyncio.sleep(_FIRST_PAUSE_S if number < 12 else pauses.uniform(*_PAUSE_S))
    logger.info("demo: all resumes have arrived")


def resumes_of_run(run: int) -> Iterator[dict[str, Any]]:
    """The resumes that arrive in a run: 0 for the first, and any other number for one after it.

    A later one on the same data shows new people. Whoever has the phone of somebody in the first is that
    person, who is counted already.
    """
    if not run:
        yield from demo_resumes(RESUMES, today=today())
        return
    first = 1 + RESUMES * (1 + run % _LATER_RUNS)
    for resume in demo_resumes(RESUMES, run, today(), first):
        yield resume | {"source_id": f"{run}-{resume['source_id']}"}


async def _log_in(client: _Client) -> tuple[dict[str, str], bool]:
    """Log in to the demo account, or make it; returns the credentials and whether it is new."""
    form = {"Content_Type": "application/x-www-form-urlencoded"}
    answer = await client.call("POST", "/hr/login/", urlencode(DEMO_ACCOUNT), **form)
    if answer["status"] == "ok":
        return answer["auth_info"], False
    registration = {
        "user_email": DEMO_ACCOUNT["username"],
        "password": DEMO_ACCOUNT["password"],
        "company_name": "示例科技有限公司",
        "phone": "010-0000000",
    }
    answer = await client.call("POST", "/hr/register/", urlencode(registration), **form)
    return answer["auth_info"], True


async def _bind(client: _Client, basic: str, phone: Phone) -> None:
    """Let the account be told on its phone of every strong match, unless that was set up before."""

    async def call(method: str, path: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
        text = None if body is None else json.dumps(body)
        headers = {"Authorization": f"Basic {basic}", "Content_Type": "application/json"}
        return await client.call(method, path, text, **headers)

    channels = (await call("GET", "/hr/notices/"))["channels"]
    if next(one for one in channels if one["kind"] == "mini")["left"]:
        return
    await call("POST", "/hr/wechat/bind/", {"app": "mini", "code": phone.code()})
    await call("POST", "/hr/notices/", {"quiet": "00:00-00:00", "digests": "", "at_once_score": 0})
    await call("POST", "/hr/notices/consent/", {"app": "mini", "accepted": 10})
