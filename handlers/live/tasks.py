"""The tasks that write to sockets, supervised: one group for all of them, which `Hub.run` opens.

An unexpected error in one of them leaves the group, then `Hub.run`, and so ends the process, which is started
anew. After a bare `asyncio.create_task` the error would be a line in the log, and the sockets would fall
silent.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from typing import Any


class Tasks:
    """Starts tasks while it is open. Belongs to one event loop."""

    def __init__(self) -> None:
        self._group: asyncio.TaskGroup | None = None

    @asynccontextmanager
    async def opened(self) -> AsyncIterator[None]:
        """Take tasks until the block is left by an error or by cancellation, which cancels them.

        Raises:
            BaseExceptionGroup: What made a task, or the block itself, fail.
        """
        try:
            async with asyncio.TaskGroup() as self._group:
                yield
        finally:
            self._group = None

    def start(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None] | None:
        """Start a task, which the group keeps a reference to; None, and no task, where it is not open."""
        if self._group is not None:
            try:
                return self._group.create_task(work)
            except RuntimeError:  # the group is shutting down, as another task of it has failed
                pass
        work.close()
        return None
