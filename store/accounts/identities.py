"""Identities: which account a person of WeChat opens, and binding them to it.

    account = await identities.find(identity)       # None: not bound
    await identities.bind(user_id, identity)        # IdentityTaken: it opens another account

What an account is opened by stands in the account's own document, one way an app, and every change of it is
one write. So whether a way is the last one is decided by what is there, whoever else changes something.

That no identity opens two accounts is kept by claims. A claim is a document whose id is made of an identity,
or of a unionid, and which names the account. Whoever binds makes the claims first and then writes the
account. A claim counts where the account has the way. One that was left over, since a process was killed in
between or the account is gone, counts for nothing after `CLAIM`, and the next one takes it over.
"""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator, Collection, Mapping
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from typing import Any

from bson import ObjectId
from pymongo.errors import DuplicateKeyError

from store.accounts.accounts import Account, account_from
from store.accounts.identity import Identity, held_keys, way_fields, ways_from
from store.errors import STORE_FAILURES, IdentityTaken, LastWay, NotFound, SessionOver
from store.mongo import Database, time_of
from store.notes.notices import Notices

CLAIM = timedelta(seconds=10)
"""How long a claim counts before its account has the way. A request is given up after 2.3 s: whoever has not
written the account after so long never will."""


class Identities:
    """The collection `identities`, and the ways into accounts."""

    def __init__(self, database: Database, notices: Notices) -> None:
        self._database = database
        self._notices = notices
        self._claims = database.identities
        self._accounts = database.accounts

    async def find(self, identity: Identity) -> Account | None:
        """The account that an identity opens, by itself or by its unionid."""
        for key in identity.keys:
            claim = await self._claims.find_one({"_id": key})
            document = claim and await self._accounts.find_one({"_id": claim["user"]})
            if document and key in held_keys(ways_from(document)):
                return account_from(document)
        return None

    async def bind(self, user_id: str, identity: Identity, *, epoch: int | None = None) -> None:
        """Let an identity open an account, in place of the one of the same app that did so before.

        Binding again is harmless. Notices go that way from now on.

        Args:
            user_id: The account.
            identity: Who is to open it.
            epoch: The account's when whoever asks was let in. They have no say once it is over: otherwise a
                request under way would bind somebody right after a reset that unbound them.

        Raises:
            IdentityTaken: It opens another account, or its unionid does, or is just being bound to one.
            NotFound: No such account.
            SessionOver: The account is in a later epoch by now.
        """
        user = ObjectId(user_id)
        async with self.claiming(user_id, identity) as now:
            way = {f"wechat.{identity.app}": way_fields(identity, now)}
            await self._change(user, {"$set": way}, epoch=epoch)
            for key in identity.keys:
                # One that somebody gave back meanwhile, as they unbound the same person from the account.
                if await self._claims.find_one({"_id": key, "user": user}) is None:
                    await self._claim(key, user, now)
        await self._notices.turn_on(user_id, identity.app)

    async def link(self, account: Account, identity: Identity) -> None:
        """Note an identity whose unionid opens the account, if the account has nobody of that app."""
        way = account.wechat.get(identity.app)
        if way is None or way.appid != identity.appid:
            # It came in all the same: somebody else is just binding it, or the account is just changed.
            with contextlib.suppress(IdentityTaken, NotFound, SessionOver, *STORE_FAILURES):
                await self.bind(account.id, identity, epoch=account.epoch)

    async def unbind(self, user_id: str, app: str, offered: Mapping[str, str]) -> None:
        """Let the identity of an app no longer open an account; harmless where there is none.

        Args:
            user_id: The account.
            app: Which app.
            offered: The apps that one can come in by, with what WeChat calls each.

        Raises:
            LastWay: Nothing else would open the account.
            NotFound: No such account.
        """
        await self._change(ObjectId(user_id), {"$unset": {f"wechat.{app}": ""}}, _LeavesAWay(app, offered))

    async def give_back(self, user_id: str) -> None:
        """Give back the claims of ways that an account has no more, as after a reset of its password."""
        user = ObjectId(user_id)
        await self._give_back(user, await self._claims.find({"user": user}).to_list(None))

    @asynccontextmanager
    async def claiming(self, user_id: str, identity: Identity) -> AsyncIterator[datetime]:
        """Claim an identity for an account, which the block writes; yields the time of the claims.

        Where the block raises the claims are given back.

        Raises:
            IdentityTaken: As `bind` does.
        """
        user, now = ObjectId(user_id), await time_of(self._database)
        made: list[str] = []
        try:
            for key in identity.keys:
                if await self._claim(key, user, now):
                    made.append(key)
            yield now
        except BaseException:
            # They would end by themselves; this only spares the next one the wait.
            with contextlib.suppress(*STORE_FAILURES):
                for key in made:
                    await self._claims.delete_one({"_id": key, "user": user, "at": now})
            raise

    async def _claim(self, key: str, user: ObjectId, now: datetime) -> bool:
        """Make or renew a claim; whether it was made."""
        while True:
            claim = await self._claims.find_one({"_id": key})
            if claim is None:
                with contextlib.suppress(DuplicateKeyError):
                    await self._claims.insert_one({"_id": key, "user": user, "at": now})
                    return True
                continue
            is_mine = claim["user"] == user
            if not is_mine and (claim["at"] > now - CLAIM or await self._counts(claim)):
                raise IdentityTaken(key)
            as_read = {"_id": key, "user": claim["user"], "at": claim["at"]}
            change = {"$set": {"user": user, "at": now}}
            if (await self._claims.update_one(as_read, change)).matched_count:
                return not is_mine

    async def _counts(self, claim: Mapping[str, Any]) -> bool:
        document = await self._accounts.find_one({"_id": claim["user"]}, {"wechat": 1})
        return document is not None and claim["_id"] in held_keys(ways_from(document))

    async def _change(
        self,
        user: ObjectId,
        change: dict[str, Any],
        allows: _LeavesAWay | None = None,
        epoch: int | None = None,
    ) -> None:
        """Change the ways of an account, and give back the claims of those that it had."""
        while True:
            claims = await self._claims.find({"user": user}).to_list(None)
            document = await self._accounts.find_one({"_id": user})
            if document is None:
                raise NotFound(f"no account {user}")
            if allows is not None and not allows.check(document):
                return
            if epoch is not None and document.get("epoch", 0) != epoch:
                raise SessionOver
            as_read = {"_id": user, **{name: document.get(name) for name in ("ways_rev", "epoch")}}
            outcome = await self._accounts.update_one(as_read, {**change, "$inc": {"ways_rev": 1}})
            if outcome.matched_count:
                break
        former = held_keys(ways_from(document))
        await self._give_back(user, [claim for claim in claims if claim["_id"] in former])

    async def _give_back(self, user: ObjectId, claims: Collection[Mapping[str, Any]]) -> None:
        document = await self._accounts.find_one({"_id": user}, {"wechat": 1})
        held = held_keys(ways_from(document or {}))
        for claim in claims:
            if claim["_id"] not in held:
                # As it was read: one that was renewed since is of somebody who is just binding it.
                await self._claims.delete_one({"_id": claim["_id"], "user": user, "at": claim["at"]})


class _LeavesAWay:
    """Whether something opens an account beside an app."""

    def __init__(self, app: str, offered: Mapping[str, str]) -> None:
        self._app = app
        self._offered = offered

    def check(self, document: Mapping[str, Any]) -> bool:
        """False where the app opens nothing."""
        ways = ways_from(document)
        if self._app not in ways or document["password_hash"]:
            return self._app in ways
        # An app that is not set any more, or is another one by now, lets nobody in.
        others = [way for app, way in ways.items() if app != self._app]
        if not any(self._offered.get(way.app) == way.appid for way in others):
            raise LastWay(self._app)
        return True
