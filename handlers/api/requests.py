"""What a request says of itself: who sends it, from where, and which ids its URL names."""

from __future__ import annotations

import base64
import binascii
import ipaddress

from tornado.httputil import HTTPServerRequest

from handlers.api.errors import BadRequest
from store.ids import is_id

_MAX_CREDENTIALS_CHARS = 500
"""The longest `Basic` value that is looked at. Ours have about 90 characters; a longer one cannot be right,
so it is not decoded."""


def parse_basic(header: str) -> tuple[str, str] | None:
    """Read `Basic base64(user:token)`; None when it is anything else."""
    scheme, _, value = header.strip().partition(" ")
    if scheme.lower() != "basic" or len(value) > _MAX_CREDENTIALS_CHARS:
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
    # From the last hop back: each proxy appends whom it saw, so only what trusted ones appended is known.
    # What the client itself wrote stands further left, and is never reached.
    for hop in reversed(hops):
        try:
            address = str(ipaddress.ip_address(hop))
        except ValueError:
            break
        if address not in trusted:
            break
    return str(address)


def is_id_name(name: str) -> bool:
    """Whether a part of a URL that a template calls so is an id."""
    return name.endswith("_id")


def require_id(name: str, text: str) -> str:
    """The id in a URL.

    Raises:
        BadRequest: It is not 24 hex digits.
    """
    if not is_id(text):
        raise BadRequest({name: ["应为 24 位十六进制编号"]})
    return text.lower()
