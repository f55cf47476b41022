"""Counters: the numbers of each feed's results, by state and tier, change in one transaction with these.

    async with counters.changing([(company_id, feed_id)]) as change:   # before the first write
        await bulk(...)
        change.add(document, 1)                                     # what the writes did, exactly

A company has one document, see `counter_documents`. Whoever changes results changes it too, also where no
number is another: so two transactions that change lists of one company never both go through as if the other
was not there. Within a process the writers of a company take turns, as the later one of two would be done
again. `docs/adr/0024` has what was tried before.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Iterable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import UTC, datetime
from typing import Any, TypeVar

from bson import ObjectId

from runtime.turns import KeyedLocks
from store.bulk import bulk
from store.by_ids import find_by_ids, object_ids
from store.mongo import Database
from store.redis.events import Event
from store.results.counter_documents import Change, Counts, changing, counts_from
from store.transactions import Transaction, again_after_conflict, current, is_retried

T = TypeVar("T")


class Changing:
    """What a block of writes changed in lists of some companies."""

    def __init__(self, companies: Iterable[str]) -> None:
        self.changes: dict[str, dict[str, Change]] = {company: {} for company in companies}

    def add(self, result: Mapping[str, Any], by: int) -> None:
        """Note so many more results, or fewer, that are in the state of a stored one, in its list."""
        changes = self.changes[str(result["company"])]
        changes.setdefault(str(result["feed"]), Change()).add(result, by)


class ResultCounters:
    """The collection `counters`. Belongs to one event loop."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._counters = database.counters
        self._turns = KeyedLocks()

    @asynccontextmanager
    async def changing(self, lists: Collection[tuple[str, str]]) -> AsyncIterator[Changing]:
        """Change results of these lists in the block, in one transaction with their numbers.

        The lists are told of once it is committed, even if nothing is added: an earlier try may have been
        killed before it told.

        Raises:
            Conflict: Another process changed lists of these companies meanwhile; nothing is changed.
        """
        change = Changing(company for company, _ in lists)
        async with self.alone(change.changes) as transaction:
            yield change
            await self._write(change.changes)
            transaction.tell(
                *(Event("unread", company=company, feed=feed) for company, feed in sorted(set(lists)))
            )

    @asynccontextmanager
    async def alone(self, company_ids: Iterable[str]) -> AsyncIterator[Transaction]:
        """Have a transaction while no other writer of these companies in this process has one.

        Within a transaction nobody waits: it is a part of that. Who was refused begins with the companies'
        documents at the next try, and so goes through: else those that take less time would be faster each
        time.
        """
        companies = sorted(company_ids)  # in one order, so that no two wait for each other
        async with AsyncExitStack() as stack:
            for company in companies if current() is None else ():
                await stack.enter_async_context(self._turns.take(company))
            transaction = await stack.enter_async_context(self._database.transaction())
            if is_retried():
                await self._write({company: {} for company in companies})
            yield transaction

    async def _write(self, changes: Mapping[str, Mapping[str, Change]]) -> None:
        """Change the documents of some companies, also where no number is another."""
        now = datetime.now(UTC)
        await bulk(self._counters, [changing(ObjectId(company), of, now) for company, of in changes.items()])

    @again_after_conflict
    async def together(self, company_id: str, work: Callable[[], Awaitable[T]]) -> T:
        """Do several things that change lists of a company in one transaction: all of them, or none."""
        async with self.alone([company_id]):
            return await work()

    @asynccontextmanager
    async def noting(self, company_id: str) -> AsyncIterator[Transaction]:
        """Change what a company keeps of people in the block, as nobody else does meanwhile."""
        async with self.alone([company_id]) as transaction:
            yield transaction
            await self._write({company_id: {}})

    async def read(self, company_ids: Collection[str]) -> dict[str, Counts]:
        """The numbers of each of the companies, as they are."""
        found = {
            str(row["_id"]): counts_from(row)
            for row in await find_by_ids(self._counters, object_ids(company_ids))
        }
        return {company: found.get(company) or Counts() for company in company_ids}
