"""Counts attempts per key in a window: in Redis for all processes, in this process while Redis is away."""

from __future__ import annotations

import contextlib
import time

import redis.asyncio

from store import keys
from store.redis_client import REDIS_FAILURES

_MAX_LOCAL = 10_000


class Throttle:
    """A counter with an expiry for each (what, who). `who` is hashed or an address, never personal data."""

    def __init__(self, client: redis.asyncio.Redis, prefix: str) -> None:
        self._client = client
        self._prefix = prefix
        self._local: dict[str, tuple[int, float]] = {}

    async def wait_s(self, what: str, who: str, limit: int) -> int:
        """Seconds until `who` may try `what` again; 0 when it may now."""
        key = keys.attempts(self._prefix, what, who)
        count, ends = self._local.get(key, (0, 0.0))
        left = ends - time.monotonic()
        wait = left if count >= limit and left > 0 else 0.0
        try:
            pipe = self._client.pipeline(transaction=False)
            pipe.get(key)
            pipe.pttl(key)
            shared, ttl_ms = await pipe.execute()
            if int(shared or 0) >= limit and ttl_ms > 0:
                wait = max(wait, ttl_ms / 1000)
        except REDIS_FAILURES:
            pass  # this process's own count still holds
        return int(wait) + 1 if wait > 0 else 0

    async def count(self, what: str, who: str, window_s: int) -> None:
        """Note one attempt; the window begins with the first."""
        key = keys.attempts(self._prefix, what, who)
        now = time.monotonic()
        count, ends = self._local.get(key, (0, 0.0))
        self._local[key] = (count + 1, ends) if ends > now else (1, now + window_s)
        if len(self._local) > _MAX_LOCAL:
            self._local = {k: v for k, v in self._local.items() if v[1] > now}
        try:
            pipe = self._client.pipeline(transaction=True)
            pipe.incr(key)
            pipe.expire(key, window_s, nx=True)
            await pipe.execute()
        except REDIS_FAILURES:
            pass  # counted in this process above

    async def forget(self, what: str, who: str) -> None:
        """Start over, after a success."""
        key = keys.attempts(self._prefix, what, who)
        self._local.pop(key, None)
        with contextlib.suppress(*REDIS_FAILURES):  # the count expires by itself
            await self._client.delete(key)
