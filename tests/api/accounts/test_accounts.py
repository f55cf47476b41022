"""Register, log in, check a token, log out, and what credentials a request may carry."""

import asyncio

import pytest

from handlers.accounts import passwords
from tests.support import PASSWORD, Api, Hr, basic, each, eventually

FORM = {
    "user_email": "New.HR@example.com",
    "password": PASSWORD,
    "company_name": "新公司",
    "phone": "13-800 000",
}


async def register(api, **changes):
    return await api.call("POST", "/hr/register/", form=FORM | changes)


async def login(api, username, password=PASSWORD):
    return await api.call("POST", "/hr/login/", form={"username": username, "password": password})


async def test_a_registration_logs_in_and_the_address_is_unique_regardless_of_case(api):
    answer = await register(api)
    assert (answer.http, answer.status, answer["username"]) == (200, "ok", "new.hr@example.com")
    hr = Hr.logged_in(api.port, "", answer["auth_info"])
    assert (await hr.get("/special_feed/page/")).http == 200
    again = await register(api, user_email="nEW.hr@EXAMPLE.com")
    assert (again.http, again.status) == (200, "form_error")
    assert again["errors"] == {"user_email": ["该邮箱已注册"]}
    assert "auth_info" not in again.json


async def test_two_registrations_of_one_address_at_once_make_one_account(api):
    answers = await asyncio.gather(*(register(api) for _ in range(8)))
    assert sorted(answer.status for answer in answers) == ["form_error"] * 7 + ["ok"]


@each(
    "field, value",
    [
        ("user_email", ""),
        ("user_email", "nobody"),
        ("user_email", "a@b@c.com"),
        ("user_email", "a@" + "b" * 300 + ".com"),
        ("password", "1234567"),
        ("password", "x" * 129),
        ("user_email", "a\u200b@b.cc"),
        ("user_email", "a\u0001@b.cc"),
        ("phone", "1----1"),
        ("company_name", "\u200b"),
        ("company_name", "  "),
        ("company_name", "x" * 101),
        ("phone", "call me"),
    ],
)
async def test_a_bad_field_of_a_registration_is_a_form_error(api, field, value):
    answer = await register(api, **{field: value})
    assert (answer.http, answer.status) == (200, "form_error")
    assert list(answer["errors"]) == [field]


async def test_login_takes_form_and_json_and_keeps_older_tokens(api, hr):
    first = await login(api, hr.email.upper())
    second = await api.post("/hr/login", {"username": hr.email, "password": PASSWORD})
    assert first.status == second.status == "ok"
    assert {"username", "user_industry", "auth_info", "errors", "msg"} <= first.json.keys()
    assert first["auth_info"]["user"] == hr.user
    tokens = {hr.token, first["auth_info"]["token"], second["auth_info"]["token"]}
    assert len(tokens) == 3
    for token in tokens:
        assert (await Api(api.port, basic(hr.user, token)).get("/special_feed/page/")).http == 200


async def test_an_unknown_account_and_a_wrong_password_get_the_same_answer(api, hr):
    wrong = await login(api, hr.email, "not the password")
    unknown = await login(api, "nobody@example.com", "not the password")
    padded = await login(api, hr.email + " " * 300 + "x")
    assert wrong.http == 200
    assert wrong.body == unknown.body == padded.body
    assert wrong.status == "form_error"


async def test_the_limit_holds_for_attempts_at_once_and_for_any_spelling_of_the_account(api, hr):
    async def attempt():
        form = {"username": f"  {hr.email.upper()} ", "password": "wrong wrong"}
        return (await api.call("POST", "/hr/login/", form=form, headers={"X-Real-Ip": "10.0.0.1"})).http

    codes = await asyncio.gather(*(attempt() for _ in range(20)))
    assert sorted(codes) == [200] * 5 + [429] * 15


@pytest.mark.settings(register_per_minute=3)
async def test_registrations_at_once_are_limited(api):
    answers = await asyncio.gather(*(register(api, user_email=f"a{n}@example.com") for n in range(10)))
    assert sorted(answer.http for answer in answers) == [200] * 3 + [429] * 7


@pytest.mark.usefixtures("dear_passwords")
async def test_a_flood_of_logins_is_429_and_never_503(api, monkeypatch):
    monkeypatch.setattr(passwords, "MAX_WAIT_S", 0.8)

    async def attempt(number):
        form = {"username": f"a{number}@example.com", "password": "wrong wrong"}
        headers = {"X-Real-Ip": f"10.1.{number // 200}.{number % 200}"}
        return (await api.call("POST", "/hr/login/", form=form, headers=headers)).http

    codes = await asyncio.gather(*(attempt(number) for number in range(160)))
    assert set(codes) == {200, 429}
    assert codes.count(200) >= passwords.AT_ONCE


@pytest.mark.long
@pytest.mark.usefixtures("dear_passwords")
async def test_an_office_that_logs_in_at_once_from_one_address_is_let_in_or_told_to_wait(api, hr):
    form = {"username": hr.email, "password": PASSWORD}
    codes = []

    async def some_are_in():  # whoever is told to wait comes again
        calls = (api.call("POST", "/hr/login/", form=form) for _ in range(60))
        codes.extend([answer.http for answer in await asyncio.gather(*calls)])
        return codes.count(200) >= 5

    await eventually(some_are_in, within_s=60, what="five of the office")
    assert set(codes) <= {200, 429}


async def test_valid_token_knows_good_from_bad(api, hr):
    assert (await api.get(f"/hr/valid_token/{hr.user}/{hr.token}/")).status == "ok"
    for user, token in ((hr.user, "x"), ("0" * 24, hr.token), ("not-an-id", hr.token)):
        answer = await api.get(f"/hr/valid_token/{user}/{token}/")
        assert (answer.http, answer.status) == (200, "token_error")


async def test_logout_revokes_this_token_alone_and_closes_its_sockets(api, hr):
    other = Hr.logged_in(api.port, hr.email, (await login(api, hr.email))["auth_info"])
    mine, theirs = await hr.live(), await other.live()
    assert (await hr.post("/hr/logout/")).status == "ok"
    assert await mine.closed() == 4401
    assert (await hr.get("/special_feed/page/")).http == 401
    assert (await other.get("/special_feed/page/")).http == 200
    await theirs.say({"type": "ping"})
    await theirs.until("pong")


@each(
    "make",
    [
        lambda hr: "",
        lambda hr: "Basic",
        lambda hr: "Basic %%%",
        lambda hr: "Basic " + "x" * 10_000,
        lambda hr: basic(hr.user, "wrong"),
        lambda hr: basic("0" * 24, hr.token),
        lambda hr: basic("", hr.token),
        lambda hr: basic(hr.user, ""),
        lambda hr: basic("$ne", hr.token),
        lambda hr: "Bearer " + hr.token,
        lambda hr: basic(hr.user, hr.token + "\0"),
    ],
)
async def test_credentials_that_do_not_hold_are_401_without_a_challenge(api, hr, make):
    answer = await Api(api.port, make(hr)).get("/special_feed/page/")
    assert (answer.http, answer.status) == (401, "auth_error")
    assert "WWW-Authenticate" not in answer.headers


async def test_a_stored_token_is_no_token(server, hr):
    stored = [session["_id"] async for session in server.stores._database.sessions.find()]
    assert hr.token not in stored
    assert (await Api(server.port, basic(hr.user, stored[0])).get("/special_feed/page/")).http == 401


async def test_accounts_that_may_not_log_in_are_told_so_only_after_the_right_password(server, api, hr):
    accounts = server.stores.accounts._accounts
    for change, status in (({"active": False}, "not_active"), ({"is_hr": False}, "not_hr")):
        await accounts.update_one({"email": hr.email}, {"$set": {"active": True, "is_hr": True} | change})
        assert (await login(api, hr.email, "wrong wrong")).status == "form_error"
        answer = await login(api, hr.email)
        assert (answer.http, answer.status) == (200, status)
        assert not answer["auth_info"]
