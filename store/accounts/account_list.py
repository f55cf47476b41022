"""Accounts as operators see them: found by a part of the address or of the company's name, the newest first.

And what operators do about who may use an account, from a shell and at the desk alike. Each step ends
sessions in every running server within two seconds, sockets included.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Literal

import msgspec
from bson import ObjectId

from runtime.security_log import report
from store.accounts.accounts import Account, Accounts, account_from, fold_email
from store.accounts.revocations import Revocations
from store.accounts.sessions import Sessions
from store.errors import NotFound
from store.mongo import Database

AccountState = Literal["", "active", "disabled", "inactive", "vip"]
"""Which accounts: all, those that may log in, that were shut, that are not activated, of VIPs."""

MOST_FOUND = 1000
"""Accounts that a search finds at most; whoever finds so many has to say more. Reading so many takes the
embedded store 25 ms."""

_STATES: Mapping[AccountState, Mapping[str, Any]] = {
    "": {},
    "active": {"active": True, "disabled": {"$ne": True}},
    "disabled": {"disabled": True},
    "inactive": {"active": False},
    "vip": {"vip": True},
}


class ListedAccount(msgspec.Struct, frozen=True, kw_only=True):
    """An account as operators see it.

    Attributes:
        invited: An operator invited its owner.
    """

    account: Account
    created_at: datetime
    invited: bool


class AccountList:
    """Reads the collection `accounts`; changes nothing."""

    def __init__(self, database: Database) -> None:
        self._accounts = database.accounts
        self._feeds = database.feeds

    async def page(
        self, words: str, state: AccountState, *, skip: int, limit: int
    ) -> tuple[list[ListedAccount], int]:
        """Find accounts.

        Args:
            words: A part of the address or of the company's name; "" for all.
            state: Which of them.
            skip: How many to leave out.
            limit: How many at most.

        Returns:
            One page, the newest first, and how many there are; of a search at most `MOST_FOUND`.
        """
        where = dict(_STATES[state])
        if not words.strip():
            total = int(await self._accounts.count_documents(where))
            found = self._accounts.find(where).sort("_id", -1).skip(skip).limit(limit)
            return [_listed(document) for document in await found.to_list(None)], total
        # Two queries for an `$or`, which the embedded store answers slowly. The address is kept folded.
        ids: set[ObjectId] = set()
        for field, pattern in (
            ("email", re.escape(fold_email(words))),
            ("company_name", f"(?i){re.escape(words.strip())}"),
        ):
            which = {**where, field: {"$regex": pattern}}
            rows = await self._accounts.find(which, {"_id": 1}).limit(MOST_FOUND).to_list(None)
            ids |= {row["_id"] for row in rows}
        shown = sorted(ids, reverse=True)[:MOST_FOUND]
        page = shown[skip : skip + limit]
        documents = await self._accounts.find({"_id": {"$in": page}}).to_list(None)
        by_id = {document["_id"]: document for document in documents}
        return [_listed(by_id[id_]) for id_ in page if id_ in by_id], len(shown)

    async def get(self, user_id: str) -> ListedAccount:
        """One account.

        Raises:
            NotFound: No such account.
        """
        document = await self._accounts.find_one({"_id": ObjectId(user_id)})
        if document is None:
            raise NotFound(f"no account {user_id}")
        return _listed(document)

    async def feeds_of(self, account: Account) -> int:
        """How many feeds an account has."""
        which = {"company": ObjectId(account.company_id), "owner": ObjectId(account.id), "deleted": False}
        return int(await self._feeds.count_documents(which))


def _listed(document: Mapping[str, Any]) -> ListedAccount:
    return ListedAccount(
        account=account_from(document),
        created_at=document["created_at"],
        invited="invited_at" in document,
    )


class AccountAccess:
    """Shuts accounts, opens them, and ends their sessions. Every step may be repeated."""

    def __init__(self, accounts: Accounts, sessions: Sessions, revocations: Revocations) -> None:
        self._accounts = accounts
        self._sessions = sessions
        self._revocations = revocations

    async def disable(self, user_id: str) -> None:
        """Shut an account: nobody can log in, and its sessions end.

        Raises:
            NotFound: No such account.
        """
        async with self._revocations.of(user_id):
            await self._accounts.set_disabled(user_id, disabled=True)
            await self._sessions.end_all(user_id)
        report("account_disable", account=user_id, outcome="ok")

    async def enable(self, user_id: str) -> None:
        """Open an account that was disabled; its sessions stay ended.

        Raises:
            NotFound: No such account.
        """
        await self._accounts.set_disabled(user_id, disabled=False)
        report("account_enable", account=user_id, outcome="ok")

    async def set_password(self, user_id: str, password_hash: str) -> None:
        """Set a new password; sessions end.

        Raises:
            NotFound: No such account.
        """
        async with self._revocations.of(user_id):
            await self._accounts.set_password(user_id, password_hash)
            await self._sessions.end_all(user_id)
        report("password_change", account=user_id, outcome="ok")

    async def end_sessions(self, user_id: str) -> int:
        """End all sessions of an account; returns how many there were.

        Raises:
            NotFound: No such account.
        """
        async with self._revocations.of(user_id):
            await self._accounts.end_sessions(user_id)
            ended = await self._sessions.end_all(user_id)
        report("session_revoke", account=user_id, outcome="ok")
        return ended
