"""Connections to Redis whose commands can be cancelled at every moment.

redis-py sends a command within a `wait_for`. On Python 3.11 that swallows a cancellation which comes when the
command was just sent: a task that asks Redis in a loop then goes on, and whoever has cancelled it once waits
for ever. Of tasks that were stopped right after their start one in twenty did. It also takes a task for each
command, where a timeout does.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from typing import Any, cast

from redis.asyncio.connection import AbstractConnection


class _Cancellable(AbstractConnection):
    async def send_packed_command(
        self, command: bytes | str | Iterable[bytes], check_health: bool = True
    ) -> None:
        # With no timeout of its own it takes no `wait_for`. A connection has one command at a time.
        patience_s, self.socket_timeout = self.socket_timeout, None
        try:
            async with asyncio.timeout(patience_s):
                await super().send_packed_command(command, check_health)
        finally:
            self.socket_timeout = patience_s


def cancellable(kind: type[AbstractConnection]) -> type[AbstractConnection]:
    """The same kind of connection, whose commands can be cancelled."""
    made: Any = type(f"Cancellable{kind.__name__}", (_Cancellable, kind), {})
    return cast(type[AbstractConnection], made)
