"""The outbox on real stores: what is due is sent once, by whoever is there."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

import store.jobs.runner
from store.errors import NotFound
from store.jobs.kinds import KINDS
from store.stores import Stores
from tests.integration.mail.support import (
    LINKS,
    done,
    lease_is_over,
    no_secrets,
    plain,
    register,
    running,
    state,
)
from tests.support import eventually


async def test_a_letter_that_nobody_told_of_is_found(accounts, server, monkeypatch):
    monkeypatch.setattr(store.jobs.runner, "_IDLE_S", 0.05)
    async with running(accounts, plain(server)):
        await asyncio.sleep(0)
        await register(accounts)
        await server.letter()


async def test_a_stop_gives_the_letter_in_hand_back(accounts, server):
    server.before_data.clear()
    account = await register(accounts)
    async with running(accounts, plain(server)):
        await server.in_hand.wait()
    assert (await state(accounts, account))["due"] <= datetime.now(UTC)
    server.before_data.set()
    async with running(accounts, plain(server)):
        await done(accounts, account)
    assert server.letters


async def test_a_letter_that_is_asked_for_while_one_is_on_its_way_comes_too(accounts, letters, server):
    server.before_data.clear()
    account = await register(accounts)
    async with running(accounts, plain(server)):
        await server.in_hand.wait()
        await letters.ask(account.id, "activation")
        server.before_data.set()
        await server.letter(2)
        await done(accounts, account)
    assert len(server.letters) == 2


def test_the_tries_of_a_letter_end_after_three_days():
    minutes = [wait / timedelta(minutes=1) for wait in KINDS["activation"].waits]
    assert minutes == [1, 5, 30, 120] + [360] * 11


async def test_an_activated_account_is_sent_nothing_more(accounts, letters, server):
    by_operator, by_link = await register(accounts), await register(accounts, "other@example.com")
    await accounts.activate("HR@example.com")
    for _ in range(2):  # the link may be opened again
        await accounts.activate_by_id(by_link.id)
    for account in (by_operator, by_link):
        await letters.ask(account.id, "activation")
        assert (await accounts.get(account.id)).active
    async with running(accounts, plain(server)):
        for account in (by_operator, by_link):
            await done(accounts, account)
    assert not server.letters
    with pytest.raises(NotFound):
        await accounts.activate("nobody@example.com")
    with pytest.raises(NotFound):
        await accounts.activate_by_id("0" * 24)


async def test_an_address_that_no_letter_can_go_to_stops_no_other(accounts, server, caplog):
    bad = await register(accounts, "hr@" + "x" * 70 + ".com")  # no domain has so long a label
    good = await register(accounts, "other@example.com")
    async with running(accounts, plain(server)):
        await done(accounts, good)
    assert [letter["To"] for letter in server.letters] == [good.email]
    assert f"letter to account {bad.id} not sent: UnicodeError" in caplog.text
    no_secrets(caplog, bad.email)


async def test_a_letter_goes_to_an_address_in_any_script(accounts, server):
    account = await register(accounts, "张三@例子.中国")
    async with running(accounts, plain(server)):
        await done(accounts, account)
    assert server.envelopes[0].rcpt_tos == ["张三@xn--fsqu00a.xn--fiqs8s"]


async def test_without_a_mail_server_the_link_goes_to_the_log_once(accounts, caplog):
    caplog.set_level("INFO")
    account = await register(accounts)
    async with running(accounts, None) as asked:
        await done(accounts, account)
        await lease_is_over(accounts)
        asked.set()
        other = await register(accounts, "other@example.com")
        await done(accounts, other)
    data = [record.data for record in caplog.records if record.getMessage() == "activation link"]
    assert [entry["account"] for entry in data] == [account.id, other.id]
    assert LINKS.read(data[0]["link"].rstrip("/").rpartition("/")[2]) == account.id
    assert "example.com" not in str(data).replace("https://talent.example.com/", "")


@pytest.mark.faults
async def test_the_outbox_waits_for_a_mongodb_that_is_away(in_time, store_urls, caplog, monkeypatch):
    monkeypatch.setattr(store.jobs.runner, "_IDLE_S", 0.05)
    away = Stores("mongodb://127.0.0.1:1", "x", store_urls["redis"])
    async with running(away.accounts, None):
        await eventually(
            lambda: caplog.text.count("jobs waits for MongoDB (ServerSelectionTimeoutError)") > 1,
            what="the second try",
        )
    await away.close()


async def test_a_mission_starts_once(accounts):
    account = await register(accounts)
    assert account.mission_at is None
    starts = await asyncio.gather(*(accounts.start_mission(account.id) for _ in range(8)))
    assert [is_new for _, is_new in starts].count(True) == 1
    (start,) = {began_at for began_at, _ in starts}
    assert abs(start - datetime.now(UTC)) < timedelta(seconds=10)
    assert (await accounts.get(account.id)).mission_at == start
    assert await accounts.start_mission(account.id) == (start, False)
    with pytest.raises(NotFound):
        await accounts.start_mission("0" * 24)
