"""Signed values: what strangers carry for us, so that nothing has to be stored.

    values = SignedValues(secret_key, "export", timedelta(minutes=10))
    token = values.segment("text")
    values.read_segment(token)     # "text"; None where it is forged or expired, or no token

Whatever shares the key reads them, in any process.
"""

from __future__ import annotations

import base64
import binascii
import time
from collections.abc import Callable
from datetime import timedelta

from tornado.web import create_signed_value, decode_signed_value

_VERSION = 2
"""Of Tornado's format. Version 1 signs with SHA-1, and writes what it refuses to the log."""


class SignedValues:
    """Makes and reads values of one kind. Holds no state and may be used from any thread.

    The name is what the signature is for: a value that the same key has signed for something else is none.
    """

    def __init__(
        self, secret_key: str, name: str, valid_for: timedelta, clock: Callable[[], float] = time.time
    ) -> None:
        self._key = secret_key
        self._name = name
        self._days = valid_for / timedelta(days=1)
        self._clock = clock

    def make(self, text: str) -> str:
        """A text, signed: as a cookie holds it."""
        return self._signed(text).decode("ascii")

    def read(self, signed: str | bytes) -> str | None:
        """The text; None where it is forged or expired, or no signed value."""
        text = decode_signed_value(
            self._key, self._name, signed, self._days, self._clock, min_version=_VERSION
        )
        return None if text is None else text.decode()

    def segment(self, text: str) -> str:
        """A text, signed, as one segment of a URL."""
        return wrap(self._signed(text))

    def read_segment(self, token: str) -> str | None:
        """As `read`, of a segment."""
        try:
            signed = base64.urlsafe_b64decode(token + "=" * (-len(token) % 4))
        except (binascii.Error, ValueError):
            return None
        # Base64 has several spellings of the same bytes. Only ours counts, so that a link has one spelling.
        return self.read(signed) if wrap(signed) == token else None

    def _signed(self, text: str) -> bytes:
        return create_signed_value(self._key, self._name, text, _VERSION, self._clock)


def wrap(signed: bytes) -> str:
    """Bytes as one segment of a URL."""
    return base64.urlsafe_b64encode(signed).rstrip(b"=").decode("ascii")
