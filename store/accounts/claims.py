"""Claims: which account each identity of WeChat opens, so that none opens two.

    {_id: key, user: account}

They are written in the transaction that writes the account's ways. One that the account has no way for, as
after a reset of its password, counts for nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bson import ObjectId

from store.accounts.identity import Identity, held_keys, ways_from
from store.by_ids import delete_by_ids
from store.errors import IdentityTaken
from store.mongo import Database


class Claims:
    """The collection `identities`. What writes is called within a transaction."""

    def __init__(self, database: Database) -> None:
        self._claims = database.identities
        self._accounts = database.accounts

    async def account_of(self, key: str) -> dict[str, Any] | None:
        """The document of the account that a key opens."""
        if (claim := await self._claims.find_one({"_id": key})) is None:
            return None
        document: dict[str, Any] | None = await self._accounts.find_one({"_id": claim["user"]})
        return document if document and key in held_keys(ways_from(document)) else None

    async def make(self, user_id: str, identity: Identity) -> None:
        """Claim an identity for an account.

        Raises:
            IdentityTaken: It opens another one, or its unionid does.
        """
        user = ObjectId(user_id)
        for key in identity.keys:
            holder = await self.account_of(key)
            if holder and holder["_id"] != user:
                raise IdentityTaken(key)
            await self._claims.update_one({"_id": key}, {"$set": {"user": user}}, upsert=True)

    async def give_back(
        self, user_id: str, before: Mapping[str, Identity], after: Mapping[str, Identity]
    ) -> None:
        """Give back what an account had by its ways before, and has not by those that it has now."""
        gone = held_keys(before) - held_keys(after)
        await delete_by_ids(self._claims, sorted(gone), where={"user": ObjectId(user_id)})
