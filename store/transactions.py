"""Transactions: what must agree is written together, or not at all.

    @again_after_conflict
    async def read(self, ...) -> None:
        async with self._database.transaction() as t:
            await self._results.update_one(...)
            await self._counters.update_one(...)
            t.tell(Event("unread", company=company, feed=feed))   # once it is committed

Every command that is given within the block belongs to the transaction, whoever gives it: reads see what was
written in it, and nobody else does before the commit. A block within a block is a part of the outer one.

Two transactions that write the same document cannot both go through: the later one is a `Conflict`, and is
done again from its beginning, which is for the outermost method that says `again_after_conflict`. Two that
only read what the other writes can (write skew). So those that change lists of one account write the
account's document in `counters`, and exclude each other by that.

Commands of a transaction go one after the other: none may be given beside another. Who is cancelled waits for
the one under way: what ends the transaction would else overtake it, and the store begin another that nobody
ends.

An update or a deletion of many documents that is given outside of a block is a transaction by itself. Else a
store that waits for the transaction of a killed process, as it may, would let everybody else wait who writes
the collection.
"""

from __future__ import annotations

import asyncio
import functools
import random
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Hashable
from contextlib import asynccontextmanager
from contextvars import ContextVar
from inspect import isawaitable
from typing import Any, ParamSpec, TypeVar

from pymongo import DeleteMany, UpdateMany
from pymongo.errors import ConnectionFailure, OperationFailure

from runtime.metrics import TRANSACTIONS_AGAIN
from runtime.waiting import to_its_end
from store.errors import Conflict
from store.transactors import Transactors

P = ParamSpec("P")
T = TypeVar("T")

_LONGEST_S = 5.0
"""Seconds for which a transaction is tried again. What conflicts for longer is given up, as a store is that
does not answer."""

_FIRST_WAIT_S, _LONGEST_WAIT_S = 0.01, 0.2
"""Seconds before a second try, and before any later one. The wait is drawn between nothing and twice as much
as before: two that met do not meet again."""

_IN_SESSION = frozenset(
    {
        *("aggregate", "bulk_write", "count_documents", "delete_many", "delete_one", "find", "find_one"),
        *("insert_one", "update_many", "update_one"),
    }
)
"""Methods of a collection that belong to the transaction in which they are called."""

_INTERNAL = 1
"""MongoDB's code for what it did not expect. So the embedded store answers a commit, of which nothing is
done, if it drops at the same moment what it kept for replication."""

ALONE = "alone"
"""The comment on a command that is a transaction by itself, for whoever reads a log of slow ones."""

_COMMIT_MS = 2_000
"""Milliseconds that a commit may take, as any other command."""


class Transaction:
    """One that is under way."""

    def __init__(self, session: Any) -> None:
        self.session = session
        self.events: dict[Hashable, None] = {}
        self.afterwards: list[Callable[[], None]] = []

    def tell(self, *events: Hashable) -> None:
        """Publish hints once it is committed, each once."""
        self.events |= dict.fromkeys(events)


_CURRENT: ContextVar[Transaction | None] = ContextVar("transaction", default=None)
_IS_RETRIED: ContextVar[bool] = ContextVar("is_retried", default=False)


def current() -> Transaction | None:
    """The transaction to which commands belong that are given now."""
    return _CURRENT.get()


def afterwards(call: Callable[[], None]) -> None:
    """Call something once the transaction is committed that is under way; at once where there is none."""
    if (transaction := current()) is not None:
        transaction.afterwards.append(call)
    else:
        call()


def is_retried() -> bool:
    """Whether what is done now was tried before, and met another transaction."""
    return _IS_RETRIED.get()


def again_after_conflict(work: Callable[P, Awaitable[T]]) -> Callable[P, Awaitable[T]]:
    """Have a method done again where its transaction met another one; within a transaction nothing."""

    @functools.wraps(work)
    async def until_through(*args: P.args, **kwargs: P.kwargs) -> T:
        if _CURRENT.get() is not None:
            return await work(*args, **kwargs)
        began, wait_s = time.monotonic(), _FIRST_WAIT_S
        token = _IS_RETRIED.set(False)
        try:
            while True:
                try:
                    return await work(*args, **kwargs)
                except Conflict:
                    TRANSACTIONS_AGAIN.inc()
                    if time.monotonic() > began + _LONGEST_S:
                        raise
                await asyncio.sleep(random.uniform(0, wait_s))
                wait_s = min(2 * wait_s, _LONGEST_WAIT_S)
                _IS_RETRIED.set(True)
        finally:
            _IS_RETRIED.reset(token)

    return until_through


class Collection:
    """A collection, as the driver has it, whose commands belong to the transaction they are given in.

    It has what opens the transaction in which many are written; None where each is written for itself.
    """

    def __init__(self, collection: Any, transaction: Callable[[], Any] | None) -> None:
        self._collection = collection
        self._transaction = transaction

    def __getattr__(self, name: str) -> Any:
        method = getattr(self._collection, name)
        if name not in _IN_SESSION:
            return method
        if (transaction := _CURRENT.get()) is not None:
            return functools.partial(_within, method, session=transaction.session)
        if self._transaction is not None and name in {"bulk_write", "delete_many", "update_many"}:
            return functools.partial(_write_many, self._transaction, method)
        return method

    def with_options(self, **options: Any) -> Collection:
        """The same with other options of the driver."""
        return Collection(self._collection.with_options(**options), self._transaction)


class _Cursor:
    """A cursor within a transaction, each read of which comes to its end."""

    def __init__(self, cursor: Any) -> None:
        self._cursor = cursor

    def __getattr__(self, name: str) -> Any:
        return functools.partial(self._call, getattr(self._cursor, name))

    def _call(self, method: Callable[..., Any], *args: Any, **how: Any) -> Any:
        made = method(*args, **how)
        return self if made is self._cursor else to_its_end(made)

    def __aiter__(self) -> _Cursor:
        return self

    async def __anext__(self) -> Any:
        return await to_its_end(self._cursor.__anext__())


def _within(method: Callable[..., Any], *args: Any, **how: Any) -> Any:
    given = method(*args, **how)
    return to_its_end(given) if isawaitable(given) else _Cursor(given)


async def _write_many(
    transaction: Callable[[], Any], write: Callable[..., Awaitable[T]], what: Any, *args: Any, **how: Any
) -> T:
    if isinstance(what, list) and not any(isinstance(one, DeleteMany | UpdateMany) for one in what):
        return await write(what, *args, **how)

    @again_after_conflict
    async def alone() -> T:
        async with transaction() as t:
            return await to_its_end(write(what, *args, **how, session=t.session, comment=ALONE))

    return await alone()


class Database:
    """A database, as the driver has it, whose commands belong to the transaction they are given in.

    What a transaction tells is published once it is committed. One that has options has a write concern of
    its own, which a transaction would not heed.
    """

    def __init__(
        self,
        database: Any,
        publish: Callable[..., Awaitable[None]] | None = None,
        transactors: Transactors | None = None,
        *,
        has_options: bool = False,
    ) -> None:
        self._database = database
        self._publish = publish
        self._transactors = transactors
        self._has_options = has_options

    def __getattr__(self, name: str) -> Any:
        return getattr(self._database, name) if hasattr(type(self._database), name) else self[name]

    def __getitem__(self, name: str) -> Collection:
        return Collection(self._database[name], None if self._has_options else self.transaction)

    def with_options(self, **options: Any) -> Database:
        """The same with other options of the driver."""
        changed = self._database.with_options(**options)
        return Database(changed, self._publish, self._transactors, has_options=True)

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[Transaction]:
        """Have all commands in the block done together, or none of them.

        Raises:
            Conflict: Another transaction wrote the same; nothing of this one is done.
            One of STORE_FAILURES: MongoDB does not answer. Whether it was committed is not known where the
                answer to the commit was lost.
        """
        if (outer := _CURRENT.get()) is not None:
            yield outer
            return
        session = await self.client.start_session()
        session_id = session.session_id["id"]
        transaction = Transaction(session)
        token = _CURRENT.set(transaction)
        try:
            if self._transactors:
                await self._transactors.begin(session_id)
            session.start_transaction(max_commit_time_ms=_COMMIT_MS)
            yield transaction
            await to_its_end(session.commit_transaction())
        except OperationFailure as error:
            if error.has_error_label("TransientTransactionError") or error.code == _INTERNAL:
                raise Conflict from None
            raise
        except ConnectionFailure:
            if self._transactors:
                self._transactors.doubt(session_id)
            raise
        finally:
            _CURRENT.reset(token)
            try:
                await to_its_end(session.end_session())  # which takes back what is not committed
            finally:
                if self._transactors:
                    self._transactors.end(session_id)
        for call in transaction.afterwards:
            call()
        if self._publish is not None and transaction.events:
            await self._publish(*transaction.events)
