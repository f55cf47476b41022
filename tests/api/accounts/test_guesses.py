"""Guessing at passwords: nobody's guesses lock another out, and nobody's own go on for long."""

import asyncio

import pytest

from handlers.accounts import guesses
from tests.support import PASSWORD, Hr

GOOD = "another good one"


async def attempt(api, account, address, password="wrong wrong"):
    form = {"username": account, "password": password}
    return await api.call("POST", "/hr/login/", form=form, headers={"X-Real-Ip": address})


async def wrong(api, account, *addresses):
    return [(await attempt(api, account, address)).http for address in addresses]


async def right(api, account, address):
    answer = await attempt(api, account, address, PASSWORD)
    return answer.json.get("status")


@pytest.mark.long
async def test_five_wrong_guesses_from_five_addresses_do_not_lock_the_owner_out(api, hr):
    assert await right(api, hr.email, "10.0.0.1") == "ok"
    for lot in range(6):
        await wrong(api, hr.email, *(f"10.0.{lot + 1}.{number}" for number in range(5)))
    assert await right(api, hr.email, "10.0.0.1") == "ok"  # where the owner was before
    assert await right(api, hr.email, "127.0.0.1") == "ok"  # where the account was registered
    assert await right(api, hr.email, "10.9.9.9") == "ok"  # and where nobody ever was, if a moment later


async def test_an_address_has_five_guesses_at_an_account_also_where_it_logged_in_before(api, hr):
    assert await right(api, hr.email, "10.0.0.1") == "ok"
    assert await wrong(api, hr.email, *["10.0.0.1"] * 7) == [200] * 5 + [429] * 2
    refused = await attempt(api, hr.email, "10.0.0.1", PASSWORD)
    assert (refused.status, 0 < int(refused.headers["Retry-After"]) <= 121) == ("too_many", True)
    assert await right(api, hr.email, "10.0.0.2") == "ok"


async def test_an_address_that_failed_for_others_may_still_log_in_where_it_did_before(api, hr, other_hr):
    assert await right(api, hr.email, "10.0.0.1") == "ok"
    codes = await wrong(api, "nobody@example.com", *["10.0.0.1"] * 6)
    assert codes == [200] * 5 + [429]
    assert await right(api, hr.email, "10.0.0.1") == "ok"
    assert await right(api, other_hr.email, "10.0.0.1") == "too_many"


async def test_an_address_is_known_for_thirty_days_from_its_last_login(server, api, hr):
    accounts = server.stores.accounts
    assert await right(api, hr.email, "10.0.0.1") == "ok"
    for address, days in (("10.0.0.1", 29), ("10.0.0.1", 31)):
        known = await accounts._accounts.find_one({"email": hr.email}, {"known": 1})
        for one in known["known"]:
            one["at"] = one["at"].replace(year=2020) if days > 30 else one["at"]
        await accounts._accounts.update_one({"email": hr.email}, {"$set": {"known": known["known"]}})
        await wrong(api, f"x{days}@example.com", *[address] * 5)
        assert await right(api, hr.email, address) == ("ok" if days < 30 else "too_many")


async def test_an_address_is_kept_as_a_keyed_hash(server, api, hr):
    await right(api, hr.email, "203.0.113.77")
    document = await server.stores.accounts._accounts.find_one({"email": hr.email})
    assert len(document["known"]) == 2
    assert "203.0.113" not in str(document)


async def test_no_more_than_twenty_addresses_are_kept(server, api, hr):
    for number in range(25):
        account = await server.stores.accounts.get(hr.user)
        await server.stores.accounts.know(account, f"mark-{number}")
    known = (await server.stores.accounts.get(hr.user)).known
    assert list(known) == [f"mark-{number}" for number in range(5, 25)]


async def test_addresses_of_one_ipv6_network_count_as_one(api, hr):
    mine = [f"2001:db8:0:1::{number:x}" for number in range(1, 8)]
    assert await wrong(api, hr.email, *mine) == [200] * 5 + [429] * 2
    assert await wrong(api, hr.email, "2001:db8:0:2::1") == [200]
    mapped = ["::ffff:10.1.1.1", *["10.1.1.1"] * 5]
    assert await wrong(api, "nobody@example.com", *mapped) == [200] * 5 + [429]


async def test_under_attack_guesses_from_unknown_addresses_go_one_at_a_time(api, hr, monkeypatch):
    turns = []
    pause = guesses._pause

    def noted():
        turns.append(1)
        return pause()

    monkeypatch.setattr(guesses, "_pause", noted)
    monkeypatch.setattr(guesses, "_SLOW_S", 0.0)
    await wrong(api, hr.email, *(f"10.2.0.{number}" for number in range(20)))
    assert turns == []
    assert await wrong(api, hr.email, "10.2.1.1") == [200]
    assert turns == [1]
    assert await right(api, hr.email, "127.0.0.1") == "ok"
    assert turns == [1]


async def test_a_wrong_old_password_is_a_failed_login(api, hr):
    body = {"old_password": "wrong wrong", "password": GOOD}
    codes = [(await hr.post("/hr/password/", body)).http for _ in range(7)]
    assert codes == [200] * 5 + [429] * 2
    assert await right(api, hr.email, "127.0.0.1") == "too_many"
    assert (await hr.post("/hr/password/", {**body, "old_password": PASSWORD})).http == 429


async def test_a_password_changed_by_two_at_once_is_changed_once(api, hr):
    bodies = [{"old_password": PASSWORD, "password": f"{GOOD} {number}"} for number in range(2)]
    answers = await asyncio.gather(*(hr.post("/hr/password/", body) for body in bodies))
    assert sorted(answer.status for answer in answers) == ["form_error", "ok"]


@pytest.mark.settings(register_per_minute=2)
async def test_registrations_count_by_ipv6_network(api):
    async def register(number, address):
        form = {"user_email": f"r{number}@example.com", "password": PASSWORD}
        form |= {"company_name": "x", "phone": "12345"}
        return (await api.call("POST", "/hr/register/", form=form, headers={"X-Real-Ip": address})).http

    codes = [await register(number, f"2001:db8::{number + 1:x}") for number in range(3)]
    assert codes == [200, 200, 429]
    assert await register(9, "2001:db8:1::1") == 200


async def codes_of(api, *headers):
    form = {"username": "nobody@example.com", "password": "wrong wrong"}
    return [(await api.call("POST", "/hr/login/", form=form, headers=one)).http for one in headers]


@pytest.mark.settings(forwarded_header="X-Forwarded-For", trusted_proxies=("127.0.0.1", "10.7.0.1"))
async def test_the_other_header_is_a_clients_own_word(api):
    forged = [{"X-Real-Ip": f"10.5.0.{number}", "X-Forwarded-For": "10.6.0.1"} for number in range(6)]
    assert await codes_of(api, *forged) == [200] * 5 + [429]
    # What stands left of what a trusted proxy has added was written by the client.
    chains = [{"X-Forwarded-For": f"10.5.0.{number}, 10.6.0.2, 10.7.0.1"} for number in range(6)]
    assert await codes_of(api, *chains) == [200] * 5 + [429]


async def test_forwarded_for_is_not_read_where_another_header_is_trusted(api):
    forged = [{"X-Forwarded-For": f"10.5.0.{number}"} for number in range(6)]
    assert await codes_of(api, *forged) == [200] * 5 + [429]


async def test_what_register_accepts_login_accepts(api):
    for number, password in enumerate(
        ("  blanks around  ", "密码密码密码密码", "x" * 128, "tab\tand\u3000wide")
    ):
        form = {"user_email": f" Odd{number}@Example.com ", "password": password}
        form |= {"company_name": "x", "phone": "12345"}
        made = await api.post("/hr/register/", form)
        assert made.status == "ok", password
        entered = await api.post("/hr/login/", {"username": f"odd{number}@example.com", "password": password})
        assert entered.status == "ok", password
        assert Hr.logged_in(api.port, "", entered["auth_info"]).user == made["auth_info"]["user"]
