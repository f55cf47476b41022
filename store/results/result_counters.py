"""Counters: the numbers of each feed's results, by state and tier, follow every change of results exactly.

    async with counters.changing([(user_id, feed_id)]) as change:   # before the first write
        taken = await bulk(...)
        change.add(document, 1)                                     # what the writes did, exactly

An account has one document. It is marked before results change, and settled afterwards: one write adds the
changes and takes the mark away. So a document without marks is right, whoever was killed between which
writes, and one whose mark nobody settles is counted anew. Settling is a task of its own: at once where
nothing else goes on (`hurry`), and at least once a second under load. It also tells of the lists that
changed, once their numbers are stored. `docs/adr/0024` goes through the races.

Reading the numbers, and counting them anew, is in `result_counts`. What a document says is in
`counter_documents`, what one account has to settle in `account_changes`.
"""

from __future__ import annotations

import asyncio
import secrets
import time
from collections.abc import AsyncIterator, Collection, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Protocol

from bson import ObjectId
from pymongo import InsertOne

from runtime.turns import KeyedLocks
from runtime.waiting import wait_at_most
from store.accounts.account_changes import AccountChanges, Changing
from store.bulk import bulk
from store.by_ids import chunks, find_by_ids, object_ids
from store.mongo import Database
from store.redis.events import Event
from store.results.counter_documents import (
    CounterDocument,
    Counts,
    counter_from,
    marking,
    new_counter,
    recounting,
)
from store.retry import until_answered

_REST = 10.0
"""After settling nothing is settled for so many times as long as it took, while results are being written.
Less would take time from scoring; who has nothing to write says so, and nobody waits any longer."""

_LATEST_S = 0.9
"""Seconds from the beginning of one settling to the beginning of the next at most. A frame is never later
than a second, and this leaves the rest to the hub. Less would settle more often than a busy machine can
afford."""


class Told(Protocol):
    """Whom counters tell of lists that changed: `Events`, or nobody."""

    async def publish(self, *events: Event) -> None:
        """Tell of them."""


class ResultCounters:
    """The collection `counters`, as one process changes it. Belongs to one event loop."""

    def __init__(self, database: Database, events: Told) -> None:
        self._counters = database.counters
        self._events = events
        self.process = secrets.token_hex(8)
        """This process's mark, unique among all processes there ever were."""
        self._accounts: dict[str, AccountChanges] = {}
        # Whoever marks, settles or keeps a count holds it, and begins a new version. A document goes together
        # with what is not settled only if no version began while it was read.
        self._writing = asyncio.Lock()
        self._version = 0
        # While this process counts an account, nobody in it writes results of the account.
        self._silence = KeyedLocks()
        self._silent: set[str] = set()
        self._has_changes = asyncio.Event()
        self._is_hurried = asyncio.Event()
        self._untold: set[tuple[str, str]] = set()

    @asynccontextmanager
    async def changing(self, lists: Collection[tuple[str, str]]) -> AsyncIterator[Changing]:
        """Change results of these lists in the block, each given as (user, feed).

        The lists are told of afterwards even if nothing is added: an earlier try may have been killed before
        it told. Where the block raises nobody knows what was written, so the accounts are counted.

        Raises:
            One of STORE_FAILURES: MongoDB does not answer; the block is not entered.
        """
        accounts = await self._begin(dict.fromkeys(user for user, _ in lists))
        change = Changing(accounts)
        try:
            yield change
        except BaseException:
            change.doubt()
            raise
        finally:
            change.end()
            for user, feed in lists:
                accounts[user].touched.add(feed)
            self._end(accounts.values())

    async def settle(self, *lists: tuple[str, str]) -> None:
        """Store what this process has changed, and tell of it.

        Args:
            lists: (user, feed) of lists of whose accounts alone it is stored. They are told of in any case.

        Raises:
            One of STORE_FAILURES: MongoDB does not answer; it is settled the next time.
        """
        self._untold.update(lists)
        async with self._alone():
            users = {user for user, _ in lists} if lists else set(self._accounts)
            accounts = [self._accounts[user] for user in sorted(users) if user in self._accounts]
            for part in chunks([one for one in accounts if one.is_unsettled]):
                await self._settle(part)
        await self._tell()

    async def tell(self, *lists: tuple[str, str]) -> None:
        """Tell of lists that may have changed, each given as (user, feed)."""
        self._untold.update(lists)
        await self._tell()

    async def run(self) -> None:
        """Settle whatever changes, until cancelled. MongoDB's absence is waited out."""
        while True:
            # Also while a write takes longer than a second: its mark must not look like a dead process's.
            await wait_at_most(self._has_changes, 1.0)
            self._has_changes.clear()
            self._is_hurried.clear()
            began = time.monotonic()
            await until_answered(self.settle, what="settling")
            took_s = time.monotonic() - began
            await asyncio.sleep(took_s)
            await wait_at_most(self._is_hurried, max(0.0, min(_REST * took_s, _LATEST_S - took_s) - took_s))

    def hurry(self) -> None:
        """Settle soon: who writes results has written all that there were, or keeps up with what comes."""
        self._is_hurried.set()

    async def documents(self, user_ids: Sequence[str]) -> dict[str, CounterDocument]:
        """The documents of those accounts that have one, as they go together with `unsettled`.

        The caller looks at `unsettled` before it awaits anything.
        """
        if not self._writing.locked():
            version = self._version
            found = await self._find(user_ids)
            if version == self._version:
                return found
        async with self._writing:
            return await self._find(user_ids)

    def unsettled(self, user_id: str) -> AccountChanges:
        """What this process has changed in an account, and not settled."""
        return self._accounts.get(user_id) or AccountChanges(user_id)

    @asynccontextmanager
    async def silence(self, user_id: str) -> AsyncIterator[None]:
        """Have nobody in this process write results of an account during the block."""
        async with self._silence.take(user_id):
            self._silent.add(user_id)
            try:
                await self.unsettled(user_id).quiet()
                yield
            finally:
                self._silent.discard(user_id)

    async def keep(self, user_id: str, document: CounterDocument, counts: Counts, now: datetime) -> bool:
        """Store what was counted during `silence`, with all that this process has not settled.

        Returns:
            False where the document is another one by now: somebody else may have written.
        """
        account = self.unsettled(user_id)
        async with self._alone():
            which = {"_id": ObjectId(user_id), "seq": document.seq}
            outcome = await self._counters.update_one(which, recounting(counts, document, now))
            if outcome.matched_count:
                account.counted()
                self._untold |= {(user_id, feed) for feed in account.take_touched()}
                self._forget_if_done(account)
        return bool(outcome.matched_count)

    async def add_missing(self, user_ids: Sequence[str]) -> None:
        """Add documents of accounts that have none; those that are there stay."""
        await bulk(self._counters, [InsertOne(new_counter(id_)) for id_ in object_ids(user_ids)])

    @asynccontextmanager
    async def _alone(self) -> AsyncIterator[None]:
        async with self._writing:
            self._version += 1
            yield

    async def _find(self, user_ids: Sequence[str]) -> dict[str, CounterDocument]:
        found = await find_by_ids(self._counters, object_ids(user_ids))
        return {str(document["_id"]): counter_from(document) for document in found}

    async def _begin(self, users: Mapping[str, None]) -> dict[str, AccountChanges]:
        while silent := next((user for user in users if user in self._silent), None):
            async with self._silence.take(silent):
                pass
        # Before anything is awaited: from here on no count and no settling takes it that nobody writes.
        accounts = {user: self._accounts.setdefault(user, AccountChanges(user)) for user in users}
        for account in accounts.values():
            account.begin()
        try:
            if not all(account.is_marked for account in accounts.values()):
                await self._mark(accounts.values())
        except BaseException:
            self._end(accounts.values())
            raise
        return accounts

    def _end(self, accounts: Iterable[AccountChanges]) -> None:
        for account in accounts:
            account.end()
            self._forget_if_done(account)
        self._has_changes.set()

    def _forget_if_done(self, account: AccountChanges) -> None:
        if account.is_done:
            self._accounts.pop(account.user, None)

    async def _mark(self, accounts: Iterable[AccountChanges]) -> None:
        async with self._alone():
            for part in chunks([account for account in accounts if not account.is_marked]):
                users = [account.user for account in part]
                which, change = {"_id": {"$in": object_ids(users)}}, marking(self.process, datetime.now(UTC))
                if (await self._counters.update_many(which, change)).matched_count < len(users):
                    await self.add_missing(users)
                    await self._counters.update_many(which, change)
                for account in part:
                    account.is_marked = True

    async def _settle(self, part: Sequence[AccountChanges]) -> None:
        """Settle no more accounts than one query names."""
        touched = {account.user: account.take_touched() for account in part}
        try:
            await self._add([account for account in part if not account.is_in_doubt])
            await self._doubt([account for account in part if account.is_in_doubt])
        except BaseException:
            for account in part:
                account.touched |= touched[account.user]
            raise
        for account in part:
            self._untold |= {(account.user, feed) for feed in touched[account.user]}
            self._forget_if_done(account)

    async def _add(self, accounts: Sequence[AccountChanges]) -> None:
        """Add what is known. Where nobody knows whether it was added, the accounts are left in doubt."""
        if not accounts:
            return
        now, matched = datetime.now(UTC), 0
        try:
            writes = [account.settle(self.process, now) for account in accounts]
            matched = (await self._counters.bulk_write(writes, ordered=False)).matched_count
        finally:
            # After an error what was added must not be added twice. Where one mark was gone MongoDB does not
            # say which, and all are counted; it takes a process that stood still.
            if matched < len(accounts):
                for account in accounts:
                    account.is_in_doubt = True

    async def _doubt(self, accounts: Sequence[AccountChanges]) -> None:
        """Have accounts counted."""
        if not accounts:
            return
        now, is_done = datetime.now(UTC), False
        try:
            writes = [account.doubt(self.process, now) for account in accounts]
            await self._counters.bulk_write(writes, ordered=False)
            is_done = True
        finally:
            if not is_done:
                for account in accounts:
                    account.is_in_doubt = True

    async def _tell(self) -> None:
        lists, self._untold = sorted(self._untold), set()
        await self._events.publish(*(Event("unread", user=user, feed=feed) for user, feed in lists))
