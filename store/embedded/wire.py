"""MongoDB's wire protocol, as far as the supervisor needs it: one command after the other, and a login.

    with Connection(port, timeout_s=0.5) as connection:
        connection.log_in(USER, password)
        connection.ask({"find": "probe", "limit": 1, "$db": "probe"})

The supervisor must start fast, so it does without a driver. Documents hold what these commands need: texts,
whole numbers, bytes, and documents and lists of them.
"""

from __future__ import annotations

import base64
import functools
import hashlib
import hmac
import secrets
import socket
import struct
from collections.abc import Mapping
from typing import Any

_OP_MSG = 2013
_MAX_REPLY = 1 << 16
"""Bytes of a reply that are read at most. A reply to what is asked here has some hundred, whatever length it
may claim."""

AUTHENTICATION_FAILED, USER_EXISTS = 18, 51003  # MongoDB's codes


class Refused(Exception):
    """MongoDB answered with an error."""

    def __init__(self, reply: Mapping[str, Any]) -> None:
        super().__init__(str(reply.get("errmsg", "")))
        self.code = reply.get("code")


class Connection:
    """A connection to a MongoDB on this machine.

    Raises:
        OSError: From every method: it is not there, or does not answer in time.
    """

    def __init__(self, port: int, timeout_s: float) -> None:
        self._socket = socket.create_connection(("127.0.0.1", port), timeout_s)
        self._socket.settimeout(timeout_s)

    def __enter__(self) -> Connection:
        return self

    def __exit__(self, *_: object) -> None:
        self._socket.close()

    def ask(self, command: Mapping[str, Any]) -> dict[str, Any]:
        """Send a command, whose first key is its name, and wait for the reply.

        Raises:
            Refused: The reply is an error.
        """
        body = struct.pack("<I", 0) + b"\0" + encode(command)
        self._socket.sendall(struct.pack("<iiii", 16 + len(body), 1, 0, _OP_MSG) + body)
        (length,) = struct.unpack("<i", self._read(4))
        if not 26 <= length <= _MAX_REPLY:
            raise OSError("no reply of MongoDB")
        # Behind the header there are four bytes of flags, and one that says a document follows.
        try:
            reply = decode(self._read(length - 4)[12 + 5 :])
        except (ValueError, struct.error) as error:
            raise OSError(f"no reply of MongoDB: {error}") from None
        if reply.get("ok") != 1:
            raise Refused(reply)
        return reply

    def log_in(self, user: str, password: str) -> None:
        """Log in by SCRAM-SHA-256 (RFC 7677).

        Raises:
            Refused: With `AUTHENTICATION_FAILED` where there is no such user, or with another password.
        """
        nonce = base64.b64encode(secrets.token_bytes(24)).decode()
        first = f"n={user},r={nonce}"
        start = {"saslStart": 1, "mechanism": "SCRAM-SHA-256", "payload": f"n,,{first}".encode()}
        reply = self.ask({**start, "$db": "admin"})
        try:
            given = reply["payload"].decode()
            parts = dict(part.split("=", 1) for part in given.split(","))
            client_key, stored_key = _keys(password, parts["s"], int(parts["i"]))
        except (AttributeError, KeyError, ValueError) as error:
            raise OSError(f"no reply of MongoDB: {error}") from None
        # The header "n,," says that no channel is bound; this is its base64.
        last = f"c=biws,r={parts.get('r', '')}"
        signature = hmac.digest(stored_key, f"{first},{given},{last}".encode(), "sha256")
        proof = bytes(a ^ b for a, b in zip(client_key, signature, strict=True))
        payload = f"{last},p={base64.b64encode(proof).decode()}".encode()
        again = {"saslContinue": 1, "conversationId": reply.get("conversationId", 0), "payload": payload}
        self.ask({**again, "$db": "admin"})

    def _read(self, count: int) -> bytes:
        data = b""
        while len(data) < count:
            chunk = self._socket.recv(count - len(data))
            if not chunk:
                raise OSError("MongoDB closed the connection")
            data += chunk
        return data


@functools.lru_cache(maxsize=4)  # some milliseconds each, and the same at every probe
def _keys(password: str, salt: str, iterations: int) -> tuple[bytes, bytes]:
    salted = hashlib.pbkdf2_hmac("sha256", password.encode(), base64.b64decode(salt), iterations)
    client_key = hmac.digest(salted, b"Client Key", "sha256")
    return client_key, hashlib.sha256(client_key).digest()


def encode(document: Mapping[str, Any]) -> bytes:
    """A document in BSON."""
    fields = b"".join(_field(name.encode() + b"\0", value) for name, value in document.items())
    return struct.pack("<i", 4 + len(fields) + 1) + fields + b"\0"


def _field(name: bytes, value: Any) -> bytes:
    if isinstance(value, str):
        text = value.encode()
        return b"\x02" + name + struct.pack("<i", len(text) + 1) + text + b"\0"
    if isinstance(value, bytes):
        return b"\x05" + name + struct.pack("<iB", len(value), 0) + value
    if isinstance(value, Mapping):
        return b"\x03" + name + encode(value)
    if isinstance(value, list):
        return b"\x04" + name + encode({str(place): item for place, item in enumerate(value)})
    return b"\x10" + name + struct.pack("<i", value)


# How long a value of each of BSON's types is that has a fixed length, and how it is read, where anybody asks.
_FIXED = {0x01: "<d", 0x08: "<?", 0x09: "<q", 0x0A: "", 0x10: "<i", 0x11: "<Q", 0x12: "<q"}


def decode(data: bytes) -> dict[str, Any]:
    """A document from BSON; documents and lists in it stay bytes.

    Raises:
        ValueError, struct.error: It is none, or has a type that no reply to these commands has.
    """
    document: dict[str, Any] = {}
    (length,) = struct.unpack_from("<i", data)
    at, end = 4, min(length, len(data)) - 1
    while at < end:
        kind, name_end = data[at], data.index(b"\0", at + 1)
        name, at = data[at + 1 : name_end].decode(), name_end + 1
        value: Any
        if kind in _FIXED:
            layout = _FIXED[kind]
            value = struct.unpack_from(layout, data, at)[0] if layout else None
            size = struct.calcsize(layout)
        elif kind == 0x07:
            value, size = data[at : at + 12], 12
        elif kind in (0x02, 0x03, 0x04, 0x05):
            (count,) = struct.unpack_from("<i", data, at)
            # Of a document the count includes itself; of bytes it leaves out their subtype.
            size = {0x02: 4 + count, 0x05: 5 + count}.get(kind, count)
            begin = {0x02: 4, 0x05: 5}.get(kind, 0)
            value = data[at + begin : at + size]
            value = value[:-1].decode() if kind == 0x02 else value
        else:
            raise ValueError(f"type {kind} of BSON")
        if size < 0:
            raise ValueError("a negative length")
        document[name] = value
        at += size
    return document
