"""Many feeds of several accounts, submitted at once, and the wait until all are scored.

    await submit_all(clients, forms, 1_000)
    await until_calced(database, within_s=120)

Each account is one connection (`bench.harness.client`), which submits its feeds one after the other.
"""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Mapping, Sequence
from typing import Any

from bench.harness.client import Client
from bench.harness.waiting import eventually
from store.feeds.backfills import Backfills

_LOOK_EVERY_S = 0.5
"""Seconds between two looks. A look costs the store twenty milliseconds where a thousand feeds wait."""


async def submit_all(clients: Sequence[Client], forms: Sequence[Mapping[str, Any]], count: int) -> None:
    """Submit so many feeds, as many of each account; ends when the last is answered.

    Args:
        clients: The accounts.
        forms: Submitted in turn, again and again where there are fewer than `count`.
        count: How many feeds.
    """
    chosen = list(itertools.islice(itertools.cycle(forms), count))

    async def submit(client: Client, some: Sequence[Mapping[str, Any]]) -> None:
        for form in some:
            await client.submit(form)

    shares = (chosen[number :: len(clients)] for number in range(len(clients)))
    await asyncio.gather(*map(submit, clients, shares))


async def until_calced(database: Any, *, within_s: float) -> None:
    """Wait until every feed is scored against all stored resumes, which clients see as `calced`.

    It is read from the store, so that the server does not answer a thousand questions meanwhile.

    Raises:
        TimeoutError: Some are not, after `within_s`.
    """
    backfills = Backfills(database)

    async def are_calced() -> bool:
        return await backfills.count() == 0

    await eventually(are_calced, within_s=within_s, what="scoring of all feeds", every_s=_LOOK_EVERY_S)
