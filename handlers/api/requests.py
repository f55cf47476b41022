"""What a request says of itself: who sends it, and from where."""

from __future__ import annotations

import base64
import binascii
import ipaddress

from tornado.httputil import HTTPServerRequest

from store.ids import is_id


def parse_basic(header: str) -> tuple[str, str] | None:
    """Read `Basic base64(user:token)`; None when it is anything else."""
    scheme, _, value = header.strip().partition(" ")
    if scheme.lower() != "basic" or len(value) > 500:
        return None
    try:
        user, colon, token = base64.b64decode(value.strip(), validate=True).decode("ascii").partition(":")
    except (binascii.Error, UnicodeDecodeError, ValueError):
        return None
    return (user.lower(), token) if colon and is_id(user) and token else None


def client_address(request: HTTPServerRequest, trusted: frozenset[str]) -> str:
    """The address a request came from: a header's word counts only from a trusted proxy."""
    peer = request.connection.context.address  # type: ignore[union-attr]
    address = peer[0] if isinstance(peer, tuple) else "127.0.0.1"
    if address not in trusted:
        return str(address)
    claimed = request.headers.get("X-Real-Ip", "").strip()
    hops = (
        [claimed]
        if claimed
        else [hop.strip() for hop in request.headers.get("X-Forwarded-For", "").split(",")]
    )
    for hop in reversed(hops):
        try:
            address = str(ipaddress.ip_address(hop))
        except ValueError:
            break
        if address not in trusted:
            break
    return str(address)
