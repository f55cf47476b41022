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
from pathlib import Path
from typing import cast

import msgspec

from engine.learning.child import LENGTH_BYTES, Tables

_ROOT = str(Path(__file__).resolve().parents[2])
_KEPT = ("PATH", "LANG", "LC_ALL", "TMPDIR", "HOME", "NUMBA_CACHE_DIR", "LD_LIBRARY_PATH")
"""What a child is told of the environment. Nothing there is a secret."""
_THREADS = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "NUMBA_NUM_THREADS"), "1")


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
        environment = {name: os.environ[name] for name in _KEPT if name in os.environ}
        try:
            process = await asyncio.create_subprocess_exec(
                *(sys.executable, "-m", "engine.learning.child", str(os.getpid()), str(least)),
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.DEVNULL,
                env=environment | _THREADS | {"PYTHONPATH": _ROOT},
                start_new_session=True,
            )
        except OSError as error:
            raise LearningFailed(type(error).__name__) from None
        computing = cls(process)
        try:
            yield computing
        finally:
            with contextlib.suppress(ProcessLookupError):
                process.kill()
            computing._input.close()
            await process.wait()

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
