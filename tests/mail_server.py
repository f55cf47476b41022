"""A real SMTP server for tests, on the test's own loop; it keeps what it takes and refuses as told."""

from __future__ import annotations

import asyncio
import contextlib
import email
import email.policy
import re
import ssl
from collections.abc import AsyncIterator
from email.message import EmailMessage
from typing import Any

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, Session

from tests.support import eventually


class MailServer:
    """Listens on 127.0.0.1. Attributes may be changed while it runs.

    Attributes:
        letters: What was taken, in the order of arrival.
        envelopes: Their envelopes.
        login: The one user and password; None: no login is offered.
        logins: Attempts, right or wrong.
        over_tls: Whether each letter came encrypted.
        refuse_rcpt, refuse_data: An SMTP answer such as `450 later`, instead of taking.
        before_data: Awaited with a whole letter in hand, before it is taken.
        in_hand: Set once there is such a letter.
    """

    def __init__(self, *, login: tuple[str, str] | None = None) -> None:
        self.letters: list[EmailMessage] = []
        self.envelopes: list[Envelope] = []
        self.login = login
        self.logins: list[tuple[str, str]] = []
        self.over_tls: list[bool] = []
        self.refuse_rcpt = ""
        self.refuse_data = ""
        self.before_data = asyncio.Event()
        self.before_data.set()
        self.in_hand = asyncio.Event()
        self.port = 0
        self._server: asyncio.Server | None = None
        self._transports: list[Any] = []

    async def start(
        self, port: int = 0, *, tls: ssl.SSLContext | None = None, implicit_tls: bool = False
    ) -> MailServer:
        """Listen; with `tls` STARTTLS is offered, or TLS is spoken from the first byte."""
        loop = asyncio.get_running_loop()

        def make() -> SMTP:
            return _Connection(
                self,
                hostname="mail.example.com",
                enable_SMTPUTF8=True,
                tls_context=None if implicit_tls else tls,
                authenticator=self._check_login,
                auth_required=False,
                auth_require_tls=False,
                auth_exclude_mechanism=[] if self.login else ["LOGIN", "PLAIN"],
                loop=loop,
            )

        self._server = await loop.create_server(
            make, "127.0.0.1", port, ssl=tls if implicit_tls else None, reuse_address=True
        )
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def stop(self) -> None:
        """Cut every connection and listen no more."""
        assert self._server is not None
        self._server.close()
        self.before_data.set()
        for transport in self._transports:
            transport.abort()
        await self._server.wait_closed()

    async def letter(self, number: int = 1, *, within_s: float = 40.0) -> EmailMessage:
        """The letter of this number, once it is here."""

        await eventually(lambda: len(self.letters) >= number, within_s=within_s, what=f"letter {number}")
        return self.letters[number - 1]

    def _check_login(self, _server: Any, _session: Any, _envelope: Any, _kind: str, data: Any) -> AuthResult:
        given = (data.login.decode(), data.password.decode())
        self.logins.append(given)
        return AuthResult(success=given == self.login)

    async def handle_RCPT(
        self, _server: Any, _session: Session, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        if self.refuse_rcpt:
            return f"{self.refuse_rcpt} <{address}>"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: Any, _session: Session, envelope: Envelope) -> str:
        self.in_hand.set()
        await self.before_data.wait()
        if self.refuse_data:
            return self.refuse_data
        assert isinstance(envelope.content, bytes)
        message = email.message_from_bytes(envelope.content, policy=email.policy.default)
        assert isinstance(message, EmailMessage)
        self.letters.append(message)
        self.envelopes.append(envelope)
        self.over_tls.append(server.transport.get_extra_info("sslcontext") is not None)
        return "250 OK"


class _Connection(SMTP):
    def connection_made(self, transport: Any) -> None:
        self.event_handler._transports.append(transport)
        super().connection_made(transport)


@contextlib.asynccontextmanager
async def silent_server() -> AsyncIterator[int]:
    """The port of a server that takes connections and never says a word."""
    writers = []

    async def listen(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writers.append(writer)
        with contextlib.suppress(ConnectionError):
            await reader.read()

    server = await asyncio.start_server(listen, "127.0.0.1", 0)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()
        for writer in writers:
            writer.close()
            with contextlib.suppress(ConnectionError):
                await writer.wait_closed()


def link_in(letter: EmailMessage) -> str:
    """The one link of a letter; its text and its HTML have the same."""
    found = [
        set(re.findall(r"https?://[^\s\"<]+", letter.get_body((kind,)).get_content()))  # type: ignore[union-attr]
        for kind in ("plain", "html")
    ]
    assert found[0] == found[1], found
    (link,) = found[0]
    return str(link)


def path_of(link: str) -> str:
    """The path of a link, whatever host it names."""
    return "/" + link.split("/", 3)[3]
