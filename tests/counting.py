"""Compares the numbers of accounts with their lists, in snapshots, at every moment of a test.

checker = Checker(stores, [user])
...                     # whatever happens to servers and stores meanwhile
assert await checker.end() == []
assert checker.looks > 100
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Iterable
from contextvars import Context
from typing import Any

from bson import ObjectId

from store.errors import STORE_FAILURES, Conflict
from store.results.counter_documents import KINDS, count_results, counts_from
from store.stores import Stores

_PAUSE_S = 0.01


class Checker:
    """Begins to compare when it is made.

    Attributes:
        looks: How often it has compared the numbers of an account with its lists.
    """

    def __init__(self, stores: Stores, users: Iterable[str]) -> None:
        self._stores = stores
        self._users = [ObjectId(user) for user in users]
        self._found: list[tuple[Any, Any]] = []
        self._is_over = False
        self.looks = 0
        # In a context of its own: a transaction of the test is none of its.
        self._task = asyncio.create_task(self._run(), context=Context())

    async def end(self) -> list[tuple[Any, Any]]:
        """What differed: numbers as they were kept, and as the lists had them."""
        self._is_over = True
        await self._task
        return self._found

    async def _run(self) -> None:
        while not self._is_over:
            for user in self._users:
                # A store that was killed just now is asked again.
                with contextlib.suppress(Conflict, *STORE_FAILURES):
                    await self._look(user)
            await asyncio.sleep(_PAUSE_S)

    async def _look(self, user: ObjectId) -> None:
        database = self._stores._database
        async with self._stores.transaction():
            kept = counts_from(await database.counters.find_one({"_id": user}) or {})
            listed = await count_results(database, user)
        self.looks += 1
        numbers = [
            {kind: {feed: n for feed, n in getattr(one, kind).items() if n} for kind in KINDS}
            for one in (kept, listed)
        ]
        if numbers[0] != numbers[1]:
            self._found.append((numbers[0], numbers[1]))
