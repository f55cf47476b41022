"""The connections to Redis. Its absence is ordinary: callers catch `REDIS_FAILURES` and go on without it."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

import redis.asyncio
from redis.asyncio.connection import AbstractConnection, Connection, parse_url
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError

REDIS_FAILURES: tuple[type[Exception], ...] = (RedisError, OSError, TimeoutError)

R = TypeVar("R")

TIMEOUT_S = 1.0
"""Seconds that a connection, or an answer on it, may take."""

QUICK_S = 0.3
"""Seconds that a request waits for Redis. Redis answers within milliseconds; one that is frozen must not slow
down what does without it."""

AWAY_S = 1.0
"""Seconds for which a Redis that did not answer is not asked again. Otherwise each request would wait
`QUICK_S` for it, one after the other."""

BLOCK_S = 2.0
"""Seconds that a reader waits for work in one call. The socket timeout of such a reader is longer: a blocking
read that outlives it reconnects, and what was delivered to the read is with nobody."""


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


def connection_maker(url: str) -> Callable[[], AbstractConnection]:
    """What makes connections for who reads answers by themselves, as bytes and without a timeout."""
    kind: type[AbstractConnection] = Connection
    options: dict[str, Any] = dict(parse_url(url))
    kind = options.pop("connection_class", kind)

    def make() -> AbstractConnection:
        return kind(
            **options,
            # Before RESP3 messages are plain answers.
            protocol=2,
            socket_timeout=TIMEOUT_S,
            socket_connect_timeout=TIMEOUT_S,
            retry=Retry(NoBackoff(), 0),
            client_name="talentfeed",
        )

    return make


class Redis:
    """A client for what may not wait: a Redis that did not answer is not asked again for a second."""

    def __init__(self, url: str) -> None:
        self.client = connect(url)
        self._away_until = 0.0

    async def quickly(self, work: Callable[[], Awaitable[R]]) -> R:
        """Do one exchange with Redis.

        Raises:
            One of REDIS_FAILURES: It did not answer within `QUICK_S`, or was away a moment ago.
        """
        if time.monotonic() < self._away_until:
            raise TimeoutError("Redis was away just now")
        try:
            async with asyncio.timeout(QUICK_S):
                return await work()
        except REDIS_FAILURES:
            self._away_until = time.monotonic() + AWAY_S
            raise
