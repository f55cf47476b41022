"""Where a browser says that a request comes from, and where it was sent to, as `scheme://host[:port]`.

    is_foreign("https://evil.example", own)

Browsers that know Fetch Metadata say `Sec-Fetch-Site`; from others only the `Origin` of a POST is known.

The operator's desk is found from some addresses alone. To everybody else there is nothing under its URLs.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterable
from urllib.parse import urlsplit

from tornado.httputil import HTTPServerRequest

_PORTS = {"http": 80, "https": 443}
_HOST = re.compile(r"[a-z0-9.-]+(:[0-9]{1,5})?|\[[0-9a-f:.]+\](:[0-9]{1,5})?")


def own_origin(request: HTTPServerRequest, trusted: frozenset[str]) -> str:
    """What the client calls this server, as a trusted peer forwards it or the request says; "" for none."""
    scheme, host = "http", str(request.host)
    peer = request.connection.context.address  # type: ignore[union-attr]
    if not isinstance(peer, tuple) or peer[0] in trusted:
        scheme = _last(request.headers.get("X-Forwarded-Proto")) or scheme
        host = _last(request.headers.get("X-Forwarded-Host")) or host
    return _plain(f"{scheme}://{host}")


def is_foreign(origin: str, own: str, public_url: str | None) -> bool:
    """Whether an `Origin` is another one than ours; `null`, which sandboxes send, always is."""
    plain = _plain(origin.strip())
    return not plain or plain not in {own, _plain(public_url or "")}


def socket_url(own: str) -> str:
    """The address of WebSockets to our own origin, as a policy for a page names it; "" for none."""
    return own.replace("http", "ws", 1)


def _last(header: str | None) -> str:
    """What the nearest proxy has added to a list."""
    return (header or "").rpartition(",")[2].strip()


def _plain(url: str) -> str:
    """One spelling of an origin, without what every scheme has for a port; "" where it is none."""
    try:
        parts = urlsplit(url.lower())
        port = parts.port
    except ValueError:
        return ""
    if parts.scheme not in _PORTS or not _HOST.fullmatch(parts.netloc):
        return ""
    host = parts.netloc if port is None else parts.netloc.rpartition(":")[0]
    return (
        f"{parts.scheme}://{host}"
        if port in {None, _PORTS[parts.scheme]}
        else f"{parts.scheme}://{host}:{port}"
    )


ANYWHERE = "0.0.0.0"  # noqa: S104 - nothing listens there
"""Stands for an address that nobody knows: it is in no network but that of all."""


class AdminAddresses:
    """Networks such as `10.0.0.0/8` or `fc00::/7`. Holds no state and may be used from any thread."""

    def __init__(self, networks: Iterable[str]) -> None:
        self._networks = tuple(map(ipaddress.ip_network, networks))

    def has(self, address: str) -> bool:
        """Whether a client's address is in one of them; an IPv4 address in IPv6's clothes is one of IPv4."""
        try:
            ip = ipaddress.ip_address(address.partition("%")[0])
        except ValueError:
            return False
        if isinstance(ip, ipaddress.IPv6Address) and ip.ipv4_mapped is not None:
            ip = ip.ipv4_mapped
        return any(ip in network for network in self._networks)
