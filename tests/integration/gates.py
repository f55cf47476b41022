"""Makes a race happen: holds a call of one part while others go on, lets it fail, or notes it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from contextvars import Context
from typing import Any

from runtime.metrics import Metrics


def done_again() -> float:
    """How many transactions of this process were done again, as its `/metrics` says."""
    return Metrics().registry.get_sample_value("talentfeed_transactions_again_total") or 0.0


def beside(work: Coroutine[Any, Any, Any]) -> asyncio.Task[Any]:
    """Have something done outside of the transaction that is under way, as another request does it."""
    return asyncio.create_task(work, context=Context())


def calls_of(owner: Any, name: str) -> list[tuple[Any, ...]]:
    """What a method is called with from now on, by position or by name; it does what it did."""
    method, calls = getattr(owner, name), []

    async def noted(*args: Any, **how: Any) -> Any:
        calls.append((*args, *how.values()))
        return await method(*args, **how)

    setattr(owner, name, noted)
    return calls


class Gate:
    """Holds the first call of a method, or the first of which `when` is true, until it is opened.

    With `every` it holds each of them.
    """

    def __init__(
        self, owner: Any, name: str, when: Callable[..., bool] = lambda *_: True, *, every: bool = False
    ) -> None:
        self._method, self._when, self._every = getattr(owner, name), when, every
        self.reached, self._opened = asyncio.Event(), asyncio.Event()
        setattr(owner, name, self._call)

    async def _call(self, *args: Any, **kwargs: Any) -> Any:
        if (self._every or not self.reached.is_set()) and self._when(*args):
            self.reached.set()
            await self._opened.wait()
        return await self._method(*args, **kwargs)

    def open(self) -> None:
        self._opened.set()


class Killed(Exception):
    """What ends a process in the middle."""


class Trap:
    """Ends whoever calls a method, until it is taken away."""

    def __init__(self, owner: Any, name: str) -> None:
        self._owner, self._name = owner, name
        self._own = vars(owner).get(name)
        setattr(owner, name, self._call)

    async def _call(self, *_: Any, **__: Any) -> None:
        raise Killed(self._name)

    def take_away(self) -> None:
        # What was not its own is looked up anew: of a collection, in the transaction that is under way then.
        delattr(self._owner, self._name)
        if self._own is not None:
            setattr(self._owner, self._name, self._own)
