"""Which previews run now: a few at a time, the accounts in turn, and of each account only the newest.

    async with slots.take(user):
        ...     # ended with `Superseded` as soon as the account asks again

A preview is asked for at every pause in somebody's typing, so most of them are out of date before they are
answered. What a preview does with its slot is `preview`.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from runtime.turns import Turns

# Previews that run at once. The embedded store answers one query after the other: more previews would only
# make each of them slower.
_SLOTS = 2


class Superseded(Exception):
    """The account asked for a newer preview. Nothing went wrong: its answer is the one to wait for."""


class PreviewSlots:
    """The slots of one process. Belongs to one event loop."""

    def __init__(self) -> None:
        self._turns = Turns(_SLOTS)
        # By account, the scope of the newest request that runs or waits for a slot. A newer one ends it.
        self._requests: dict[str, asyncio.Timeout] = {}

    @asynccontextmanager
    async def take(self, user: str) -> AsyncIterator[None]:
        """Wait for a slot and hold it for the block; an older request of the account ends at once.

        A newer request has the place in the line that the older one had.

        Raises:
            Superseded: The account asked again while this one waited or ran.
        """
        older, scope = self._requests.get(user), asyncio.timeout(None)
        self._requests[user] = scope
        if older is not None and not older.expired():
            # What the store was asked last is answered to nobody.
            older.reschedule(asyncio.get_running_loop().time())
        try:
            async with scope, self._turns.take(user):
                yield
        except TimeoutError:
            # Others come through here too. The scope has only one reason: a newer one has taken its place.
            if self._requests.get(user) is not scope:
                raise Superseded from None
            raise
        finally:
            if self._requests.get(user) is scope:
                del self._requests[user]
