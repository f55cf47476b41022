"""Channels heard over a cluster of Redis: each at the node that has its slot, on a connection of its own.

    subscription = ClusterSubscription(redis, on_message, on_connected)

As `Subscription`, for `redis+cluster://`. Each node's connection is read by a task of its own, so a busy one
does not keep the others waiting. Slots move and nodes die: the map of slots is read anew every few seconds,
and at once where a node refuses a channel, takes one away, or is lost. Channels follow it. What was said
meanwhile is lost, so that `on_connected` is called afterwards.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from functools import partial
from typing import Any, NoReturn

from redis.crc import key_slot

from runtime.waiting import wait_at_most
from store.redis.redis_client import REDIS_FAILURES, TIMEOUT_S, Address, addresses_of, connection_maker
from store.redis.subscription import OnMessage, Subscription

logger = logging.getLogger(__name__)

_READ_EVERY_S = 5.0
"""Seconds between two readings of the map where nothing hints at a change."""
_READ_AT_MOST_EVERY_S = 0.5
"""Seconds between two readings at least: while a node is dead, its connection fails twice a second."""

SLOTS = 16_384
"""In how many slots a cluster divides what it holds."""
_Range = tuple[int, int, Address]
"""First slot, last slot, and the node that has them."""


class ClusterSubscription:
    """The connections of one process. Belongs to one event loop.

    Args:
        url: `redis+cluster://…`.
        on_message: Hears what is said.
        on_connected: Called when all channels are heard, and when some were out of hearing.
    """

    def __init__(self, url: str, on_message: OnMessage, on_connected: Callable[[], None]) -> None:
        self._make = connection_maker(url)
        self._on_message = on_message
        self._on_connected = on_connected
        self._seeds = addresses_of(url)
        self._ranges: list[_Range] = []
        # By slot; None while nobody is known to have it.
        self._owners: list[Address | None] = [None] * SLOTS
        self._nodes: dict[Address, Subscription] = {}
        self._tasks: dict[Address, asyncio.Task[None]] = {}
        # Where each channel is heard; None while nobody knows who has its slot.
        self._channels: dict[str, Address | None] = {}
        self._may_have_changed = asyncio.Event()

    @property
    def connected(self) -> bool:
        """Whether all channels are heard, but for those that were asked for just now."""
        return bool(self._nodes) and all(node.connected for node in self._nodes.values())

    def hears(self, channel: str) -> bool:
        """Whether a channel is heard."""
        address = self._channels.get(channel)
        return address is not None and self._nodes[address].hears(channel)

    async def hear(self, channel: str) -> None:
        """Hear a channel from now on; returns when it is heard, or when its node does not answer soon."""
        self.ask_for(channel)
        address = self._channels[channel]
        if address is not None:
            await self._nodes[address].hear(channel)

    def ask_for(self, channel: str) -> None:
        """Hear a channel as soon as can be, which nobody waits for."""
        address = self._channels.get(channel) or self._owner_of(channel)
        self._channels[channel] = address
        if address is not None:
            self._nodes[address].ask_for(channel)

    def drop(self, channel: str) -> None:
        """Hear a channel no more; one that is not heard is no error."""
        address = self._channels.pop(channel, None)
        if address is not None:
            self._nodes[address].drop(channel)

    async def run(self) -> NoReturn:
        """Receive until cancelled."""
        async with asyncio.TaskGroup() as group:
            while True:
                self._may_have_changed.clear()
                ranges = await self._read_ranges()
                if ranges is not None and ranges != self._ranges:
                    self._follow(group, ranges)
                await asyncio.sleep(_READ_AT_MOST_EVERY_S)
                await wait_at_most(self._may_have_changed, _READ_EVERY_S)
        raise AssertionError("a task group ends by an error or by cancellation")

    def _owner_of(self, channel: str) -> Address | None:
        return self._owners[key_slot(channel.encode())]

    def _follow(self, group: asyncio.TaskGroup, ranges: list[_Range]) -> None:
        """Hear each channel where its slot is now."""
        self._ranges = ranges
        for first, last, owner in ranges:
            self._owners[first : last + 1] = [owner] * (last + 1 - first)
        present = {owner for _, _, owner in ranges}
        for address in present - self._nodes.keys():
            node = Subscription(
                partial(self._make, address),
                self._on_message,
                self._on_connected,
                on_lost=self._may_have_changed.set,
                is_sharded=True,
            )
            self._nodes[address] = node
            self._tasks[address] = group.create_task(node.run())
        moved = [one for one, at in self._channels.items() if at != self._owner_of(one)]
        for channel in moved:
            before, now = self._channels[channel], self._owner_of(channel)
            if before is not None:
                self._nodes[before].drop(channel)
            self._channels[channel] = now
        for address in self._nodes.keys() - present:
            self._tasks.pop(address).cancel()
            del self._nodes[address]
        if moved:
            group.create_task(self._hear_again(moved))

    async def _hear_again(self, channels: list[str]) -> None:
        await asyncio.gather(*(self.hear(channel) for channel in channels if channel in self._channels))
        if self.connected:
            self._on_connected()

    async def _read_ranges(self) -> list[_Range] | None:
        """Which node has which slots, by the first node that answers and has seen all of them."""
        # Those that are heard from know it best.
        near = [address for address, node in self._nodes.items() if node.connected]
        for address in dict.fromkeys([*near, *self._nodes, *self._seeds]):
            connection = self._make(address)
            try:
                async with asyncio.timeout(TIMEOUT_S):
                    await connection.connect()  # type: ignore[no-untyped-call]
                    await connection.send_command("CLUSTER", "SLOTS")
                    ranges = _ranges_from(await connection.read_response(), address)
            except REDIS_FAILURES as error:
                logger.debug("hints: no map of slots (%s)", type(error).__name__)
                continue
            finally:
                await connection.disconnect(nowait=True)
            # A node that has just begun may not have met the others.
            if sum(last + 1 - first for first, last, _ in ranges) == SLOTS:
                return ranges
        return None


def _ranges_from(answer: Any, asked: Address) -> list[_Range]:
    """The ranges of an answer, by slot. A node that does not know its own name is where it was asked."""
    ranges = []
    for first, last, primary, *_ in answer:
        host = (primary[0] or b"").decode()
        ranges.append((int(first), int(last), (host if host not in {"", "?"} else asked[0], int(primary[1]))))
    return sorted(ranges)
