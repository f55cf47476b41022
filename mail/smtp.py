"""One SMTP server, named by a URL; sends one message over one connection.

    server = SmtpServer("smtp://hr%40example.com:secret@smtp.example.com:587", "talent.example.com")
    await server.send(message)

`smtp://` uses STARTTLS where the server offers it, `smtps://` is TLS from the first byte. Certificates are
verified against the machine's authorities. With a password `smtp://` demands STARTTLS, except within this
machine: otherwise somebody in between could hide the server's offer and read the password.
"""

from __future__ import annotations

import asyncio
import contextlib
import ssl
from email.message import EmailMessage
from urllib.parse import parse_qs, unquote, urlsplit

import aiosmtplib

from runtime.hosts import is_this_machine

STEP_TIMEOUT_S = 10.0
"""Seconds that any one answer of the server may take."""

SEND_TIMEOUT_S = 30.0
"""Seconds that a whole letter may take, so that a server which dribbles cannot hold up the letters behind it.
It is less than the first of `MAIL_WAITS`: nobody else takes up a letter that is still being sent."""

_QUIT_TIMEOUT_S = 1.0
"""Seconds for a polite end, once the letter is accepted."""


class SmtpServer:
    """Where mail is handed over. Belongs to one event loop; sends may overlap.

    Args:
        url: `smtp[s]://[user:password@]host[:port][?from=address]`, which the settings have checked; user
            and password are percent-encoded.
        own_domain: The name of this machine in mail, in ASCII.
        tls: Which authorities to trust; the machine's where it is not given.
    """

    sender: str
    """The address that letters come from: the URL's `from`; else the user, as many servers let an account
    send only as itself; else `talentfeed` at the own domain."""

    def __init__(self, url: str, own_domain: str, tls: ssl.SSLContext | None = None) -> None:
        parts = urlsplit(url)
        self._host = parts.hostname or "localhost"
        self._implicit_tls = parts.scheme == "smtps"
        self._port = parts.port or (465 if self._implicit_tls else 25)
        self._user = unquote(parts.username) if parts.username else None
        self._password = unquote(parts.password) if parts.password else None
        self._needs_start_tls = bool(self._user) and not (self._implicit_tls or is_this_machine(self._host))
        self._own_domain = own_domain
        self._tls = tls or ssl.create_default_context()
        named = parse_qs(parts.query).get("from", [""])[0]
        user_address = self._user if self._user and "@" in self._user else ""
        self.sender = named or user_address or f"talentfeed@{own_domain}"

    async def send(self, message: EmailMessage) -> None:
        """Hand a message over, from and to the addresses in its headers; returns when it is accepted.

        Raises:
            SMTPException, OSError, TimeoutError, ValueError: It is not accepted. Their texts may quote
                addresses.
        """
        client = aiosmtplib.SMTP(
            hostname=self._host,
            port=self._port,
            username=self._user,
            password=self._password,
            local_hostname=self._own_domain,
            timeout=STEP_TIMEOUT_S,
            use_tls=self._implicit_tls,
            start_tls=self._needs_start_tls or None,  # None: where the server offers it
            tls_context=self._tls,
        )
        try:
            async with asyncio.timeout(SEND_TIMEOUT_S):
                await client.connect()
                await client.send_message(message)
            # The letter is accepted: a failure to say goodbye is no reason to send it again.
            with contextlib.suppress(aiosmtplib.SMTPException):
                await client.quit(timeout=_QUIT_TIMEOUT_S)
        finally:
            client.close()
