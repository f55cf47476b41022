"""Hints between processes: they say that something changed, never what it changed to.

Every event is delivered in this process at once and, over Redis, in all others. A lost, doubled or
reordered event is harmless: whoever hears one reads the truth from MongoDB.
"""

from __future__ import annotations

import asyncio
import logging
import secrets
import time
from collections.abc import Callable
from typing import Literal

import msgspec
import redis.asyncio

from store import keys
from store.redis_client import REDIS_FAILURES, Redis

logger = logging.getLogger(__name__)

_RECONNECT_S = 0.5
"""Seconds between two tries to reach Redis. Hints are lost meanwhile; less would load a Redis that is just
coming up."""

_PING_EVERY_S = 1.0
"""Seconds between two pings of the subscription. A connection that died in silence is noticed by a ping
alone: who only listens cannot tell silence from death."""

_PIPE = 200
"""Events in one exchange with Redis. A moment's thousands go in several, each of which fits into the time
that `Redis.quickly` allows."""


class Event(msgspec.Struct, frozen=True, omit_defaults=True):
    """One hint.

    Attributes:
        kind: What changed. `unread`: the number of a feed's unread results. `progress`: how far its backfill
            is. `feed`: the feed itself, which was submitted, opened after a rest, or deleted. `removed`: a
            feed left its owner's list. `feedback`: what a feed has learned. `revoked`: a session ended, or
            without `token` any of the account's.
            `resync`: events may have been lost, so everything has to be read anew.
        user: Whose feed or session it is; empty where it concerns nobody alone.
        feed: Which feed.
        token: The hash of the session's token.
        origin: The process that it comes from, which has heard it already.
    """

    kind: Literal["unread", "progress", "feed", "removed", "feedback", "revoked", "resync"]
    user: str = ""
    feed: str = ""
    token: str = ""
    origin: str = ""


_WIRE_KINDS = {"unread": "count", "feedback": "lesson"}
"""What some kinds are called between processes: as in the releases before these names. Servers are restarted
one after the other, so processes of both releases hear each other."""

_KINDS = {wire: kind for kind, wire in _WIRE_KINDS.items()}


class _WireEvent(msgspec.Struct, frozen=True, omit_defaults=True):
    """An event as it is sent; its fields are those of `Event`."""

    kind: str
    user: str = ""
    feed: str = ""
    token: str = ""
    origin: str = ""


Listener = Callable[[Event], None]
_decode_wire = msgspec.json.Decoder(_WireEvent).decode


def _encode(event: Event, origin: str) -> bytes:
    kind = _WIRE_KINDS.get(event.kind, event.kind)
    return msgspec.json.encode(_WireEvent(kind, event.user, event.feed, event.token, origin))


def _decode(data: str) -> Event:
    wire = _decode_wire(data)
    fields = {**msgspec.structs.asdict(wire), "kind": _KINDS.get(wire.kind, wire.kind)}
    return msgspec.convert(fields, Event)


class Events:
    """Publishes and receives hints. Not thread-safe; listeners run on the loop and must not block."""

    def __init__(self, client: Redis, reader: redis.asyncio.Redis, prefix: str) -> None:
        self._client = client
        self._reader = reader
        self._channel = keys.events(prefix)
        self._origin = secrets.token_hex(6)
        self._listeners: list[Listener] = []
        self.connected = False

    def listen(self, listener: Listener) -> None:
        """Call `listener` with every event from now on."""
        self._listeners.append(listener)

    async def publish(self, *events: Event) -> None:
        """Tell this process at once, and the others if Redis is there; never fails."""
        for event in events:
            self._deliver(event)
        for start in range(0, len(events), _PIPE):
            pipe = self._client.client.pipeline(transaction=False)
            for event in events[start : start + _PIPE]:
                pipe.publish(self._channel, _encode(event, self._origin))
            try:
                await self._client.quickly(pipe.execute)
            except REDIS_FAILURES as error:
                logger.debug("hints not sent: %s", type(error).__name__)
                return

    def tell_here(self, event: Event) -> None:
        """Tell this process alone of something that it found by itself."""
        self._deliver(event)

    async def run(self) -> None:
        """Receive until cancelled; after every connection listeners hear `resync`."""
        while True:
            try:
                async with self._reader.pubsub(ignore_subscribe_messages=True) as pubsub:
                    await pubsub.subscribe(self._channel)
                    self.connected = True
                    logger.info("hints: connected")
                    self._deliver(Event("resync"))
                    pinged_at = time.monotonic()
                    while True:
                        message = await pubsub.get_message(timeout=_PING_EVERY_S)
                        if message is not None and message["type"] == "message":
                            self._receive(message["data"])
                        # The answer to a ping shows as None, as silence does. A ping that is not answered
                        # fails the connection.
                        if time.monotonic() - pinged_at >= _PING_EVERY_S:
                            pinged_at = time.monotonic()
                            await pubsub.ping()
            except REDIS_FAILURES as error:
                if self.connected:
                    logger.warning("hints: Redis is away (%s)", type(error).__name__)
                self.connected = False
                await asyncio.sleep(_RECONNECT_S)

    def _receive(self, data: str) -> None:
        try:
            event = _decode(data)
        except msgspec.MsgspecError:
            logger.warning("hints: a message that is no event")
            return
        if event.origin != self._origin:
            self._deliver(event)

    def _deliver(self, event: Event) -> None:
        for listener in self._listeners:
            listener(event)
