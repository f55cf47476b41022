"""Activation links: an account's id, signed and dated.

    links = Links(secret_key, "https://talent.example.com")
    links.make("6b064ce8eafc27a898b70a33")     # https://talent.example.com/hr/activate/MnwxOjB8…/
    links.read("MnwxOjB8…")                    # 6b064ce8eafc27a898b70a33, or None

Nothing is stored: an account may have any number of links, which are good until they expire. Processes that
share `secret_key` read each other's links.
"""

from __future__ import annotations

import base64
import binascii
import ipaddress
import time
from collections.abc import Callable
from urllib.parse import urlsplit

from tornado.web import create_signed_value, decode_signed_value

VALID_DAYS = 7
"""Days for which a link is good. A letter may be three days late, see `MAIL_WAITS`, and lie unread for days
more. Whoever comes later logs in once, which sends another letter."""

_NAME = "activate"
"""What the signature is for: a value that the same key has signed for something else is no link."""

_VERSION = 2
"""Of Tornado's format. Version 1 signs with SHA-1, and writes what it refuses to the log."""


class Links:
    """Makes and reads activation links. Holds no state and may be used from any thread.

    Args:
        secret_key: What signs them.
        public_url: How browsers reach the server.
        clock: Seconds since the epoch.
    """

    def __init__(self, secret_key: str, public_url: str, clock: Callable[[], float] = time.time) -> None:
        self._secret_key = secret_key
        self._base = public_url.rstrip("/")
        self._clock = clock

    def make(self, account_id: str) -> str:
        """A link that activates an account for `VALID_DAYS`; its last segment is the token."""
        signed = create_signed_value(self._secret_key, _NAME, account_id, _VERSION, self._clock)
        return f"{self._base}/hr/activate/{_wrap(signed)}/"

    def read(self, token: str) -> str | None:
        """The id of the account that a token activates; None where it is forged or expired, or no token."""
        try:
            signed = base64.urlsafe_b64decode(token + "=" * (-len(token) % 4))
        except (binascii.Error, ValueError):
            return None
        # Base64 has several spellings of the same bytes. Only ours counts, so that a link has one spelling.
        if _wrap(signed) != token:
            return None
        value = decode_signed_value(
            self._secret_key, _NAME, signed, VALID_DAYS, self._clock, min_version=_VERSION
        )
        return None if value is None else value.decode("ascii")


def _wrap(signed: bytes) -> str:
    """A signed value as one segment of a URL."""
    return base64.urlsafe_b64encode(signed).rstrip(b"=").decode("ascii")


def local_url(address: str, port: int) -> str:
    """How this machine reaches a server that listens there, for where no public URL is set."""
    ip = ipaddress.ip_address(address)
    if ip.is_unspecified:  # it listens on every address, so it does on loopback
        ip = ipaddress.ip_address("127.0.0.1" if ip.version == 4 else "::1")
    return f"http://{ip}:{port}" if ip.version == 4 else f"http://[{ip}]:{port}"


def mail_domain(public_url: str) -> str:
    """The domain of a URL as mail spells it: a name in ASCII, an IP address in brackets."""
    host = urlsplit(public_url).hostname or "localhost"
    try:
        ip = ipaddress.ip_address(host)
    except ValueError:
        return host.encode("idna").decode("ascii")
    return f"[{ip}]" if ip.version == 4 else f"[IPv6:{ip}]"
