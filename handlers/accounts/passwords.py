"""Password hashing off the loop: argon2id takes about 20 ms of a core, on purpose.

And which passwords may be chosen: whatever may be chosen, a login takes.
"""

from __future__ import annotations

import asyncio
import functools
from collections.abc import AsyncIterator, Callable, Set
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from typing import TypeVar

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from handlers.api.errors import TooMany
from store.accounts.accounts import fold_email

R = TypeVar("R")

LENGTHS = range(8, 129)
"""Characters that a password may have. Shorter ones are guessed; longer ones only cost time to hash."""
MAX_VERIFIED_CHARS = 1000
"""How much of a password is verified. No password that could be set is as long, and hashing megabytes
would hold a thread."""
THREADS = 2
"""Threads that hash. argon2 lets other threads run meanwhile, so more of them would only take the cores from
the event loop when many people log in at once."""
AT_ONCE = 8
"""Requests that hold a slot at once. Fewer would leave the threads idle while those that hold one ask the
stores; more would only wait for a thread, in memory, with their locks held."""
MAX_WAIT_S = 0.8
"""How long a request waits for a slot. A request has 2.3 s in all: one that would wait longer is refused in
time with 429, rather than left to its deadline and answered 503."""


_HASHER = PasswordHasher(time_cost=2, memory_cost=19456, parallelism=1)
"""As in OWASP's Password Storage Cheat Sheet: 19 MiB, two passes, one lane."""


class Passwords:
    """Hashes and verifies on a pool of two threads: a flood of logins waits, the loop does not.

    Belongs to one event loop.
    """

    def __init__(self) -> None:
        self._hasher = _HASHER
        self._pool = ThreadPoolExecutor(max_workers=THREADS, thread_name_prefix="argon2")
        self._slots = asyncio.Semaphore(AT_ONCE)
        # The password of an unknown account is verified against this hash. Otherwise the time of the answer
        # would tell which addresses have an account.
        self._nobody = _hash_for_nobody()

    @asynccontextmanager
    async def slot(self, *first: AbstractAsyncContextManager[object]) -> AsyncIterator[None]:
        """Wait for one of the few slots. Whoever hashes or verifies holds one.

        What comes `first`, such as locks, is entered before the slot, in this order; the time counts too.

        Raises:
            TooMany: Too many others were waiting.
        """
        # Locks first: whoever waits for one must not hold a slot that somebody else could use.
        async with AsyncExitStack() as held:
            try:
                async with asyncio.timeout(MAX_WAIT_S):
                    for one in (*first, self._slots):
                        await held.enter_async_context(one)
            except TimeoutError:
                raise TooMany(retry_after_s=2) from None
            yield

    async def hash(self, password: str) -> str:
        """The argon2id hash of a password, with its parameters and salt."""
        return await self._off_loop(functools.partial(self._hasher.hash, password))

    async def verify(self, password_hash: str | None, password: str) -> bool:
        """Whether the password matches the hash.

        Without a hash (no such account, or one without a password) it takes as long and returns False.
        """

        # Any kind of failure is a wrong password: a hash that is broken must not tell of itself by a 500.
        def check() -> bool:
            try:
                return self._hasher.verify(password_hash or self._nobody, password)
            except (VerificationError, InvalidHashError):
                return False

        # Not `is not None`: an empty hash is verified against nobody's too.
        return await self._off_loop(check) and bool(password_hash)

    def close(self) -> None:
        """Let the threads end."""
        self._pool.shutdown(wait=False, cancel_futures=True)

    async def _off_loop(self, work: Callable[[], R]) -> R:
        return await asyncio.get_running_loop().run_in_executor(self._pool, work)


@functools.cache
def _hash_for_nobody() -> str:
    return _HASHER.hash("no account has this password")


class PasswordRules:
    """The rules, with the most common passwords in lower case. May be used from any thread."""

    def __init__(self, common: Set[str]) -> None:
        self._common = common

    def errors(self, password: str, email: str) -> list[str]:
        """What is wrong with a password for the account of an address; nothing for a good one."""
        if len(password) not in LENGTHS:
            return ["密码长度应为 8 到 128 个字符"]
        if not password.strip():
            return ["密码不能全是空白"]
        if password.lower() in self._common:
            return ["这个密码太常见，请换一个"]
        if fold_email(password) == fold_email(email):
            return ["密码不能是邮箱本身"]
        return []
