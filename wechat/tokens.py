"""An app's token, which most calls carry: shared by all processes, and renewed by one of them at a time.

    tokens = AppTokens(stores.app_tokens, "mini:wx…", ask)
    await tokens.use(lambda token: …)       # again with another token where the first does not hold

An app has one valid token, or two for the five minutes of a change, and may ask for a new one only so often.
So it stands in one document, and renewing it is a job of one process at a time. Others go on with the old one
while it holds, and else wait. A token that WeChat refuses is first read anew, since another process may have
renewed it; only if it is still the same, it is asked for anew.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import TypeGuard, TypeVar

import msgspec

from store.accounts.app_tokens import AppToken, AppTokenDocuments
from wechat.errors import Misconfigured, TokenRefused, Unavailable

EARLY = timedelta(minutes=4)
"""How long before its end a token is renewed. WeChat gives a new one from five minutes before the end on, and
the old one holds until then: nobody has to wait."""
_RENEW_S = 2.2
"""Seconds for a renewal. Less than the job's lease: whoever has lost it must not ask any more."""
_LOOK_S = 0.05
"""Seconds between two looks at whether another process has renewed it."""
_WAIT_S = 6.0
"""Seconds that anybody waits for a token: two leases of processes that died. A request waits no longer than
its own deadline."""

T = TypeVar("T")


class Granted(msgspec.Struct):
    """A token as WeChat gives it, good for so many seconds."""

    access_token: str
    expires_in: int


Ask = Callable[[bool], Awaitable[Granted]]
"""Asks WeChat for the app's token: the one that holds, or, where that is forced, another one than that."""


class AppTokens:
    """One app's token in one process. Belongs to one event loop."""

    def __init__(self, documents: AppTokenDocuments, key: str, ask: Ask) -> None:
        self._documents = documents
        self._key = key
        self._ask = ask
        self._known: AppToken | None = None
        self._lock = asyncio.Lock()

    async def use(self, work: Callable[[str], Awaitable[T]]) -> T:
        """Make a call that carries the token; once more where the token does not hold.

        Raises:
            Misconfigured: WeChat refuses what it has just given.
            WechatError: As the call and the request for the token raise it.
            One of STORE_FAILURES: MongoDB does not answer.
        """
        token = await self._get(refused="")
        try:
            return await work(token)
        except TokenRefused:
            pass
        try:
            return await work(await self._get(refused=token))
        except TokenRefused as error:
            raise Misconfigured(error.call, error.errcode) from None

    async def _get(self, refused: str) -> str:
        if _is_fresh(self._known, refused):
            return self._known.token
        try:
            # One of this process at a time: the others then find what it got.
            async with asyncio.timeout(_WAIT_S), self._lock:
                return await self._shared(refused)
        except TimeoutError:
            raise Unavailable("token", outcome="no_answer") from None

    async def _shared(self, refused: str) -> str:
        while True:
            known = self._known = await self._documents.find(self._key)
            if _is_fresh(known, refused):
                return known.token
            async with self._documents.renewing(self._key) as job:
                if job:
                    return await self._renew(refused)
            if known is not None and known.token != refused and known.expires_at > datetime.now(UTC):
                return known.token  # somebody renews it early
            await asyncio.sleep(_LOOK_S)

    async def _renew(self, refused: str) -> str:
        """Get a new token, while nobody else does."""
        async with asyncio.timeout(_RENEW_S):
            # Between the look and the lease another process may have renewed it.
            known = await self._documents.find(self._key)
            if not _is_fresh(known, refused):
                seen, known = known, await self._asked(refused)
                await self._documents.save(self._key, known, seen)
        self._known = known
        return known.token

    async def _asked(self, refused: str) -> AppToken:
        now = datetime.now(UTC)
        granted = await self._ask(False)
        if granted.access_token == refused:
            # WeChat takes it for good and refuses it all the same: whoever has reset the secret, or forced
            # another token elsewhere, made it so.
            granted = await self._ask(True)
        holds = timedelta(seconds=granted.expires_in)
        # Of one that ends soon, half of the rest: or every call would ask until then.
        renew_at = now + max(holds - EARLY, holds / 2)
        return AppToken(token=granted.access_token, renew_at=renew_at, expires_at=now + holds)


def _is_fresh(known: AppToken | None, refused: str) -> TypeGuard[AppToken]:
    return known is not None and known.token != refused and known.renew_at > datetime.now(UTC)
