"""Reads one mailbox for as long as it runs: connects, has mails taken, and connects again.

IMAP blocks, so each connection lives in a thread of its own; everything else is on the event loop. What is
done within one connection is `session`.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import random
import ssl
from collections.abc import AsyncIterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import asynccontextmanager

from intake.mailbox.address import Address
from intake.mailbox.connection import Connection, Failure, MailboxError
from intake.mailbox.session import Filing, Senders, Session, Waits
from store.errors import STORE_FAILURES
from store.files.mailboxes import Mailboxes, State
from store.retry import until_answered

logger = logging.getLogger(__name__)

_FIRST_PAUSE_S, _LONGEST_PAUSE_S = 1.0, 300.0
"""Seconds before the second connection and before any later one. They double, and vary by half, so that many
readers do not come back to a server in one moment."""
_FIRST_LOGIN_PAUSE_S = 60.0
"""The same after a refused password: some providers lock an account after a dozen of them."""


class Mailbox:
    """The reader of one mailbox. Belongs to one event loop; `run` is its only task.

    Args:
        address: Which one.
        tls: Which certificates are trusted.
        senders: The source of a mail.
        filing: Where mails go.
        notes: Where the reader's state is noted.
        done_folder: Where mails move that were taken; None: they stay.
        waits: How long it waits at the mailbox.
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
        self._broken_off: set[str] = set()
        self._pause_s = 0.0

    async def run(self) -> None:
        """Read until cancelled; the absence of the mailbox's server and of MongoDB is waited out."""
        try:
            while True:
                try:
                    async with self._connected() as (connection, thread):
                        logger.info("mailbox opened", extra={"data": {"mailbox": str(self._address)}})
                        await self._session(connection, thread).run()
                except MailboxError as error:
                    await self._rest(error)
        finally:
            with contextlib.suppress(*STORE_FAILURES):
                await self._note("stopped")

    def _session(self, connection: Connection, thread: ThreadPoolExecutor) -> Session:
        return Session(
            connection,
            thread,
            address=self._address,
            senders=self._senders,
            filing=self._filing,
            notes=self._notes,
            done_folder=self._done_folder,
            waits=self._waits,
            broken_off=self._broken_off,
            works=self._works,
        )

    def _works(self) -> None:
        self._pause_s = 0.0

    async def _rest(self, error: MailboxError) -> None:
        """Say what is wrong, and wait before the next connection."""
        about = {"mailbox": str(self._address), "failure": error.failure, "said": error.said}
        logger.warning("mailbox cannot be read", extra={"data": about})
        await until_answered(lambda: self._note("failing", error.failure), what="the mailbox")
        first = _FIRST_LOGIN_PAUSE_S if error.failure == "login" else _FIRST_PAUSE_S
        self._pause_s = min(max(2 * self._pause_s, first), _LONGEST_PAUSE_S)
        await asyncio.sleep(self._pause_s * random.uniform(0.5, 1.0))

    async def _note(self, state: State, failure: Failure | None = None) -> None:
        await self._notes.ends(self._address.key, str(self._address), state, failure or "")

    @asynccontextmanager
    async def _connected(self) -> AsyncIterator[tuple[Connection, ThreadPoolExecutor]]:
        """A connection and its thread. Nobody waits for the end of either: it may hang in an answer."""
        thread = ThreadPoolExecutor(1, thread_name_prefix="imap")
        opening = thread.submit(Connection.open, self._address, self._tls, self._done_folder)
        try:
            connection = await asyncio.shield(asyncio.wrap_future(opening))
            try:
                yield connection, thread
            finally:
                connection.abort()
        finally:
            # In the thread itself, after whatever it is in the middle of; the opening among that.
            thread.submit(_close, opening)
            thread.shutdown(wait=False)


def _close(opening: Future[Connection]) -> None:
    if not opening.exception():
        opening.result().close()
