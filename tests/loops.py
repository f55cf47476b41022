"""Event loops that several tests share, and fixtures that last on a loop."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import AbstractAsyncContextManager, contextmanager
from typing import TypeVar

from tornado.ioloop import IOLoop
from tornado.platform.asyncio import AsyncIOLoop

T = TypeVar("T")


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


@contextmanager
def held(loop: IOLoop, context: AbstractAsyncContextManager[T]) -> Iterator[T]:
    """What an asynchronous context manager gives, for a fixture of tests that run on the loop."""
    yield loop.run_sync(context.__aenter__, timeout=120)
    loop.run_sync(lambda: context.__aexit__(None, None, None), timeout=120)
