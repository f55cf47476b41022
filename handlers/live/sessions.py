"""Which login sessions the sockets of this process belong to, and whether these still hold."""

from __future__ import annotations

from collections.abc import Sequence

from cachetools import LRUCache

from handlers.live.writer import SocketWriter
from store.accounts.accounts import Account
from store.accounts.known_sessions import Check
from store.accounts.sessions import Sessions, token_hash
from store.data_loader import DataLoader

_MAX_KNOWN = 20_000
"""How many sessions are remembered for the next handshake, the latest ones; all of them take some 6 MB. One
that is not remembered costs a read more, so this should be more than the sockets of one process."""


class SocketSessions:
    """The sessions of one process's sockets. Belongs to one event loop."""

    def __init__(self, sessions: Sessions) -> None:
        self._sessions = sessions
        # A lane of its own: requests would wait behind thousands of sockets that reconnect.
        self._checks: DataLoader[Check, Account] = DataLoader(sessions.check)
        self._sockets: dict[str, set[SocketWriter]] = {}
        # By account, also those that are just joining.
        self._of_account: dict[str, set[SocketWriter]] = {}
        # By the hash of the token, its account.
        self._known: LRUCache[str, str] = LRUCache(_MAX_KNOWN)

    async def admits(self, user_id: str, token: str) -> bool:
        """Whether a handshake may go on.

        An account that was here lately does not wait for a read: its session is read when its socket joins.

        Raises:
            One of STORE_FAILURES: MongoDB does not answer.
        """
        key = token_hash(token)
        return self._known.get(key) == user_id or await self._company(user_id, key) is not None

    async def company(self, socket: SocketWriter) -> str | None:
        """The company in which a socket's account is now; None where its session is not valid.

        Raises:
            One of STORE_FAILURES: MongoDB does not answer.
        """
        return await self._company(socket.user_id, socket.token)

    async def _company(self, user_id: str, key: str) -> str | None:
        account = (await self._checks.get([(user_id, key)])).get((user_id, key))
        return account.company_id if account else None

    async def companies(self, sockets: Sequence[SocketWriter]) -> dict[str, str]:
        """By the token of each session that is still valid, the company in which its account is.

        Raises:
            One of STORE_FAILURES: MongoDB does not answer.
        """
        return await self._sessions.companies_of([socket.token for socket in sockets])

    def add(self, socket: SocketWriter) -> None:
        """List a socket under its session. Before the session is checked, so that no logout is missed."""
        self._sockets.setdefault(socket.token, set()).add(socket)
        self._of_account.setdefault(socket.user_id, set()).add(socket)

    def discard(self, socket: SocketWriter) -> None:
        """Take a socket off its session's list; one that is not there is no error."""
        for listed, key in ((self._sockets, socket.token), (self._of_account, socket.user_id)):
            others = listed.get(key, set())
            others.discard(socket)
            if not others:
                listed.pop(key, None)

    def sockets_of(self, token: str) -> list[SocketWriter]:
        """The sockets of a session, by its token's hash."""
        return list(self._sockets.get(token, ()))

    def sockets_of_account(self, user_id: str) -> list[SocketWriter]:
        """The sockets of an account."""
        return list(self._of_account.get(user_id, ()))

    def remember(self, socket: SocketWriter) -> None:
        """Note that a socket's session was valid, for the next handshake."""
        self._known[socket.token] = socket.user_id

    def forget(self, token: str) -> None:
        """Note that a session, by its token's hash, has ended."""
        self._known.pop(token, None)
