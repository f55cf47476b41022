"""Many sockets that only listen, the frames that each received, and what these should say."""

from __future__ import annotations

import asyncio
import contextlib
import json
import time
from collections import Counter, defaultdict
from collections.abc import Sequence
from typing import Any

from bench.harness.waiting import eventually
from bench.harness.wire import Listener

_PATH = "/special_feed/ws/"
_AT_ONCE = 50
"""Sockets that `connect` opens at the same time, few enough that the server keeps up."""


class Crowd:
    """One socket for each of the names.

    Args:
        port: Of the server.
        names: A name for each socket: its authorization. Where several sockets share one authorization, `#`
            and anything behind it tells them apart.

    Attributes:
        snapshots: By name, the unread counts by feed that the socket received first.
        counts: By feed, when its count was received and what it was.
        frames: How many frames of unread counts were received.
        last_at: When the last frame was received.
        claims: The frames about who is with whom: name of the socket, feed, resume, and when it was received.
    """

    def __init__(self, port: int, names: Sequence[str]) -> None:
        self._port = port
        self._names = list(names)
        self._listeners: dict[str, Listener] = {}
        self.snapshots: dict[str, dict[str, int]] = {}
        self.counts: dict[str, list[tuple[float, int]]] = defaultdict(list)
        self.frames = 0
        self.last_at = 0.0
        self.claims: list[tuple[str, str, str, float]] = []
        self._snapshot_at: dict[str, float] = {}

    async def connect(self, within_s: float = 120.0) -> None:
        """Connect all, some at a time, and wait until each has its snapshot."""
        for start in range(0, len(self._names), _AT_ONCE):
            some = self._names[start : start + _AT_ONCE]
            await asyncio.gather(*map(self._connect, some))
            await self._until_greeted(some, within_s)

    async def reconnect_at_once(self, within_s: float) -> list[float]:
        """Cut all connections and connect all at once; returns the seconds until each has its snapshot."""
        self.close()
        await asyncio.sleep(0.5)
        self.snapshots.clear()
        self._snapshot_at.clear()
        began = time.perf_counter()
        await asyncio.gather(*map(self._connect, self._names), return_exceptions=True)
        with contextlib.suppress(TimeoutError):
            await self._until_greeted(self._names, within_s)
        return [self._snapshot_at.get(name, float("inf")) - began for name in self._names]

    async def until_received(self, frames: int) -> None:
        """Wait until so many frames of unread counts were received."""

        async def are_received() -> bool:
            return self.frames >= frames

        await eventually(are_received, within_s=60.0, what="every frame", every_s=0.005)

    def close(self) -> None:
        """Cut all connections without a closing handshake, as a broken network does."""
        for listener in self._listeners.values():
            listener.drop()

    async def _connect(self, name: str) -> None:
        self._listeners[name] = listener = Listener(
            _PATH, name.partition("#")[0], lambda text, now: self._on_event(name, text, now)
        )
        await listener.connect(self._port)

    async def _until_greeted(self, names: Sequence[str], within_s: float) -> None:
        async def are_greeted() -> bool:
            return all(name in self.snapshots for name in names)

        await eventually(are_greeted, within_s=within_s, what="a snapshot for everybody", every_s=0.02)

    def _on_event(self, name: str, text: bytes, now: float) -> None:
        self.last_at = now
        if text.startswith(b'{"type":"unread"'):
            self.frames += 1
            frame = json.loads(text)
            self.counts[frame["feed_id"]].append((now, frame["unread_count"]))
        elif text.startswith(b'{"type":"claim"'):
            frame = json.loads(text)
            self.claims.append((name, frame["feed_id"], frame["resume_id"], now))
        elif text.startswith(b'{"type":"snapshot"'):
            feeds = json.loads(text)["feeds"]
            self.snapshots[name] = {feed["feed_id"]: feed["unread_count"] for feed in feeds}
            self._snapshot_at[name] = now


async def unread(database: Any) -> Counter[str]:
    """The truth: unread strong results by feed, counted by the store."""
    which = {"deleted": False, "read": False, "possible": None}
    pipeline: list[dict[str, Any]] = [{"$match": which}, {"$group": {"_id": "$feed", "count": {"$sum": 1}}}]
    rows = await database.results.aggregate(pipeline).to_list(None)
    return Counter({str(row["_id"]): row["count"] for row in rows})
