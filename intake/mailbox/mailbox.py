"""Reads one mailbox for as long as it runs: connects, takes mails, one at a time, and connects again.

A mail is marked once all that it holds is durable, and so it comes again where this process dies between the
two; what was stored is a duplicate then. A mail with which something unexpected happens, which takes too long
or over which a process ended is set aside: it is tried once more when all others were taken. After a second
such attempt it is marked as failed and left. Neither holds the others up.

IMAP blocks, so each connection lives in a thread of its own; everything else is on the event loop.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import random
import ssl
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import asynccontextmanager
from typing import Any, NoReturn, TypeVar

import msgspec

from intake.filing import Filing
from intake.mailbox.address import Address
from intake.mailbox.connection import Connection, Failure, MailboxError, TooLarge
from intake.mailbox.senders import Senders
from runtime.logs import kind_and_place
from store.errors import STORE_FAILURES
from store.files.mailboxes import LEFT, Mailboxes, State
from store.retry import until_answered

logger = logging.getLogger(__name__)

R = TypeVar("R")

_FIRST_PAUSE_S, _LONGEST_PAUSE_S = 1.0, 300.0
"""Seconds before the second connection and before any later one. They double, and vary by half, so that many
readers do not come back to a server in one moment."""
_FIRST_LOGIN_PAUSE_S = 60.0
"""The same after a refused password: some providers lock an account after a dozen of them."""


MAX_ATTEMPTS = 2
"""Attempts after which a mail is left. A failure that passes, or a kill that met the mail by chance, gets one
more chance."""

_WHO = "the mailbox"


class Waits(msgspec.Struct, frozen=True, kw_only=True):
    """Seconds that a mailbox is waited at before it is asked all the same.

    Attributes:
        idle: IDLE has to be renewed within 29 minutes. Routers forget a connection sooner, and some servers
            offer IDLE and tell nothing.
        poll: Of a server without IDLE.
        soon: After mails were taken: one may have come in the moment of the last look.
        again: Before a mail is tried again with which something unexpected happened.
        limit: What one mail may take, all its attachments included. A file has a limit of its own, which ends
            the process that reads it (`intake.files.outcome`); this one is for whatever else hangs.
    """

    idle: float = 300.0
    poll: float = 30.0
    soon: float = 2.0
    again: float = 60.0
    limit: float = 600.0


class Mailbox:
    """The reader of one mailbox. Belongs to one event loop; `run` is its only task.

    Mails that were taken move to `done_folder`, and stay where that is None.
    """

    def __init__(
        self,
        address: Address,
        *,
        tls: ssl.SSLContext,
        senders: Senders,
        filing: Filing,
        notes: Mailboxes,
        done_folder: str | None = None,
        waits: Waits | None = None,
    ) -> None:
        self._address = address
        self._tls = tls
        self._senders = senders
        self._filing = filing
        self._notes = notes
        self._done_folder = done_folder
        self._waits = waits or Waits()
        # Mails over whose fetching a connection ended. They come last, in later connections too.
        self._broken_off: set[str] = set()
        self._again_at: dict[str, float] = {}
        self._pause_s = 0.0
        self._thread: ThreadPoolExecutor
        self._connection: Connection

    async def run(self) -> None:
        """Read until cancelled; the absence of the mailbox's server and of MongoDB is waited out."""
        try:
            while True:
                try:
                    async with self._connected():
                        self._again_at.clear()
                        logger.info("mailbox opened", extra={"data": {"mailbox": str(self._address)}})
                        await self._take_all()
                except MailboxError as error:
                    await self._rest(error)
        finally:
            with contextlib.suppress(*STORE_FAILURES):
                await self._note("stopped")

    async def _rest(self, error: MailboxError) -> None:
        """Say what is wrong, and wait before the next connection."""
        about = {"mailbox": str(self._address), "failure": error.failure, "said": error.said}
        logger.warning("mailbox cannot be read", extra={"data": about})
        await until_answered(lambda: self._note("failing", error.failure), what=_WHO)
        first = _FIRST_LOGIN_PAUSE_S if error.failure == "login" else _FIRST_PAUSE_S
        self._pause_s = min(max(2 * self._pause_s, first), _LONGEST_PAUSE_S)
        await asyncio.sleep(self._pause_s * random.uniform(0.5, 1.0))

    async def _note(self, state: State, failure: Failure | None = None) -> None:
        await self._notes.ends(self._address.key, str(self._address), state, failure or "")

    @asynccontextmanager
    async def _connected(self) -> AsyncIterator[None]:
        """Have a connection and its thread. Nobody waits for the end of either: it may hang in an answer."""
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="imap")
        opening = self._thread.submit(Connection.open, self._address, self._tls, self._done_folder)
        try:
            self._connection = await asyncio.shield(asyncio.wrap_future(opening))
            try:
                yield
            finally:
                self._connection.abort()
        finally:
            # In the thread itself, after whatever it is in the middle of; the opening among that.
            self._thread.submit(_close, opening)
            self._thread.shutdown(wait=False)

    async def _take_all(self) -> NoReturn:
        """Take mails until the connection ends.

        Raises:
            MailboxError: It has ended, or the server refuses something.
        """
        while True:
            has_taken = await self._take_waiting()
            self._pause_s = 0.0  # all is well
            seconds = self._waits.idle if self._connection.has_idle else self._waits.poll
            if has_taken:
                seconds = min(seconds, self._waits.soon)
            if self._again_at:
                seconds = min(seconds, self._waits.again)
            await self._in_thread(self._connection.wait, seconds)

    async def _take_waiting(self) -> bool:
        """Take what waits; returns whether there was anything."""
        uids = await self._in_thread(self._connection.waiting)
        mails = {self._name(uid): uid for uid in uids}
        begun = await until_answered(
            lambda: self._notes.looked(self._address.key, str(self._address), mails.keys()), what=_WHO
        )
        has_taken, had_keywords = False, self._connection.has_keywords
        # What may have ended a process or a connection comes last, so that it holds nobody up.
        for mail in sorted(mails, key=lambda one: (one in begun or one in self._broken_off, mails[one])):
            if time.monotonic() >= self._again_at.get(mail, 0.0):
                self._again_at.pop(mail, None)
                await self._take(mail, mails[mail], begun.get(mail, 0))
                has_taken = True
            if self._connection.has_keywords is not had_keywords:
                break  # it keeps none: by flags most of these may have been taken long ago
        return has_taken

    def _name(self, uid: int) -> str:
        """What a mail is called in the store and in logs: another one after the folder was made anew."""
        return f"{self._connection.uid_validity}-{uid}"

    async def _take(self, mail: str, uid: int, attempts: int) -> None:
        if attempts >= MAX_ATTEMPTS:
            await self._finish(mail, uid, Counter(failed=1), "")
            return
        await until_answered(lambda: self._notes.begin(self._address.key, mail), what=_WHO)
        try:
            async with asyncio.timeout(self._waits.limit):
                read = await self._read(mail, uid)
            if read is None:
                # It stays begun. The next look forgets it, unless the mailbox lists it still.
                self._broken_off.discard(mail)
                logger.info("mail is gone", extra={"data": {"mail": mail}})
                return
            source, outcomes = read
            await self._finish(mail, uid, outcomes, source)
        except MailboxError:
            # A network that fails is not the mail's fault; one at which the server hangs must not come first.
            self._broken_off.add(mail)
            await self._withdraw(mail)
            raise
        except asyncio.CancelledError:
            await self._withdraw(mail)
            raise
        except Exception as error:  # noqa: BLE001 - whatever one mail does, its neighbours go on
            logger.error("mail %s is tried again: %s", mail, kind_and_place(error))
            self._again_at[mail] = time.monotonic() + self._waits.again

    async def _read(self, mail: str, uid: int) -> tuple[str, Counter[str]] | None:
        """The source of a mail, and what became of what it holds, all of which is durable by then.

        None where somebody has removed it.
        """
        try:
            data = await self._in_thread(self._connection.fetch, uid)
        except TooLarge:
            return "", Counter(too_large=1)
        if data is None:
            return None
        source = self._senders.source_of(data)
        filed = await until_answered(lambda: self._filing.take(f"{mail}.eml", data, source=source), what=_WHO)
        return source, Counter(one.status for one in filed)

    async def _finish(self, mail: str, uid: int, outcomes: Counter[str], source: str) -> None:
        """Mark a mail in the mailbox, and then note what became of it."""
        has_failed = any(outcomes[name] for name in LEFT)
        await self._in_thread(lambda: self._connection.mark(uid, failed=has_failed))
        self._broken_off.discard(mail)
        await until_answered(lambda: self._notes.finish(self._address.key, mail, +outcomes), what=_WHO)
        about = {"mail": mail, "source": source, "outcomes": dict(+outcomes)}
        logger.log(
            logging.ERROR if has_failed else logging.INFO,
            "mail is left in the mailbox" if has_failed else "mail taken",
            extra={"data": about},
        )

    async def _withdraw(self, mail: str) -> None:
        # Where MongoDB is away too, the attempt counts.
        with contextlib.suppress(*STORE_FAILURES):
            await self._notes.withdraw(self._address.key, mail)

    async def _in_thread(self, call: Callable[..., R], *args: Any) -> R:
        return await asyncio.get_running_loop().run_in_executor(self._thread, call, *args)


def _close(opening: Future[Connection]) -> None:
    if not opening.exception():
        opening.result().close()
