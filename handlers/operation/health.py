"""How well a process is, as `/readyz` tells a proxy, a supervisor or an operator."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Collection
from typing import Literal, TypeVar

import msgspec

from engine.building import Engine
from handlers.api.contract import Seconds, Shape
from handlers.api.drain import Drain
from intake.files import doc, ocr
from runtime.roles import ROLES, ProcessRole
from store.errors import STORE_FAILURES
from store.stores import Stores

_PING_S = 1.0
"""How long MongoDB may take for one answer here. What is missing must be said before the request's own
deadline (2.3 s) says only that it took too long. What is asked once MongoDB has answered is mostly there at
once."""


T = TypeVar("T")


async def known(count: Awaitable[T]) -> T | None:
    """A number or another answer of MongoDB; None where it does not come within a second.

    One slow count must not hide all else that is told beside it.
    """
    with contextlib.suppress(TimeoutError, *STORE_FAILURES):
        async with asyncio.timeout(_PING_S):
            return await count
    return None


class LearnedView(Shape):
    """What was learned from the stored resumes last.

    Attributes:
        resumes: Of how many.
        time: When.
    """

    resumes: int
    time: Seconds


class State(msgspec.Struct, kw_only=True):
    """The state of each part.

    Attributes:
        status: `unavailable` where requests would fail, `degraded` where they take longer.
        unscored: How many stored resumes wait to be scored; None where that is not known.
        ocr: Whether scans and pictures can be read; without it they are refused, which is no illness.
        doc: Whether Word files of before 2007 can be read; likewise.
        learned: What was learned from the stored resumes; None before, or where that is not known.
        roles: What the process does. `engine` is what these roles need of it: `ok` where they need none.
    """

    mongo: Literal["ok", "unavailable"]
    redis: Literal["ok", "unavailable"] = "ok"
    engine: Literal["ok", "loading", "draining"] = "ok"
    status: Literal["ok", "degraded", "unavailable"] = "ok"
    unscored: int | None = None
    learned: LearnedView | None = None
    ocr: Literal["ok", "missing"] = "ok"
    doc: Literal["ok", "missing"] = "ok"
    roles: list[ProcessRole]


class Health(msgspec.Struct, frozen=True):
    """The health of one process."""

    _stores: Stores
    _engine: Engine
    _drain: Drain
    _prepared: asyncio.Event
    _roles: Collection[ProcessRole]

    async def state(self) -> State:
        """Look now. Takes 2 s at most where MongoDB is away, and raises nothing."""
        roles = [role for role in ROLES if role in self._roles]
        state = State(mongo="unavailable", roles=roles)
        state.ocr = "ok" if ocr.is_installed() else "missing"
        state.doc = "ok" if doc.program() else "missing"
        with contextlib.suppress(TimeoutError, *STORE_FAILURES):
            async with asyncio.timeout(_PING_S):
                await self._stores.ping_mongo()
            state.mongo = "ok"
            async with asyncio.timeout(_PING_S):
                last = await self._stores.relations.last()
            if last is not None:
                state.learned = LearnedView(last.resumes, int(last.learned_at.timestamp()))
            # Counting many waiting resumes may be slow. Then the number is unknown, which is no illness.
            async with asyncio.timeout(_PING_S):
                state.unscored = await self._stores.resumes.count_pending()
        if not await self._stores.redis_answers():
            state.redis, state.status = "unavailable", "degraded"
        if self._drain.draining:
            state.engine = "draining"
        elif not self._engine.is_loaded:
            state.engine = "loading"
        if state.mongo != "ok" or state.engine != "ok" or not self._prepared.is_set():
            state.status = "unavailable"
        return state
