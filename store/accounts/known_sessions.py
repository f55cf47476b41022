"""Sessions that held a moment ago, with their accounts: most requests ask MongoDB for neither.

    known = KnownSessions(sessions.check, events)
    account = await known.find((user_id, token_hash(token)))    # None: the session does not hold

A session ends within two seconds of whatever ends it, be it a change by hand in the database, and whether or
not anybody says so: what was read longer ago than `_TRUSTED_S` is read anew. `look` does so beforehand
for what was used since it was read, many in one read. While MongoDB does not answer, nothing is known for
longer. An event `revoked`, of a process or of `Revocations.look`, voids what is known of an account at once.

Only what holds is known, so that an account that was opened again is open at once.
"""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Mapping, Sequence

import msgspec

from store.accounts.accounts import Account
from store.by_ids import chunks
from store.data_loader import MOST, DataLoader
from store.redis.events import Event, Events

Check = tuple[str, str]
"""An account and the hash of a token that is to be a session of it."""

_TRUSTED_S = 1.5
"""Seconds for which what was read counts, from before it was read. Two are promised, and a request that was
let in takes its time."""
EVERY_S, _OLD_S = 0.5, 0.75
"""Seconds between two looks, and the age from which they read anew: about once a second, half a second before
somebody would have to wait for it."""
_MOST = 20_000
"""Accounts of which something is known, the ones used last. More than one process serves within a second."""


class _Known(msgspec.Struct):
    """A session's account as it was read, when that was asked for, and when somebody used it last."""

    account: Account
    read_at: float
    used_at: float


class _OfAccount(msgspec.Struct):
    """An account's sessions by the hashes of their tokens; what was asked for until `void_at` is void."""

    void_at: float = float("-inf")
    sessions: dict[str, _Known] = {}


class KnownSessions:
    """Belongs to one event loop. `check` reads the accounts of those of some sessions that hold."""

    def __init__(
        self, check: Callable[[Sequence[Check]], Awaitable[Mapping[Check, Account]]], events: Events
    ) -> None:
        self._check = check
        self._of: OrderedDict[str, _OfAccount] = OrderedDict()
        self._reads: DataLoader[Check, Account] = DataLoader(self._read)
        events.listen(self._on_event, "revoked")

    async def find(self, check: Check) -> Account | None:
        """The account of a session; None where it does not hold."""
        user, key = check
        of, now = self._of.get(user), time.monotonic()
        if of is not None and (known := of.sessions.get(key)) is not None:
            known.used_at = now
            self._of.move_to_end(user)
            if known.read_at > now - _TRUSTED_S:
                return known.account
        return (await self._reads.get([check])).get(check)

    async def look(self) -> None:
        """Read what is in use anew before it is too old."""
        now = time.monotonic()
        old = []
        for user, of in [*self._of.items()]:
            for key, known in [*of.sessions.items()]:
                if known.read_at < now - _TRUSTED_S:
                    del of.sessions[key]
                elif known.read_at < now - _OLD_S and known.used_at > known.read_at:
                    old.append((user, key))
            if not of.sessions and of.void_at < now - _TRUSTED_S:
                del self._of[user]
        for some in chunks(old, MOST):
            await self._read(some)

    async def _read(self, checks: Sequence[Check]) -> Mapping[Check, Account]:
        asked_at = time.monotonic()
        found = await self._check(checks)
        for user, key in checks:
            account = found.get((user, key))
            of = self._of.get(user) if account is None else self._of_account(user)
            if of is None:
                continue
            known = of.sessions.pop(key, None)
            if account is not None and of.void_at < asked_at:
                of.sessions[key] = _Known(account, asked_at, known.used_at if known else asked_at)
        return found

    def _of_account(self, user: str) -> _OfAccount:
        of = self._of.setdefault(user, _OfAccount())
        self._of.move_to_end(user)
        if len(self._of) > _MOST:
            self._of.popitem(last=False)
        return of

    def _on_event(self, event: Event) -> None:
        if event.kind == "revoked":
            self._of_account(event.user).sessions.clear()
            self._of[event.user].void_at = time.monotonic()
