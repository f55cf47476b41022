"""Registering an address that has an account, where letters activate: the answer does not tell of it."""

import asyncio
import time

from store.accounts.identity import Identity
from store.jobs.kinds import OF_ACCOUNTS
from tests.api.accounts.test_activation import FORM, login, register, sent, settings
from tests.mail_server import link_in
from tests.support import PASSWORD

__all__ = ["settings"]

OWNER, WAITING, SHUT, NOBODY = (f"{name}@example.com" for name in ("owner", "waiting", "shut", "nobody"))
NEW = "another good one"


async def account_of(server, email):
    return await server.stores.accounts.find_by_email(email)


async def make(server, email, *, active=True):
    account = await server.stores.accounts.create(
        email=email, password_hash="x", company_name="原公司", phone="12345", active=active
    )
    await server.stores.jobs.drop(OF_ACCOUNTS, account.id)
    return account


async def test_the_answer_is_the_same_for_known_and_unknown_addresses_and_nothing_changes(api, server):
    for email in (OWNER, WAITING, SHUT):
        await make(server, email, active=email != WAITING)
    shut = await account_of(server, SHUT)
    await server.stores.accounts.set_disabled(shut.id, disabled=True)
    before = {email: await account_of(server, email) for email in (OWNER, WAITING, SHUT)}

    told = set()
    for email in (OWNER, WAITING, SHUT, NOBODY):
        began = time.monotonic()
        answer = await register(api, user_email=email.upper(), company_name="别的公司")
        assert time.monotonic() - began >= 0.3
        assert answer["username"] == email
        told.add((answer.http, answer.body.replace(email.encode(), b"")))
    assert len(told) == 1
    assert {email: await account_of(server, email) for email in before} == before
    assert (await account_of(server, NOBODY)).company_name == "别的公司"


async def test_the_time_is_the_same_fixed_one(api, server, monkeypatch):
    """The answer waits for a fixed time and for the work, whichever is longer."""
    await make(server, OWNER)
    waits, sleep = [], asyncio.sleep

    async def noted(seconds):
        waits.append(seconds)
        await sleep(0)

    monkeypatch.setattr("handlers.accounts.accounts.asyncio.sleep", noted)
    for email in (OWNER, NOBODY):
        waits.clear()
        assert (await register(api, user_email=email)).status == "ok"
        assert 0.3 in waits


async def test_the_owner_gets_a_letter_whose_link_sets_a_password(api, server, mail_server):
    owner = await make(server, OWNER)
    await register(api, user_email=OWNER, company_name="看这里 https://evil.example")
    letter = await sent(server, mail_server)
    assert (letter["To"], letter["Subject"]) == (OWNER, "这个邮箱已有 TalentFeed 账号")
    for kind in ("plain", "html"):
        text = letter.get_body((kind,)).get_content()
        assert "这个邮箱已有账号，没有新建" in text
        assert "evil" not in text
    base, _, token = link_in(letter).partition("#reset=")
    assert base == "https://talent.example.com/app/"
    assert (await login(api, OWNER, FORM["password"])).status == "form_error"
    assert (await api.post(f"/hr/password/reset/{token}/", {"password": NEW})).status == "ok"
    assert (await login(api, OWNER, NEW))["auth_info"]["user"] == owner.id


async def test_who_registers_an_address_that_somebody_else_registered_first_gets_an_account_of_their_own(
    api, server, mail_server
):
    """The first one's password must open nothing, though the account waited with it."""
    await register(api, user_email=OWNER, password="the thief's password")
    await sent(server, mail_server)
    await register(api, user_email=OWNER)
    letter = await sent(server, mail_server, 2)
    token = link_in(letter).partition("#reset=")[2]
    assert (await api.post(f"/hr/password/reset/{token}/", {"password": NEW})).status == "ok"
    assert (await login(api, OWNER, NEW)).status == "ok"
    assert (await login(api, OWNER, "the thief's password")).status == "form_error"
    assert (await login(api, OWNER, PASSWORD)).status == "form_error"


async def test_the_owner_gets_three_letters_an_hour_and_one_that_is_shut_none(api, server, mail_server):
    await make(server, OWNER)
    shut = await make(server, SHUT)
    await server.stores.accounts.set_disabled(shut.id, disabled=True)
    for number in range(1, 4):
        await register(api, user_email=OWNER)
        await sent(server, mail_server, number)
    for email in (OWNER, OWNER, SHUT):
        assert (await register(api, user_email=email)).status == "ok"
    await register(api, user_email=NOBODY)
    await mail_server.letter(4)
    assert [letter["To"] for letter in mail_server.letters] == [OWNER] * 3 + [NOBODY]


async def test_a_ticket_of_wechat_is_used_up_and_binds_nobody_to_a_known_account(api, server):
    await make(server, OWNER)
    for email in (OWNER, NOBODY):
        who = Identity(app="mini", appid="app", openid=f"of {email}")
        ticket = await server.stores.wechat_tickets.make_ticket(who)
        assert (await register(api, user_email=email, wechat_ticket=ticket)).status == "ok"
        again = await register(api, user_email=f"x{email}", wechat_ticket=ticket)
        assert (again.status, list(again["errors"])) == ("form_error", ["wechat_ticket"])
    assert (await account_of(server, OWNER)).wechat == {}


async def test_of_many_who_register_an_address_at_once_one_makes_the_account(api, server):
    answers = await asyncio.gather(*(register(api, user_email=NOBODY) for _ in range(6)))
    assert len({(answer.http, answer.body) for answer in answers}) == 1
    assert answers[0].status == "ok"
    assert await server.stores.accounts._accounts.count_documents({"email": NOBODY}) == 1
