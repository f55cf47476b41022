"""When a deployment has nothing left to do, read from its database."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

from bench.harness.waiting import eventually
from store.feeds.backfills import Backfills
from store.feeds.feedback import FeedbackStore

_LOOK_EVERY_S = 0.2
_MODELS_ARE_EVERYWHERE_S = 2.5
"""Seconds after which every process scores by what was learned: each polls once a second, and a hint may be
lost. A resume that comes earlier may still be scored by the model before, see `docs/limits.md`."""


async def until_quiet(
    database: Any,
    look: Callable[[], Awaitable[object]] | None = None,
    *,
    within_s: float = 900.0,
    every_s: float = _LOOK_EVERY_S,
) -> None:
    """Wait until every resume and feed is scored, every click learned, and every count settled.

    Args:
        database: Of the deployment.
        look: Reads every recruiter's page: what a killed process had not settled is counted by a reader.
        within_s: The deadline.
        every_s: How often it is looked; a look costs the embedded store some ms.

    Raises:
        TimeoutError: Something is left to do after so long; the message says what.
    """
    left: dict[str, int] = {}

    async def is_quiet() -> bool:
        left.clear()
        left.update({name: count for name, count in (await work_left(database)).items() if count})
        if left and look is not None:
            await look()
        return not left

    try:
        await eventually(is_quiet, within_s=within_s, what="the end of all work", every_s=every_s)
    except TimeoutError as error:
        raise TimeoutError(f"{error}: {left}") from None


async def until_learned(database: Any, look: Callable[[], Awaitable[object]] | None = None) -> None:
    """Wait until there is quiet, and until every process knows what was learned."""
    await until_quiet(database, look)
    await asyncio.sleep(_MODELS_ARE_EVERYWHERE_S)


async def work_left(database: Any) -> dict[str, int]:
    """How much of each kind of work waits or is being done."""
    return {
        "resumes": await database.resumes.count_documents({"pending": True}),
        "feeds": await Backfills(database).count(),
        "clicks": len(await FeedbackStore(database).due(10)),
        "erasures": await database.erasures.count_documents({"done": False}),
        "counters": await database.counters.count_documents({"marks": {"$nin": [None, {}]}}),
    }
