"""Reads files in child processes: the door of this package.

    reader = FileReader(workers=1)
    outcomes = await reader.read("resume.pdf", data)
    png = await reader.picture(data, page=1)
    await reader.close()

A child starts with the first file and reads some hundred. One that takes too long, takes too much or crashes
is killed, and its file is `too_slow`; the next file has a new one. Whoever is cancelled leaves nothing
behind. All methods belong to one event loop, which they hold for a fraction of a millisecond at a time.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from typing import TypeVar

from intake.files.outcome import MAX_MAIL_BYTES, Outcome, file_name
from intake.files.process import COMMAND, Child, ChildDied, NotStarted

logger = logging.getLogger(__name__)

_FILES_A_CHILD = 300
"""Files after which a child is replaced, so that what a library leaks stays small. Starting one takes
as long as some ten files."""
_MOST_WAITING = 100
"""Files that wait for a child. They are in memory, up to 40 MiB each; callers beyond are to come again."""

T = TypeVar("T")


class ReaderBusy(Exception):
    """So many files wait that this one is not taken, or no child can be started, or the reader is closing."""


class NoPicture(Exception):
    """There is no picture of this page: the file is no PDF that can be opened, or has no such page."""


class FileReader:
    """A pool of children.

    Args:
        workers: How many files are read at a time. A child uses up to one core.
        command: What is started; tests start a child that misbehaves.

    Attributes:
        waiting: Files that wait for a child.
        restarts: Children that ended over a file, or took too long and were ended.
    """

    def __init__(self, workers: int, command: Sequence[str] = COMMAND) -> None:
        self._command = command
        self._turns = asyncio.Semaphore(workers)
        self._idle: list[Child] = []
        self._all: set[Child] = set()
        self._starting: list[asyncio.Task[Child]] = []
        self._ending: set[asyncio.Task[None]] = set()
        self.waiting = 0
        self._closing = False
        self.restarts = 0

    async def read(self, name: str, data: bytes) -> list[Outcome]:
        """What became of a file, and of each attachment where it is a mail: one outcome at least.

        Its name is for people; its kind is told by the bytes.

        Raises:
            ReaderBusy: Too many files wait, no child can be started, or the reader is closing.
        """
        name = file_name(name)
        if len(data) > MAX_MAIL_BYTES:
            return [Outcome(file=name, kind="", refusal="too_large")]
        outcomes = await self._with_child(lambda child: child.read(name, data))
        return outcomes or [Outcome(file=name, kind="", refusal="too_slow")]

    async def picture(self, data: bytes, page: int) -> bytes:
        """A page of a PDF, from 1, as a PNG at most 1,000 dots wide.

        Raises:
            NoPicture: There is none.
            ReaderBusy: As `read`.
        """
        shown = await self._with_child(lambda child: child.picture(data, page)) if page > 0 else None
        if shown is None:
            raise NoPicture
        return shown

    async def table(self, data: bytes, sheet: str) -> list[bytes]:
        """The parts of a table, its head last, see `intake.tables.reading`; none where it takes too long.

        Raises:
            ReaderBusy: As `read`.
        """
        return await self._with_child(lambda child: child.table(data, sheet)) or []

    async def close(self) -> None:
        """End all children; files that are being read are given up, with `ReaderBusy`."""
        self._closing = True
        self._idle.clear()
        for child in list(self._all):
            self._end(child)
        await asyncio.gather(*self._ending)
        while self._starting:
            starting = self._starting.pop()
            starting.cancel()
            (started,) = await asyncio.gather(starting, return_exceptions=True)
            if isinstance(started, Child):
                await started.end()

    async def _with_child(self, ask: Callable[[Child], Awaitable[T]]) -> T | None:
        """What a child answers; None where two did not survive the question, or one takes too long."""
        if self.waiting >= _MOST_WAITING or self._closing:
            raise ReaderBusy
        self.waiting += 1
        try:
            await self._turns.acquire()
        finally:
            self.waiting -= 1
        try:
            # Once more where it died: others may have killed it, as the system does when memory is short.
            for _ in range(2):
                try:
                    async with self._child() as child:
                        return await ask(child)
                except ChildDied as died:
                    self.restarts += 1
                    logger.warning("a reader of files ended: %s", died)
                except NotStarted as error:
                    logger.error("no reader of files can be started: %s", error)
                    raise ReaderBusy from None
                except TimeoutError:
                    self.restarts += 1
                    logger.warning("a file took a reader too long")
                    return None
            return None
        finally:
            self._turns.release()

    @asynccontextmanager
    async def _child(self) -> AsyncIterator[Child]:
        """A child for one file. It is ended unless the file went well."""
        if self._closing:
            raise ReaderBusy
        child = self._idle.pop() if self._idle else await self._started()
        self._all.add(child)
        try:
            if self._closing:  # while it started
                raise ReaderBusy
            yield child
        except BaseException as error:
            self._end(child)
            if self._closing and isinstance(error, ChildDied):
                raise ReaderBusy from None
            raise
        if self._closing or child.files >= _FILES_A_CHILD:
            self._end(child)
        else:
            self._idle.append(child)

    async def _started(self) -> Child:
        """A new child.

        A request waits for two seconds, and a start may take longer. So whoever is cancelled leaves the child
        to start, and the next one has it: or every one that asks again would begin another.
        """
        starting = self._starting.pop() if self._starting else asyncio.create_task(Child.start(self._command))
        try:
            return await asyncio.shield(starting)
        except asyncio.CancelledError:
            self._starting.append(starting)
            raise

    def _end(self, child: Child) -> None:
        if child in self._all:
            self._all.discard(child)
            child.kill()
            task = asyncio.create_task(child.end())
            self._ending.add(task)
            task.add_done_callback(self._ending.discard)
