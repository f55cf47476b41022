"""Waiting for something with a deadline, so that a benchmark ends even where the server does not."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Awaitable, Callable
from typing import Any

from bench.harness.wire import Connection
from store.jobs.jobs import Jobs


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


async def until_scored(port: int, *, every_s: float = 0.1, within_s: float = 600.0) -> None:
    """Wait until no stored resume waits to be scored. Asking costs the server something too.

    Raises:
        TimeoutError: Some still wait after `within_s`.
    """
    connection = Connection(port)

    async def is_scored() -> bool:
        return bool(json.loads((await connection.ask("/readyz"))[1]).get("unscored") == 0)

    await eventually(is_scored, within_s=within_s, what="scoring of all resumes", every_s=every_s)
    connection.close()


async def until_calced(database: Any, *, within_s: float) -> None:
    """Wait until every feed is scored against all stored resumes, which clients see as `calced`.

    It is read from the store, so that the server does not answer a thousand questions meanwhile. It costs the
    store twenty milliseconds where a thousand feeds wait.

    Raises:
        TimeoutError: Some are not, after `within_s`.
    """
    jobs = Jobs(database)

    async def are_calced() -> bool:
        return await jobs.count("backfill") == 0

    await eventually(are_calced, within_s=within_s, what="scoring of all feeds", every_s=0.5)
