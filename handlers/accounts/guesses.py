"""The bounds of guessing at passwords: by account and address, and by address.

    async with guesses.attempt(guess) as attempt:
        if not await passwords.verify(...):
            await attempt.failed()

Failures count twice: for the account at an address prefix, and for the prefix alone. So nobody's failures
elsewhere lock the owner out. An address that the account knows is not held to what the prefix did to others.

Whoever has many addresses has as many attempts. So where an account sees many failures from all of them,
those from unknown addresses go one at a time and slowly; they are not refused, since the owner may be among
them.

Of the addresses that accounts come from a keyed hash is kept, which tells nobody where that is.
"""

from __future__ import annotations

import asyncio
import hashlib
import hmac
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import msgspec

from handlers.accounts.passwords import Passwords
from handlers.api.errors import TooMany
from handlers.api.requests import address_prefix
from handlers.policies import AccountPolicy
from runtime.security_log import Event, report
from runtime.turns import KeyedLocks
from store.accounts.accounts import fold_email
from store.redis.throttle import Throttle

_MANY = 4
"""From so many times `login_attempts` failures of an account on, attempts from unknown addresses are slow.
Fewer, and a few colleagues who mistype would be; more, and an attack would run freely for longer."""
_SLOW_S = 0.5
"""Seconds that such an attempt takes longer. Two guesses a second are some 170,000 a day, against passwords
of which the commonest are refused; a person who waits this once hardly notices."""


LETTERS_PER_HOUR = 3
"""Letters of one kind that an account can have sent in an hour, by logging in or asking. More would only help
whoever wants to flood the mailbox."""


def account_key(email: str) -> str:
    """An account as keys of Redis name it: they show in its logs and dumps, so no address may."""
    return hashlib.sha256(fold_email(email).encode()).hexdigest()[:32]


class Guess(msgspec.Struct, frozen=True, kw_only=True):
    """Who tries what from where.

    Attributes:
        email: The account's address as it was typed.
        address: Where from, for the log.
        is_known: Whether the account knows it.
        event: What is tried. Operators and recruiters are counted apart, so that neither locks the other out.
    """

    email: str
    address: str
    is_known: bool
    event: Event = "login"

    @property
    def prefix(self) -> str:
        """What of the address one client has for itself."""
        return address_prefix(self.address)

    @property
    def account(self) -> str:
        """The account as keys of Redis name it."""
        email = fold_email(self.email)
        return account_key(email if self.event == "login" else f"{self.event} {email}")


class Attempt(msgspec.Struct, frozen=True):
    """One attempt that is let through."""

    _throttle: Throttle
    _window_s: int
    _guess: Guess

    async def failed(self) -> None:
        """Count it."""
        guess = self._guess
        for what, who in (*_counted(guess), ("account", guess.account)):
            await self._throttle.count(what, who, self._window_s)
        report(guess.event, account=guess.email, outcome="failed", address=guess.address)

    async def succeeded(self) -> None:
        """Start over for this account at this address.

        Not for the address alone: who guesses at others' passwords has an account of their own, and must not
        clear the count of their address by logging in to it.
        """
        await self._throttle.forget(*_counted(self._guess)[0])


class Guesses(msgspec.Struct, frozen=True):
    """Lets attempts through, or not. Belongs to one event loop."""

    _throttle: Throttle
    _locks: KeyedLocks
    _passwords: Passwords
    _policy: AccountPolicy

    @asynccontextmanager
    async def attempt(self, guess: Guess) -> AsyncIterator[Attempt]:
        """Wait for one's turn; the block may hash and verify.

        Raises:
            TooMany: There were too many failures, or too many others wait.
        """
        # One attempt at a time for an address. The count is checked before the attempt and raised after it,
        # so attempts at the same time would all find it low, however many they are.
        first = [self._locks.take("address", guess.prefix)]
        if not guess.is_known and await self._is_under_attack(guess):
            first += [self._locks.take("account", guess.account), _pause()]
        async with self._passwords.slot(*first):
            counted = _counted(guess)[: 1 if guess.is_known else 2]
            limit = self._policy.login_attempts
            waits = [await self._throttle.wait_s(what, who, limit) for what, who in counted]
            if any(waits):
                report(guess.event, account=guess.email, outcome="throttled", address=guess.address)
                raise TooMany(max(waits))
            yield Attempt(self._throttle, self._policy.login_window_s, guess)

    async def _is_under_attack(self, guess: Guess) -> bool:
        most = _MANY * self._policy.login_attempts
        return await self._throttle.wait_s("account", guess.account, most) > 0


def _counted(guess: Guess) -> list[tuple[str, str]]:
    """Under what a failure counts: what for, and who."""
    address = "address" if guess.event == "login" else f"{guess.event}_address"
    return [(guess.event, f"{guess.account}:{guess.prefix}"), (address, guess.prefix)]


@asynccontextmanager
async def _pause() -> AsyncIterator[None]:
    await asyncio.sleep(_SLOW_S)
    yield


_DIGITS = 24
"""Hex digits of a hash, as many as an id has; far more than it takes to tell addresses apart."""


class AddressMarks:
    """Makes the marks. Holds no state and may be used from any thread.

    All processes share the key, so an address has one mark. After a change of it no address is known, until
    the next login from there.
    """

    def __init__(self, secret_key: str) -> None:
        self._key = hashlib.sha256(b"talentfeed addresses\0" + secret_key.encode()).digest()

    def mark(self, account_id: str, prefix: str) -> str:
        """The mark of an address prefix for one account; another account's is another one."""
        return self._hash(f"{account_id} {prefix}")

    def origin(self, prefix: str) -> str:
        """The mark of an address prefix that somebody registers from: the same for all accounts."""
        return self._hash(f"origin {prefix}")

    def _hash(self, text: str) -> str:
        return hmac.new(self._key, text.encode(), "sha256").hexdigest()[:_DIGITS]
