"""One connection to Redis on which channels are heard, as many as are asked for, and while it runs.

    subscription = Subscription(connection_maker(url), on_message, on_connected)
    await subscription.hear("talentfeed:hints:6b06…")     # from here on nothing said there is missed
    subscription.drop("talentfeed:hints:6b06…")
    await subscription.run()                              # until cancelled

redis-py's own `PubSub` takes 14 us a message and does not say when a channel is heard; reading its connection
takes 6 us. A connection that was lost is made again, with all channels.
"""

from __future__ import annotations

import asyncio
import logging
import math
import time
from collections.abc import Callable
from typing import Any

from redis.asyncio.connection import AbstractConnection

from runtime.waiting import raise_if_cancelled, wait_at_most
from store.redis.redis_client import REDIS_FAILURES, TIMEOUT_S

logger = logging.getLogger(__name__)

_RECONNECT_S = 0.5
"""Seconds between two tries to reach Redis. Hints are lost meanwhile; less would load a Redis that is just
coming up."""
_PING_EVERY_S = 1.0
"""Seconds between two pings. A connection that died in silence is noticed by a ping alone: who only listens
cannot tell silence from death. It counts as dead where nothing came between one ping and the next."""
_HEARD_WITHIN_S = 0.5
"""Seconds that a caller waits for a channel. Redis answers within milliseconds; one that is frozen must not
keep sockets from joining, and everything is read anew once it answers again."""
_IN_ONE_COMMAND = 500
"""Channels of one command. More would keep Redis from others for longer."""

OnMessage = Callable[[str, bytes], None]
"""Takes a channel and what was said there. Runs on the loop and must not block."""


class Subscription:
    """A connection of its own, which speaks RESP2 and does not decode. Belongs to one event loop.

    `on_connected` is called when all channels are heard, after each connecting: what was said before is lost.
    """

    def __init__(
        self,
        make: Callable[[], AbstractConnection],
        on_message: OnMessage,
        on_connected: Callable[[], None],
    ) -> None:
        self._make = make
        self._on_message = on_message
        self._on_connected = on_connected
        # By channel: what is done once it is heard; None where it is.
        self._channels: dict[str, asyncio.Future[None] | None] = {}
        self._unheard = 0
        # What Redis has to be told of next, each only once: whether the channel is wanted is in `_channels`.
        self._changed: dict[str, None] = {}
        self._has_changed = asyncio.Event()
        self._heard_at = 0.0
        self._is_open = self._was_away = False
        self.connected = False
        """Whether all channels are heard, but for those that were asked for just now."""

    def hears(self, channel: str) -> bool:
        """Whether a channel is heard."""
        return self._is_open and channel in self._channels and self._channels[channel] is None

    async def hear(self, channel: str) -> None:
        """Hear a channel from now on; returns when it is heard, or when Redis does not answer soon.

        A channel that is heard costs nothing. Where Redis is away it is heard from the next connection on.
        """
        self.ask_for(channel)
        heard = self._channels[channel]
        if heard is not None and self._is_open:
            await asyncio.wait([heard], timeout=_HEARD_WITHIN_S)

    def ask_for(self, channel: str) -> None:
        """Hear a channel as soon as can be, which nobody waits for."""
        if channel not in self._channels:
            self._channels[channel] = asyncio.get_running_loop().create_future()
            self._unheard += 1
            self._note(channel)

    def drop(self, channel: str) -> None:
        """Hear a channel no more; one that is not heard is no error."""
        if channel in self._channels:
            self._settle(channel)
            del self._channels[channel]
            self._note(channel)

    async def run(self) -> None:
        """Receive until cancelled."""
        while True:
            connection = self._make()
            try:
                async with asyncio.timeout(TIMEOUT_S):
                    await connection.connect()  # type: ignore[no-untyped-call]
                await self._use(connection)
            except* REDIS_FAILURES as group:
                # Once, and again after it was there: it is tried twice a second.
                if self.connected or not self._was_away:
                    logger.warning("hints: Redis is away (%s)", type(group.exceptions[0]).__name__)
                self._was_away = True
            finally:
                self._is_open = self.connected = False
                self._forget()
                await connection.disconnect(nowait=True)
            raise_if_cancelled()
            await asyncio.sleep(_RECONNECT_S)

    async def _use(self, connection: AbstractConnection) -> None:
        self._is_open = True
        self._heard_at = time.monotonic()
        self._changed = dict.fromkeys(self._channels)
        self._has_changed.set()
        async with asyncio.TaskGroup() as group:
            group.create_task(self._tell(connection))
            await self._read(connection)

    async def _tell(self, connection: AbstractConnection) -> None:
        """Tell Redis which channels are wanted, and ping it."""
        pinged_at = float("-inf")
        while True:
            if self._changed:
                changed, self._changed = list(self._changed), {}
                wanted = [channel for channel in changed if channel in self._channels]
                dropped = [channel for channel in changed if channel not in self._channels]
                await _send(connection, [*_commands("UNSUBSCRIBE", dropped), *_commands("SUBSCRIBE", wanted)])
            self._note_if_all_are_heard()
            now = time.monotonic()
            if now - pinged_at >= _PING_EVERY_S:
                if self._heard_at < pinged_at:
                    raise TimeoutError("a ping was not answered")
                pinged_at = now
                await _send(connection, [("PING",)])
            self._has_changed.clear()
            await wait_at_most(self._has_changed, pinged_at + _PING_EVERY_S - now)

    async def _read(self, connection: AbstractConnection) -> None:
        while True:
            answer: Any = await connection.read_response(disable_decoding=True, timeout=math.inf)
            self._heard_at = time.monotonic()
            match answer:
                case [b"message", channel, data]:
                    self._on_message(channel.decode(), data)
                case [b"subscribe", channel, _]:
                    self._settle(channel.decode())
                    self._note_if_all_are_heard()

    def _note(self, channel: str) -> None:
        self._changed[channel] = None
        self._has_changed.set()

    def _settle(self, channel: str) -> None:
        """Note that a channel is heard, or is wanted no more."""
        heard = self._channels.get(channel)
        if heard is not None:
            self._channels[channel] = None
            self._unheard -= 1
            if not heard.done():
                heard.set_result(None)

    def _note_if_all_are_heard(self) -> None:
        if not self.connected and not self._unheard:
            self.connected = True
            logger.info("hints: connected")
            self._on_connected()

    def _forget(self) -> None:
        """Note that no channel is heard, and let those go who wait for one."""
        loop = asyncio.get_running_loop()
        for channel in self._channels:
            self._settle(channel)
            self._channels[channel] = loop.create_future()
        self._unheard = len(self._channels)


def _commands(name: str, channels: list[str]) -> list[tuple[str, ...]]:
    return [
        (name, *channels[start : start + _IN_ONE_COMMAND])
        for start in range(0, len(channels), _IN_ONE_COMMAND)
    ]


async def _send(connection: AbstractConnection, commands: list[tuple[str, ...]]) -> None:
    if not connection.is_connected:
        raise ConnectionError("closed")  # it would connect anew by itself, without its channels
    await connection.send_packed_command(connection.pack_commands(commands), check_health=False)
