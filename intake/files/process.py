"""One reading child, seen from the server: started, asked, killed."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Sequence
from typing import cast

import msgspec

from intake.files import wire
from intake.files.outcome import Outcome
from runtime.children import end_child, kill_child, start_child

COMMAND = (sys.executable, "-m", "intake.files.child")
_START_S = 60.0
"""Seconds to start. It takes one or two, more on a machine that compiles for the first time."""
_FILE_S = 20.0
"""Seconds for a file. A PDF of 30 pages takes one or two; what takes longer is no resume."""
_SLOW_PAGE_S = 60.0
"""Seconds for a page that is read by OCR, which takes some five of a free core."""
_MOST_S = 300.0
"""Seconds for all pages of a scan."""


class ChildDied(Exception):
    """The child ended in the middle of a file."""


class NotStarted(Exception):
    """No child can be started. No file is to blame."""


class Child:
    """A child process that reads one file at a time; `files` counts those that it was given."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process
        self._input = cast(asyncio.StreamWriter, process.stdin)
        self._output = cast(asyncio.StreamReader, process.stdout)
        self.files = 0

    @classmethod
    async def start(cls, command: Sequence[str] = COMMAND) -> Child:
        """Start one, and wait until it can read.

        Raises:
            NotStarted: It does not start.
        """
        try:
            process = await start_child(*command, str(os.getpid()))
        except OSError as error:
            raise NotStarted(str(error)) from None
        child = cls(process)
        try:
            async with asyncio.timeout(_START_S):
                await child._answer()
        except (TimeoutError, ChildDied):
            await child.end()
            raise NotStarted("it ends, or says nothing") from None
        except BaseException:
            await child.end()
            raise
        return child

    async def read(self, name: str, data: bytes) -> list[Outcome]:
        """What became of a file.

        Raises:
            ChildDied: The child ended.
            TimeoutError: It took too long. The child is of no use any more, as after a cancellation.
        """
        outcomes = []
        now = asyncio.get_running_loop().time
        began = now()
        async with asyncio.timeout(_FILE_S) as limit:
            await self._ask(wire.Ask(name, len(data)), data)
            while (answer := await self._answer()).state != "done":
                if answer.state == "slow":
                    limit.reschedule(min(now() + _SLOW_PAGE_S, began + _MOST_S))
                elif answer.outcome:
                    part = await self._bytes(answer.size) if answer.size >= 0 else None
                    outcomes.append(msgspec.structs.replace(answer.outcome, part=part))
        return outcomes

    async def picture(self, data: bytes, page: int) -> bytes | None:
        """A page, from 1, as a PNG; None where there is none to show. Raises as `read`."""
        return next(iter(await self._parts(wire.Ask("", len(data), page), data)), None)

    async def table(self, data: bytes, sheet: str) -> list[bytes]:
        """The parts of a table, its head last. Raises as `read`."""
        return await self._parts(wire.Ask("", len(data), sheet=sheet), data)

    async def _parts(self, ask: wire.Ask, data: bytes) -> list[bytes]:
        parts = []
        async with asyncio.timeout(_FILE_S):
            await self._ask(ask, data)
            while (answer := await self._answer()).state != "done":
                parts.append(await self._bytes(answer.size))
        return parts

    def kill(self) -> None:
        """End it at once, in whatever it does. `end` must follow."""
        kill_child(self._process)

    async def end(self) -> None:
        """Kill it and wait until nothing of it is left."""
        await end_child(self._process)

    async def _ask(self, ask: wire.Ask, data: bytes) -> None:
        self.files += 1
        message = wire.encode(ask)
        pipe = self._input
        try:
            pipe.write(wire.LENGTH.pack(len(message)) + message)
            for at in range(0, len(data), wire.CHUNK_BYTES):
                pipe.write(data[at : at + wire.CHUNK_BYTES])
                await pipe.drain()
        except (BrokenPipeError, ConnectionResetError):
            raise ChildDied("the reader ended") from None

    async def _answer(self) -> wire.Answer:
        (length,) = wire.LENGTH.unpack(await self._bytes(wire.LENGTH.size))
        if length > wire.MAX_FRAME_BYTES:
            raise ChildDied("the reader says what it cannot mean")
        try:
            return wire.decode_answer(await self._bytes(length))
        except msgspec.MsgspecError:
            raise ChildDied("the reader says what it cannot mean") from None

    async def _bytes(self, size: int) -> bytes:
        pipe = self._output
        parts = []
        try:
            while size:
                parts.append(await pipe.readexactly(min(size, wire.CHUNK_BYTES)))
                size -= len(parts[-1])
        except (asyncio.IncompleteReadError, ConnectionResetError):
            raise ChildDied("the reader ended") from None
        return b"".join(parts)
