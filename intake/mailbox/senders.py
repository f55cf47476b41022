"""The sender of a mail says which source its resumes are of."""

from __future__ import annotations

import email.parser
import email.policy
import email.utils
from collections.abc import Mapping

_HEAD_BYTES = 64 * 1024
"""How much of a mail is looked at. Its headers are mostly shorter than 8 KiB; of longer ones the sender
counts where it stands in the first part."""
_MAX_SENDER_CHARS = 2_000
"""Characters of a sender that is read; a longer one is of no domain. A line of a mail has 998 at most (RFC
5322), and the standard library takes a second for 64 KiB of dots."""


class Senders:
    """The sources that mails are of, by the domain of the sender, which holds for what is below it too."""

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
