"""From where the operator's desk is found. To everybody else there is nothing under its URLs."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable

ANYWHERE = "0.0.0.0"  # noqa: S104 - nothing listens there
"""Stands for an address that nobody knows: it is in no network but that of all."""


class AdminAddresses:
    """Networks. Holds no state and may be used from any thread.

    Args:
        networks: Each as `10.0.0.0/8` or `fc00::/7`.
    """

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
