"""Whether sessions of an account hold: it may log in, and they are of its present epoch.

Every request asks. So what is good is remembered for a moment, and a bad answer is always read anew: an
account that was opened again, or a session of a new epoch, holds at once.
"""

from __future__ import annotations

import time
from collections.abc import Collection

from cachetools import TLRUCache

from store.by_ids import find_by_ids, object_ids
from store.mongo import Database
from store.redis.events import Event, Events

FRESH_S = 1.0
"""Seconds for which an account counts as it was read. A session ends at most so long after its account was
shut, if no event says so sooner; two are promised. Less would be one read more for most requests."""
_MOST = 20_000
"""Accounts that are remembered. More than one process serves within a second."""
_FIELDS = {"active": 1, "is_hr": 1, "disabled": 1, "epoch": 1}


class AccountStates:
    """The epochs of accounts that may log in. Belongs to one event loop."""

    def __init__(self, database: Database, events: Events) -> None:
        self._accounts = database.accounts
        # By account, its epoch and when that was asked for.
        self._known: TLRUCache[str, tuple[int, float]] = TLRUCache(
            _MOST, lambda _, known, __: known[1] + FRESH_S
        )
        events.listen(self._on_event, "revoked")

    async def hold(self, sessions: Collection[tuple[str, int]]) -> set[tuple[str, int]]:
        """Those of some (user, epoch) whose sessions hold.

        Raises:
            One of STORE_FAILURES: MongoDB does not answer.
        """
        good = set()
        for user, epoch in sessions:
            known = self._known.get(user)
            if known is not None and known[0] <= epoch:
                good.add((user, epoch))
        users = {user for user, _ in sessions} - {user for user, _ in good}
        if users:
            epochs = await self._read(users)
            good |= {(user, epoch) for user, epoch in sessions if epoch >= epochs.get(user, epoch + 1)}
        return good

    def forget(self, user_id: str) -> None:
        """Read an account anew the next time."""
        self._known.pop(user_id, None)

    async def _read(self, users: Collection[str]) -> dict[str, int]:
        """The epochs of those accounts that may log in, as they are now."""
        asked_at = time.monotonic()  # what changes while this is read is found after `FRESH_S` from here
        found = await find_by_ids(self._accounts, object_ids(users), _FIELDS)
        epochs = {str(one["_id"]): one.get("epoch", 0) for one in found if _may_log_in(one)}
        for user in users:
            self.forget(user)
        self._known.update({user: (epoch, asked_at) for user, epoch in epochs.items()})
        return epochs

    def _on_event(self, event: Event) -> None:
        if event.kind == "revoked":
            self.forget(event.user)


def _may_log_in(document: dict[str, object]) -> bool:
    return bool(document["active"] and document["is_hr"] and not document.get("disabled"))
