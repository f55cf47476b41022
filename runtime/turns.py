"""Turns at something that only a few can do at once: one at a time for a name, the names one after the other.

    turns = Turns(at_once=2)
    async with turns.take(account):
        ...

Whoever asks a hundred times waits for their own hundred: between two turns of a name, every other name that
waits has one. Belongs to one event loop.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections import OrderedDict, deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager


class Turns:
    """Who has a turn, and who waits for one.

    Args:
        at_once: Turns that are had at the same time, each by another name.
    """

    def __init__(self, at_once: int) -> None:
        self._at_once = at_once
        # By name, since when it has its turn (`time.monotonic`).
        self._running: dict[str, float] = {}
        # The names that wait, whose turn comes first at the front.
        self._waiting: OrderedDict[str, deque[asyncio.Future[None]]] = OrderedDict()

    @asynccontextmanager
    async def take(self, name: str) -> AsyncIterator[None]:
        """Wait for a turn, and have it for the block. Giving up the wait is harmless."""
        # Where a turn is free, all names that wait have one: nobody is overtaken.
        if name in self._running or len(self._running) >= self._at_once:
            await self._wait(name)
        else:
            self._running[name] = time.monotonic()
        try:
            yield
        finally:
            self._end(name)

    def has_been_taken_s(self, name: str) -> float:
        """Seconds for which those whose turn a name waits for have had it; 0 where it need not wait."""
        began = [self._running[name]] if name in self._running else list(self._running.values())
        return time.monotonic() - min(began) if began else 0.0

    async def _wait(self, name: str) -> None:
        turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.setdefault(name, deque()).append(turn)
        try:
            await turn
        except asyncio.CancelledError:
            if turn.done() and not turn.cancelled():  # the turn came at the very moment
                self._end(name)
            else:
                self._forget(name, turn)
            raise

    def _end(self, name: str) -> None:
        del self._running[name]
        while len(self._running) < self._at_once:
            # At most `at_once` names are passed over.
            following = next((one for one in self._waiting if one not in self._running), None)
            if following is None:
                return
            turn = self._waiting[following][0]
            self._forget(following, turn)
            if following in self._waiting:
                self._waiting.move_to_end(following)
            if not turn.cancelled():
                self._running[following] = time.monotonic()
                turn.set_result(None)

    def _forget(self, name: str, turn: asyncio.Future[None]) -> None:
        waiting = self._waiting.get(name, deque())
        with contextlib.suppress(ValueError):
            waiting.remove(turn)
        if not waiting:
            self._waiting.pop(name, None)
