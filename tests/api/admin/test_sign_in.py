"""Signing in to the operator's desk: who gets in, for how long, from where, and what a token opens."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import msgspec
import pytest

from store.accounts.sessions import token_hash
from store.redis import budgets
from tests.api.admin.desk import Desk, desk_server, desk_settings, make_operator, sign_in, world
from tests.api.wechat_scene import io_loop
from tests.support import INGEST_TOKEN, PASSWORD, Api, Hr, basic, serving

__all__ = ["io_loop", "world"]


async def test_an_operator_signs_in_whatever_the_case_of_the_address_and_signs_out(world):
    desk = await sign_in(world.server.port, "Admin@Example.com")
    me = await desk.read("me/")
    assert (me["email"], me["role"], me["idle_s"]) == ("admin@example.com", "admin", 3600)
    assert (await desk.do("logout/")).status == "ok"
    assert (await desk.read("me/")).http == 401
    assert (await world.admin.read("me/")).http == 200  # another session of the same operator


async def test_an_unknown_address_and_a_wrong_password_get_the_same_answer(world):
    answers = [
        await world.nobody.do("login/", email=email, password="wrong wrong wrong")
        for email in ("admin@example.com", "nobody@example.com")
    ]
    assert answers[0].json == answers[1].json
    assert (answers[0].http, answers[0].status) == (200, "form_error")


async def test_a_disabled_operator_is_out_at_once_and_does_not_get_in(world):
    operators = world.server.stores.operators
    await make_operator(world.server, "leaver@example.com", "admin")
    desk = await sign_in(world.server.port, "leaver@example.com")
    leaver = await operators.find_by_email("leaver@example.com")
    await operators.set_disabled(leaver, disabled=True)
    assert (await desk.read("me/")).http == 401
    body = {"email": "leaver@example.com", "password": PASSWORD}
    assert (await world.nobody.do("login/", **body)).status == "not_active"
    assert (await world.nobody.do("login/", **{**body, "password": "wrong wrong"})).status == "form_error"
    await operators.set_disabled(leaver, disabled=False)
    assert (await desk.read("me/")).http == 401  # what has ended stays ended
    await sign_in(world.server.port, "leaver@example.com")


@pytest.mark.parametrize(
    ("age", "idle", "http"),
    [
        (timedelta(hours=11, minutes=59), timedelta(minutes=58), 200),
        (timedelta(hours=12, minutes=1), timedelta(0), 401),
        (timedelta(hours=2), timedelta(minutes=61), 401),
    ],
)
async def test_a_session_ends_after_an_hour_without_use_and_after_twelve_in_any_case(world, age, idle, http):
    desk = await sign_in(world.server.port, "viewer@example.com")
    key, now = token_hash(desk.authorization.split()[1]), datetime.now(UTC)
    sessions = world.server.stores.operator_sessions._sessions
    await sessions.update_one({"_id": key}, {"$set": {"created_at": now - age, "used_at": now - idle}})
    assert (await desk.read("me/")).http == http


async def test_what_only_a_clock_asks_for_is_answered_and_is_no_use(world):
    desk = await sign_in(world.server.port, "viewer@example.com")
    key, before = token_hash(desk.authorization.split()[1]), datetime.now(UTC) - timedelta(minutes=30)
    sessions = world.server.stores.operator_sessions._sessions
    await sessions.update_one({"_id": key}, {"$set": {"used_at": before}})

    async def used_at():
        return (await sessions.find_one({"_id": key}))["used_at"]

    by_clock = await desk.call("GET", "/admin/api/health/", headers={"X-Unattended": "1"})
    assert by_clock.http == 200
    assert await used_at() < before + timedelta(seconds=1)
    assert (await desk.read("health/")).http == 200
    assert await used_at() > before + timedelta(minutes=29)


async def test_a_new_role_counts_from_the_next_request_on(world):
    await make_operator(world.server, "promoted@example.com", "viewer")
    desk = await sign_in(world.server.port, "promoted@example.com")
    assert (await desk.read("me/"))["role"] == "viewer"
    operators = world.server.stores.operators
    await operators.set_role(await operators.find_by_email("promoted@example.com"), "admin")
    assert (await desk.read("me/"))["role"] == "admin"


async def test_a_new_password_ends_the_other_sessions_of_the_operator(world):
    await make_operator(world.server, "changer@example.com", "viewer")
    here, elsewhere = [await sign_in(world.server.port, "changer@example.com") for _ in range(2)]
    for old, new, field in (
        (PASSWORD, "short", "password"),
        ("wrong wrong", "a good new one", "old_password"),
    ):
        refused = await here.do("password/", old_password=old, password=new)
        assert (refused.status, list(refused["errors"])) == ("form_error", [field])
    assert (await here.do("password/", old_password=PASSWORD, password="a good new one")).status == "ok"
    assert (await here.read("me/")).http == 200
    assert (await elsewhere.read("me/")).http == 401
    assert (await world.nobody.do("login/", email="changer@example.com", password=PASSWORD)).status != "ok"
    await sign_in(world.server.port, "changer@example.com", "a good new one")


async def test_neither_recruiters_nor_sources_get_in_and_operators_are_no_recruiters(world):
    port = world.server.port
    hr = await Hr.register(port)
    token = world.admin.authorization.split()[1]
    operator = await world.server.stores.operators.find_by_email("admin@example.com")
    for authorization in (
        hr.authorization,
        f"Bearer {hr.token}",
        f"Bearer {INGEST_TOKEN}",
        basic(operator.id, token),
        "Bearer",
        "Bearer ",
        f"Basic {token}",
        "x" * 5000,
    ):
        answer = await Api(port, authorization).get("/admin/api/me/")
        assert (answer.http, answer.status) == (401, "auth_error"), authorization[:40]
    for authorization in (world.admin.authorization, basic(operator.id, token)):
        assert (await Api(port, authorization).get("/special_feed/page/")).http == 401
    assert (await world.admin.call("POST", "/resumes/", json_body={})).http == 403
    body = {"username": "admin@example.com", "password": PASSWORD}
    assert (await Api(port).post("/hr/login/", body)).status == "form_error"


async def test_failed_sign_ins_are_throttled_apart_from_recruiters(store_urls, analyzer, tmp_path):
    settings = replace(desk_settings(store_urls, tmp_path), login_attempts=3)
    async with desk_server(settings, analyzer) as (server, admin, _):
        hr = await Hr.register(server.port)
        nobody = Desk(server.port)
        answers = [
            await nobody.do("login/", email="admin@example.com", password="wrong wrong") for _ in range(5)
        ]
        assert [answer.http for answer in answers] == [200, 200, 200, 429, 429]
        assert int(answers[-1].headers["Retry-After"]) > 0
        right = await nobody.do("login/", email="admin@example.com", password=PASSWORD)
        assert right.http == 429
        body = {"username": hr.email, "password": PASSWORD}
        assert (await Api(server.port).post("/hr/login/", body)).status == "ok"
        assert (await admin.read("me/")).http == 200


async def test_an_operator_has_a_budget_and_what_is_dear_takes_ten(world, monkeypatch):
    fairness = world.server.services.fairness
    policy = msgspec.structs.replace(fairness._policy, account_budget=2, vip_times=10)
    monkeypatch.setattr(fairness, "_policy", policy)
    monkeypatch.setattr(budgets, "MINUTE_S", 60_000.0)  # of what is spent nothing comes back meanwhile
    await make_operator(world.server, "busy@example.com", "viewer")
    desk = await sign_in(world.server.port, "busy@example.com")
    answers = [await desk.read("sources/") for _ in range(3)]
    assert [answer.http for answer in answers] == [200, 200, 429]
    assert answers[-1].status == "too_many"


async def test_from_elsewhere_there_is_no_desk(store_urls, analyzer, tmp_path):
    settings = desk_settings(store_urls, tmp_path, admin_addresses=("10.20.0.0/16", "fd00::/8"))
    async with serving(settings, analyzer) as server:

        async def ask(address: str) -> int:
            body = {"email": "x@example.com", "password": PASSWORD}
            headers = {"X-Real-Ip": address}
            desk = Desk(server.port)
            return (await desk.call("POST", "/admin/api/login/", json_body=body, headers=headers)).http

        addresses = ("10.20.3.4", "::ffff:10.20.3.4", "fd00::1", "10.21.0.1", "127.0.0.1", "203.0.113.9")
        assert [await ask(one) for one in addresses] == [200, 200, 200, 404, 404, 404]
        # Nor for what a proxy passes on that names no address, or in a header that is not believed.
        for header in ({"X-Forwarded-For": "10.20.3.4"}, {"Forwarded": "for=10.20.3.4"}, {"X-Real-Ip": "?"}):
            body = {"email": "x@example.com", "password": PASSWORD}
            told = await Desk(server.port).call("POST", "/admin/api/login/", json_body=body, headers=header)
            assert told.http == 404
        elsewhere = await Desk(server.port).read("me/")
        unknown = await Desk(server.port).read("no-such-thing/")
        assert {**elsewhere.json} == {**unknown.json}
        # Not even the methods tell.
        assert (await Desk(server.port).call("PUT", "/admin/api/login/")).http == 404
