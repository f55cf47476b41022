"""Reads how many results each feed of an account has, and counts anew where the stored numbers may be wrong.

    counts = (await result_counts.read([user_id]))[user_id]
    counts.unread_of(feed_id), counts.kept_of(feed_id)

A read costs one document an account, however many results there are. Only an account of which a document is
missing, stale, or marked by a dead process is counted: by whoever reads it first, or by a task that looks at
what readers noticed. How the numbers follow the results is in `result_counters`.

How many results of a long list pass a filter is counted for as long as a request may wait, else estimated.
The embedded store counts 30,000 results in several seconds, as it reads each. A count that had to stop is
kept for a minute, and whoever asks for the same goes on with it. So a second page, or a second look, has the
true number.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Hashable, Sequence
from datetime import UTC, datetime, timedelta

from bson import ObjectId
from cachetools import TLRUCache

from runtime.slices import Rests
from store.accounts.account_changes import AccountChanges
from store.errors import STORE_FAILURES
from store.mongo import Database
from store.results.counter_documents import (
    DEAD_AFTER,
    NEVER,
    NEW_COUNTER,
    CounterDocument,
    Counts,
    count_results,
)
from store.results.list_windows import Window
from store.results.result_counters import ResultCounters

logger = logging.getLogger(__name__)

_TRIES = 3
"""How often an account is counted for one reader while others write. After that the reader gets the last
count, and it is not kept. More would only count more, as long as the others go on."""

_RECOUNT_AFTER = timedelta(hours=1)
"""The age of a count from which it is made anew, if somebody reads it. It mends what the marks cannot: what a
server of a release without counters writes beside this one, and what a process wrote that stood still for
longer than `DEAD_AFTER` in the middle of a write, and was then killed. Less would count more often, more
would leave such a number wrong for longer."""

_LOOK_S = 0.5
"""Seconds between two looks at whether it is time to count an account that a reader noticed."""


class ResultCounts:
    """The numbers of all accounts. Belongs to one event loop."""

    def __init__(self, database: Database, counters: ResultCounters) -> None:
        self._database = database
        self._counters = counters
        # When to look again at an account that may have to be counted.
        self._look_at: dict[str, float] = {}

    async def read(self, user_ids: Sequence[str]) -> dict[str, Counts]:
        """The numbers of each of the accounts.

        They have every write of this process that was answered, and those of others that are settled, which
        comes within a second.

        Raises:
            One of STORE_FAILURES: MongoDB does not answer.
        """
        found = await self.find(user_ids)
        for user in user_ids:
            if user not in found:
                found[user] = await self._count_if_wrong(user)
        return found

    async def find(self, user_ids: Sequence[str]) -> dict[str, Counts]:
        """As `read`, but an account that has to be counted, which may take a second, is left out."""
        found: dict[str, Counts] = {}
        # Nothing is awaited before all of them are used.
        for user, document in (await self._counters.documents(user_ids)).items():
            account = self._counters.unsettled(user)
            if not self._is_wrong(document, account):
                found[user] = self._right(document, account)
        return found

    async def run(self) -> None:
        """Count the accounts of which readers noticed that they may be wrong, until cancelled."""
        while True:
            await asyncio.sleep(_LOOK_S)
            now = time.monotonic()
            for user in [user for user, at in self._look_at.items() if at <= now]:
                self._look_at.pop(user, None)
                try:
                    await self._count_if_wrong(user, counted_after=datetime.now(UTC) - _RECOUNT_AFTER)
                except STORE_FAILURES as error:
                    logger.debug("an account is not counted (%s)", type(error).__name__)

    def _others(self, document: CounterDocument) -> list[datetime]:
        """Since when the marks of other processes stand."""
        return [since for process, since in document.marks.items() if process != self._counters.process]

    def _is_wrong(self, document: CounterDocument, account: AccountChanges) -> bool:
        """Whether a document does not give the numbers, together with what is not settled."""
        was_taken_for_dead = account.is_marked and self._counters.process not in document.marks
        dead = datetime.now(UTC) - DEAD_AFTER
        return (
            document.is_stale
            or account.is_in_doubt
            or was_taken_for_dead
            or any(since <= dead for since in self._others(document))
        )

    def _right(self, document: CounterDocument, account: AccountChanges) -> Counts:
        self._note_when_to_look(document, account)
        return document.counts.plus(account.changes)

    def _note_when_to_look(self, document: CounterDocument, account: AccountChanges) -> None:
        now = datetime.now(UTC)
        if others := self._others(document):
            # If the process is dead, nobody tells of what it wrote.
            left = max(others) + DEAD_AFTER - now
            self._look_at.setdefault(account.user, time.monotonic() + left.total_seconds())
        elif document.counted_at < now - _RECOUNT_AFTER:
            self._look_at.setdefault(account.user, time.monotonic())

    async def _count_if_wrong(self, user: str, *, counted_after: datetime = NEVER) -> Counts:
        """Count an account whose numbers are wrong, or older than `counted_after`."""
        counts, changed = Counts(), set[str]()
        async with self._counters.silence(user):
            for _ in range(_TRIES):
                document = (await self._counters.documents([user])).get(user)
                account = self._counters.unsettled(user)
                if document is None:
                    await self._counters.add_missing([user])
                    document = NEW_COUNTER
                elif document.counted_at > counted_after and not self._is_wrong(document, account):
                    return self._right(document, account)
                now = datetime.now(UTC)
                counts = await count_results(self._database, ObjectId(user))
                # Somebody may have written while we counted. What is in doubt may still be written.
                if account.is_in_doubt or any(since > now - DEAD_AFTER for since in self._others(document)):
                    self._note_when_to_look(document, account)
                    break
                if await self._counters.keep(user, document, counts, now):
                    changed = document.counts.differing(counts)
                    break
        await self._counters.tell(*((user, feed) for feed in changed))
        return counts


_KEPT_S = 60.0
"""Seconds for which a count that had to stop is gone on with, and given again once it is whole."""
_MAX_COUNTS = 500
"""Counts that are kept; each has the windows of its list."""


class _Count:
    """A count under way."""

    def __init__(self, windows: Sequence[Window]) -> None:
        self.left = [*reversed(windows)]
        self.windows = len(windows)
        self.counted = 0
        self.found = 0
        self.until = time.monotonic() + _KEPT_S

    def estimate(self, most: int) -> int:
        """How many it will have found, if the windows that are left hold as many as the others."""
        likely = self.found * self.windows / max(self.counted, 1)
        return max(self.found, min(round(likely), most))


class FilterCounts:
    """The counts of one process that had to stop. Belongs to one event loop."""

    def __init__(self) -> None:
        self._stopped: TLRUCache[Hashable, _Count] = TLRUCache(_MAX_COUNTS, lambda _, count, __: count.until)

    async def count(
        self,
        key: Hashable,
        windows: Sequence[Window],
        count_in: Callable[[Window], Awaitable[int]],
        *,
        most: int,
        within_s: float | None,
    ) -> int:
        """Count the results of all windows.

        Args:
            key: What is counted.
            windows: Which together hold the list.
            count_in: Counts those of a window.
            most: How many the list has about; no estimate is higher.
            within_s: Seconds after which the rest is estimated; None for never. One window is always counted.
        """
        stopped = self._stopped.get(key) if within_s is not None else None
        count = stopped or _Count(windows)
        ends, rests = None if within_s is None else time.monotonic() + within_s, Rests()
        while count.left:
            window = count.left.pop()
            try:
                count.found += await count_in(window)
            except BaseException:
                count.left.append(window)
                self._stopped[key] = count
                raise
            count.counted += 1
            if count.left and ends is not None and time.monotonic() >= ends:
                self._stopped[key] = count
                return count.estimate(most)
            if count.left:
                await rests.rest()
        # Somebody else may still count the last window.
        return count.found if count.counted == count.windows else count.estimate(most)
