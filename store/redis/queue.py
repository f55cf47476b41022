"""The work queue: one Redis Stream that spreads ids of resumes over the processes that score.

It only distributes. Which resumes wait to be scored is a fact in MongoDB, so a wiped stream loses no work:
each process sweeps over MongoDB for what the stream has lost. What takes raises `REDIS_FAILURES`.
"""

from __future__ import annotations

import contextlib
import logging
from collections.abc import Sequence

import redis.asyncio
from redis.exceptions import ResponseError

from store.redis import keys
from store.redis.redis_client import BLOCK_S, REDIS_FAILURES, Redis

logger = logging.getLogger(__name__)

_MAX_LENGTH = 100_000
"""Entries of the stream, roughly. Beyond it the oldest are dropped, and a sweep finds their resumes. So the
memory of Redis is bounded where no worker takes anything."""

Delivery = tuple[str, str]
"""A message's id in the stream, and the resume's id."""


class WorkQueue:
    """One process's end of the stream. It has a second client, for waiting for work."""

    def __init__(self, client: Redis, reader: redis.asyncio.Redis, prefix: str, name: str) -> None:
        self._client = client
        self._reader = reader
        self._stream = keys.work(prefix)
        self._name = name

    async def add(self, resume_ids: Sequence[str]) -> bool:
        """Queue resumes; false when Redis is away, and then a sweep finds them."""
        pipe = self._client.client.pipeline(transaction=False)
        for resume_id in resume_ids:
            pipe.xadd(self._stream, {"resume": resume_id}, maxlen=_MAX_LENGTH, approximate=True)
        try:
            await self._client.quickly(pipe.execute)
        except REDIS_FAILURES:
            return False
        return True

    async def take(self, limit: int) -> list[Delivery]:
        """Wait up to `BLOCK_S` for work, and take at most `limit` deliveries; none where none came."""
        try:
            answer = await self._reader.xreadgroup(
                keys.GROUP, self._name, {self._stream: ">"}, count=limit, block=int(BLOCK_S * 1000)
            )
        except ResponseError as error:
            if not str(error).startswith("NOGROUP"):
                raise
            # This is the first start, or Redis was wiped.
            await self._make_group()
            return []
        streams = answer.items() if isinstance(answer, dict) else answer or []
        return [
            (entry_id, fields["resume"])
            for _, batches in streams
            for entry_id, fields in _entries(batches)
            if fields and "resume" in fields
        ]

    async def take_over(self, idle_s: float) -> list[Delivery]:
        """Take the deliveries that another consumer has held for `idle_s` without finishing them."""
        taken: list[Delivery] = []
        # An answer covers a part of the pending entries; "0-0" says that it was the last.
        cursor = "0-0"
        while True:
            try:
                answer = await self._client.client.xautoclaim(
                    self._stream, keys.GROUP, self._name, int(idle_s * 1000), start_id=cursor, count=100
                )
            except ResponseError as error:
                if not str(error).startswith("NOGROUP"):
                    raise
                return taken
            cursor, entries = answer[0], answer[1]
            # Entries without fields were deleted from the stream since they were delivered.
            taken += [(entry_id, fields["resume"]) for entry_id, fields in entries if fields]
            if cursor == "0-0":
                return taken

    async def behind(self) -> int:
        """How many resumes are in the stream; 0 when Redis is away."""
        try:
            return int(await self._client.quickly(lambda: self._client.client.xlen(self._stream)))
        except REDIS_FAILURES:
            return 0

    async def leave(self) -> None:
        """Take this process out of its group; what it still held is found by a sweep."""
        with contextlib.suppress(*REDIS_FAILURES):
            client = self._client.client
            await self._client.quickly(
                lambda: client.xgroup_delconsumer(self._stream, keys.GROUP, self._name)
            )

    async def done(self, deliveries: Sequence[Delivery]) -> None:
        """Remove finished deliveries, so that the stream holds only work that is left.

        Those found by a sweep were not in the stream, and have no entry to remove.
        """
        entry_ids = [entry_id for entry_id, _ in deliveries if entry_id]
        if not entry_ids:
            return
        pipe = self._client.client.pipeline(transaction=False)
        pipe.xack(self._stream, keys.GROUP, *entry_ids)
        pipe.xdel(self._stream, *entry_ids)
        try:
            await self._client.quickly(pipe.execute)
        except REDIS_FAILURES:
            logger.debug("deliveries stay in the stream until they are taken over")

    async def _make_group(self) -> None:
        try:
            await self._client.client.xgroup_create(self._stream, keys.GROUP, id="0", mkstream=True)
        except ResponseError as error:
            if not str(error).startswith("BUSYGROUP"):  # another process made it just now
                raise


def _entries(batches: object) -> list[tuple[str, dict[str, str]]]:
    """Flatten the entries of an answer: RESP2 gives pairs, RESP3 a list of lists of pairs."""
    entries: list[tuple[str, dict[str, str]]] = []
    for item in batches if isinstance(batches, list) else []:
        if isinstance(item, list) and item and isinstance(item[0], (list, tuple)):
            entries += [(pair[0], pair[1]) for pair in item]
        else:
            entries.append((item[0], item[1]))
    return entries
