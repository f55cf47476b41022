"""What one account may ask for: requests in flight, units a minute, contacts a day, places of its quota."""

from __future__ import annotations

import asyncio
import json
import time
from dataclasses import replace
from types import SimpleNamespace

import msgspec
import pytest

from handlers.api.fairness import HEAVY, IN_FLIGHT
from handlers.feeds.feeds import FeedPageHandler
from handlers.people import people
from handlers.results.results import FeedListHandler
from handlers.results.statistics import StatisticsHandler
from store.redis import budgets
from tests.api.scene import listed_person
from tests.support import PYTHON_FEED, Hr, basic, change_account, eventually, python_resume, serving

PAGE = "/special_feed/page/"


pytestmark = pytest.mark.settings(account_budget=60, unlock_per_day=2, preview_per_hour=3, feed_quota=2)


@pytest.fixture
def rich(settings):
    """Settings under which the budget bounds nobody."""
    return replace(settings, account_budget=1_000_000)


@pytest.fixture
def unbounded(server, monkeypatch):
    """Budgets bound nobody: whoever waits for a list asks again and again, for how long is the machine's."""
    policy = msgspec.structs.replace(server.services.fairness._policy, account_budget=1_000_000)
    monkeypatch.setattr(server.services.fairness, "_policy", policy)


@pytest.fixture
def clock(monkeypatch):
    """The seconds by which budgets fill up again: as many as a test says, however long its requests take."""
    clock = SimpleNamespace(now=time.monotonic())
    monkeypatch.setattr(budgets, "time", SimpleNamespace(monotonic=lambda: clock.now))
    return clock


class Gate:
    """Holds requests of an endpoint until it is opened."""

    def __init__(self, monkeypatch, handler):
        self.open = asyncio.Event()
        self.inside = 0
        self.most = 0
        handle = handler.handle

        async def held(this, *args, **kwargs):
            self.inside += 1
            self.most = max(self.most, self.inside)
            try:
                await self.open.wait()
                await handle(this, *args, **kwargs)
            finally:
                self.inside -= 1

        monkeypatch.setattr(handler, "handle", held)


def in_flight(server, hr):
    return len(server.services.fairness._in_flight.get(hr.user, ()))


async def until_in_flight(server, hr, count):
    await eventually(lambda: in_flight(server, hr) == count, what=f"{count} requests in flight")


async def until_refused(hr, path=PAGE, most=200, **query):
    """How many requests are answered before one is refused, and that refusal."""
    for number in range(most):
        answer = await hr.get(path, **query)
        if answer.http != 200:
            return number, answer
    raise AssertionError("nothing is refused")


async def test_six_are_in_flight_and_the_seventh_is_refused_while_others_are_served(
    server, hr, other_hr, monkeypatch
):
    gate = Gate(monkeypatch, FeedPageHandler)
    six = [asyncio.create_task(hr.get(PAGE)) for _ in range(IN_FLIGHT)]
    await until_in_flight(server, hr, IN_FLIGHT)
    refused = await hr.get(PAGE)
    assert (refused.http, refused.status, refused.headers["Retry-After"]) == (429, "too_many", "1")
    assert "秒后再试" in refused["msg"]
    assert (await other_hr.get("/special_feed/edit_feed/")).http == 200
    assert gate.most == 1  # of its own requests only one is worked on
    gate.open.set()
    assert {answer.http for answer in await asyncio.gather(*six)} == {200}
    await until_in_flight(server, hr, 0)
    assert (await hr.get(PAGE)).http == 200


async def test_wrong_credentials_are_nobodys_requests(server, hr, api):
    for _ in range(3):
        api.authorization = basic(hr.user, "x" * 43)
        answers = await asyncio.gather(*(api.get(PAGE) for _ in range(20)))
        assert {answer.http for answer in answers} == {401}
    assert in_flight(server, hr) == 0
    assert (await until_refused(hr))[0] >= 59


async def test_clients_that_go_away_are_not_in_flight(server, hr, monkeypatch):
    gate = Gate(monkeypatch, FeedPageHandler)
    head = f"GET {PAGE} HTTP/1.1\r\nHost: x\r\nAuthorization: {hr.authorization}\r\n\r\n".encode()
    writers = []
    for _ in range(IN_FLIGHT):
        _, writer = await asyncio.open_connection("127.0.0.1", server.port)
        writer.write(head)
        writers.append(writer)
    await until_in_flight(server, hr, IN_FLIGHT)
    for writer in writers:
        writer.close()

    async def is_let_in():
        return (await hr.get("/special_feed/edit_feed/")).http == 200

    gate.open.set()
    await eventually(is_let_in, what="a place in flight")


async def test_an_answer_that_is_not_read_is_in_flight(server, hr, monkeypatch):
    async def long_answer(this):
        this.finish("x" * 30_000_000)

    monkeypatch.setattr(FeedPageHandler, "handle", long_answer)
    head = f"GET {PAGE} HTTP/1.1\r\nHost: x\r\nAuthorization: {hr.authorization}\r\n\r\n".encode()
    reader, writer = await asyncio.open_connection("127.0.0.1", server.port, limit=1 << 16)
    writer.write(head)
    await reader.readuntil(b"\r\n\r\n")
    assert in_flight(server, hr) == 1
    left = 30_000_000
    while left:
        left -= len(await reader.read(1 << 20))
    await until_in_flight(server, hr, 0)
    writer.close()


async def test_a_budget_is_units_and_heavy_requests_cost_ten(hr, other_hr, clock):
    answered, refused = await until_refused(hr)
    assert answered == 60
    assert (refused.http, refused.status) == (429, "too_many")
    assert refused.headers["Retry-After"] == "1"
    feed = await other_hr.submit(wait=False, title="Python开发")
    answered, refused = await until_refused(other_hr, f"/special_feed/statistics/{feed}")
    assert answered == (60 - 1) // HEAVY
    assert refused.headers["Retry-After"] == "1"
    assert (await other_hr.get(PAGE)).http == 200  # what is refused costs nothing


async def test_export_preview_and_search_cost_ten_and_a_page_of_favourites_one(server, hr, monkeypatch):
    monkeypatch.setattr(budgets, "MINUTE_S", 60_000.0)  # of what is spent nothing comes back meanwhile
    levels = server.stores.budgets._levels
    feed = await hr.submit(wait=False, **PYTHON_FEED)

    async def cost_of(call):
        before = levels[hr.user].own
        assert (await call).http == 200
        return round(levels[hr.user].own - before)

    assert await cost_of(hr.get(f"/feed/export/{feed}.csv")) == HEAVY
    assert await cost_of(hr.post("/special_feed/preview/", PYTHON_FEED)) == HEAVY
    assert await cost_of(hr.post("/special_feed/read/", {"text": "会计"})) == 1
    assert await cost_of(hr.get("/resume/follow/list/", keywords="python")) == HEAVY
    assert await cost_of(hr.get("/resume/follow/list/")) == 1
    # The cost is told from the URL, so a GET has no parameters elsewhere: this is no search.
    body = {"form": {"keywords": "python", "start": "-1"}}
    assert await cost_of(hr.call("GET", "/resume/follow/list/", **body)) == 1
    assert await cost_of(hr.get(f"/special_feed/feed_list/{feed}")) == 1


async def test_a_vip_has_ten_times_as_much(server, hr):
    await change_account(server.stores, hr.user, vip=True)
    server.stores.budgets._levels.clear()
    feed = await hr.submit(wait=False, title="Python开发")
    answered, _ = await until_refused(hr, f"/special_feed/statistics/{feed}")
    assert answered >= 58


async def test_what_is_refused_after_it_was_let_in_costs_nothing(server, hr):
    levels = server.stores.budgets._levels
    for _ in range(3):
        assert (await hr.post("/special_feed/preview/", PYTHON_FEED)).http == 200
    own, told = levels[hr.user].own, levels[hr.user].unsent
    for _ in range(10):
        assert (await hr.post("/special_feed/preview/", PYTHON_FEED)).http == 429
    assert levels[hr.user].own <= own
    assert levels[hr.user].unsent <= told
    assert (await hr.get(PAGE)).http == 200


async def test_refusals_are_counted_and_logged_once_a_minute(server, hr, caplog):
    await until_refused(hr)
    await asyncio.gather(*(hr.get(PAGE) for _ in range(5)))
    lines = [record for record in caplog.records if record.name == "talentfeed.security"]
    events = [record.data for record in lines if record.data["event"] == "requests"]
    assert [event["outcome"] for event in events] == ["throttled"]
    assert hr.user not in json.dumps([record.data for record in lines])
    metrics = (await hr.get("/metrics")).body.decode()
    assert 'talentfeed_refused_total{reason="budget"} 0.0' not in metrics


async def test_contacts_of_a_day_outlive_a_restart_and_redis(rich, analyzer, monkeypatch):
    async with serving(rich, analyzer) as server:
        hr = await Hr.register(server.port)
        scene = await listed_person(hr, python_resume(), **PYTHON_FEED)
        ids = (await hr.ingest(*(python_resume(phone=f"1380000000{n}") for n in range(3))))["ids"]
        secret = (await hr.ingest(python_resume(contact_status="secret")))["ids"][0]
        await hr.all_scored()

        async def unlock(resume_id):
            return await hr.post(f"/resumes/download/{resume_id}", {"feed_id": scene.feed_id})

        assert (await unlock(secret)).status == "secret"  # does not count
        assert (await unlock(scene.resume_id)).status == "ok"
        for _ in range(4):  # nor does one that is unlocked already
            assert (await unlock(scene.resume_id)).status == "ok"
        assert (await unlock(ids[0])).status == "ok"
        refused = await unlock(ids[1])
        assert (refused.http, refused.status) == (429, "too_many")
        assert 86_000 < int(refused.headers["Retry-After"]) <= 86_400
        await server.stores._redis.client.flushall()
        assert (await unlock(ids[1])).http == 429
        assert (await unlock(ids[0])).status == "ok"
        audited = [entry.action for entry in await server.stores.audit.reads_of(ids[1])]
        assert audited == []
        await change_account(server.stores, hr.user, vip=True)
        assert (await unlock(ids[1])).status == "ok"


async def test_a_burst_of_unlocks_is_told_of_once(server, hr, unbounded, monkeypatch, caplog):
    monkeypatch.setattr(people, "BURST", 2)
    scene = await listed_person(hr, python_resume(), **PYTHON_FEED)
    (other,) = await hr.scored(python_resume())
    for resume_id in (scene.resume_id, other, other):
        answer = await hr.post(f"/resumes/download/{resume_id}", {"feed_id": scene.feed_id})
        assert answer.status == "ok"
    lines = [record.data for record in caplog.records if record.name == "talentfeed.security"]
    assert [(one["event"], one["outcome"]) for one in lines if one["event"] == "unlock"] == [
        ("unlock", "burst")
    ]
    metrics = (await hr.get("/metrics")).body.decode()
    assert 'talentfeed_security_events_total{event="unlock",outcome="burst"}' in metrics


async def test_views_of_whole_resumes_are_audited(server, hr, unbounded):
    scene = await listed_person(hr, python_resume(), **PYTHON_FEED)
    rows = server.stores._database.audit
    assert await rows.count_documents({"action": "view"}) == 0
    answer = await hr.get(f"/feed/get/{scene.feed_id}/{scene.resume_id}")
    (row,) = await rows.find({"action": "view"}).to_list(None)
    assert [str(one) for one in row["resumes"]] == [scene.resume_id]
    assert (str(row["user"]), row["request"]) == (hr.user, answer.headers["X-Request-Id"])


def told_of(caplog):
    """The security events of the log, and how they ended."""
    rows = [record.data for record in caplog.records if record.name == "talentfeed.security"]
    return [(row["event"], row["outcome"]) for row in rows]


async def test_false_credentials_and_other_sites_are_told_of(hr, caplog):
    caplog.set_level("INFO", logger="talentfeed.security")
    false = Hr.logged_in(hr.port, hr.email, {"user": hr.user, "token": "false"})
    assert (await false.get(PAGE)).http == 401
    foreign = {"Sec-Fetch-Site": "cross-site"}
    assert (await hr.call("POST", "/hr/logout/", headers=foreign)).http == 403
    assert told_of(caplog)[-2:] == [("credentials", "failed"), ("cross_site", "refused")]


async def test_previews_of_an_hour_are_bounded(server, hr, caplog):
    server.stores.budgets._levels.clear()
    answers = [await hr.post("/special_feed/preview/", PYTHON_FEED) for _ in range(4)]
    assert [answer.http for answer in answers] == [200, 200, 200, 429]
    assert 3_500 < int(answers[-1].headers["Retry-After"]) <= 3_601
    assert told_of(caplog)[-1] == ("preview", "throttled")
    assert (await hr.post("/special_feed/preview/", {"title": " "})).status == "form_error"


@pytest.mark.parametrize(
    ("handler", "path", "kind"),
    [
        (StatisticsHandler, "/special_feed/statistics/", "_heavy"),
        (FeedListHandler, "/special_feed/feed_list/", "_light"),
    ],
)
async def test_a_request_waits_for_its_turn_until_its_deadline_and_is_not_refused(
    server, hr, handler, path, kind, monkeypatch
):
    gate = Gate(monkeypatch, handler)
    turns = getattr(server.services.fairness, kind)
    feed = await hr.submit(wait=False, title="Python开发")
    first = asyncio.create_task(hr.get(path + feed))
    await eventually(lambda: gate.inside, what="the first one's turn")
    waiting = asyncio.create_task(hr.get(path + feed))
    await eventually(lambda: bool(turns._waiting), what="the second one")
    with monkeypatch.context() as brief:
        brief.setattr(handler, "deadline_s", 0.05)
        assert (await hr.get(path + feed)).http == 503
    gate.open.set()
    assert [(await one).http for one in (first, waiting)] == [200, 200]
