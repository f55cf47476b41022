"""The registry: which processes run, what they do, and which share of it.

    registry.announce("score", Share(3, 16))    # once this process is ready for it
    await registry.seen("score")                # {Share(3, 16): ["host:7:a1", ...], ...}
    registry.announce_rules(version)            # before it scores anything
    await registry.of_other_rules(version)      # {"host:8:b2"}

Each process says every few seconds in Redis what it does, and what it said is forgotten soon after it stops.
So it tells who may be asked and given work, and never who has done some: work that is given to a process that
is gone is found by whoever sweeps.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Iterator
from typing import Any, NoReturn

from runtime.roles import DIVIDED
from store.redis import keys
from store.redis.redis_client import REDIS_FAILURES, Redis
from store.shards.shares import Share, uncovered

_SAY_EVERY_S, _FORGET_S = 3.0, 10.0
"""Seconds between two reports of a process, and after which one is forgotten. Until then a process that was
killed is given work, which others find seconds later. With less, one that a busy machine holds up would be
forgotten while it works."""

_REREAD_S = 1.0
"""Seconds that an answer of Redis serves. Intake asks for each batch, scorers for each batch too."""

_KEEP_S = 3600.0
"""Seconds after which what a killed process said is removed."""

AHEAD_S = 60.0
"""By how many seconds the clock of another machine may be ahead. What was said later than that is passed
over: a process whose clock was wrong would seem to live until the time comes. It is not removed, as the clock
of whoever reads it may be the wrong one, and behind."""


class Registry:
    """What one process says and asks. Belongs to one event loop.

    Args:
        redis: Where the processes meet.
        prefix: The name of the database.
        process: This process, unique among all.
    """

    def __init__(self, redis: Redis, prefix: str, process: str) -> None:
        self._redis = redis
        self._prefix = prefix
        self._process = process
        self._announced: dict[str, Share] = {}
        self._rules = ""
        self._has_left = False
        self._changed = asyncio.Event()
        # By role: when Redis was asked last, when it answered last, and what it said.
        self._seen: dict[str, tuple[float, float, dict[Share, list[str]]]] = {}

    def announce(self, role: str, share: Share) -> None:
        """Have everybody know from now on that this process has a role; harmless when it is said again.

        After `leave` it says nothing: what still runs then is about to end.
        """
        if self._announced.get(role) != share and not self._has_left:
            self._announced[role] = share
            self._changed.set()

    def announce_rules(self, version: str) -> None:
        """Have everybody know by which matching rules this process scores, or will as soon as it can."""
        if not self._has_left:
            self._rules = version
            self._changed.set()

    async def run(self) -> NoReturn:
        """Say what this process does, until cancelled."""
        while True:
            self._changed.clear()
            with contextlib.suppress(*REDIS_FAILURES):  # the next report comes soon
                await self._redis.quickly(self._say)
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(_SAY_EVERY_S):
                    await self._changed.wait()

    async def leave(self) -> None:
        """Say that this process does nothing any more, so that nobody gives it work."""
        self._has_left = True
        with contextlib.suppress(*REDIS_FAILURES):
            await self._redis.quickly(self._unsay)
        self._announced.clear()
        self._rules = ""

    async def seen(self, role: str) -> dict[Share, list[str]]:
        """The processes that have a role, by their share, those seen last first.

        An answer may be a second old, and ten while Redis does not answer; after that nobody is seen.
        """
        asked_at, answered_at, found = self._seen.get(role, (float("-inf"), float("-inf"), {}))
        if time.monotonic() >= asked_at + _REREAD_S:
            try:
                found = await self._redis.quickly(lambda: self._read(role))
                answered_at = time.monotonic()
            except REDIS_FAILURES:
                if time.monotonic() >= answered_at + _FORGET_S:
                    found = {}
            # Noted when Redis is away, too: each try may take a while.
            self._seen[role] = time.monotonic(), answered_at, found
        return found

    async def find(self, role: str) -> dict[Share, list[str]] | None:
        """The same as they are now; None while Redis does not answer."""
        try:
            return await self._redis.quickly(lambda: self._read(role))
        except REDIS_FAILURES:
            return None

    async def living(self, role: str) -> frozenset[str] | None:
        """The processes that have a role, this one among them, as Redis knows it now.

        One that was killed lives on in it for a few seconds.

        Returns:
            None while that is not known. Where this process itself is not seen Redis is away or was wiped,
            and others that live may not be seen either.
        """
        names = frozenset(name for some in (await self.find(role) or {}).values() for name in some)
        return names if self._process in names else None

    async def unserved(self, role: str) -> list[int] | None:
        """The slots whose work waits, as no process with a role has them; None while Redis is away."""
        found = await self.find(role)
        return None if found is None else uncovered(found)

    async def of_other_rules(self, version: str) -> set[str] | None:
        """The processes that score new resumes or feeds by other rules than `version`, or are about to.

        Those are among them that do not say by which. None while Redis is away.
        """
        try:
            return await self._redis.quickly(lambda: self._read_others(version))
        except REDIS_FAILURES:
            return None

    async def _read_others(self, version: str) -> set[str]:
        scorers = {name for role in DIVIDED for names in (await self._read(role)).values() for name in names}
        # Last, as a process says this first.
        members = [one.partition("@") for one in await self._said_lately(keys.rules(self._prefix))]
        ours = {process for rules, _, process in members if rules == version}
        return (scorers | {process for _, _, process in members}) - ours

    async def _read(self, role: str) -> dict[Share, list[str]]:
        found: dict[Share, list[str]] = {}
        for member in reversed(await self._said_lately(keys.running(self._prefix, role))):
            share, _, process = member.partition("@")
            with contextlib.suppress(ValueError):  # of a release that says more
                found.setdefault(Share.of(share), []).append(process)
        return found

    async def _said_lately(self, key: str) -> list[str]:
        now = time.time()
        members: Any = await self._redis.client.zrangebyscore(key, now - _FORGET_S, now + AHEAD_S)
        return list(members)

    def _members(self) -> Iterator[tuple[str, str]]:
        """What this process says: keys, and its member in each."""
        if self._rules:
            yield keys.rules(self._prefix), f"{self._rules}@{self._process}"
        for role, share in self._announced.items():
            yield keys.running(self._prefix, role), f"{share}@{self._process}"

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
