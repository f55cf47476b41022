"""Identities: which account a person of WeChat opens, and binding them to it.

    account = await identities.find(identity)       # None: not bound
    await identities.bind(user_id, identity)        # IdentityTaken: it opens another account

What an account is opened by stands in the account's own document, one way an app, and None for an app that
was unbound by hand. That no identity opens two accounts is kept by claims: documents whose ids are made of an
identity, or of a unionid, and which name the account. Both change in one transaction, which writes the
account: so whether a way is the last one is decided by what is there, whoever else changes something.
"""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from bson import ObjectId

from store.accounts.accounts import Account, account_from
from store.accounts.claims import Claims
from store.accounts.identity import Identity, Way, way_fields, ways_from
from store.errors import STORE_FAILURES, IdentityTaken, LastWay, NotFound, SessionOver
from store.mongo import Database
from store.notes.notices import Notices
from store.transactions import again_after_conflict


class Identities:
    """The ways into accounts."""

    def __init__(self, database: Database, notices: Notices) -> None:
        self._database = database
        self._notices = notices
        self._claims = Claims(database)
        self._accounts = database.accounts

    async def find(self, identity: Identity) -> Account | None:
        """The account that an identity opens, by itself or by its unionid."""
        for key in identity.keys:
            if document := await self._claims.account_of(key):
                return account_from(document)
        return None

    @again_after_conflict
    async def bind(self, user_id: str, identity: Identity, *, epoch: int | None = None) -> None:
        """Let an identity open an account, in place of the one of the same app that did so before.

        Binding again is harmless. Notices go that way from now on. `epoch` is the account's when whoever asks
        was let in. They have no say once it is over: otherwise a request under way would bind somebody right
        after a reset that unbound them.

        Raises:
            IdentityTaken: It opens another account, or its unionid does.
            NotFound: No such account.
            SessionOver: The account is in a later epoch by now.
        """
        async with self._database.transaction():
            document = await self._read(user_id, epoch)
            await self._write(document, identity, datetime.now(UTC))
            await self._notices.turn_on(user_id, identity.app)

    async def link(self, account: Account, identity: Identity) -> None:
        """Note at a login who came in by their unionid, or that somebody who is bound has one by now.

        Nothing is noted of an app that was unbound by hand, nor in place of somebody else of the same app.
        """
        way = account.wechat.get(identity.app)
        if way is None or way.appid != identity.appid or identity.unionid not in ("", way.unionid):
            # It came in all the same: somebody else was just bound, or the account is just changed.
            with contextlib.suppress(IdentityTaken, NotFound, SessionOver, *STORE_FAILURES):
                await self._link(account, identity)

    @again_after_conflict
    async def _link(self, account: Account, identity: Identity) -> None:
        async with self._database.transaction():
            document = await self._read(account.id, account.epoch)
            way = ways_from(document).get(identity.app)
            if way and way.appid == identity.appid:
                if way.openid == identity.openid:
                    await self._write(document, identity, way.at)
            elif way or identity.app not in document.get("wechat", {}):
                await self._write(document, identity, datetime.now(UTC))
                await self._notices.turn_on(account.id, identity.app)

    async def _write(self, document: Mapping[str, Any], identity: Identity, at: datetime) -> None:
        """Let an identity open an account in place of who did so by its app, within a transaction."""
        user_id, ways = str(document["_id"]), ways_from(document)
        await self._claims.make(user_id, identity)
        change = {"$set": {f"wechat.{identity.app}": way_fields(identity, at)}}
        await self._accounts.update_one({"_id": document["_id"]}, change)
        await self._claims.give_back(user_id, ways, {**ways, identity.app: identity})

    @again_after_conflict
    async def unbind(self, user_id: str, app: str, offered: Mapping[str, str]) -> None:
        """Let the identity of an app no longer open an account; harmless where there is none.

        `offered` are the apps that one can come in by, with what WeChat calls each.

        Raises:
            LastWay: Nothing else would open the account.
            NotFound: No such account.
        """
        async with self._database.transaction():
            document = await self._read(user_id)
            ways = ways_from(document)
            others = {name: way for name, way in ways.items() if name != app}
            if others == ways:
                return
            if not document["password_hash"] and not _opens(others, offered):
                raise LastWay(app)
            await self._accounts.update_one({"_id": document["_id"]}, {"$set": {f"wechat.{app}": None}})
            await self._claims.give_back(user_id, ways, others)

    async def _read(self, user_id: str, epoch: int | None = None) -> Mapping[str, Any]:
        document: Mapping[str, Any] | None = await self._accounts.find_one({"_id": ObjectId(user_id)})
        if document is None:
            raise NotFound(f"no account {user_id}")
        if epoch is not None and document.get("epoch", 0) != epoch:
            raise SessionOver
        return document


def _opens(ways: Mapping[str, Way], offered: Mapping[str, str]) -> bool:
    """Whether one of the ways lets somebody in, as one of an app that is not set any more does not."""
    return any(offered.get(way.app) == way.appid for way in ways.values())
