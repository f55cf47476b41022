"""Questions from one process to another, which answers them from what it holds in memory.

    asking.answer("preview", count_here)            # a coroutine function: bytes in, bytes out
    answer = await asking.ask(process, "preview", question, within_s=0.8)

Each process has a list in Redis, of which it takes what others ask it and answer it. A list is gone three
seconds after its last entry, as nobody waits for longer: what was put there for a process that is gone is
forgotten with it. Nothing here is work that must be done: whoever is not answered asks another process, or
says that nobody answers.

Which processes there are is the `registry`'s to say.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import secrets
from collections.abc import Awaitable, Callable
from typing import Any, NoReturn, cast

import msgspec
import redis.asyncio

from runtime.logs import kind_and_place
from store.redis import keys
from store.redis.redis_client import BLOCK_S, REDIS_FAILURES, Redis

logger = logging.getLogger(__name__)

_FORGET_S = 3
"""Seconds for which an entry is kept at least. No request waits for longer; with less, a process that stands
still for a moment would lose what it can still answer in time."""

_AT_ONCE = 64
"""Questions that a process works on at once; more are not taken, and their askers turn to others. Whoever
answers bounds what runs (`engine.previews.preview_slots`): here only memory is bounded."""

_RECONNECT_S = 0.5
"""Seconds between two tries to reach Redis."""

Answerer = Callable[[bytes], Awaitable[bytes]]


class _Entry(msgspec.Struct, frozen=True, omit_defaults=True):
    """A question, or the answer to one.

    Attributes:
        id: Of the question.
        kind: What is asked; empty in an answer.
        asker: Who is to be answered; empty in an answer.
        body: The question or the answer, as text in JSON.
    """

    id: str
    kind: str = ""
    asker: str = ""
    body: msgspec.Raw = msgspec.Raw(b"null")


_decode = msgspec.json.Decoder(_Entry).decode


class Asking:
    """One process's end. Belongs to one event loop; it asks and answers while `run` runs.

    Args:
        redis: Where entries are put.
        reader: A client of its own, as it waits for entries.
        prefix: The name of the database.
        process: This process, unique among all.
    """

    def __init__(self, redis: Redis, reader: redis.asyncio.Redis, prefix: str, process: str) -> None:
        self._redis = redis
        self._reader = reader
        self._prefix = prefix
        self._process = process
        self._answerers: dict[str, Answerer] = {}
        self._waiting: dict[str, asyncio.Future[bytes]] = {}
        self._answering: set[asyncio.Task[None]] = set()

    def answer(self, kind: str, answerer: Answerer) -> None:
        """Have questions of a kind answered.

        Args:
            kind: What is asked.
            answerer: Gives the answer in JSON. What it raises is logged, and nothing is answered.
        """
        self._answerers[kind] = answerer

    async def ask(self, process: str, kind: str, question: bytes, *, within_s: float) -> bytes:
        """Ask a process, and wait for its answer.

        Args:
            process: Whom, as the registry names it.
            kind: What is asked.
            question: In JSON.
            within_s: How long to wait, in seconds.

        Returns:
            The answer in JSON.

        Raises:
            TimeoutError: It has not answered in time.
            One of REDIS_FAILURES: The question could not be put.
        """
        id_ = secrets.token_hex(8)
        answer: asyncio.Future[bytes] = asyncio.get_running_loop().create_future()
        self._waiting[id_] = answer
        try:
            async with asyncio.timeout(within_s):
                await self._put(process, _Entry(id_, kind, self._process, msgspec.Raw(question)))
                return await answer
        finally:
            del self._waiting[id_]

    async def run(self) -> NoReturn:
        """Take what others ask and answer, until cancelled."""
        mine = keys.to(self._prefix, self._process)
        try:
            while True:
                try:
                    # Its type is that of the blocking client, too.
                    taken: Any = await cast(Any, self._reader.blpop([mine], timeout=BLOCK_S))
                except REDIS_FAILURES:
                    await asyncio.sleep(_RECONNECT_S)
                    continue
                if taken:
                    self._take(taken[1])
        finally:
            for task in self._answering:
                task.cancel()

    def _take(self, data: str) -> None:
        try:
            entry = _decode(data)
        except msgspec.MsgspecError:
            logger.warning("asking: an entry that is none")
            return
        if not entry.kind:
            waiting = self._waiting.get(entry.id)  # none where it came too late
            if waiting is not None and not waiting.done():
                waiting.set_result(bytes(entry.body))
        elif (answerer := self._answerers.get(entry.kind)) and len(self._answering) < _AT_ONCE:
            task = asyncio.create_task(self._answer(entry, answerer), name=f"answering {entry.kind}")
            self._answering.add(task)
            task.add_done_callback(self._answering.discard)

    async def _answer(self, entry: _Entry, answerer: Answerer) -> None:
        try:
            answer = await answerer(bytes(entry.body))
        except Exception as error:  # noqa: BLE001 - whoever asked is told nothing, the others go on
            # Without its text, which may quote what somebody has typed.
            logger.error("a question is not answered: %s", kind_and_place(error))
            return
        with contextlib.suppress(*REDIS_FAILURES):  # nobody else waits for the answer
            await self._put(entry.asker, _Entry(entry.id, body=msgspec.Raw(answer)))

    async def _put(self, process: str, entry: _Entry) -> None:
        key = keys.to(self._prefix, process)
        pipe = self._redis.client.pipeline(transaction=False)
        pipe.rpush(key, msgspec.json.encode(entry))
        pipe.expire(key, _FORGET_S)
        # Not `quickly`: there is nothing to go on with where Redis does not take it.
        await pipe.execute()
