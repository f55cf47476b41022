"""One at a time for each key, in the order of arrival; those with other keys do not wait.

async with locks.take(user, resume):
    ...
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager


class KeyedLocks:
    """A lock for each key, kept only while somebody holds it or waits for it. Belongs to one event loop."""

    def __init__(self) -> None:
        # The lock of a key, and how many hold it or wait for it: the last one to leave removes it.
        self._locks: dict[tuple[str, ...], tuple[asyncio.Lock, int]] = {}

    @asynccontextmanager
    async def take(self, *key: str) -> AsyncIterator[None]:
        """Wait for the key's lock, and hold it for the block."""
        # Counted before the wait: a lock that somebody waits for must not be forgotten by whoever leaves it.
        lock, users = self._locks.get(key, (asyncio.Lock(), 0))
        self._locks[key] = (lock, users + 1)
        try:
            async with lock:
                yield
        finally:
            lock, users = self._locks[key]
            if users > 1:
                self._locks[key] = (lock, users - 1)
            else:
                del self._locks[key]
