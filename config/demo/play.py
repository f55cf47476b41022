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
from typing import Any
from urllib.parse import urlencode

from tornado.httpclient import AsyncHTTPClient, HTTPClientError, HTTPRequest, HTTPResponse

from config.demo.feeds import DEMO_FEEDS
from config.demo.resumes import demo_resumes

logger = logging.getLogger(__name__)

DEMO_ACCOUNT = {"username": "demo@example.com", "password": "demo-pass-123"}
RESUMES = 200
_FIRST_PAUSE_S, _PAUSE_S = 0.3, (0.4, 1.4)
_RETRY_S = 0.2


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


async def play(url: str, ingest_token: str) -> None:
    """Play the demo once; ends when the last resume has arrived."""
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
    # Written to standard output, for the person who typed `make demo`.
    sys.stdout.write(
        f"\n  TalentFeed demo: open {url}/\n"
        f"  account {DEMO_ACCOUNT['username']}, password {DEMO_ACCOUNT['password']}\n"
        f"  {RESUMES} resumes arrive over the next minutes; Ctrl-C stops.\n\n"
    )
    sys.stdout.flush()
    # A second demo on the same data shows new people, or nothing would move.
    run = "" if is_first else f"{int(time.time())}-"
    pauses = random.Random(7)
    for number, resume in enumerate(demo_resumes(RESUMES, seed=7 if is_first else int(time.time()))):
        resume["source_id"] = f"{run}{resume['source_id']}"
        await client.call(
            "POST",
            "/resumes/",
            json.dumps(resume),
            Authorization=f"Bearer {ingest_token}",
            Content_Type="application/json",
        )
        await asyncio.sleep(_FIRST_PAUSE_S if number < 12 else pauses.uniform(*_PAUSE_S))
    logger.info("demo: all resumes have arrived")


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
