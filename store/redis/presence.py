"""Presence: which accounts have a socket open, in any process.

    presence = Presence(redis, prefix, process)
    presence.accounts = hub.accounts        # whose sockets this process has
    await presence.add("6b06…")             # one more
    await presence.present(["6b06…"])       # {"6b06…"}

Each process says in Redis whose socket was opened, and every few seconds whose it has; what it said is
forgotten soon after it stops. What this process has itself is known without Redis. While nobody knows what
the others have, as Redis does not answer or was wiped, everybody may have one open: whoever sees a result
must not be told of it. That ends after ten minutes, as Redis may be away for good, and is not so where there
are no others.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Callable, Collection, Sequence
from typing import Any

from store.redis import keys
from store.redis.redis_client import REDIS_FAILURES, Redis
from store.redis.registry import AHEAD_S

EVERY_S, _FORGET_S = 5.0, 15
"""Seconds between two reports of a process, and after which one is forgotten. A socket that was closed is
known to other processes for so long; whoever is told of results has them waiting for two minutes."""

_SURE_AFTER_S = 2 * EVERY_S
"""Seconds from when Redis did not answer, or was found wiped, until its answers are believed. By then each
process has said again whose sockets it has. With less, who has one open would look as if they had none."""

_GIVE_UP_S = 600.0
"""Seconds for which everybody may have a socket open while nobody knows. It is by how much notices are late
at most where Redis is away. Less would tell those who have the page open while somebody repairs it."""

_MOST_PROCESSES = 200
"""Processes that are named, those that were seen last. More are counted, as nobody reads so long a list."""

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
    """What one process, of a name that is unique among all, says and asks. Belongs to one event loop."""

    def __init__(self, redis: Redis, prefix: str, process: str) -> None:
        self._redis = redis
        self._prefix = prefix
        self.process = process
        self.accounts: Callable[[], Collection[str]] = nobody
        """Gives the accounts whose sockets this process has."""
        self._saying = asyncio.Lock()
        self._is_known = False
        # Whether it was the only process when all was well: then nobody has sockets that could be missed.
        self._is_alone = False
        # In monotonic seconds: until when Redis is not believed, and since when without a break.
        self._sure_from = self._unsure_since = float("-inf")

    async def say(self) -> None:
        """Say whose sockets this process has."""
        try:
            await self._redis.quickly(self._say)
        except REDIS_FAILURES:  # the next report comes soon
            self._doubt()

    async def add(self, user_id: str) -> None:
        """Say that an account has opened a socket here, sooner than the next report."""
        with contextlib.suppress(*REDIS_FAILURES):
            await self._redis.quickly(lambda: self._add(user_id))

    async def present(self, user_ids: Sequence[str]) -> set[str]:
        """Those of some accounts that have a socket open, or may have one while nobody knows."""
        present = set(self.accounts()).intersection(user_ids)
        absent = [user for user in user_ids if user not in present]
        if absent:
            try:
                present |= await self._redis.quickly(lambda: self._elsewhere(absent))
            except REDIS_FAILURES:
                self._doubt()
            if self._is_in_doubt():
                present.update(absent)
        return present

    async def processes(self) -> dict[str, float] | None:
        """When each of at most 200 processes said last that it is there; None while Redis is away.

        In Unix seconds. Where there are more, they are those that said so last.
        """
        with contextlib.suppress(*REDIS_FAILURES):
            key = keys.processes(self._prefix)
            seen = await self._redis.quickly(
                lambda: self._redis.client.zrevrangebyscore(
                    key, time.time() + AHEAD_S, "-inf", start=0, num=_MOST_PROCESSES, withscores=True
                )
            )
            pairs: Any = seen  # its type knows no `withscores`
            return {str(process): float(at) for process, at in pairs}
        return None

    async def count(self) -> int | None:
        """How many processes said in the last half minute that they are there; None while Redis is away."""
        with contextlib.suppress(*REDIS_FAILURES):
            key = keys.processes(self._prefix)
            latest = time.time() + AHEAD_S
            return int(await self._redis.quickly(lambda: self._redis.client.zcount(key, "-inf", latest)))
        return None

    async def _add(self, user_id: str) -> None:
        pipeline = self._redis.client.pipeline(transaction=False)
        mine = keys.present(self._prefix, self.process)
        pipeline.sadd(mine, user_id)
        pipeline.expire(mine, _FORGET_S)
        async with self._saying:
            await pipeline.execute()

    async def _say(self) -> None:
        pipeline = self._redis.client.pipeline(transaction=False)
        processes = keys.processes(self._prefix)
        async with self._saying:  # or a report might take away who was added after it was put together
            pipeline.eval(_SAY, 1, keys.present(self._prefix, self.process), str(_FORGET_S), *self.accounts())
            pipeline.zadd(processes, {self.process: time.time()})
            pipeline.zremrangebyscore(processes, 0, time.time() - 2 * _FORGET_S)
            pipeline.zrange(processes, 0, -1)
            _, is_new, _, there = await pipeline.execute()
        if is_new and self._is_known:
            self._doubt()  # Redis was wiped
        self._is_known = True
        self._note_others(there)

    def _note_others(self, processes: Sequence[Any]) -> None:
        if time.monotonic() >= self._sure_from:
            self._is_alone = [*processes] == [self.process]

    def _doubt(self) -> None:
        now = time.monotonic()
        if self._is_alone:
            return
        if now >= self._sure_from:
            self._unsure_since = now
        self._sure_from = now + _SURE_AFTER_S

    def _is_in_doubt(self) -> bool:
        now = time.monotonic()
        return now < self._sure_from and now < self._unsure_since + _GIVE_UP_S

    async def _elsewhere(self, user_ids: Sequence[str]) -> set[str]:
        processes = await self._redis.client.zrange(keys.processes(self._prefix), 0, -1)
        if self._is_known and self.process not in processes:
            self._doubt()  # Redis was wiped since this process said so
        else:
            self._note_others(processes)
        pipeline = self._redis.client.pipeline(transaction=False)
        for process in processes:
            pipeline.smismember(keys.present(self._prefix, str(process)), list(user_ids))
        answers = await pipeline.execute() if processes else []
        return {
            user for answer in answers for user, is_there in zip(user_ids, answer, strict=True) if is_there
        }
