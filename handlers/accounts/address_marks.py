"""What is kept of the addresses that accounts come from: a keyed hash, which tells nobody where that is."""

from __future__ import annotations

import hashlib
import hmac

_DIGITS = 24
"""Hex digits of a hash, as many as an id has; far more than it takes to tell addresses apart."""


class AddressMarks:
    """Makes the marks. Holds no state and may be used from any thread.

    Args:
        secret_key: Shared by all processes, so an address has one mark. After a change of it no address is
            known, until the next login from there.
    """

    def __init__(self, secret_key: str) -> None:
        self._key = hashlib.sha256(b"talentfeed addresses\0" + secret_key.encode()).digest()

    def mark(self, account_id: str, prefix: str) -> str:
        """The mark of an address prefix for one account; another account's is another one."""
        return self._hash(f"{account_id} {prefix}")

    def origin(self, prefix: str) -> str:
        """The mark of an address prefix that somebody registers from: the same for all accounts."""
        return self._hash(f"origin {prefix}")

    def _hash(self, text: str) -> str:
        return hmac.new(self._key, text.encode(), "sha256").hexdigest()[:_DIGITS]
