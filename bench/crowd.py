"""Many sockets that only listen, and what each was told."""

from __future__ import annotations

import asyncio
import contextlib
import json
import time
from collections import defaultdict
from collections.abc import Sequence

from bench.wire import Ear
from tests.support import eventually

_PATH = "/special_feed/ws/"
_GENTLY = 50


class Crowd:
    """One socket for each of the names.

    Args:
        port: Of the server.
        names: What tells the sockets apart: their authorization, with `#` and anything behind it where
            several share one.
    """

    def __init__(self, port: int, names: Sequence[str]) -> None:
        self._port = port
        self._names = list(names)
        self._ears: dict[str, Ear] = {}
        self.snapshots: dict[str, dict[str, int]] = {}
        """What each was told first: unread counts by feed."""
        self.counts: dict[str, list[tuple[float, int]]] = defaultdict(list)
        """When and what each feed's count was told."""
        self.frames = 0
        self.last_at = 0.0
        self._snapshot_at: dict[str, float] = {}

    async def connect(self, within_s: float = 120.0) -> None:
        """Connect all, some at a time, and wait until each has its snapshot."""
        for start in range(0, len(self._names), _GENTLY):
            some = self._names[start : start + _GENTLY]
            await asyncio.gather(*map(self._connect, some))
            await self._until_greeted(some, within_s)

    async def reconnect_at_once(self, within_s: float) -> list[float]:
        """Cut all connections, make all anew at once; the seconds until each has its snapshot."""
        self.close()
        await asyncio.sleep(0.5)
        self.snapshots.clear()
        self._snapshot_at.clear()
        began = time.perf_counter()
        await asyncio.gather(*map(self._connect, self._names), return_exceptions=True)
        with contextlib.suppress(AssertionError):
            await self._until_greeted(self._names, within_s)
        return [self._snapshot_at.get(name, float("inf")) - began for name in self._names]

    async def until_told(self, frames: int, within_s: float = 60.0) -> None:
        """Wait until so many frames of unread counts have come."""

        async def are_told() -> bool:
            return self.frames >= frames

        await eventually(are_told, within_s=within_s, what="every frame", every_s=0.005)

    def close(self) -> None:
        """Cut all connections, as a network does."""
        for ear in self._ears.values():
            ear.drop()

    async def _connect(self, name: str) -> None:
        self._ears[name] = ear = Ear(
            _PATH, name.partition("#")[0], lambda text, now: self._on_event(name, text, now)
        )
        await ear.connect(self._port)

    async def _until_greeted(self, names: Sequence[str], within_s: float) -> None:
        async def are_greeted() -> bool:
            return all(name in self.snapshots for name in names)

        await eventually(are_greeted, within_s=within_s, what="a snapshot for everybody")

    def _on_event(self, name: str, text: bytes, now: float) -> None:
        self.last_at = now
        if text.startswith(b'{"type":"unread"'):
            self.frames += 1
            frame = json.loads(text)
            self.counts[frame["feed_id"]].append((now, frame["unread_count"]))
        elif text.startswith(b'{"type":"snapshot"'):
            feeds = json.loads(text)["feeds"]
            self.snapshots[name] = {feed["feed_id"]: feed["unread_count"] for feed in feeds}
            self._snapshot_at[name] = now
