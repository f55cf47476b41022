"""Counts attempts in a window of time: in Redis for all processes, in this one while Redis is away."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Awaitable
from typing import Any

from store.redis import keys
from store.redis.redis_client import REDIS_FAILURES, Redis

_MAX_LOCAL = 50_000
"""Counters that this process holds. Beyond it those are dropped whose window has ended, and then those that
were counted longest ago, until half are left: so that the 5 ms that this takes come seldom."""

# Counts one more. KEYS: the counter; ARGV: seconds. The window begins with the first and does not move with
# later ones.
_NOTE = """
local count = redis.call('INCR', KEYS[1])
redis.call('EXPIRE', KEYS[1], ARGV[1], 'NX')
return count
"""


class Throttle:
    """A counter with an expiry for each (what, who). `who` is an id, a hash or an IP address."""

    def __init__(self, redis: Redis, prefix: str) -> None:
        self._redis = redis
        self._prefix = prefix
        self._local: dict[str, tuple[int, float]] = {}

    async def wait_s(self, what: str, who: str, limit: int) -> int:
        """Seconds until `who` may try `what` again; 0 when it may now."""
        key = keys.attempts(self._prefix, what, who)
        count, ends = self._local.get(key, (0, 0.0))
        left = ends - time.monotonic()
        wait = left if count >= limit and left > 0 else 0.0
        # Without Redis this process's own count still holds.
        with contextlib.suppress(*REDIS_FAILURES):
            pipe = self._redis.client.pipeline(transaction=False)
            pipe.get(key)
            pipe.pttl(key)
            shared, ttl_ms = await self._redis.quickly(pipe.execute)
            if int(shared or 0) >= limit and ttl_ms > 0:
                wait = max(wait, ttl_ms / 1000)
        return int(wait) + 1 if wait > 0 else 0

    async def count(self, what: str, who: str, window_s: int) -> int:
        """Note one attempt; the window begins with the first.

        Returns:
            How many there are in the window, this one included.
        """
        key = keys.attempts(self._prefix, what, who)
        now = time.monotonic()
        count, ends = self._local.get(key, (0, 0.0))
        noted, ends = (count + 1, ends) if ends > now else (1, now + window_s)
        self._local.pop(key, None)
        self._local[key] = (noted, ends)  # the last one now
        if len(self._local) > _MAX_LOCAL:
            going_on = [one for one in self._local.items() if one[1][1] > now]
            self._local = dict(going_on[-(_MAX_LOCAL // 2) :])
        # Without Redis this process's own count is the answer.
        with contextlib.suppress(*REDIS_FAILURES):
            # In one step: a counter that lost its expiry would never end.
            return int(await self._redis.quickly(lambda: self._note(key, window_s)))
        return noted

    async def forget(self, what: str, who: str) -> None:
        """Start over, as after a success."""
        key = keys.attempts(self._prefix, what, who)
        self._local.pop(key, None)
        with contextlib.suppress(*REDIS_FAILURES):  # the counter there expires by itself
            await self._redis.quickly(lambda: self._redis.client.delete(key))

    def _note(self, key: str, window_s: int) -> Awaitable[Any]:
        return self._redis.client.eval(_NOTE, 1, key, str(window_s))
