"""Turns at something that only a few can do at once: one at a time for a name, the names one after the other.

    turns = Turns(at_once=2)
    async with turns.take(account):
        ...

Whoever asks a hundred times waits for their own hundred: between two turns of a name, every other name that
waits has one. A name that has the next one waiting already rests for as long as its turn took, so that it
takes half of the time at most; longer after turns whose work goes on behind them. Belongs to one event loop.

`KeyedLocks` let in one at a time for each key, in the order of arrival; those with other keys do not wait:

    async with locks.take(user, resume):
        ...
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections import OrderedDict, deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

_LONGEST_REST_S = 0.25
"""Seconds that a rest takes at most. A turn that took longer has mostly waited for others itself."""


class Turns:
    """Who has a turn, and who waits for one; so many names have one at once, None for any number."""

    def __init__(self, at_once: int | None) -> None:
        self._at_once = at_once
        # By name, since when it has its turn (`time.monotonic`).
        self._running: dict[str, float] = {}
        self._resting: set[str] = set()
        # The names that wait, whose turn comes first at the front.
        self._waiting: OrderedDict[str, deque[asyncio.Future[None]]] = OrderedDict()

    @asynccontextmanager
    async def take(self, name: str, *, rest: float = 1.0) -> AsyncIterator[None]:
        """Wait for a turn, and have it for the block. Giving up the wait is harmless.

        A name whose next turn waits already rests for `rest` times as long as this one took.
        """
        # Where a turn is free, all names that wait have one, or rest: nobody is overtaken.
        if self._may(name):
            self._running[name] = time.monotonic()
        else:
            await self._wait(name)
        try:
            yield
        finally:
            self._end(name, rest)

    def _may(self, name: str) -> bool:
        is_free = self._at_once is None or len(self._running) < self._at_once
        return is_free and name not in self._running and name not in self._resting

    async def _wait(self, name: str) -> None:
        turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.setdefault(name, deque()).append(turn)
        try:
            await turn
        except asyncio.CancelledError:
            if turn.done() and not turn.cancelled():  # the turn came at the very moment
                self._end(name, rest=1.0)
            else:
                self._forget(name, turn)
            raise

    def _end(self, name: str, rest: float) -> None:
        took_s = time.monotonic() - self._running.pop(name)
        if name in self._waiting:
            self._resting.add(name)
            rest_s = min(rest * took_s, _LONGEST_REST_S)
            asyncio.get_running_loop().call_later(rest_s, self._end_rest, name)
        self._go_on(name)

    def _end_rest(self, name: str) -> None:
        self._resting.discard(name)
        self._go_on(name)

    def _go_on(self, name: str) -> None:
        """Give the turns that are free to who waits, after `name` ended its turn or its rest."""
        while (following := self._first(name)) is not None:
            turn = self._waiting[following][0]
            self._forget(following, turn)
            if following in self._waiting:
                self._waiting.move_to_end(following)
            if not turn.cancelled():
                self._running[following] = time.monotonic()
                turn.set_result(None)

    def _first(self, name: str) -> str | None:
        """Whose turn it is; without a bound nobody waits for another name than their own."""
        if self._at_once is None:
            return name if name in self._waiting and self._may(name) else None
        return next(filter(self._may, self._waiting), None)

    def _forget(self, name: str, turn: asyncio.Future[None]) -> None:
        waiting = self._waiting.get(name, deque())
        with contextlib.suppress(ValueError):
            waiting.remove(turn)
        if not waiting:
            self._waiting.pop(name, None)


class KeyedLocks:
    """A lock for each key, kept only while somebody holds it or waits for it. Belongs to one event loop."""

    def __init__(self) -> None:
        # The lock of a key, and how many hold it or wait for it: the last one to leave removes it.
        self._locks: dict[tuple[str, ...], tuple[asyncio.Lock, int]] = {}

    @asynccontextmanager
    async def take(self, *key: str) -> AsyncIterator[None]:
        """Wait for the key's lock, and hold it for the block."""
        # Counted before the wait: a lock that somebody waits for must not be forgotten by whoever leaves it.
        lock, users = self._locks.get(key, (asyncio.Lock(), 0))
        self._locks[key] = (lock, users + 1)
        try:
            async with lock:
                yield
        finally:
            lock, users = self._locks[key]
            if users > 1:
                self._locks[key] = (lock, users - 1)
            else:
                del self._locks[key]
