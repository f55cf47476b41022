"""Password hashing off the loop: argon2id takes about 20 ms of a core, on purpose."""

from __future__ import annotations

import asyncio
import functools
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError, VerifyMismatchError

from handlers.errors import TooMany

R = TypeVar("R")

# Under half a second of the pool where nothing else runs: beyond, an attempt is refused at once
# rather than left to its deadline.
MAX_WAITING = 40


class Passwords:
    """Hashes and verifies on a pool of two threads: a flood of logins waits, the loop does not."""

    def __init__(self) -> None:
        # OWASP's Password Storage Cheat Sheet: 19 MiB, two passes, one lane.
        self._waiting = 0
        self._hasher = PasswordHasher(time_cost=2, memory_cost=19456, parallelism=1)
        self._pool = ThreadPoolExecutor(max_workers=2, thread_name_prefix="argon2")
        # What an unknown account's password is held against, so that it takes the same time.
        self._nobody = self._hasher.hash("no account has this password")

    async def hash(self, password: str) -> str:
        """The argon2id hash of a password, with its parameters and salt.

        Raises:
            TooMany: Too many wait for the pool already.
        """
        return await self._off_loop(functools.partial(self._hasher.hash, password))

    async def verify(self, password_hash: str | None, password: str) -> bool:
        """Whether the password is right; None, for no account, takes as long and is false.

        Raises:
            TooMany: Too many wait for the pool already.
        """

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
        if self._waiting >= MAX_WAITING:
            raise TooMany(retry_after_s=2)
        self._waiting += 1
        try:
            return await asyncio.get_running_loop().run_in_executor(self._pool, work)
        finally:
            self._waiting -= 1
