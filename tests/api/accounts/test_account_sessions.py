"""The sessions of an account: listed, ended, and bound to what the account may do."""

import pytest

from tests.api.scene import log_in_again
from tests.support import PASSWORD, Api, Hr, basic, eventually

AGENT = "Mozilla/5.0 (iPhone; 微信)" + "x" * 300


async def login(hr, agent):
    form = {"username": hr.email, "password": PASSWORD}
    answer = await Api(hr.port).call("POST", "/hr/login/", form=form, headers={"User-Agent": agent})
    return Hr.logged_in(hr.port, hr.email, answer["auth_info"])


def is_open(hr):
    return hr.get("/special_feed/page/")


async def ends(hr):
    """Wait for the session's end, which comes within moments."""

    async def has_ended():
        return (await is_open(hr)).http == 401

    await eventually(has_ended)


async def test_sessions_are_listed_with_their_client_the_last_used_first(hr):
    phone = await login(hr, AGENT.encode().decode("latin-1"))
    rows = (await phone.get("/hr/sessions/"))["data"]
    assert [row["current"] for row in rows] == [True, False]
    assert rows[0]["agent"].startswith("Mozilla/5.0 (iPhone;")
    assert len(rows[0]["agent"]) <= 200
    assert rows[0]["created"] <= rows[0]["last_used"]
    assert len({row["id"] for row in rows}) == 2
    assert phone.token not in str(rows)
    # What a session is called opens nothing.
    for row in rows:
        assert (await is_open(Api(hr.port, basic(hr.user, row["id"])))).http == 401


async def test_one_session_is_ended_with_its_sockets(hr):
    phone = await log_in_again(hr)
    mine, theirs = await hr.live(), await phone.live()
    (other,) = [row["id"] for row in (await hr.get("/hr/sessions/"))["data"] if not row["current"]]
    assert (await hr.call("POST", "/hr/sessions/revoke/", form={"id": other})).json["status"] == "ok"
    assert await theirs.closed() == 4401
    assert (await is_open(phone)).http == 401
    await mine.say({"type": "ping"})
    await mine.until("pong")
    again = await hr.post("/hr/sessions/revoke/", {"id": other})
    assert (again.http, again.status) == (404, "not_found")


@pytest.mark.parametrize(
    "body", [{"form": {"all": "1"}}, {"json_body": {"all": 1}}, {"json_body": {"all": True}}]
)
async def test_all_sessions_but_this_one_are_ended(hr, body):
    others = [await log_in_again(hr) for _ in range(2)]
    assert (await hr.call("POST", "/hr/sessions/revoke/", **body)).status == "ok"
    assert [(await is_open(one)).http for one in (hr, *others)] == [200, 401, 401]
    assert [row["current"] for row in (await hr.get("/hr/sessions/"))["data"]] == [True]


async def test_a_session_ends_itself(hr):
    (row,) = (await hr.get("/hr/sessions/"))["data"]
    assert (await hr.post("/hr/sessions/revoke/", {"id": row["id"]})).status == "ok"
    assert (await is_open(hr)).http == 401


async def test_a_foreign_session_looks_like_one_that_is_not(hr, other_hr):
    (row,) = (await other_hr.get("/hr/sessions/"))["data"]
    foreign = await hr.post("/hr/sessions/revoke/", {"id": row["id"]})
    missing = await hr.post("/hr/sessions/revoke/", {"id": "0" * 24})
    assert (foreign.http, foreign.body) == (404, missing.body)
    assert (await is_open(other_hr)).http == 200
    for body in ({}, {"all": 0}, {"id": ""}):
        answer = await hr.post("/hr/sessions/revoke/", body)
        assert (answer.http, answer["errors"]) == (400, {"id": ["请给出 id，或 all=1"]})
    assert (await hr.post("/hr/sessions/revoke/", {"id": "x"})).http == 400


@pytest.mark.long
@pytest.mark.parametrize("change", [{"is_hr": False}, {"active": False}, {"disabled": True}, None])
async def test_sessions_hold_no_longer_than_their_account_whoever_changes_it(server, hr, other_hr, change):
    """As by hand in the database: nothing tells the server."""
    mine, theirs = await hr.live(), await other_hr.live()
    accounts = server.stores.accounts._accounts
    if change:
        await accounts.update_one({"email": hr.email}, {"$set": change})
    else:
        await accounts.delete_one({"email": hr.email})
    await ends(hr)
    assert await mine.closed() == 4401
    assert (await hr.get(f"/hr/valid_token/{hr.user}/{hr.token}/")).status == "token_error"
    assert (await is_open(other_hr)).http == 200
    await theirs.say({"type": "ping"})
    await theirs.until("pong")


async def test_an_account_that_is_opened_again_is_open_at_once(server, hr):
    accounts = server.stores.accounts._accounts
    await accounts.update_one({"email": hr.email}, {"$set": {"is_hr": False}})
    await ends(hr)
    await accounts.update_one({"email": hr.email}, {"$set": {"is_hr": True}})
    assert (await is_open(hr)).http == 200
