"""What one address of a client has under way: requests and sockets, by the address that proxies name.

Connections are counted where they are accepted (`connections.py`), by their peer. Behind a proxy all peers
are the proxy; so what it hands on is counted here, by the client's own address.
"""

from __future__ import annotations

from collections import Counter

from handlers.api.requests import address_prefix


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
        prefix = address_prefix(address)
        if self._load[prefix] >= self._most:
            return None
        self._load[prefix] += 1
        return prefix

    def leave(self, prefix: str) -> None:
        """Count one less."""
        if prefix:
            self._load[prefix] -= 1
            if self._load[prefix] <= 0:
                del self._load[prefix]
