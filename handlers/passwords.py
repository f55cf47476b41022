"""Password hashing off the loop: argon2id takes about 20 ms of a core, on purpose."""

from __future__ import annotations

import asyncio
import functools
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from typing import TypeVar

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError, VerifyMismatchError

from handlers.api.errors import TooMany

R = TypeVar("R")

THREADS = 2
# As many at once as keep the threads busy while others of them ask the stores.
AT_ONCE = 8
# A request has 2.3 s in all: one that would wait longer than this for its turn is refused in time
# rather than left to its deadline.
MAX_WAIT_S = 0.8


class Passwords:
    """Hashes and verifies on a pool of two threads: a flood of logins waits, the loop does not."""

    def __init__(self) -> None:
        # OWASP's Password Storage Cheat Sheet: 19 MiB, two passes, one lane.
        self._hasher = PasswordHasher(time_cost=2, memory_cost=19456, parallelism=1)
        self._pool = ThreadPoolExecutor(max_workers=THREADS, thread_name_prefix="argon2")
        self._turns = asyncio.Semaphore(AT_ONCE)
        # What an unknown account's password is held against, so that it takes the same time.
        self._nobody = self._hasher.hash("no account has this password")

    @asynccontextmanager
    async def slot(self, *first: AbstractAsyncContextManager[object]) -> AsyncIterator[None]:
        """Wait for one of the few turns; whoever hashes or verifies holds one, with what belongs to it.

        Args:
            first: What must be entered before, in this order; the waiting for it counts too.

        Raises:
            TooMany: Too many were before.
        """
        async with AsyncExitStack() as held:
            try:
                async with asyncio.timeout(MAX_WAIT_S):
                    for one in (*first, self._turns):
                        await held.enter_async_context(one)
            except TimeoutError:
                raise TooMany(retry_after_s=2) from None
            yield

    async def hash(self, password: str) -> str:
        """The argon2id hash of a password, with its parameters and salt."""
        return await self._off_loop(functools.partial(self._hasher.hash, password))

    async def verify(self, password_hash: str | None, password: str) -> bool:
        """Whether the password is right; None, for no account, takes as long and is false."""

        def check() -> bool:
            try:
                return self._hasher.verify(password_hash or self._nobody, password)
            except (VerifyMismatchError, VerificationError, InvalidHashError):
                return False

        return await self._off_loop(check) and password_hash is not None

    def close(self) -> None:
        """Let the threads end."""
        self._pool.shutdown(wait=False, cancel_futures=True)

    async def _off_loop(self, work: Callable[[], R]) -> R:
        return await asyncio.get_running_loop().run_in_executor(self._pool, work)
