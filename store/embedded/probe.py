"""Asks MongoDB for a document with nothing but a socket: the supervisor must start fast, without a driver.

A process whose storage has failed, on a full disk say, may still take connections and answer `ping`. So
the probe reads.
"""

from __future__ import annotations

import contextlib
import socket
import struct

# MongoDB's wire protocol: the number of an OP_MSG, and `ok: 1.0` in BSON, which every reply without an
# error contains.
_OP_MSG = 2013
_OK = b"\x01ok\x00" + struct.pack("<d", 1.0)

_MAX_REPLY = 1 << 16
"""Bytes of a reply that are read at most. A reply has some hundred, whatever length it may claim."""


def _text(name: bytes, value: bytes) -> bytes:
    """A field of a BSON document that holds a text."""
    return b"\x02" + name + b"\x00" + struct.pack("<i", len(value) + 1) + value + b"\x00"


def _find() -> bytes:
    """A message that asks for at most one document of a collection that nobody has."""
    fields = _text(b"find", b"probe") + b"\x10limit\x00" + struct.pack("<i", 1) + _text(b"$db", b"probe")
    document = struct.pack("<i", 4 + len(fields) + 1) + fields + b"\x00"
    body = struct.pack("<I", 0) + b"\x00" + document
    return struct.pack("<iiii", 16 + len(body), 1, 0, _OP_MSG) + body


def fails(port: int, timeout_s: float) -> bool:
    """Whether a MongoDB on this machine answers a read with an error.

    One that gives no answer in time may only be busy, so silence is no failure.
    """
    with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout_s) as connection:
        connection.settimeout(timeout_s)
        connection.sendall(_find())
        reply = b""
        # A reply begins with its length, in four bytes.
        while len(reply) < 4 or len(reply) < min(struct.unpack_from("<i", reply)[0], _MAX_REPLY):
            chunk = connection.recv(_MAX_REPLY)
            if not chunk:
                return False
            reply += chunk
        return _OK not in reply
    return False
