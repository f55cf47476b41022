"""Reads that share a round trip: whoever asks while a read is under way goes with the next one.

    counts = DataLoader(result_counters.read)
    await counts.get([user_id])

A single caller waits for nothing. Thousands at once, as when everybody reconnects, become a few reads, one
after the other, and the database has time for others in between.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Generic, TypeVar

K = TypeVar("K")
V = TypeVar("V")

MOST = 32
"""Keys in one read. More make fewer reads, but each keeps the database from others for longer: the embedded
store's time for an `$in` grows with the square of its length."""


class _Asked(Generic[K, V]):
    """A caller who waits: how many of their keys are not read yet, and what was found of the others."""

    def __init__(self, keys: Sequence[K]) -> None:
        self.missing = len(keys)
        self.found: dict[K, V] = {}
        self.answer: asyncio.Future[dict[K, V]] = asyncio.get_running_loop().create_future()


class DataLoader(Generic[K, V]):
    """Reads by keys, one read in flight. Belongs to one event loop.

    Args:
        read: Reads what there is of at most `most` different keys; keys without a value are left out.
        most: How many keys go together.
    """

    def __init__(self, read: Callable[[list[K]], Awaitable[Mapping[K, V]]], most: int = MOST) -> None:
        self._read = read
        self._most = most
        self._waiting: deque[tuple[K, _Asked[K, V]]] = deque()
        self._reader: asyncio.Task[None] | None = None

    async def get(self, keys: Sequence[K]) -> dict[K, V]:
        """What there is of the keys; every value was read after this was called.

        Raises:
            Whatever `read` raises. It is raised for all who wait at that moment: thousands who each wait for
            a timeout of their own, one after the other, would wait for minutes.
        """
        if not keys:
            return {}
        asked: _Asked[K, V] = _Asked(keys)
        self._waiting.extend((key, asked) for key in keys)
        if self._reader is None:
            self._reader = asyncio.create_task(self._read_on())
        return await asked.answer

    async def _read_on(self) -> None:
        try:
            while self._waiting:
                await self._read_some()
        finally:
            self._reader = None
            # Somebody is left only where the reading was cancelled, as at the end of the process.
            for _, asked in self._waiting:
                asked.answer.cancel()
            self._waiting.clear()

    async def _read_some(self) -> None:
        batch: list[tuple[K, _Asked[K, V]]] = []
        wanted: dict[K, None] = {}
        while self._waiting and len(wanted) < self._most:
            key, asked = self._waiting.popleft()
            # A caller who gave up, or who was told of a failure with another key, is not read for.
            if not asked.answer.done():
                batch.append((key, asked))
                wanted[key] = None
        if not batch:
            return
        try:
            found = await self._read(list(wanted))
        except Exception as error:  # noqa: BLE001 - it is raised for those who asked
            batch += self._waiting
            self._waiting.clear()
            for _, asked in batch:
                if not asked.answer.done():
                    asked.answer.set_exception(error)
            return
        except asyncio.CancelledError:
            self._waiting.extend(batch)
            raise
        for key, asked in batch:
            if key in found:
                asked.found[key] = found[key]
            asked.missing -= 1
            if not asked.missing and not asked.answer.done():
                asked.answer.set_result(asked.found)
