"""Repeats: what clients sent under names of their own, so that nothing is done twice that is sent twice.

    said = await repeats.once(user_id, "outbox-0001", work)     # within the transaction of the work

    {_id: …, ends_at: …, said: ["ok", "not_found"]}

A page that was offline sends again whatever it had no answer to. By then the same may have been undone
elsewhere, so it must not be done again, however harmless that looks.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import TypeVar

from bson import ObjectId

from store.ids import repeat_id
from store.mongo import Database

_KNOWN_FOR = timedelta(days=1)
"""How long a name stands for what was done: one whose network was away over night sends again."""

T = TypeVar("T", bound=str)


class Repeats:
    """The collection `repeats`; `expiry` removes those that are over."""

    def __init__(self, database: Database) -> None:
        self._repeats = database.repeats

    async def once(
        self, user_id: str, client_id: str, work: Callable[[], Awaitable[Sequence[T]]]
    ) -> Sequence[T]:
        """Do something, or say again what came of it: the account did it under that name in the last day.

        "" is for no name.
        """
        if not client_id:
            return await work()
        which, now = {"_id": ObjectId(repeat_id(user_id, client_id))}, datetime.now(UTC)
        before = await self._repeats.find_one(which)
        if before and before["ends_at"] > now:
            return list(before["said"])
        said = await work()
        change = {"$set": {"ends_at": now + _KNOWN_FOR, "said": [*said]}}
        await self._repeats.update_one(which, change, upsert=True)
        return said
