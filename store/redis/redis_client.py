"""The connections to Redis. Its absence is ordinary: callers catch `REDIS_FAILURES` and go on without it.

    redis = Redis("redis://one:6379")
    await redis.quickly(lambda: redis.client.get(key))

What has to be done in one step is a script, as a pipeline is no transaction here.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

import redis.asyncio
from redis.asyncio.connection import (
    AbstractConnection,
    BlockingConnectionPool,
    Connection,
    ConnectionPool,
    parse_url,
)
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError

from store.errors import BadUrl
from store.redis.cancellable import cancellable

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

MOST_CONNECTIONS = 16
"""Connections of a process for what is done at once, beside those that block or listen. Redis answers sooner
than a loop asks, so more would only stand by; without a bound a process that is late would take as many as it
has requests."""

BLOCK_S = 2.0
"""Seconds that a reader waits for work in one call. The socket timeout of such a reader is longer: a blocking
read that outlives it reconnects, and what was delivered to the read is with nobody."""


class WrongRedis(Exception):
    """The URL names a node of a cluster."""


def connect(url: str, *, blocking: bool = False) -> redis.asyncio.Redis:
    """Make a client; it connects at its first use and raises within a second when Redis is away.

    A `blocking` one is for readers that block up to `BLOCK_S`, which need a longer socket timeout.
    """
    options: dict[str, Any] = {
        "decode_responses": True,
        "socket_timeout": TIMEOUT_S + (2 * BLOCK_S if blocking else 0.0),
        "socket_connect_timeout": TIMEOUT_S,
        "retry": Retry(NoBackoff(), 0),
        "client_name": "talentfeed",
    }
    pools: type[ConnectionPool] = ConnectionPool
    if not blocking:
        pools = BlockingConnectionPool
        options |= {"max_connections": MOST_CONNECTIONS, "timeout": TIMEOUT_S}
    pool = pools.from_url(url, **options)
    pool.connection_class = cancellable(pool.connection_class)
    return redis.asyncio.Redis.from_pool(pool)


def connection_maker(url: str) -> Callable[[], AbstractConnection]:
    """What makes connections for who reads answers by themselves, as bytes and with timeouts of their own."""
    options: dict[str, Any] = dict(parse_url(url))
    kind: type[AbstractConnection] = options.pop("connection_class", Connection)

    def make() -> AbstractConnection:
        return kind(
            **options,
            # Before RESP3 messages are plain answers.
            protocol=2,
            socket_timeout=None,
            socket_connect_timeout=TIMEOUT_S,
            retry=Retry(NoBackoff(), 0),
            client_name="talentfeed",
        )

    return make


def refuse_bad_url(url: str) -> None:
    """Find out whether connections can be made of a URL; nothing is asked.

    Raises:
        BadUrl: None can.
    """
    try:
        connection_maker(url)()
    except (RedisError, TypeError, ValueError, OSError) as error:
        raise BadUrl("redis_url", error) from None


class Redis:
    """A client for what may not wait: a Redis that did not answer is not asked again for a second."""

    def __init__(self, url: str) -> None:
        self.url = url
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

    async def open(self) -> None:
        """Open all connections now, so that no more descriptors are needed later.

        Where Redis is away they come as they are needed.
        """
        await asyncio.gather(*(self._ping() for _ in range(MOST_CONNECTIONS)))

    async def _ping(self) -> None:
        with contextlib.suppress(*REDIS_FAILURES):
            await self.quickly(self.client.ping)

    async def refuse_node(self) -> bool:
        """Find out whether it is one Redis, as a node of a cluster would refuse most keys.

        Returns:
            False where it is away, or does not tell this user.

        Raises:
            WrongRedis: It is a node.
        """
        asked = connect(self.url)
        try:
            is_node = bool((await asked.info("cluster")).get("cluster_enabled"))
        except REDIS_FAILURES:
            return False
        finally:
            await asked.aclose()
        if is_node:
            raise WrongRedis("redis_url names a node of a cluster: use one Redis, or a managed one")
        return True

    async def close(self) -> None:
        """Close every connection."""
        await self.client.aclose()
