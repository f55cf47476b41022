"""The outbox: sends letters.

A letter is a job (`store.jobs`), so it outlives the process that took the request, and a mail server that is
away for days.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping

from mail.letter import link_letter
from mail.links import Links
from mail.smtp import SmtpServer
from store.accounts.letters import KINDS, Letters
from store.jobs.jobs import Job
from store.jobs.kinds import Kind
from store.jobs.runner import JobFailed, Work

logger = logging.getLogger(__name__)


class Outbox:
    """One process's sender of letters; without a server, links go to the log. Belongs to one event loop."""

    def __init__(self, letters: Letters, links: Links, smtp: SmtpServer | None) -> None:
        self._letters = letters
        self._links = links
        self._smtp = smtp

    @property
    def has_smtp(self) -> bool:
        """Whether letters are sent."""
        return self._smtp is not None

    @property
    def work(self) -> Mapping[Kind, Work]:
        """What is done about the jobs of letters."""
        return {kind: Work(self._send) for kind in KINDS}

    async def _send(self, job: Job) -> None:
        letter = await self._letters.letter_of(job)
        if letter is None:
            return
        if letter.kind == "activation":
            link = self._links.make(letter.account)
        elif letter.kind == "invitation":
            link = self._links.make_invitation(letter.account, letter.epoch)
        elif letter.kind == "join":
            link = self._links.make_join(letter.account, letter.epoch)
        else:
            link = self._links.make_reset(letter.account, letter.epoch)
        if self._smtp is None:
            logger.info("%s link", letter.kind, extra={"data": {"account": letter.account, "link": link}})
            return
        try:
            await self._smtp.send(link_letter(letter.kind, sender=self._smtp.sender, to=letter.to, link=link))
        except Exception as error:  # noqa: BLE001 - a letter that cannot be sent stops no other
            # Not the error's own text: mail servers quote the address in it.
            about = (letter.kind, letter.account, _kind_of(error))
            logger.warning("%s letter to account %s not sent: %s", *about)
            raise JobFailed(_kind_of(error)) from None


def _kind_of(error: BaseException) -> str:
    """An error's type, the mail server's code where there is one, and the type of its cause."""
    # Where every recipient was refused, the codes stand in the errors of the recipients.
    refused = getattr(error, "recipients", None)
    code = getattr(refused[0] if refused else error, "code", "")
    cause = f" from {type(error.__cause__).__name__}" if error.__cause__ else ""
    return f"{type(error).__name__} {code}".strip() + cause
