"""The outbox: sends the activation letters that are due.

Which letters are due stands in the accounts, so a letter outlives the process that took the registration,
and a mail server that is away for days. Claiming a letter makes it due again later. That is lease and
back-off in one: a process that fails to send it, or dies, leaves it to the next try of any process.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging

from mail.letter import activation_letter
from mail.links import Links
from mail.smtp import SmtpServer
from store.accounts import Account, Accounts
from store.errors import STORE_FAILURES
from store.retry import work_until_cancelled

logger = logging.getLogger(__name__)

_IDLE_S = 5.0
"""Seconds between two looks for due letters where nobody woke the outbox, as when another process took the
registration and died, or a try failed."""


class Outbox:
    """One process's sender of letters. Belongs to one event loop; `run` is its only task.

    Args:
        accounts: Where due letters stand.
        links: Makes the links.
        smtp: Where letters are handed over; None: the link goes to the log instead.
    """

    def __init__(self, accounts: Accounts, links: Links, smtp: SmtpServer | None) -> None:
        self._accounts = accounts
        self._links = links
        self._smtp = smtp
        self._woken = asyncio.Event()

    def wake(self) -> None:
        """Say that a letter is due now."""
        self._woken.set()

    async def run(self) -> None:
        """Send what is due until cancelled; the absence of MongoDB or of the mail server is waited out."""
        await work_until_cancelled(self._step, what="outbox", woken=self._woken, idle_s=_IDLE_S)

    async def _step(self) -> bool:
        account = await self._accounts.claim_mail()
        if account is None:
            return False
        await self._deliver(account)
        return True

    async def _deliver(self, account: Account) -> None:
        link = self._links.make(account.id)
        if self._smtp is None:
            logger.info("activation link", extra={"data": {"account": account.id, "link": link}})
        else:
            try:
                letter = activation_letter(sender=self._smtp.sender, to=account.email, link=link)
                await self._smtp.send(letter)
            except asyncio.CancelledError:
                # The server stops: another process may send the letter at once. Where MongoDB is away, it is
                # due when its lease ends.
                with contextlib.suppress(*STORE_FAILURES):
                    await self._accounts.ask_mail_again(account.id)
                raise
            except Exception as error:  # noqa: BLE001 - a letter that cannot be sent stops no other
                # Not the error's own text: mail servers quote the address in it.
                logger.warning("letter to account %s not sent: %s", account.id, _kind_of(error))
                return
        await self._accounts.mail_sent(account.id)


def _kind_of(error: BaseException) -> str:
    """An error's type, the mail server's code where there is one, and the type of its cause."""
    # Where every recipient was refused, the codes stand in the errors of the recipients.
    refused = getattr(error, "recipients", None)
    code = getattr(refused[0] if refused else error, "code", "")
    cause = f" from {type(error.__cause__).__name__}" if error.__cause__ else ""
    return f"{type(error).__name__} {code}".strip() + cause
