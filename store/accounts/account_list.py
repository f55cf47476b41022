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
from store.paging import search

AccountState = Literal["", "active", "disabled", "inactive", "vip"]
"""Which accounts: all, those that may log in, that were shut, that are not activated, of VIPs."""

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
        """Find accounts by a part of the address or of the company's name, or all; see `paging.search`."""
        said: dict[str, str] = {}
        if words.strip():  # the address is kept folded
            said["email"] = re.escape(fold_email(words))
            said["company_name"] = f"(?i){re.escape(words.strip())}"
        found, total = await search(self._accounts, _STATES[state], said, skip=skip, limit=limit)
        return [_listed(document) for document in found], total

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
    """Shuts accounts, opens them, and ends their sessions. Every step may be repeated.

    Raises:
        NotFound: No such account; any step.
    """

    def __init__(self, accounts: Accounts, sessions: Sessions, revocations: Revocations) -> None:
        self._accounts = accounts
        self._sessions = sessions
        self._revocations = revocations

    async def disable(self, user_id: str) -> None:
        """Shut an account: nobody can log in, and its sessions end."""
        async with self._revocations.of(user_id):
            await self._accounts.set_disabled(user_id, disabled=True)
            await self._sessions.end_all(user_id)
        report("account_disable", account=user_id, outcome="ok")

    async def enable(self, user_id: str) -> None:
        """Open an account that was disabled; its sessions stay ended."""
        await self._accounts.set_disabled(user_id, disabled=False)
        report("account_enable", account=user_id, outcome="ok")

    async def set_password(self, user_id: str, password_hash: str) -> None:
        """Set a new password; sessions end."""
        async with self._revocations.of(user_id):
            await self._accounts.set_password(user_id, password_hash)
            await self._sessions.end_all(user_id)
        report("password_change", account=user_id, outcome="ok")

    async def end_sessions(self, user_id: str) -> int:
        """End all sessions of an account; returns how many there were."""
        async with self._revocations.of(user_id):
            await self._accounts.end_sessions(user_id)
            ended = await self._sessions.end_all(user_id)
        report("session_revoke", account=user_id, outcome="ok")
        return ended
