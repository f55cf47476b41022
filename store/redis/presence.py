"""Presence: which accounts have a socket open, in any process.

    presence = Presence(redis, prefix, process)
    presence.accounts = hub.accounts        # whose sockets this process has
    await presence.present(["6b06…"])       # {"6b06…"}

Each process says every few seconds in Redis whose sockets it has, and what it said is forgotten soon after it
stops. What this process has itself is known without Redis.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Callable, Collection, Sequence
from typing import Any, NoReturn

from store.redis import keys
from store.redis.redis_client import REDIS_FAILURES, Redis

_SAY_EVERY_S, _FORGET_S = 5.0, 15
"""Seconds between two reports of a process, and after which one is forgotten. A socket that was just opened
is unknown to other processes for so long; whoever is told of results has them waiting for two minutes."""

_MOST_PROCESSES = 200
"""Processes that are told of, those that were seen last."""

# Says anew who is there. KEYS: the process's; ARGV: seconds until it is forgotten, and the accounts, which
# are more than one call takes. In one step: an answer in between would miss some, and a set without an end
# would stay for good.
_SAY = """
redis.call('DEL', KEYS[1])
for account = 2, #ARGV do
  redis.call('SADD', KEYS[1], ARGV[account])
end
redis.call('EXPIRE', KEYS[1], ARGV[1])
return #ARGV - 1
"""


def nobody() -> Collection[str]:
    """The accounts of a process that has no sockets."""
    return ()


class Presence:
    """What one process says and asks. Belongs to one event loop.

    Args:
        redis: Where the processes meet. While it is away only the sockets of this process are known.
        prefix: The name of the database.
        process: This process, unique among all.
    """

    def __init__(self, redis: Redis, prefix: str, process: str) -> None:
        self._redis = redis
        self._prefix = prefix
        self._process = process
        self.accounts: Callable[[], Collection[str]] = nobody
        """Gives the accounts whose sockets this process has."""

    async def run(self) -> NoReturn:
        """Say whose sockets this process has, until cancelled."""
        while True:
            with contextlib.suppress(*REDIS_FAILURES):  # the next report comes soon
                await self._redis.quickly(self._say)
            await asyncio.sleep(_SAY_EVERY_S)

    async def present(self, user_ids: Sequence[str]) -> set[str]:
        """Those of some accounts that have a socket open."""
        present = set(self.accounts()).intersection(user_ids)
        absent = [user for user in user_ids if user not in present]
        if absent:
            with contextlib.suppress(*REDIS_FAILURES):
                present |= await self._redis.quickly(lambda: self._elsewhere(absent))
        return present

    async def processes(self) -> dict[str, float] | None:
        """When each process said last that it is there, in Unix seconds; None while Redis is away."""
        with contextlib.suppress(*REDIS_FAILURES):
            key = keys.processes(self._prefix)
            seen = await self._redis.quickly(
                lambda: self._redis.client.zrange(key, 0, _MOST_PROCESSES - 1, desc=True, withscores=True)
            )
            pairs: Any = seen  # its type knows no `withscores`
            return {str(process): float(at) for process, at in pairs}
        return None

    @property
    def process(self) -> str:
        """This process."""
        return self._process

    async def _say(self) -> None:
        pipeline = self._redis.client.pipeline(transaction=False)
        mine = keys.present(self._prefix, self._process)
        pipeline.eval(_SAY, 1, mine, str(_FORGET_S), *self.accounts())
        processes = keys.processes(self._prefix)
        pipeline.zadd(processes, {self._process: time.time()})
        pipeline.zremrangebyscore(processes, 0, time.time() - 2 * _FORGET_S)
        await pipeline.execute()

    async def _elsewhere(self, user_ids: Sequence[str]) -> set[str]:
        processes = await self._redis.client.zrange(keys.processes(self._prefix), 0, -1)
        pipeline = self._redis.client.pipeline(transaction=False)
        for process in processes:
            pipeline.smismember(keys.present(self._prefix, str(process)), list(user_ids))
        answers = await pipeline.execute() if processes else []
        return {
            user for answer in answers for user, is_there in zip(user_ids, answer, strict=True) if is_there
        }
