"""What there is on the server that is fuzzed: a recruiter with full lists, who stays logged in.

Random ids alone would only ever find 404, so cases borrow these. Some cases delete what they are
given; they get what other cases have made.
"""

from __future__ import annotations

import base64
import json
import time
from random import Random
from typing import Any

import requests

from tests.support import INGEST_TOKEN, PASSWORD, PYTHON_FEED, nurse_resume, python_resume

OPERATOR = "operator@example.com"
PEOPLE = 12
MOST_MADE = 12
"""Feeds that cases have made and that may stay: each costs every later case something."""


class Account:
    """A recruiter with an own session."""

    def __init__(self, scene: Scene, email: str) -> None:
        self._scene = scene
        self.email = email
        form = {
            "user_email": email,
            "password": PASSWORD,
            "company_name": "示例公司",
            "phone": "010-12345678",
        }
        self._take(scene.call("POST", "/hr/register/", data=form))

    def _take(self, answer: dict[str, Any]) -> None:
        self.user, self.token = answer["auth_info"]["user"], answer["auth_info"]["token"]
        self.authorization = "Basic " + base64.b64encode(f"{self.user}:{self.token}".encode()).decode()

    def log_in(self) -> None:
        form = {"username": self.email, "password": PASSWORD}
        self._take(self._scene.call("POST", "/hr/login/", data=form))


class Scene:
    """Feeds with results, people of every kind, and what cases have made and may destroy."""

    def __init__(self, base_url: str, operator_password: str) -> None:
        self.base_url = base_url
        self._operator_password = operator_password
        self.session = requests.Session()
        self.hr = Account(self, "fuzz@example.com")
        self.stranger = Account(self, "stranger@example.com")
        self.operator = self._sign_in()
        self.guest = Account(self, "guest@example.com")
        """Logs out all the time."""
        self.feeds = [self._submit(PYTHON_FEED), self._submit({**PYTHON_FEED, "title": "后端工程师"})]
        people = [python_resume(number, contact_status="public") for number in range(PEOPLE)]
        people[1]["contact_status"] = "secret"
        self.resumes = self._ingest([*people, nurse_resume()])[:PEOPLE]
        self._wait_until_scored()
        for resume_id in self.resumes[:6]:
            self._act("POST", f"/resumes/add_watch/{resume_id}", params={"feed_id": self.feeds[0]})
            self._act("POST", f"/resumes/download/{resume_id}", json={"feed_id": self.feeds[0]})
        self.made_feeds: list[str] = []
        self.made_resumes: list[str] = []

    def call(self, method: str, path: str, **options: Any) -> dict[str, Any]:
        for _ in range(30):
            answer = self.session.request(method, self.base_url + path, timeout=60, **options)
            if answer.status_code != 429:
                break
            time.sleep(1)  # what cases have asked before and not waited for is still at work
        assert answer.status_code == 200, (path, answer.status_code, answer.text)
        return answer.json()

    def _sign_in(self) -> str:
        """The header of an operator, an admin."""
        form = {"email": OPERATOR, "password": self._operator_password}
        return f"Bearer {self.call('POST', '/admin/api/login/', json=form)['token']}"

    def _act(self, method: str, path: str, **options: Any) -> dict[str, Any]:
        return self.call(method, path, headers={"Authorization": self.hr.authorization}, **options)

    def _submit(self, form: dict[str, Any]) -> str:
        return self._act("POST", "/special_feed/submit_feed/", json=form)["feed_id"]

    def _ingest(self, people: list[dict[str, Any]]) -> list[str]:
        headers = {"Authorization": f"Bearer {INGEST_TOKEN}", "Content-Type": "application/x-ndjson"}
        body = "\n".join(json.dumps(person) for person in people).encode()
        return self.call("POST", "/resumes/", data=body, headers=headers)["ids"]

    def _wait_until_scored(self) -> None:
        deadline = time.monotonic() + 120
        for feed_id in self.feeds:
            lists = f"/special_feed/feed_list/{feed_id}"
            while self._act("GET", lists)["total_recommend_count"] < PEOPLE:
                assert time.monotonic() < deadline, "the scene's resumes were not scored"
                time.sleep(0.05)

    def mend(self) -> None:
        """Log in again where a case has ended the session, and clear away most of what cases have made."""
        for account in (self.hr, self.stranger, self.guest):
            path = f"/hr/valid_token/{account.user}/{account.token}/"
            if self.call("GET", path)["status"] != "ok":
                account.log_in()
        me = {"headers": {"Authorization": self.operator}, "timeout": 60}
        if self.session.get(f"{self.base_url}/admin/api/me/", **me).status_code == 401:
            self.operator = self._sign_in()
        while len(self.made_feeds) > MOST_MADE:
            self._act("POST", f"/feed/delete/{self.made_feeds.pop(0)}")
        listed = {row["feed"]["id"] for row in self._act("GET", "/special_feed/page/")["data"]["all_feed"]}
        assert listed >= set(self.feeds), "a case has deleted a feed that was not its own"

    def learn(self, path: str, answer: dict[str, Any]) -> None:
        """Note what an answer says it has made."""
        feed_id = answer.get("feed_id")
        if path == "/special_feed/submit_feed/" and feed_id and feed_id not in self.made_feeds:
            self.made_feeds.append(feed_id)
        if path == "/resumes/":
            self.made_resumes += [id_ for id_ in answer.get("ids", ()) if id_]

    def borrow(self, name: str, path: str, chance: Random) -> str | None:
        """An id for a parameter or field of that name; None where there is none to give."""
        if path in {"/feed/delete/{feed_id}", "/special_feed/submit_feed/"}:
            return chance.choice(self.made_feeds) if self.made_feeds else None
        if path.startswith("/admin/api/"):
            return None  # what it does to an account or a person would end the scene
        if path == "/resumes/{resume_id}":
            return chance.choice(self.made_resumes) if self.made_resumes else None
        pools = {"feed_id": self.feeds, "resume_id": self.resumes}
        return chance.choice(pools[name]) if name in pools else None
