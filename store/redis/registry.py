"""The registry: which processes run, what they do, and by which matching rules.

    await registry.announce("engine")       # once this process is ready for it
    await registry.by_role()                # {"web": ["host:7:a1"], "engine": []}
    await registry.announce_rules(version)  # before it scores anything
    await registry.of_other_rules(version)  # {"host:8:b2"}

Each process says every few seconds in Redis what it does, and what it said is forgotten soon after it stops.
So it tells who is there, and never who has done some work.
"""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from runtime.roles import ROLES, ProcessRole
from store.redis import keys
from store.redis.redis_client import REDIS_FAILURES, Redis

EVERY_S, _FORGET_S = 3.0, 10.0
"""Seconds between two reports of a process, and after which one is forgotten. With less, one that a busy
machine holds up would be forgotten while it works."""

_KEEP_S = 3600.0
"""Seconds after which what a killed process said is removed."""

AHEAD_S = 60.0
"""By how many seconds the clock of another machine may be ahead. What was said later than that is passed
over: a process whose clock was wrong would seem to live until the time comes. It is not removed, as the clock
of whoever reads it may be the wrong one, and behind."""


class Registry:
    """What one process, of a name that is unique among all, says and asks. Belongs to one event loop."""

    def __init__(self, redis: Redis, prefix: str, process: str) -> None:
        self._redis = redis
        self._prefix = prefix
        self._process = process
        self._announced: set[ProcessRole] = set()
        self._rules = ""
        self._has_left = False

    async def announce(self, role: ProcessRole) -> None:
        """Have everybody know from now on that this process has a role; harmless when it is said again.

        After `leave` it says nothing: what still runs then is about to end.
        """
        if role not in self._announced and not self._has_left:
            self._announced.add(role)
            await self.say()

    async def announce_rules(self, version: str) -> None:
        """Have everybody know by which matching rules this process scores, or will as soon as it can."""
        if not self._has_left:
            self._rules = version
            await self.say()

    async def say(self) -> None:
        """Say what this process does."""
        with contextlib.suppress(*REDIS_FAILURES):  # the next report comes soon
            await self._redis.quickly(self._say)

    async def leave(self) -> None:
        """Say that this process does nothing any more."""
        self._has_left = True
        with contextlib.suppress(*REDIS_FAILURES):
            await self._redis.quickly(self._unsay)
        self._announced.clear()
        self._rules = ""

    async def by_role(self) -> dict[ProcessRole, list[str]] | None:
        """The processes that have each role, as they are now; None while Redis does not answer."""
        try:
            return await self._redis.quickly(self._read)
        except REDIS_FAILURES:
            return None

    async def living(self) -> frozenset[str] | None:
        """The processes that score, this one among them, as Redis knows it now.

        One that was killed lives on in it for a few seconds.

        Returns:
            None while that is not known. Where this process itself is not seen Redis is away or was wiped,
            and others that live may not be seen either.
        """
        names = frozenset((await self.by_role() or {}).get("engine", ()))
        return names if self._process in names else None

    async def unserved(self) -> list[ProcessRole] | None:
        """The roles that nobody has; None while that is not known.

        It is not known while Redis is away, nor before any process has said what it does.
        """
        return unserved_of(await self.by_role())

    async def of_other_rules(self, version: str) -> set[str] | None:
        """The processes that score new resumes or feeds by other rules than `version`, or are about to.

        Those are among them that do not say by which. None while Redis is away.
        """
        try:
            return await self._redis.quickly(lambda: self._read_others(version))
        except REDIS_FAILURES:
            return None

    async def _read_others(self, version: str) -> set[str]:
        scorers = {*(await self._read())["engine"]}
        # Last, as a process says this first.
        members = [one.partition("@") for one in await self._said_lately(keys.rules(self._prefix))]
        ours = {process for rules, _, process in members if rules == version}
        return (scorers | {process for _, _, process in members}) - ours

    async def _read(self) -> dict[ProcessRole, list[str]]:
        return {role: await self._said_lately(keys.running(self._prefix, role)) for role in ROLES}

    async def _said_lately(self, key: str) -> list[str]:
        now = time.time()
        members: Any = await self._redis.client.zrangebyscore(key, now - _FORGET_S, now + AHEAD_S)
        return list(members)

    def _members(self) -> Iterator[tuple[str, str]]:
        """What this process says: keys, and its member in each."""
        if self._rules:
            yield keys.rules(self._prefix), f"{self._rules}@{self._process}"
        for role in self._announced:
            yield keys.running(self._prefix, role), self._process

    async def _say(self) -> None:
        pipeline = self._redis.client.pipeline(transaction=False)
        members = list(self._members())
        for key, member in members:
            now = time.time()
            pipeline.zadd(key, {member: now})
            pipeline.zremrangebyscore(key, 0, now - _KEEP_S)
        if members:
            await pipeline.execute()

    async def _unsay(self) -> None:
        pipeline = self._redis.client.pipeline(transaction=False)
        members = list(self._members())
        for key, member in members:
            pipeline.zrem(key, member)
        if members:
            await pipeline.execute()


def unserved_of(found: Mapping[ProcessRole, Sequence[str]] | None) -> list[ProcessRole] | None:
    """The roles that nobody has, by what `Registry.by_role` found; None while that is not known."""
    return [role for role in ROLES if not found[role]] if found and any(found.values()) else None
