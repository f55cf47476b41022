"""What tests of a running server share: a client, a socket, waiting, and made-up people."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import functools
import inspect
import itertools
import json
import os
import time
from collections import deque
from collections.abc import AsyncIterator, Callable, Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from bson import ObjectId
from tornado.httpclient import AsyncHTTPClient, HTTPRequest
from tornado.websocket import WebSocketClientConnection, websocket_connect

from config.settings import Settings
from engine.matching.analysis.analyzer import Analyzer
from process.life import Server
from store.accounts.companies import Member
from store.errors import STORE_FAILURES
from store.ids import result_id
from store.redis.events import Event
from store.results.counter_documents import KINDS, count_results
from store.results.result_documents import ScoredResult, result_from
from store.stores import Stores
from tests import databases

IS_LONG = os.environ.get("TALENTFEED_FAULTS") == "long"
"""Whether `make faults` runs the tests: then the long ones run too."""

INGEST_TOKEN = "test-ingest-token-0123456789"
SECRET = "test-secret-key-0123456789"
PASSWORD = "correct horse battery"
IN_TIME_S = 10.0
"""Seconds within which who waits for what is away is refused: 2.5 s in service, and what a busy machine adds.
The libraries' own limits are 20 s and more."""
_numbers = itertools.count(1)
OPEN_SOCKETS: list[Socket] = []
"""Closed by the fixture that stops the server."""
EXCHANGES: deque[str] = deque(maxlen=30)
"""The last requests and frames of a test, which `tests.explained` shows when it fails."""


async def eventually(
    check: Callable[[], Any],
    *,
    within_s: float = 40.0,
    what: str = "the condition",
    every_s: float = 0.05,
) -> Any:
    """Wait until `check`, which may be a coroutine, gives something true, and return it."""
    deadline = time.monotonic() + within_s
    while True:
        value = check()
        if inspect.isawaitable(value):
            value = await value
        if value:
            return value
        assert time.monotonic() < deadline, f"{what} did not come about within {within_s} s"
        await asyncio.sleep(every_s)


@contextlib.contextmanager
def case(*values: Any) -> Iterator[None]:
    """One row of a table of cases: whatever fails in it says which it was."""
    try:
        yield
    except BaseException as error:
        error.add_note(f"in the case {', '.join(f'{value!r:.300}' for value in values)}")
        raise


def each(names: str, rows: Iterable[Any]) -> Callable[[Callable[..., Any]], Any]:
    """As `pytest.mark.parametrize`, with the fixtures of one test for all rows.

    For rows that leave nothing behind, as what is refused, over which the next could trip: to start a
    server takes longer than most of them, and to report a test than to try a row of a table.
    """
    argnames = [name.strip() for name in names.split(",")]
    cases = [tuple(row) if len(argnames) > 1 else (row,) for row in rows]

    def decorate(test: Callable[..., Any]) -> Any:
        async def run_async(**fixtures: Any) -> None:
            for number, values in enumerate(cases):
                with case(number, *values):
                    await test(**fixtures, **dict(zip(argnames, values, strict=True)))

        def run(**fixtures: Any) -> None:
            for number, values in enumerate(cases):
                with case(number, *values):
                    test(**fixtures, **dict(zip(argnames, values, strict=True)))

        chosen: Any = functools.wraps(test)(run_async if inspect.iscoroutinefunction(test) else run)
        parameters = inspect.signature(test).parameters.values()
        left = [parameter for parameter in parameters if parameter.name not in argnames]
        chosen.__signature__ = inspect.Signature(left)
        return chosen

    return decorate


def settings_for(store_urls: dict[str, str], data_dir: Path, **more: Any) -> Settings:
    """Settings of a server on a free port with a database of its own."""
    return Settings(
        port=0,
        mongo_url=store_urls["mongo"],
        redis_url=store_urls["redis"],
        mongo_db=databases.take(),
        data_dir=data_dir,
        ingest_token=INGEST_TOKEN,
        secret_key=SECRET,
        # Tests ask as fast as they can, and one that waits for something asks again and again. The budgets
        # of accounts have tests of their own, in api/api/test_fairness.py.
        account_budget=1_000_000,
        # All accounts of a test come from one address, whose bound is tested in
        # api/people/test_unlocks_by_address.py.
        unlock_per_address=1_000_000,
        # What is learned has feeds scored again, which has tests of its own.
        **{"learn_from": 1_000_000, **more},
    )


async def drop_database(stores: Stores) -> None:
    """Delete everything that is stored, as nobody writes any more. It may take longer than a request may.

    The embedded store would wait for a transaction without end, and answer nobody meanwhile.
    """
    name = stores._database.name
    for _ in range(10):
        try:
            await stores._mongo.drop_database(name)
        except STORE_FAILURES:
            await asyncio.sleep(0.5)
        else:
            return
    raise TimeoutError(f"{name} cannot be dropped")


async def change_account(stores: Stores, user: str, **fields: Any) -> None:
    """Change an account in the database; this process knows it at once."""
    await stores._database.accounts.update_one({"_id": ObjectId(user)}, {"$set": fields})
    stores.events.tell_here(Event("revoked", user=user))


async def recount(stores: Stores) -> None:
    """Have every account counted anew, after a test has changed results behind the counters' back."""
    for one in await stores._database.counters.find({}, {"_id": 1}).to_list(None):
        counts = await count_results(stores._database, one["_id"])
        numbers = {kind: dict(getattr(counts, kind)) for kind in KINDS}
        await stores._database.counters.update_one(one, {"$set": numbers})


def close_sockets() -> None:
    """Close every socket that a test has left open."""
    while OPEN_SOCKETS:
        OPEN_SOCKETS.pop().connection.close()


@contextlib.asynccontextmanager
async def serving(settings: Settings, analyzer: Analyzer) -> AsyncIterator[Server]:
    """A server in this process, on the running loop; its database is given back."""
    running = Server(settings, analyzer=analyzer, checks_answers=True)
    task = asyncio.create_task(running.run())

    async def is_ready() -> bool:
        if task.done():
            await task
        return running.started.is_set() and (await Api(running.port).get("/readyz")).http == 200

    try:
        # Compiled code is made anew after a change, and on a busy machine that takes its time.
        await eventually(is_ready, within_s=120, what="the server's start", every_s=0.01)
        yield running
    finally:
        close_sockets()
        running.stop()
        await task
        databases.give_back(settings.mongo_url, settings.redis_url, settings.mongo_db)


class Answer:
    """An HTTP answer: `http`, `headers`, and `json` where the body is JSON."""

    def __init__(self, response: Any) -> None:
        self.http: int = response.code
        self.headers = response.headers
        self.body: bytes = response.body or b""
        is_json = response.headers.get("Content-Type", "").startswith("application/json")
        self.json: dict[str, Any] = (
            json.loads(self.body, parse_constant=_refuse) if is_json and self.body else {}
        )

    def __getitem__(self, name: str) -> Any:
        return self.json[name]

    @property
    def status(self) -> str:
        return self.json["status"]


def _refuse(constant: str) -> None:
    raise AssertionError(f"{constant} is not JSON")


class Api:
    """A client of one server; `authorization` goes with every request."""

    def __init__(self, port: int, authorization: str = "") -> None:
        self.port = port
        self.authorization = authorization
        self.http = AsyncHTTPClient(force_instance=True, max_clients=100)

    async def call(
        self,
        method: str,
        path: str,
        *,
        json_body: Any = None,
        form: dict[str, str] | None = None,
        body: bytes | None = None,
        headers: dict[str, str] | None = None,
        **query: Any,
    ) -> Answer:
        all_headers = {"Authorization": self.authorization} if self.authorization else {}
        if json_body is not None:
            body, all_headers["Content-Type"] = json.dumps(json_body).encode(), "application/json"
        if form is not None:
            body, all_headers["Content-Type"] = urlencode(form).encode(), "application/x-www-form-urlencoded"
        if body is None and method == "POST":
            body = b""
        url = f"http://127.0.0.1:{self.port}{path}" + (f"?{urlencode(query)}" if query else "")
        request = HTTPRequest(
            url,
            method,
            {**all_headers, **(headers or {})},
            body,
            # Longer than the server has for it here: who gives up first leaves it at work on what was asked.
            connect_timeout=60,
            request_timeout=60,
            allow_nonstandard_methods=True,
            follow_redirects=False,
        )
        response = await self.http.fetch(request, raise_error=False)
        said = (response.body or b"")[:300].decode("utf-8", "replace")
        EXCHANGES.append(f"{method} {url}: {response.code}, {said!r}")
        return Answer(response)

    async def get(self, path: str, **query: Any) -> Answer:
        return await self.call("GET", path, **query)

    async def post(self, path: str, json_body: Any = None, **query: Any) -> Answer:
        return await self.call("POST", path, json_body=json_body, **query)

    async def read(self, path: str, **query: Any) -> Answer:
        """Get what is there, again where the answer is to come again: what is listed is no matter of time."""
        for _ in range(10):
            answer = await self.get(path, **query)
            if answer.http not in (429, 503):
                break
            await asyncio.sleep(0.5)
        return answer

    async def ingest(self, *resumes: dict[str, Any]) -> Answer:
        body = "".join(json.dumps(resume, ensure_ascii=False) + "\n" for resume in resumes).encode()
        headers = {"Authorization": f"Bearer {INGEST_TOKEN}", "Content-Type": "application/x-ndjson"}
        answer = await self.call("POST", "/resumes/", body=body, headers=headers)
        assert answer.http == 200, answer.body
        return answer

    async def scored(self, *resumes: dict[str, Any]) -> list[str]:
        """Ingest resumes and wait until they are scored; their ids."""
        ids: list[str] = (await self.ingest(*resumes))["ids"]
        await self.all_scored()
        return ids

    async def all_scored(self, *, every_s: float = 0.05) -> None:
        """Wait until no stored resume waits to be scored; asking costs the server something too."""

        async def check() -> bool:
            return (await self.get("/readyz")).json.get("unscored") == 0

        await eventually(check, within_s=120, what="scoring of all resumes", every_s=every_s)


class Hr(Api):
    """A logged-in recruiter."""

    email: str
    user: str
    token: str

    @classmethod
    async def register(cls, port: int) -> Hr:
        email = f"hr{next(_numbers)}-{time.time_ns()}@example.com"
        form = {
            "user_email": email,
            "password": PASSWORD,
            "company_name": "示例公司",
            "phone": "010-12345678",
        }
        answer = await Api(port).call("POST", "/hr/register/", form=form)
        assert answer.status == "ok", answer.json
        return cls.logged_in(port, email, answer["auth_info"])

    @classmethod
    def logged_in(cls, port: int, email: str, auth_info: dict[str, str]) -> Hr:
        hr = cls(port, basic(auth_info["user"], auth_info["token"]))
        hr.email, hr.user, hr.token = email, auth_info["user"], auth_info["token"]
        return hr

    async def submit(self, *, wait: bool = True, **fields: Any) -> str:
        """Submit a feed and return its id; `wait` for its backfill."""
        answer = await self.post("/special_feed/submit_feed/", fields)
        assert answer.status == "ok", answer.json
        feed_id: str = answer["feed_id"]
        if wait:
            await self.calced(feed_id)
        return feed_id

    async def feed_with(self, *resumes: dict[str, Any]) -> tuple[str, list[str]]:
        """A feed for Python developers, and the ids of resumes that are scored against it."""
        feed_id = await self.submit(**PYTHON_FEED)
        return feed_id, await self.scored(*resumes)

    async def calced(self, feed_id: str) -> None:
        async def check() -> bool:
            answer = await self.read(f"/special_feed/edit_feed/{feed_id}/")
            return answer["data"]["calced"] is True

        await eventually(check, within_s=60, what="the backfill")

    async def results(self, feed_id: str, **query: Any) -> list[dict[str, Any]]:
        """The whole list of a feed, of both tiers unless a query asks for one, page by page."""
        query = {"tier": "all"} | query
        items: list[dict[str, Any]] = []
        start = 0
        while start >= 0:
            answer = await self.read(f"/special_feed/feed_list/{feed_id}", start=start, size=50, **query)
            assert answer.status == "ok", answer.json
            items += answer["data"]
            start = answer["next_start"]
        return items

    async def mark(
        self, feed_id: str, resume_id: str, name: str, *, good: bool = True, **more: Any
    ) -> Answer:
        """Say how it stands with somebody."""
        body = {"feed_id": feed_id, "mark_name": name, "good_result": good, **more}
        return await self.post(f"/resumes/mark/{resume_id}", body)

    async def unlock(self, feed_id: str, resume_id: str) -> Answer:
        """Ask for somebody's contact."""
        return await self.post(f"/resumes/download/{resume_id}", {"feed_id": feed_id})

    async def unread(self, feed_id: str) -> int:
        page = await self.read("/special_feed/page/")
        counts = {row["feed"]["id"]: row["feed"]["unread_count"] for row in page["data"]["all_feed"]}
        return counts[feed_id]

    async def socket(self) -> Socket:
        return await Socket.connect(self.port, self.authorization)

    async def live(self, **fields: Any) -> Socket:
        """A socket that was told how things stand, with these fields."""
        socket = await self.socket()
        await socket.until("snapshot", **fields)
        return socket


class Socket:
    """A WebSocket that authenticates by header, or not at all."""

    def __init__(self, connection: WebSocketClientConnection) -> None:
        self.connection = connection
        OPEN_SOCKETS.append(self)

    @classmethod
    async def connect(
        cls, port: int, authorization: str | None, headers: dict[str, str] | None = None
    ) -> Socket:
        all_headers = {**(headers or {}), **({"Authorization": authorization} if authorization else {})}
        url = f"ws://127.0.0.1:{port}/special_feed/ws/"
        # As long as for any other request.
        request = HTTPRequest(url, headers=all_headers, connect_timeout=60, request_timeout=60)
        return cls(await websocket_connect(request))

    async def say(self, message: Any) -> None:
        text = message if isinstance(message, (str, bytes)) else json.dumps(message)
        await self.connection.write_message(text, binary=isinstance(text, bytes))

    async def frame(self, *, within_s: float = 40.0) -> dict[str, Any] | None:
        """The next frame; None when the connection is closed."""
        text = await asyncio.wait_for(self.connection.read_message(), within_s)
        EXCHANGES.append(f"frame {text!r:.200}")
        return None if text is None else json.loads(text)

    async def until(self, kind: str, *, within_s: float = 40.0, **fields: Any) -> dict[str, Any]:
        """Read frames until one of a kind has these fields."""
        deadline = time.monotonic() + within_s
        while True:
            frame = await self.frame(within_s=max(0.01, deadline - time.monotonic()))
            assert frame is not None, f"closed with {self.connection.close_code} before {kind} {fields}"
            if frame["type"] == kind and all(frame.get(name) == value for name, value in fields.items()):
                return frame

    async def hears(self, api: Api, count: int) -> int:
        """Bring a resume more than `count` to a feed, and be told of it; the number there are now.

        At once, which is by a hint: without any, a count is found within a minute. One may be lost on a
        machine that stands still for a moment, so there are three of them.
        """
        for _ in range(3):
            await api.ingest(python_resume())
            count += 1
            with contextlib.suppress(TimeoutError):
                await self.until("unread", unread_count=count, within_s=15)
                return count
        raise AssertionError(f"no hint tells of {count}")

    async def closed(self, *, within_s: float = 40.0) -> int | None:
        """Read until the server closes; the close code."""
        deadline = time.monotonic() + within_s
        while await self.frame(within_s=max(0.01, deadline - time.monotonic())) is not None:
            pass
        return self.connection.close_code


def basic(user: str, token: str) -> str:
    return "Basic " + base64.b64encode(f"{user}:{token}".encode()).decode()


WANG = {"phone": "10000000001", "email": "wang@example.com"}
"""The contact of a resume of which a test looks for the contact."""


_people: dict[str, int] = {}


def contact_of(source_id: str) -> dict[str, str]:
    """A phone and an e-mail that only this resume has: who has the same ones is one person.

    They are counted, as of three hundred short hashes two are sometimes the same.
    """
    number = _people.setdefault(source_id, 1_000 + len(_people))
    return {"phone": f"1000{number:07d}", "email": f"wang{number}@example.com"}


def python_resume(number: int = 0, **changes: Any) -> dict[str, Any]:
    """A Python developer in Beijing with a few years of work, a person of their own."""
    source_id = changes.pop("source_id", f"python-{number}-{next(_numbers)}")
    return {
        "source": "test",
        "source_id": source_id,
        "name": "王小明",
        **contact_of(source_id),
        "job_target": {"job_career": "Python开发工程师", "salary": "3000-5000", "expectation_area": "北京"},
        "works": [
            {
                "compnay_name": "甲乙丙科技",
                "position_title": "Python开发工程师",
                "job_desc": "使用Python、Django和MySQL开发后端接口，用Html和JS写管理页面",
                "start_time": "2020-01",
                "end_time": "至今",
            }
        ],
        "education": [{"school": "北京邮电大学", "degree": "本科", "major": "计算机科学与技术"}],
        "address": "北京海淀",
        "age": 28,
        "gender": "男",
        "work_years": "5年",
        "self_evaluation": "熟悉Python、MySQL、Linux",
        **changes,
    }


def nurse_resume(number: int = 0, **changes: Any) -> dict[str, Any]:
    """A nurse in Shanghai."""
    return {
        "source": "test",
        "source_id": f"nurse-{number}-{next(_numbers)}",
        "job_target": {"job_career": "护士", "salary": "6000-8000", "expectation_area": "上海"},
        "works": [{"position_title": "护士", "job_desc": "负责病房护理、输液、静脉采血、护理记录"}],
        **changes,
    }


PYTHON_FEED = {
    "title": "Python开发",
    "keywords": "python",
    "job_desc": "Python\nHtml\nJS",
    "expect_area": "北京,上海",
    "salary_min": 3000,
    "salary_max": 5000,
    "talent_level": "中级,高级",
}


def alone(user: str) -> Member:
    """Who asks, of an account that made its company."""
    return Member(user, user)


def scored_result(**fields: Any) -> ScoredResult:
    """A score at the first revision of both; the feed, the company and the resume are new unless given."""
    defaults: dict[str, Any] = {name: str(ObjectId()) for name in ("feed", "company", "resume")}
    defaults |= {
        "feed_rev": 1,
        "resume_rev": 1,
        "arrived_at": datetime.now(UTC),
        "score": 50.0,
        "fit": 0.5,
        "strong": True,
        "title_match": True,
        "why": [],
        "missing": [],
        "keywords": [],
        "tags": [],
        "send": False,
        "partner": False,
        "address": "",
        "salary_low": 0,
        "salary_high": 1_000_000,
    }
    return ScoredResult(**(defaults | fields))


async def make_possible(stores: Stores, feed_id: str, resume_ids: list[str]) -> None:
    """Make some results of a list merely possible, as scoring by other rules would."""
    ids = [ObjectId(result_id(feed_id, resume_id)) for resume_id in resume_ids]
    async for row in stores._database.results.find({"_id": {"$in": ids}}):
        one = result_from(row)
        scored = {name: getattr(one, name) for name in ScoredResult.__struct_fields__}
        changes = {"strong": False, "fit": 0.25, "feed_rev": one.feed_rev + 1}
        await stores.results.save([ScoredResult(**scored | changes)])
