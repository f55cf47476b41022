"""How rows of the audit hold together: each has a hash over itself and the row before, and a seal.

    row["hash"] = link(previous_hash, row)
    row["seal"] = sealer.seal("row", row["hash"])

A hash can be computed by everybody: it shows that one row was changed and the next one was not. A seal needs
the key, which is not in the database: it shows that a row was written by whoever has the key. Nothing here
reads or writes.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping
from typing import Any

import bson
import msgspec

_SEAL_BYTES = 16
"""Bytes of a seal that are kept. 128 bits cannot be found by trying."""

_NAME_DIGITS = 16
"""Hex digits of a key's name. Two keys of one installation never share it."""

_OF_CHAIN = frozenset({"hash", "seal"})


class Sealer(msgspec.Struct, frozen=True):
    """Makes seals.

    Attributes:
        name: Says with which key, and tells nothing of it.
    """

    name: str
    key: bytes

    @classmethod
    def of(cls, secret_key: str) -> Sealer:
        """The sealer of an installation, which all its processes share."""
        key = hashlib.sha256(b"talentfeed audit\0" + secret_key.encode()).digest()
        return cls(hashlib.sha256(b"name\0" + key).hexdigest()[:_NAME_DIGITS], key)

    def seal(self, kind: str, content: bytes) -> bytes:
        """The seal of a content; `kind` keeps that of a row from being used as that of a head."""
        return hmac.digest(self.key, kind.encode() + b"\0" + content, "sha256")[:_SEAL_BYTES]

    def holds(self, kind: str, content: bytes, seal: object) -> bool:
        """Whether a seal is that of a content."""
        return isinstance(seal, bytes) and hmac.compare_digest(self.seal(kind, content), seal)


def link(previous: bytes, row: Mapping[str, Any]) -> bytes:
    """The hash of a row that follows the one with the hash `previous`: over every field but hash and seal."""
    content = {name: row[name] for name in sorted(row) if name not in _OF_CHAIN}
    return hashlib.sha256(previous + bson.encode(content)).digest()


def start_of(chain: Mapping[str, Any]) -> bytes:
    """The hash that a chain begins with; it follows from that of the chain before."""
    content = {name: chain[name] for name in ("_id", "key", "previous", "opened_at")}
    return hashlib.sha256(bson.encode(content)).digest()


def end_content(chain: int, start: bytes, seq: int, hash_: bytes) -> bytes:
    """What is sealed of a chain's head and of its base: up to, or from, which row it goes."""
    return bson.encode({"chain": chain, "start": start, "seq": seq, "hash": hash_})


def registry_content(registry: Mapping[str, Any]) -> bytes:
    """What is sealed of the registry of chains."""
    return bson.encode({"last": registry.get("last")})
