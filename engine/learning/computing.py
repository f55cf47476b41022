"""The learning child, seen from the process that reads the store: started, fed, killed.

    async with Computing.started(least=500) as computing:
        await computing.add(encoded_profiles)
        tables = await computing.tables(topics=True)

What it computes is in `child`. Belongs to one event loop, which it does not hold up.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import sys
from collections.abc import AsyncIterator, Sequence
from typing import cast

import msgspec

from engine.learning.child import LENGTH_BYTES, Tables
from runtime.children import end_child, start_child


class LearningFailed(Exception):
    """The child did not come to its end; the text is the name of an error, and nothing of a person."""


class Computing:
    """A child that is learning."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._input = cast(asyncio.StreamWriter, process.stdin)
        self._output = cast(asyncio.StreamReader, process.stdout)

    @classmethod
    @contextlib.asynccontextmanager
    async def started(cls, *, least: int) -> AsyncIterator[Computing]:
        """A child, until the context is left; nothing of it is left then, whatever it was doing.

        Args:
            least: Resumes that there must be for topics.

        Raises:
            LearningFailed: It cannot be started.
        """
        command = (sys.executable, "-m", "engine.learning.child", str(os.getpid()), str(least))
        try:
            process = await start_child(*command)
        except OSError as error:
            raise LearningFailed(type(error).__name__) from None
        try:
            yield cls(process)
        finally:
            await end_child(process)

    async def add(self, profiles: Sequence[bytes]) -> None:
        """Have some profiles counted. Waits while the child has enough to do.

        Raises:
            LearningFailed: It has ended.
        """
        await self._send(b"".join(len(one).to_bytes(LENGTH_BYTES, "little") + one for one in profiles))

    async def tables(self, *, topics: bool) -> Tables:
        """What all of them teach, with topics or without.

        Raises:
            LearningFailed: It has ended, or what it was given is more than it can hold.
        """
        await self._send(bytes(LENGTH_BYTES) + bytes([topics]))
        answer = await self._output.read()
        if not answer:
            raise LearningFailed("ChildDied")
        tables = msgspec.msgpack.decode(answer, type=Tables)
        if tables.error:
            raise LearningFailed(tables.error)
        return tables

    async def _send(self, data: bytes) -> None:
        try:
            self._input.write(data)
            await self._input.drain()
        except (BrokenPipeError, ConnectionResetError):
            # What it ended with it has said before.
            answer = await self._output.read()
            error = msgspec.msgpack.decode(answer, type=Tables).error if answer else "ChildDied"
            raise LearningFailed(error) from None
