"""What an account may do only so often a day.

It is kept in MongoDB: neither a restart nor a wiped Redis resets it.

    wait_s = await allowances.take(account, "unlock", 100, of=resume)    # 0: it may

A document counts one thing of one account in a window of a day, which begins with the first time. It
remembers what it counted last: a process may be killed between counting and what was counted, and who asks
again is not counted again.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from math import ceil
from typing import Any, Literal, get_args

from bson import ObjectId

from store.mongo import Database
from store.transactions import again_after_conflict

DAY = timedelta(days=1)
"""How long a window is."""

_REMEMBERED = 100
"""How many it remembers of what was counted last. Of fewer than are begun at the same time, one that is
repeated counts twice; more make the document larger that each of them writes."""

What = Literal["unlock", "address", "test"]
"""What is counted: contacts of an account; contacts of all young accounts of an address, whose mark stands in
place of the account's id; test messages of an account."""


class Allowances:
    """The collection `allowances`; a document's id is the account and what is counted."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._allowances = database.allowances

    @again_after_conflict
    async def take(self, user_id: str, what: What, limit: int, *, of: str = "") -> int:
        """Count one more time, if there were fewer than `limit` in the window.

        Processes that do so at the same time never count more than `limit` together. Whoever repeats soon
        what it is counted `of` is not counted again; "" is counted each time.

        Returns:
            0 where it counts, else the seconds until the window ends; then nothing is counted.
        """
        key, now = _key(user_id, what), datetime.now(UTC)
        async with self._database.transaction():
            window = await self._allowances.find_one({"_id": key}, {"_id": 0})
            if window is None or window["ends_at"] <= now:
                window = {"user": ObjectId(user_id), "count": 0, "ends_at": now + DAY, "last": []}
            last = window.get("last", [])
            if of and of in last:
                return 0
            if window["count"] >= limit:
                left: timedelta = window["ends_at"] - now
                return ceil(left.total_seconds())
            counted = {"count": window["count"] + 1, "last": [*last, *([of] if of else [])][-_REMEMBERED:]}
            await self._allowances.update_one({"_id": key}, {"$set": {**window, **counted}}, upsert=True)
        return 0

    async def left(self, user_id: str, what: What, limit: int) -> int:
        """How many more times it may in its window."""
        document = await self._allowances.find_one({"_id": _key(user_id, what)})
        is_open = document is not None and document["ends_at"] > datetime.now(UTC)
        return max(0, limit - int(document["count"])) if document is not None and is_open else limit

    async def give_back(self, user_id: str, what: What, *, of: str = "") -> None:
        """Count one time less: what was counted did not come about. What is given back `of` is, once."""
        still = {"_id": _key(user_id, what), "ends_at": {"$gt": datetime.now(UTC)}, "count": {"$gt": 0}}
        change: dict[str, Any] = {"$inc": {"count": -1}}
        if of:
            still["last"] = of
            change["$pull"] = {"last": of}
        await self._allowances.update_one(still, change)


def keys_of(user_id: str) -> list[str]:
    """The ids of all documents that an account may have."""
    return [_key(user_id, what) for what in get_args(What)]


def _key(user_id: str, what: What) -> str:
    return f"{user_id}:{what}"
