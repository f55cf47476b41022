"""Ingest tokens: who may send and erase resumes. The operator's own is for all sources, others for one each.

    token = await tokens.create("liepin")              # shown once; only its hash is stored
    await tokens.source_of(token)                      # "liepin"
    await tokens.revoke(token_id)                      # from now on: None, in every process

Every look asks the store, so that a revoked token stops at once wherever it is used. A source has two slots:
the new token can be brought out while the old one is still in use.
"""

from __future__ import annotations

import contextlib
import hmac
import secrets
from datetime import UTC, datetime
from typing import Final

import msgspec
from pymongo.errors import DuplicateKeyError

from store.accounts.sessions import token_hash
from store.documents import read_as
from store.mongo import Database

PER_SOURCE = 2
"""Valid tokens of one source at a time: one in use, and one that is about to replace it."""

_ID_DIGITS = 12
"""Hex digits of the hash by which an operator names a token."""

ALL_SOURCES: Final = "\0"
"""What `source_of` says of the operator's own token. No source is called so: NUL is refused everywhere."""


class SlotsUsedUp(Exception):
    """The source has as many valid tokens as it may."""


class IngestToken(msgspec.Struct, frozen=True, kw_only=True):
    """A token as an operator sees it, without the secret.

    Attributes:
        id: Names it to `revoke`.
        revoked_at: None while it is valid.
    """

    id: str
    source: str
    created_at: datetime
    revoked_at: datetime | None = None


class IngestTokens:
    """The collection `ingest_tokens`, and the `master`, a setting: the token for all sources, "" for none."""

    def __init__(self, database: Database, master: str = "") -> None:
        self._database = database
        self._tokens = database.ingest_tokens
        self._master = master.encode()

    def with_master(self, token: str) -> IngestTokens:
        """These tokens, and one for all sources."""
        return IngestTokens(self._database, token)

    async def source_of(self, token: str) -> str | None:
        """The source that a token may send and erase; `ALL_SOURCES`, or None where it is not valid."""
        # As bytes: `compare_digest` refuses texts that are not ASCII. Its time tells nothing of the token.
        if self._master and hmac.compare_digest(token.encode("utf-8", "replace"), self._master):
            return ALL_SOURCES
        found = await self._tokens.find_one({"_id": token_hash(token)}, {"source": 1, "slot": 1})
        return str(found["source"]) if found and "slot" in found else None

    async def create(self, source: str) -> str:
        """Make a token of a source and return it; it is not stored and cannot be had again.

        Raises:
            SlotsUsedUp: `PER_SOURCE` are valid; one has to be revoked first.
        """
        token = secrets.token_urlsafe(32)
        fields = {"_id": token_hash(token), "source": source, "created_at": datetime.now(UTC)}
        for slot in range(PER_SOURCE):
            with contextlib.suppress(DuplicateKeyError):  # the slot is taken
                await self._tokens.insert_one({**fields, "slot": slot})
                return token
        raise SlotsUsedUp(source)

    async def revoke(self, token_id: str) -> bool:
        """End a token by its id; false where there is no valid one."""
        for token in await self._tokens.find({"slot": {"$exists": True}}, {"_id": 1}).to_list(None):
            if token["_id"][:_ID_DIGITS] == token_id:
                change = {"$unset": {"slot": ""}, "$set": {"revoked_at": datetime.now(UTC)}}
                which = {"_id": token["_id"], "slot": {"$exists": True}}
                return bool((await self._tokens.update_one(which, change)).matched_count)
        return False

    async def list(self) -> list[IngestToken]:
        """All tokens there ever were but the one for all sources, by source, oldest first."""
        rows = await self._tokens.find({}).to_list(None)
        tokens = [read_as(IngestToken, row, id=row["_id"][:_ID_DIGITS]) for row in rows]
        return sorted(tokens, key=lambda token: (token.source, token.created_at))
