"""Who may use an account: what operators do about it, from a shell and at the desk alike.

Each step ends sessions in every running server within two seconds, sockets included.
"""

from __future__ import annotations

from runtime.security_log import report
from store.accounts.accounts import Accounts
from store.accounts.revocations import Revocations
from store.accounts.sessions import Sessions


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
