"""What one process has changed in the results of one account, and has not settled yet. In memory alone.

When it is settled is decided in `result_counters`, what is written then in `counter_documents`.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from bson import ObjectId
from pymongo import UpdateOne

from store.results.counter_documents import Change, doubting, settling


class AccountChanges:
    """One account. Belongs to one event loop.

    Attributes:
        changes: By how much the numbers of its feeds changed, of writes that were answered.
        touched: The feeds that somebody has to be told of.
        is_marked: Whether the document has the mark of this process.
        is_in_doubt: Whether a write may have changed something that `changes` does not say.
    """

    def __init__(self, user: str) -> None:
        self.user = user
        self.changes: dict[str, Change] = {}
        self.touched: set[str] = set()
        self.is_marked = False
        self.is_in_doubt = False
        self._writers = 0
        self._quiet = asyncio.Event()
        self._quiet.set()

    @property
    def is_unsettled(self) -> bool:
        """Whether there is anything to settle."""
        return self.is_marked or self.is_in_doubt

    @property
    def is_done(self) -> bool:
        """Whether nobody writes and nothing is left to settle."""
        return not (self._writers or self.is_unsettled)

    def begin(self) -> None:
        """Note that somebody is about to write."""
        self._writers += 1
        self._quiet.clear()

    def end(self) -> None:
        """Note that their writes were answered, or that the answer is lost."""
        self._writers -= 1
        if not self._writers:
            self._quiet.set()

    async def quiet(self) -> None:
        """Wait until nobody writes."""
        await self._quiet.wait()

    def settle(self, process: str, now: datetime) -> UpdateOne:
        """The write that settles what is known; the mark stays where somebody still writes."""
        changes, self.changes = self.changes, {}
        return settling(ObjectId(self.user), process, changes, now, self._renewed_at(now))

    def doubt(self, process: str, now: datetime) -> UpdateOne:
        """The write that has the account counted, as nobody knows what was changed."""
        self.changes, self.is_in_doubt = {}, False
        return doubting(ObjectId(self.user), process, now, self._renewed_at(now))

    def counted(self) -> None:
        """Note that a count is kept that has everything in it; nobody writes."""
        self.changes, self.is_marked = {}, False

    def take_touched(self) -> set[str]:
        """The feeds that somebody has to be told of, which the caller does."""
        touched, self.touched = self.touched, set()
        return touched

    def _renewed_at(self, now: datetime) -> datetime | None:
        self.is_marked = self._writers > 0
        return now if self.is_marked else None


class Changing:
    """What a block of writes changed, as it finds out. It counts at the end of the block, as a whole."""

    def __init__(self, accounts: Mapping[str, AccountChanges]) -> None:
        self._accounts = accounts
        self._added: list[tuple[Mapping[str, Any], int]] = []

    def add(self, result: Mapping[str, Any], by: int) -> None:
        """Note so many more results, or fewer, that are in the state of a stored one, in its list."""
        self._added.append((result, by))

    def doubt(self) -> None:
        """Note that nobody knows which of the results were changed: the accounts are counted."""
        for account in self._accounts.values():
            account.is_in_doubt = True

    def end(self) -> None:
        """Count what was noted. Before, a settling could tell of one half of what belongs together."""
        for result, by in self._added:
            changes = self._accounts[str(result["user"])].changes
            changes.setdefault(str(result["feed"]), Change()).add(result, by)
        self._added.clear()
