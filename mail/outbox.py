"""The outbox: sends the letters that are due.

A letter is a job (`store.jobs`), so it outlives the process that took the request, and a mail server that is
away for days.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from datetime import UTC, datetime

from mail.letter import activation_letter, invitation_letter, registered_letter, reset_letter
from mail.links import Links
from mail.smtp import SmtpServer
from store.accounts.letters import Letter, Letters
from store.errors import STORE_FAILURES
from store.retry import work_until_cancelled

logger = logging.getLogger(__name__)

_IDLE_S = 5.0
"""Seconds between two looks for due letters where nobody woke the outbox, as when another process took the
request and died, or a try failed."""


class Outbox:
    """One process's sender of letters. Belongs to one event loop; `run` is its only task.

    Args:
        letters: Which are due.
        links: Makes the links.
        smtp: Where letters are handed over; None: the link goes to the log instead.
    """

    def __init__(self, letters: Letters, links: Links, smtp: SmtpServer | None) -> None:
        self._letters = letters
        self._links = links
        self._smtp = smtp
        self._woken = asyncio.Event()

    @property
    def has_smtp(self) -> bool:
        """Whether letters are sent; else their links go to the log."""
        return self._smtp is not None

    def wake(self) -> None:
        """Say that a letter is due now."""
        self._woken.set()

    async def run(self) -> None:
        """Send what is due until cancelled; the absence of MongoDB or of the mail server is waited out."""
        await work_until_cancelled(self._step, what="outbox", woken=self._woken, idle_s=_IDLE_S)

    async def _step(self) -> bool:
        letter = await self._letters.claim()
        if letter is None:
            return False
        await self._deliver(letter)
        return True

    async def _deliver(self, letter: Letter) -> None:
        if letter.kind == "activation":
            link, write = self._links.make(letter.account), activation_letter
        elif letter.kind == "invitation":
            link = self._links.make_invitation(letter.account, letter.epoch)
            write = invitation_letter
        else:
            link = self._links.make_reset(letter.account, letter.epoch)
            write = reset_letter if letter.kind == "reset" else registered_letter
        if self._smtp is None:
            logger.info("%s link", letter.kind, extra={"data": {"account": letter.account, "link": link}})
        else:
            try:
                await self._smtp.send(write(sender=self._smtp.sender, to=letter.to, link=link))
            except asyncio.CancelledError:
                # The server stops: another process may send the letter at once. Where MongoDB is away, it is
                # due when its lease ends.
                with contextlib.suppress(*STORE_FAILURES):
                    await self._letters.jobs.put_off([letter.job], datetime.now(UTC))
                raise
            except Exception as error:  # noqa: BLE001 - a letter that cannot be sent stops no other
                # Not the error's own text: mail servers quote the address in it.
                about = (letter.kind, letter.account, _kind_of(error))
                logger.warning("%s letter to account %s not sent: %s", *about)
                await self._letters.jobs.fail(letter.job, _kind_of(error))
                return
        await self._letters.jobs.done(letter.job)


def _kind_of(error: BaseException) -> str:
    """An error's type, the mail server's code where there is one, and the type of its cause."""
    # Where every recipient was refused, the codes stand in the errors of the recipients.
    refused = getattr(error, "recipients", None)
    code = getattr(refused[0] if refused else error, "code", "")
    cause = f" from {type(error.__cause__).__name__}" if error.__cause__ else ""
    return f"{type(error).__name__} {code}".strip() + cause
