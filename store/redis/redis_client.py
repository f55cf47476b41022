"""The connections to Redis. Its absence is ordinary: callers catch `REDIS_FAILURES` and go on without it.

    redis = Redis("redis+cluster://one:6379,two:6379")
    await redis.quickly(lambda: redis.client.get(key), key)

One Redis and a cluster of them are used alike, by what both have: commands of one key, or of keys with the
same `{tag}`, and pipelines without a transaction. What has to be done in one step is a script of one key.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar, cast

import redis.asyncio
from redis._parsers import AsyncCommandsParser as CommandsParser
from redis.asyncio.cluster import ClusterNode, RedisCluster
from redis.asyncio.connection import (
    AbstractConnection,
    BlockingConnectionPool,
    Connection,
    ConnectionPool,
    SSLConnection,
    parse_url,
)
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.crc import key_slot
from redis.exceptions import RedisClusterException, RedisError

from store.errors import BadUrl
from store.redis.cancellable import cancellable

REDIS_FAILURES: tuple[type[Exception], ...] = (RedisError, RedisClusterException, OSError, TimeoutError)

R = TypeVar("R")
Address = tuple[str, int]
"""Host and port of a node."""

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
has requests. A cluster has them for each node, without a bound."""

BLOCK_S = 2.0
"""Seconds that a reader waits for work in one call. The socket timeout of such a reader is longer: a blocking
read that outlives it reconnects, and what was delivered to the read is with nobody."""

_CLUSTER = "+cluster://"


class WrongRedis(Exception):
    """The URL names a cluster where there is none, or one Redis that is a part of a cluster."""


def is_cluster(url: str) -> bool:
    """Whether a URL names a cluster: `redis+cluster://HOST:PORT,HOST:PORT`, or `rediss+cluster://`."""
    return _CLUSTER in url


class _KeyPositions:
    """Where the key of a command stands, as far as we use commands: of one key, or of several with one slot.

    redis-py asks a node for all its commands, which takes 20 ms of the loop, and asks the same node again
    when it is dead.
    """

    async def initialize(self, _node: object = None) -> None:
        """Nothing: it is known."""

    async def get_keys(self, *words: Any) -> tuple[Any, ...]:
        """The first key of a command."""
        at = words.index("STREAMS") + 1 if "STREAMS" in words else 1
        return words[at : at + 1]


def node_urls(url: str) -> list[str]:
    """The nodes that a URL names, each as a URL of its own."""
    if not is_cluster(url):
        return [url]
    scheme, _, rest = url.partition(_CLUSTER)
    names, slash, options = rest.partition("/")
    if not slash:
        names, _, options = rest.partition("?")
        options = f"?{options}" if options else ""
    login, at, hosts = names.rpartition("@")
    return [f"{scheme}://{login}{at}{host}/{options}" for host in hosts.split(",")]


def addresses_of(url: str) -> list[Address]:
    """Where the nodes are that a URL names."""
    nodes = [parse_url(one) for one in node_urls(url)]
    return [(node.get("host", "localhost"), node.get("port", 6379)) for node in nodes]


def connect(url: str, *, blocking: bool = False) -> redis.asyncio.Redis:
    """Make a client; it connects at its first use and raises within a second when Redis is away.

    Args:
        url: `redis://…`, or `redis+cluster://…`, which gives a client of the cluster. Its commands are the
            same, but see above.
        blocking: For readers that block up to `BLOCK_S`, which need a longer socket timeout.
    """
    options: dict[str, Any] = {
        "decode_responses": True,
        "socket_timeout": TIMEOUT_S + (2 * BLOCK_S if blocking else 0.0),
        "socket_connect_timeout": TIMEOUT_S,
        "retry": Retry(NoBackoff(), 0),
        "client_name": "talentfeed",
    }
    if not is_cluster(url):
        pools: type[ConnectionPool] = ConnectionPool
        if not blocking:
            pools = BlockingConnectionPool
            options |= {"max_connections": MOST_CONNECTIONS, "timeout": TIMEOUT_S}
        pool = pools.from_url(url, **options)
        pool.connection_class = cancellable(pool.connection_class)
        return redis.asyncio.Redis.from_pool(pool)
    more: dict[str, Any] = dict(parse_url(node_urls(url)[0]))
    for name in ("host", "port", "db"):
        more.pop(name, None)
    more["ssl"] = more.pop("connection_class", None) is SSLConnection
    nodes = [ClusterNode(*address) for address in addresses_of(url)]
    cluster = RedisCluster(startup_nodes=nodes, **more, **options)
    cluster.commands_parser = cast(CommandsParser, _KeyPositions())
    # Nodes that it has found are made with the same arguments as those that it begins with.
    kind = cancellable(cluster.connection_kwargs["connection_class"])
    cluster.connection_kwargs["connection_class"] = kind
    for node in cluster.startup_nodes:
        node.connection_class = cast(type[Connection], kind)
    return cast(redis.asyncio.Redis, cluster)


def connection_maker(url: str) -> Callable[..., AbstractConnection]:
    """What makes connections for who reads answers by themselves, as bytes and with timeouts of their own.

    Args:
        url: Whose user, password and options are used.

    Returns:
        Takes the address of a node, if it is not to be the first that the URL names.
    """
    options: dict[str, Any] = dict(parse_url(node_urls(url)[0]))
    kind: type[AbstractConnection] = options.pop("connection_class", Connection)

    def make(address: Address | None = None) -> AbstractConnection:
        host = {"host": address[0], "port": address[1]} if address else {}
        return kind(
            **{**options, **host},
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
        for one in node_urls(url):
            connection_maker(one)()
    except (RedisError, TypeError, ValueError, OSError) as error:
        raise BadUrl("redis_url", error) from None


class Redis:
    """A client for what may not wait: a Redis that did not answer is not asked again for a second."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.client = connect(url)
        self._cluster = cast(RedisCluster, self.client) if is_cluster(url) else None
        self._is_open = False
        self._opening: asyncio.Task[None] | None = None
        # By node, until when it is not asked; "" is the one Redis, or the cluster as a whole.
        self._away_until: dict[str, float] = {}

    async def quickly(self, work: Callable[[], Awaitable[R]], key: str = "") -> R:
        """Do one exchange with Redis.

        Args:
            work: The exchange.
            key: A key that it is about. While one node of a cluster is away the others are asked all the
                same; an exchange that names no key is always tried.

        Raises:
            One of REDIS_FAILURES: It did not answer within `QUICK_S`, or was away a moment ago.
        """
        node = self._node_of(key)
        if time.monotonic() < self._away_until.get(node, 0.0):
            raise TimeoutError("Redis was away just now")
        try:
            async with asyncio.timeout(QUICK_S):
                if self._cluster is not None and not self._is_open:
                    await self._open()
                return await work()
        except REDIS_FAILURES:
            if self._cluster is None or node or not self._is_open:
                self._away_until[node] = time.monotonic() + AWAY_S
            self._is_open = False
            raise

    def node_of(self, key: str) -> str:
        """The name of the node that has a key, as far as is known; empty where it is not, and for one Redis.

        It may have another one meanwhile.
        """
        if self._cluster is None:
            return ""
        nodes = self._cluster.nodes_manager.slots_cache.get(key_slot(key.encode()))
        return str(nodes[0].name) if nodes else ""

    async def open(self) -> None:
        """Open all connections now, so that no more descriptors are needed later; not those of a cluster.

        Where Redis is away they come as they are needed.
        """
        if self._cluster is None:
            await asyncio.gather(*(self._ping() for _ in range(MOST_CONNECTIONS)))

    async def _ping(self) -> None:
        with contextlib.suppress(*REDIS_FAILURES):
            await self.quickly(self.client.ping)

    async def refuse_wrong_kind(self) -> bool:
        """Find out whether it is what its URL says.

        Returns:
            False where it is away, or does not tell this user.

        Raises:
            WrongRedis: It is not.
        """
        for one in node_urls(self.url):
            asked = connect(one)
            try:
                is_node = bool((await asked.info("cluster")).get("cluster_enabled"))
            except REDIS_FAILURES:
                continue
            finally:
                await asked.aclose()
            if is_node and self._cluster is None:
                raise WrongRedis("redis_url names a node of a cluster: it takes redis+cluster://HOST:PORT")
            if not is_node and self._cluster is not None:
                raise WrongRedis("redis_url names no cluster: it takes redis://HOST:PORT")
            return True
        return False

    async def close(self) -> None:
        """Close every connection."""
        if self._opening is not None:
            self._opening.cancel()
        await self.client.aclose()

    def _node_of(self, key: str) -> str:
        if self._cluster is None or not key or not self._is_open:
            return ""
        node = self._cluster.get_node_from_key(key)
        return str(node.name) if node else ""

    async def _open(self) -> None:
        """Read which node has what: the first time, and after a failure, as that may have changed.

        In a task of its own, as it takes longer than a request waits where a node does not answer.
        """
        if self._opening is None or self._opening.done():
            self._opening = asyncio.create_task(self._read_nodes())
        await asyncio.shield(self._opening)

    async def _read_nodes(self) -> None:
        cluster = self._cluster
        if cluster is None:
            return
        try:
            if cluster.get_default_node() is None:
                await cluster.initialize()
            else:
                await cluster.nodes_manager.initialize()
            self._is_open = True
        except REDIS_FAILURES:
            # Whoever waits runs into the timeout, or tries and fails by themselves.
            await asyncio.sleep(AWAY_S)
