"""Activation links: an account's id, signed and dated.

    links = Links(secret_key, "https://talent.example.com")
    links.make("6b064ce8eafc27a898b70a33")     # https://talent.example.com/hr/activate/MnwxOjB8…/
    links.read("MnwxOjB8…")                    # 6b064ce8eafc27a898b70a33, or None

Nothing is stored: any number of links of an account hold side by side until they expire. Every process
that shares `secret_key` reads the links of the others.
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
# Keeps a value that is signed for something else from being a link.
_NAME = "activate"
# Version 1 of the format signs with SHA-1, and what does not hold is written to the log.
_VERSION = 2


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
        """The id of the account that a token activates; None where it is forged, expired or no token."""
        try:
            signed = base64.urlsafe_b64decode(token + "=" * (-len(token) % 4))
        except (binascii.Error, ValueError):
            return None
        # Base64 has several spellings of the same bytes; a token has one.
        if _wrap(signed) != token:
            return None
        value = decode_signed_value(
            self._secret_key, _NAME, signed, VALID_DAYS, self._clock, min_version=_VERSION
        )
        return None if value is None else value.decode("ascii")


def _wrap(signed: bytes) -> str:
    """One segment of a URL."""
    return base64.urlsafe_b64encode(signed).rstrip(b"=").decode("ascii")


def local_url(address: str, port: int) -> str:
    """How this machine reaches a server that listens there; for where nobody named a public URL."""
    ip = ipaddress.ip_address(address)
    if ip.is_unspecified:  # every address is none to go to
        ip = ipaddress.ip_address("127.0.0.1" if ip.version == 4 else "::1")
    return f"http://{ip}:{port}" if ip.version == 4 else f"http://[{ip}]:{port}"


def mail_domain(public_url: str) -> str:
    """The domain of a URL as mail spells it: ASCII, and an address in brackets."""
    host = urlsplit(public_url).hostname or "localhost"
    try:
        ip = ipaddress.ip_address(host)
    except ValueError:
        return host.encode("idna").decode("ascii")
    return f"[{ip}]" if ip.version == 4 else f"[IPv6:{ip}]"
