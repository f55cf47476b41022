"""What a request says of itself: who sends it, from where, and which ids its URL names."""

from __future__ import annotations

import base64
import binascii
import functools
import ipaddress

from tornado.httputil import HTTPServerRequest

from handlers.api.errors import BadRequest
from store.ids import is_id

FORWARDED = ("X-Real-Ip", "X-Forwarded-For", "Forwarded")
"""Headers in which proxies say for whom they ask."""
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


def client_address(request: HTTPServerRequest, trusted: frozenset[str], header: str) -> str:
    """The address a request came from: one header's word counts, and only from a trusted proxy.

    Other headers are a client's own word: a proxy passes on what it does not set itself.
    """
    address = _peer(request)
    if address not in trusted:
        return address
    # From the last hop back: each proxy appends whom it saw, so only what trusted ones appended is known.
    # What the client itself wrote stands further left, and is never reached.
    for hop in reversed(request.headers.get(header, "").split(",")):
        try:
            address = str(ipaddress.ip_address(hop.strip()))
        except ValueError:
            break
        if address not in trusted:
            break
    return address


def is_passed_on(request: HTTPServerRequest, trusted: frozenset[str], header: str) -> bool:
    """Whether a proxy passed a request on without anybody's word for where it came from.

    `client_address` is the proxy's then: its peer is none that is trusted, or sets another header.
    """
    if not any(name in request.headers for name in FORWARDED):
        return False
    said = request.headers.get(header, "").rpartition(",")[2].strip()
    return _peer(request) not in trusted or not _is_address(said)


def _peer(request: HTTPServerRequest) -> str:
    peer = request.connection.context.address  # type: ignore[union-attr]
    return str(peer[0]) if isinstance(peer, tuple) else "127.0.0.1"


def _is_address(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True


@functools.lru_cache(maxsize=4096)
def address_prefix(address: str) -> str:
    """What of an address one client has for itself: IPv4 whole, of IPv6 the /64 that a household is given.

    An IPv4 address in IPv6's clothes is one of IPv4; what is no address, as of a socket file, stays as it is.
    """
    try:
        ip = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return address
    if isinstance(ip, ipaddress.IPv6Address):
        if ip.ipv4_mapped is None:
            return str(ipaddress.ip_network((ip, 64), strict=False))
        ip = ip.ipv4_mapped
    return str(ip)


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
