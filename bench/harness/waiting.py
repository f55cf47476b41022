"""Waiting for something with a deadline, so that a benchmark ends even where the server does not."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable


async def eventually(
    check: Callable[[], Awaitable[bool]], *, within_s: float, what: str, every_s: float
) -> None:
    """Wait until `check` gives true.

    Args:
        check: Asked again and again; what it costs the server is part of what is measured.
        within_s: The deadline.
        what: Names the condition in the error.
        every_s: How long to wait between two checks.

    Raises:
        TimeoutError: It did not happen in time.
    """
    deadline = time.monotonic() + within_s
    while not await check():
        if time.monotonic() >= deadline:
            raise TimeoutError(f"{what} did not happen within {within_s} s")
        await asyncio.sleep(every_s)
