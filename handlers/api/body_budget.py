"""One budget for all request bodies that a process holds in memory, and each address's share of it.

    await budget.take("10.0.0.7", 900_000)
    ...
    budget.give("10.0.0.7", 900_000)

Without it a few hundred clients with a megabyte each, sent but for the last byte, would take the memory from
everybody. A small body needs none of it, so ordinary requests never wait for the big ones of others.
"""

from __future__ import annotations

import asyncio
from collections import Counter, deque

from handlers.api.errors import ApiError

BUDGET_BYTES = 64 * 1024 * 1024
"""What all bodies together may hold, beyond what each has free. 64 of the longest bodies at the same moment
are more than a process works off in a second; twice as much would be felt on a small machine."""
SHARE_BYTES = BUDGET_BYTES // 4
"""What one address may hold of it."""
FREE_BYTES = 16 * 1024
"""What every body has free. All but long job descriptions and resumes are shorter."""
_WAIT_S = 2.0
"""Seconds that a body waits for room before it is answered 503: the interface promises that within 2.5 s."""


class BodyBudget:
    """Room for bodies. Belongs to one event loop.

    Attributes:
        held: How many bytes are taken.
    """

    def __init__(self, budget_bytes: int = BUDGET_BYTES, share_bytes: int = SHARE_BYTES) -> None:
        self.held = 0
        self._budget = budget_bytes
        self._share = share_bytes
        self._of_address: Counter[str] = Counter()
        self._waiting: deque[tuple[str, int, asyncio.Future[None]]] = deque()

    async def take(self, address: str, size: int) -> None:
        """Take room, waiting for it if there is none.

        Args:
            address: Whose share it is of; "" is nobody's, and bounded by the budget alone.
            size: Bytes.

        Raises:
            ApiError: 503, there was none for two seconds.
        """
        if size <= 0 or self.try_take(address, size):
            return
        granted: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        entry = (address, size, granted)
        self._waiting.append(entry)
        is_ours = False
        try:
            async with asyncio.timeout(_WAIT_S):
                await granted
            is_ours = True
        except TimeoutError:
            raise ApiError(503, "unavailable", "服务繁忙，请稍后再试", retry_after_s=2) from None
        finally:
            if entry in self._waiting:
                self._waiting.remove(entry)
            elif not is_ours:  # it was granted in the moment in which the wait ended
                self.give(address, size)

    def try_take(self, address: str, size: int) -> bool:
        """Take room if there is some."""
        if not self._fits(address, size):
            return False
        self._hold(address, size)
        return True

    def give(self, address: str, size: int) -> None:
        """Give room back, and let in whoever waits and fits."""
        self._hold(address, -size)
        for entry in list(self._waiting):
            whose, wanted, granted = entry
            if not granted.done() and self._fits(whose, wanted):
                self._waiting.remove(entry)
                self._hold(whose, wanted)
                granted.set_result(None)

    def _fits(self, address: str, size: int) -> bool:
        has_share = not address or self._of_address[address] + size <= self._share
        return has_share and self.held + size <= self._budget

    def _hold(self, address: str, size: int) -> None:
        self.held += size
        self._of_address[address] += size
        if not self._of_address[address]:
            del self._of_address[address]
