"""What is done within one connection: mails are taken, one at a time, and more are waited for.

A mail is marked once all that it holds is durable, and so it comes again where this process dies between the
two; what was stored is a duplicate then. A mail with which something unexpected happens, which takes too long
or over which a process ended is set aside: it is tried once more when all others were taken. After a second
such attempt it is marked as failed and left. Neither holds the others up.

The sender of a mail says which source its resumes are of.
"""

from __future__ import annotations

import asyncio
import contextlib
import email.parser
import email.policy
import email.utils
import logging
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, NoReturn, Protocol, TypeVar

import msgspec

from intake.mailbox.address import Address
from intake.mailbox.connection import Connection, MailboxError, TooLarge
from runtime.logs import kind_and_place
from store.errors import STORE_FAILURES
from store.files.mailboxes import LEFT, Mailboxes
from store.retry import until_answered

_HEAD_BYTES = 64 * 1024
"""How much of a mail is looked at. Its headers are mostly shorter than 8 KiB; of longer ones the sender
counts where it stands in the first part."""
_MAX_SENDER_CHARS = 2_000
"""Characters of a sender that is read; a longer one is of no domain. A line of a mail has 998 at most (RFC
5322), and the standard library takes a second for 64 KiB of dots."""


class Senders:
    """The sources that mails are of.

    Args:
        domains: The source by the domain of the sender; it holds for what is below the domain too.
        otherwise: The source of all other mails.
    """

    def __init__(self, domains: Mapping[str, str], otherwise: str) -> None:
        self._domains = domains
        self._otherwise = otherwise

    def source_of(self, mail: bytes) -> str:
        """The source of a mail. A sender can be made up: the source says who is meant, and opens nothing."""
        domain = _domain_of(mail)
        while domain:
            if domain in self._domains:
                return self._domains[domain]
            domain = domain.partition(".")[2]
        return self._otherwise


def _domain_of(mail: bytes) -> str:
    # By the rules of old, which take whatever stands there as text; those of today raise at some of it.
    parser = email.parser.BytesHeaderParser(policy=email.policy.compat32)
    sender = str(parser.parsebytes(mail[:_HEAD_BYTES]).get("From", ""))
    if len(sender) > _MAX_SENDER_CHARS:
        return ""
    try:
        address = email.utils.parseaddr(sender)[1]
    except RecursionError:  # brackets within brackets, by the hundred
        return ""
    return address.rpartition("@")[2].strip().lower()


logger = logging.getLogger(__name__)

R = TypeVar("R")

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


class Filed(Protocol):
    """What became of one file of a mail."""

    @property
    def status(self) -> str:
        """`accepted`, `updated`, `duplicate`, `to_confirm` or `rejected`."""


class Filing(Protocol):
    """What reads files and stores what they hold."""

    async def take(self, name: str, data: bytes, /, *, source: str) -> Sequence[Filed]:
        """Read and store; on return all of it is durable. Of the same file again nothing is stored twice."""


class Session:
    """One connection's work. `run` ends with the connection, by an error.

    Args:
        connection: Blocks, and so is used in `thread` alone.
        thread: The connection's own.
        address: The mailbox.
        senders: The source of a mail.
        filing: Where mails go.
        notes: Where attempts and outcomes are noted.
        done_folder: Where mails move that were taken; None: they stay.
        waits: How long it waits.
        broken_off: Mails over whose fetching a connection ended. They come last, in later sessions too.
        works: Called whenever all is well.
    """

    def __init__(
        self,
        connection: Connection,
        thread: ThreadPoolExecutor,
        *,
        address: Address,
        senders: Senders,
        filing: Filing,
        notes: Mailboxes,
        done_folder: str | None,
        waits: Waits,
        broken_off: set[str],
        works: Callable[[], None],
    ) -> None:
        self._connection = connection
        self._thread = thread
        self._address = address
        self._senders = senders
        self._filing = filing
        self._notes = notes
        self._done_folder = done_folder
        self._waits = waits
        self._broken_off = broken_off
        self._works = works
        self._again_at: dict[str, float] = {}

    async def run(self) -> NoReturn:
        """Take mails until the connection ends.

        Raises:
            MailboxError: It has ended, or the server refuses something.
        """
        while True:
            has_taken = await self._take_waiting()
            self._works()
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
        await self._in_thread(
            lambda: self._connection.mark(uid, failed=has_failed, done_folder=self._done_folder)
        )
        self._broken_off.discard(mail)
        await until_answered(lambda: self._notes.finish(self._address.key, mail, +outcomes), what=_WHO)
        about = {"mail": mail, "source": source, "outcomes": dict(+outcomes)}
        logger.log(
            logging.ERROR if has_failed else logging.INFO,
            "mail is left in the mailbox" if has_failed else "mail taken",
            extra={"data": about},
        )

    async def _withdraw(self, mail: str) -> None:
        # Where MongoDB is away too, the attempt counts: one of three.
        with contextlib.suppress(*STORE_FAILURES):
            await self._notes.withdraw(self._address.key, mail)

    async def _in_thread(self, call: Callable[..., R], *args: Any) -> R:
        return await asyncio.get_running_loop().run_in_executor(self._thread, call, *args)
