"""How much each account has asked for lately: a budget of units that fills up again evenly over a minute.

    wait_s = await budgets.spend(account, units=10, limit=600)      # 0.0: it may

Each process keeps the level of the accounts that it serves, and a request is held to that: no request waits
for Redis. What is spent goes to Redis some milliseconds later, and what others have spent comes back, so an
account has one budget at all processes together. They may give a few units too many, as many as are asked for
in that time. While Redis is away, and after it was wiped, the bound of each process holds by itself.
"""

from __future__ import annotations

import contextlib
import time
from collections import OrderedDict
from collections.abc import Sequence

import msgspec

from store.by_ids import chunks
from store.redis import keys
from store.redis.redis_client import REDIS_FAILURES, Redis

MINUTE_S = 60.0
"""Seconds in which an empty budget is full again."""
EVERY_S = 0.2
"""Seconds between two exchanges with Redis. Longer, and an account at several processes gets more than its
budget, of which a three-hundredth comes back in this time; shorter, and Redis is asked for each request. With
0.05 the exchanges were a sixteenth of what a page costs."""
_HEARD_S = 1.0
"""How old the knowledge of what an account spent elsewhere may be before Redis is asked first."""
_MAX_ACCOUNTS = 20_000
"""Accounts of which a process holds the level. Beyond it those are dropped that were served longest ago."""
_AT_A_TIME = 200
"""Accounts in one exchange."""

# Adds to a level that sinks with time, by the clock of Redis. KEYS: the account's; ARGV: units to add, below
# zero where they are given back, and units that the level sinks in a second. Gives the new level.
_ADD = """
local now = redis.call('TIME')
now = now[1] + now[2] / 1000000
local level, at = 0, now
local kept = redis.call('GET', KEYS[1])
if kept then
  local space = string.find(kept, ' ')
  level, at = tonumber(string.sub(kept, 1, space - 1)), tonumber(string.sub(kept, space + 1))
end
level = math.max(0, level - tonumber(ARGV[2]) * math.max(0, now - at))
level = math.max(0, level + tonumber(ARGV[1]))
if level > 0 then
  local left = math.ceil(level / tonumber(ARGV[2])) + 1
  redis.call('SET', KEYS[1], string.format('%.3f %.6f', level, now), 'EX', left)
else
  redis.call('DEL', KEYS[1])
end
return string.format('%.3f', level)
"""


class _Level(msgspec.Struct):
    """What an account has spent and not yet got back, in units, as of `at`.

    Attributes:
        own: At this process.
        shared: At all processes, as far as is known.
        unsent: What of it Redis has not been told.
        rate: Units that it gets back in a second.
        heard_at: When Redis told the shared level last.
    """

    own: float
    shared: float
    unsent: float
    rate: float
    at: float
    heard_at: float

    def sink(self, now: float, rate: float) -> None:
        back = rate * (now - self.at)
        self.own, self.shared = max(0.0, self.own - back), max(0.0, self.shared - back)
        self.at, self.rate = now, rate


class Budgets:
    """The budgets of one process. Belongs to one event loop; `tell` tells Redis."""

    def __init__(self, redis: Redis, prefix: str) -> None:
        self._redis = redis
        self._prefix = prefix
        self._levels: OrderedDict[str, _Level] = OrderedDict()

    async def spend(self, user: str, units: int, limit: int) -> float:
        """Spend units of an account's budget, of so many a minute, if it has so many left.

        Returns:
            0.0 where they are spent, else the seconds until they can be; then nothing is spent.
        """
        now, rate, units = time.monotonic(), limit / MINUTE_S, min(units, limit)
        level = self._level(user, now, rate)
        if now - level.heard_at >= _HEARD_S:
            level.heard_at = now  # whoever asks meanwhile need not ask too
            await self._exchange([user])
            now = time.monotonic()
        level.sink(now, rate)
        above = max(level.own, level.shared) + units - limit
        if above > 0:
            return above / rate
        level.own += units
        level.shared += units
        level.unsent += units
        return 0.0

    def give_back(self, user: str, units: int) -> None:
        """Take back that units were spent, as for a request that was refused after all."""
        if level := self._levels.get(user):
            level.own, level.shared = max(0.0, level.own - units), max(0.0, level.shared - units)
            level.unsent -= units

    async def tell(self) -> None:
        """Tell Redis what was spent since it was told last."""
        unsent = [user for user, level in self._levels.items() if level.unsent]
        for some in chunks(unsent, _AT_A_TIME):
            await self._exchange(some)

    def _level(self, user: str, now: float, rate: float) -> _Level:
        level = self._levels.get(user)
        if level is None:
            level = _Level(own=0.0, shared=0.0, unsent=0.0, rate=rate, at=now, heard_at=float("-inf"))
            self._levels[user] = level
            if len(self._levels) > _MAX_ACCOUNTS:
                self._levels.popitem(last=False)
        self._levels.move_to_end(user)
        return level

    async def _exchange(self, users: Sequence[str]) -> None:
        """Tell Redis what was spent here, and hear what was spent everywhere; nothing where it is away."""
        told = [(self._levels[user], user) for user in users if user in self._levels]
        pipe = self._redis.client.pipeline(transaction=False)
        for level, user in told:
            pipe.eval(_ADD, 1, keys.budget(self._prefix, user), f"{level.unsent:.3f}", f"{level.rate:.6f}")
            # What Redis does not take is known here alone. To send it again could count it twice.
            level.unsent = 0.0
        with contextlib.suppress(*REDIS_FAILURES):
            answers = await self._redis.quickly(pipe.execute)
            now = time.monotonic()
            for (level, _), shared in zip(told, answers, strict=True):
                level.sink(now, level.rate)
                # What was spent meanwhile is not in the answer.
                level.shared, level.heard_at = float(shared) + level.unsent, now
