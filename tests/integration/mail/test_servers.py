"""Mail servers that refuse, hang, are down, or cannot prove who they are."""

import asyncio

import pytest

import mail.smtp
from tests.integration.mail.support import (
    client_context,
    done,
    lease_is_over,
    no_secrets,
    plain,
    register,
    running,
    server_context,
    tried,
)
from tests.integration.processes import free_port
from tests.mail_server import MailServer, silent_server
from tests.support import eventually


async def test_a_letter_waits_for_a_mail_server_that_is_down(accounts):
    account = await register(accounts)
    port = free_port()
    async with running(accounts, f"smtp://127.0.0.1:{port}") as asked:
        await tried(accounts, account)
        server = await MailServer().start(port)
        await lease_is_over(accounts)
        asked.set()
        assert (await server.letter())["To"] == account.email
        await done(accounts, account)
        await server.stop()


@pytest.mark.parametrize("refusal", ["450 4.7.1 later", "550 5.1.1 no such user"])
@pytest.mark.parametrize("place", ["refuse_rcpt", "refuse_data"])
async def test_a_refused_letter_is_tried_again_and_the_log_does_not_name_the_address(
    accounts, server, caplog, refusal, place
):
    setattr(server, place, refusal)
    account = await register(accounts)
    async with running(accounts, plain(server)) as asked:
        await tried(accounts, account)
        await eventually(
            lambda: f"letter to account {account.id} not sent" in caplog.text, what="the line in the log"
        )
        assert f" {refusal[:3]}" in caplog.text
        assert server.letters == []
        setattr(server, place, "")
        await lease_is_over(accounts)
        asked.set()
        await server.letter()
        await done(accounts, account)
    no_secrets(caplog, account.email)


@pytest.mark.parametrize("where", ["greeting", "data"])
async def test_a_mail_server_that_hangs_is_given_up_and_holds_nothing_up(
    accounts, server, monkeypatch, where
):
    monkeypatch.setattr(mail.smtp, "STEP_TIMEOUT_S", 0.2)
    server.before_data.clear()
    first, second = await register(accounts), await register(accounts, "other@example.com")
    async with silent_server() as silent:
        port = silent if where == "greeting" else server.port
        async with running(accounts, f"smtp://127.0.0.1:{port}"):
            await tried(accounts, first)
            await tried(accounts, second)
    assert server.letters == []


async def test_a_mail_server_that_dribbles_is_cut_after_all(accounts, monkeypatch, caplog):
    monkeypatch.setattr(mail.smtp, "SEND_TIMEOUT_S", 0.5)

    gone = asyncio.Event()

    async def dribble(reader, writer):
        try:
            while not writer.is_closing():
                writer.write(b"220-still here\r\n")
                await writer.drain()
                await asyncio.sleep(0.02)
        except ConnectionError:
            pass
        writer.close()
        gone.set()

    slow = await asyncio.start_server(dribble, "127.0.0.1", 0)
    account = await register(accounts)
    async with running(accounts, f"smtp://127.0.0.1:{slow.sockets[0].getsockname()[1]}"):
        await eventually(
            lambda: f"letter to account {account.id} not sent: TimeoutError" in caplog.text,
            what="the end of the try",
        )
        await gone.wait()
    slow.close()


@pytest.mark.parametrize("implicit", [False, True])
async def test_a_verified_server_gets_login_and_letter_encrypted(accounts, authority, implicit):
    server = MailServer(login=("hr@example.com", "p@ss/wörd 50%"))
    await server.start(tls=server_context(authority), implicit_tls=implicit)
    scheme = "smtps" if implicit else "smtp"
    url = f"{scheme}://hr%40example.com:p%40ss%2Fw%C3%B6rd%2050%25@localhost:{server.port}"
    account = await register(accounts)
    async with running(accounts, url, tls=client_context(authority)):
        await done(accounts, account)
    assert server.logins == [server.login]
    assert server.over_tls == [True]
    assert server.envelopes[0].mail_from == "hr@example.com"
    await server.stop()


@pytest.mark.parametrize("implicit", [False, True])
async def test_a_server_that_cannot_prove_its_name_gets_neither_login_nor_letter(
    accounts, authority, implicit, caplog
):
    server = MailServer(login=("user", "secret-of-mail"))
    await server.start(tls=server_context(authority), implicit_tls=implicit)
    scheme = "smtps" if implicit else "smtp"
    account = await register(accounts)
    for host, tls in (("localhost", None), ("127.0.0.1", client_context(authority))):
        caplog.clear()
        await lease_is_over(accounts)
        url = f"{scheme}://user:secret-of-mail@{host}:{server.port}"
        async with running(accounts, url, tls=tls):
            await eventually(lambda: "SSLCertVerificationError" in caplog.text, what="the refusal")
    assert (server.logins, server.letters) == ([], [])
    no_secrets(caplog, account.email)
    await server.stop()


async def test_a_password_goes_to_no_other_machine_unencrypted(accounts, server, caplog):
    server.login = ("user", "secret-of-mail")
    account = await register(accounts)
    # 127.1 leads here, and nobody can tell by its spelling.
    async with running(accounts, f"smtp://user:secret-of-mail@127.1:{server.port}"):
        await eventually(
            lambda: f"letter to account {account.id} not sent: SMTPException" in caplog.text,
            what="the refusal",
        )
    assert (server.logins, server.letters) == ([], [])
    await lease_is_over(accounts)
    async with running(accounts, f"smtp://user:secret-of-mail@localhost:{server.port}"):
        await done(accounts, account)
    assert server.logins == [server.login]
