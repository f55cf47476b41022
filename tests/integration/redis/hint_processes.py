"""One process's end of the hints, without the rest of the process, and everything that it heard."""

from __future__ import annotations

import asyncio

from bson import ObjectId

from store.redis.events import Event, Events
from store.redis.redis_client import Redis
from tests.support import eventually


class Process:
    """One process's end of the hints, and what it heard."""

    def __init__(self, url: str, prefix: str) -> None:
        self.client = Redis(url)
        self.events = Events(self.client, url, prefix)
        self.heard: list[tuple[str, str]] = []
        self.received = 0
        self.resyncs = 0
        self.events.listen_to_followed(self._hear)
        self.events.listen(lambda event: self.heard.append((event.kind, event.company)), "feed")
        receive = self.events._subscription._on_message

        def count(channel: str, text: bytes) -> None:
            self.received += 1
            receive(channel, text)

        self.events._subscription._on_message = count
        self._task = asyncio.create_task(self.events.run())

    def _hear(self, event: Event) -> None:
        if event.kind == "resync":
            self.resyncs += 1
        else:
            self.heard.append((event.kind, event.company))

    async def connected(self) -> Process:
        await eventually(lambda: self.events.connected, what="the subscription")
        return self

    async def stop(self) -> None:
        self._task.cancel()
        await asyncio.wait({self._task})
        await self.client.client.aclose()


def user() -> str:
    return str(ObjectId())
