"""What stands for a person of WeChat between two requests: tickets and exchange codes.

An exchange code carries a login from the address of a page into a request of the page: once, within a
minute. A ticket is for somebody whom no account is bound to: within ten minutes they log in or register with
it, and are bound. Of both only hashes are kept.
"""

from __future__ import annotations

import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec

from store.accounts.identity import Identity
from store.accounts.sessions import token_hash
from store.errors import STORE_FAILURES, TicketRefused
from store.mongo import Database

TICKET = timedelta(minutes=10)
"""How long a ticket is good: a registration is typed in less."""
EXCHANGE = timedelta(minutes=1)
"""How long an exchange code is good. A page uses it as soon as it is loaded."""


class WechatTickets:
    """The collection `wechat_tickets`; `expiry` removes those that have expired."""

    def __init__(self, database: Database) -> None:
        self._tickets = database.wechat_tickets

    async def make_ticket(self, identity: Identity) -> str:
        """A ticket for an identity."""
        return await self._make("ticket", {"identity": msgspec.structs.asdict(identity)}, TICKET)

    async def make_exchange(self, who: Identity | str) -> str:
        """An exchange code for an identity, or for a word that says why there is none."""
        said = {"nobody": who} if isinstance(who, str) else {"identity": msgspec.structs.asdict(who)}
        return await self._make("exchange", said, EXCHANGE)

    async def take_exchange(self, code: str) -> Identity | str | None:
        """What an exchange code stands for, this once; None where it is false, expired or used."""
        document = await self._find("exchange", code)
        if document is None or not (await self._tickets.delete_one({"_id": document["_id"]})).deleted_count:
            return None
        return str(document["nobody"]) if "nobody" in document else Identity(**document["identity"])

    @asynccontextmanager
    async def redeeming(self, ticket: str) -> AsyncIterator[Identity]:
        """What a ticket stands for. It is used up where the block succeeds, and stays good where it raises.

        Two blocks may have one at once: a person of WeChat is one account's, whatever binds them.

        Raises:
            TicketRefused: It is false, expired or used.
        """
        document = await self._find("ticket", ticket)
        if document is None:
            raise TicketRefused
        yield Identity(**document["identity"])
        # What it was for is done: a second use of it could only do the same again.
        with suppress(*STORE_FAILURES):
            await self._tickets.delete_one({"_id": document["_id"]})

    async def _make(self, kind: str, fields: dict[str, Any], time: timedelta) -> str:
        token = secrets.token_urlsafe(32)
        now = datetime.now(UTC)
        await self._tickets.insert_one(
            {"_id": token_hash(token), "kind": kind, "expires_at": now + time, **fields}
        )
        return token

    async def _find(self, kind: str, token: str) -> dict[str, Any] | None:
        which = {"_id": token_hash(token), "kind": kind, "expires_at": {"$gt": datetime.now(UTC)}}
        found: dict[str, Any] | None = await self._tickets.find_one(which)
        return found
