"""What one address of a client may do: requests and sockets under way, and refusals a second.

Connections are counted where they are accepted (`connections.py`), by their peer. Behind a proxy all peers
are the proxy; so what it hands on is counted here, by the client's own address that the proxy names.
"""

from __future__ import annotations

import asyncio
import time
from collections import Counter

from cachetools import TLRUCache

from handlers.api.requests import address_prefix

REFUSALS_PER_S = 100
"""How often an address is refused a second. To be refused costs a client nothing, and the server's loop up to
a millisecond, as credentials are looked up; nobody feels this many."""
REFUSALS_AT_ONCE = 200
"""How many of these an address may have at once, for offices whose sessions all ended."""
_LONGEST_WAIT_S = 2.0
"""Seconds that a refusal waits at most; an honest client may be behind the same address."""
_MAX_KNOWN = 10_000
"""Addresses of which it is known how often they were refused."""


class AddressLoad:
    """Requests and sockets under way in this process, and refusals of the last seconds, by address.

    What trusted proxies send without naming an address is not counted.
    """

    def __init__(self, most: int, trusted: frozenset[str]) -> None:
        self._most = most
        self._trusted = trusted
        self._load: Counter[str] = Counter()
        # When each may be refused as often as any other again (`time.monotonic`).
        self._even_at: TLRUCache[str, float] = TLRUCache(
            _MAX_KNOWN, lambda _, even_at, __: even_at, time.monotonic
        )

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

    async def before_refusal(self, address: str) -> None:
        """Wait with a refusal while the address has been refused too often.

        A proxy that names none is not told from its other clients, and not held.
        """
        if address in self._trusted:
            return
        now, prefix = time.monotonic(), address_prefix(address)
        even_at = max(now, self._even_at.get(prefix, now)) + 1 / REFUSALS_PER_S
        wait_s = min(even_at - now - REFUSALS_AT_ONCE / REFUSALS_PER_S, _LONGEST_WAIT_S)
        # What waits for the longest time does not make the next one wait for longer.
        self._even_at[prefix] = min(even_at, now + REFUSALS_AT_ONCE / REFUSALS_PER_S + _LONGEST_WAIT_S)
        if wait_s > 0:
            await asyncio.sleep(wait_s)
