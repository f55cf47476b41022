"""What an account may do only so often a day.

It is kept in MongoDB: neither a restart nor a wiped Redis resets it.

    wait_s = await allowances.take(account, "unlock", limit=100)    # 0: it may

A document counts one thing of one account in a window of a day, which begins with the first time.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from math import ceil
from typing import Any, Literal, get_args

from bson import ObjectId
from pymongo.errors import DuplicateKeyError

from store.mongo import Database

DAY = timedelta(days=1)
"""How long a window is."""

What = Literal["unlock", "slot"]


class Allowances:
    """The collection `allowances`; a document's id is the account and what is counted."""

    def __init__(self, database: Database) -> None:
        self._allowances = database.allowances

    async def take(self, user_id: str, what: What, limit: int) -> int:
        """Count one more time, if there were fewer than `limit` in the window.

        Processes that do so at the same time never count more than `limit` together.

        Returns:
            0 where it counts, else the seconds until the window ends; then nothing is counted.
        """
        key = _key(user_id, what)
        while True:
            now = datetime.now(UTC)
            one_more = await self._allowances.update_one(
                {"_id": key, "ends_at": {"$gt": now}, "count": {"$lt": limit}}, {"$inc": {"count": 1}}
            )
            if one_more.matched_count:
                return 0
            document = await self._allowances.find_one({"_id": key})
            if document is not None and document["ends_at"] > now and document["count"] >= limit:
                left: timedelta = document["ends_at"] - now
                return ceil(left.total_seconds())
            # Whoever begins the window first wins; the others count in it.
            if await self._begin(key, user_id, document, now):
                return 0

    async def _begin(self, key: str, user_id: str, former: Mapping[str, Any] | None, now: datetime) -> bool:
        window = {"count": 1, "ends_at": now + DAY}
        if former is None:
            try:
                await self._allowances.insert_one({"_id": key, "user": ObjectId(user_id), **window})
            except DuplicateKeyError:
                return False
            return True
        seen = {"_id": key, "ends_at": former["ends_at"], "count": former["count"]}
        if former["ends_at"] > now:  # somebody has begun it between the two reads
            return False
        return bool((await self._allowances.update_one(seen, {"$set": window})).matched_count)

    async def give_back(self, user_id: str, what: What) -> None:
        """Count one time less: what was counted did not come about."""
        still = {"_id": _key(user_id, what), "ends_at": {"$gt": datetime.now(UTC)}, "count": {"$gt": 0}}
        await self._allowances.update_one(still, {"$inc": {"count": -1}})


def keys_of(user_id: str) -> list[str]:
    """The ids of all documents that an account may have."""
    return [_key(user_id, what) for what in get_args(What)]


def _key(user_id: str, what: What) -> str:
    return f"{user_id}:{what}"
