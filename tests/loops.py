"""An event loop that several tests share, for what belongs to a loop and takes long to start."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager

from tornado.platform.asyncio import AsyncIOLoop


@contextmanager
def shared_loop() -> Iterator[AsyncIOLoop]:
    """A loop that is the current one, until the block ends."""
    loop = asyncio.new_event_loop()
    asyncio.set_event_loop(loop)
    wrapped = AsyncIOLoop(asyncio_loop=loop, make_current=False)
    yield wrapped
    loop.run_until_complete(loop.shutdown_default_executor())
    asyncio.set_event_loop(None)
    wrapped.close()
