"""The connections to Redis. Its loss is ordinary: callers catch `REDIS_FAILURES` and go on without."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import TypeVar

import redis.asyncio
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError

REDIS_FAILURES: tuple[type[Exception], ...] = (RedisError, OSError, TimeoutError)

R = TypeVar("R")

TIMEOUT_S = 1.0
QUICK_S = 0.3
AWAY_S = 1.0
# A blocking read that outlives the socket's timeout reconnects and strands messages.
BLOCK_S = 2.0


def connect(url: str, *, blocking: bool = False) -> redis.asyncio.Redis:
    """Make a client; it connects at its first use and raises within a second when Redis is away.

    Args:
        url: `redis://…`.
        blocking: For readers that block up to `BLOCK_S`, which need a longer socket timeout.
    """
    return redis.asyncio.Redis.from_url(
        url,
        decode_responses=True,
        socket_timeout=TIMEOUT_S + (2 * BLOCK_S if blocking else 0.0),
        socket_connect_timeout=TIMEOUT_S,
        retry=Retry(NoBackoff(), 0),
        client_name="talentfeed",
    )


class Redis:
    """A client for what may not wait: once Redis did not answer, it is not asked again for a second."""

    def __init__(self, url: str) -> None:
        self.client = connect(url)
        self._away_until = 0.0

    async def quickly(self, work: Callable[[], Awaitable[R]]) -> R:
        """Do one exchange with Redis.

        Raises:
            One of REDIS_FAILURES: It did not answer within a fraction of a second, or just now.
        """
        if time.monotonic() < self._away_until:
            raise TimeoutError("Redis was away just now")
        try:
            async with asyncio.timeout(QUICK_S):
                return await work()
        except REDIS_FAILURES:
            self._away_until = time.monotonic() + AWAY_S
            raise
