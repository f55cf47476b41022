"""What one address of a client has under way: requests and sockets, by the address that proxies name.

Connections are counted where they are accepted (`connections.py`), by their peer. Behind a proxy all peers
are the proxy; so what it hands on is counted here, by the client's own address.
"""

from __future__ import annotations

import functools
import ipaddress
from collections import Counter

_HOST_BITS = 64
"""A client of IPv6 mostly has a whole network of so many bits, so its addresses count as one."""


@functools.lru_cache(maxsize=4096)
def network_of(address: str) -> str:
    """What an address counts as: itself for IPv4, its network of 64 bits for IPv6."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return address
    if isinstance(parsed, ipaddress.IPv4Address):
        return address
    if parsed.ipv4_mapped is not None:
        return str(parsed.ipv4_mapped)
    return str(ipaddress.IPv6Network((int(parsed) >> _HOST_BITS << _HOST_BITS, 128 - _HOST_BITS)))


class AddressLoad:
    """Requests and sockets under way in this process, by address.

    Args:
        most: How many one address may have.
        trusted: Proxies: what they send without naming an address is not counted.
    """

    def __init__(self, most: int, trusted: frozenset[str]) -> None:
        self._most = most
        self._trusted = trusted
        self._load: Counter[str] = Counter()

    def enter(self, address: str) -> str | None:
        """Count one more; what `leave` takes when it has ended, or None where the address has enough."""
        if address in self._trusted:
            return ""
        network = network_of(address)
        if self._load[network] >= self._most:
            return None
        self._load[network] += 1
        return network

    def leave(self, network: str) -> None:
        """Count one less."""
        if network:
            self._load[network] -= 1
            if self._load[network] <= 0:
                del self._load[network]
