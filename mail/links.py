"""Links in letters: an account's id, signed and dated.

    links = Links(secret_key, "https://talent.example.com")
    links.make("6b064ce8eafc27a898b70a33")     # https://talent.example.com/hr/activate/MnwxOjB8…/
    links.read("MnwxOjB8…")                    # 6b064ce8eafc27a898b70a33, or None

Nothing is stored: an account may have any number of links, which are good until they expire. A link that
resets a password is bound to the account's epoch too. Setting a password begins a new epoch, so it is good
once. Processes that share `secret_key` read each other's links.
"""

from __future__ import annotations

import ipaddress
import time
from collections.abc import Callable
from datetime import timedelta
from urllib.parse import urlsplit

import msgspec

from runtime.signing import SignedValues

VALID_DAYS = 7
"""Days for which a link is good. A letter may be three days late, see `store.accounts.letters`, and lie
unread for days more. Whoever comes later logs in once, which sends another letter."""

RESET_MINUTES = 30
"""Minutes for which a link that resets a password is good. A letter arrives within one or two; the link opens
the account to whoever reads the mailbox later."""

INVITED_DAYS = 7
"""Days for which an invitation is good: whoever is invited may be on leave. It opens an account that holds
nothing yet."""


class ResetLink(msgspec.Struct, frozen=True):
    """What a link that resets a password says: whose, and in which epoch of the account it is good."""

    account: str
    epoch: int


class Links:
    """Makes and reads links. Holds no state and may be used from any thread."""

    def __init__(self, secret_key: str, public_url: str, clock: Callable[[], float] = time.time) -> None:
        self._base = public_url.rstrip("/")
        self._activations = SignedValues(secret_key, "activate", timedelta(days=VALID_DAYS), clock)
        self._resets = SignedValues(secret_key, "reset", timedelta(minutes=RESET_MINUTES), clock)
        self._joins = SignedValues(secret_key, "join", timedelta(days=INVITED_DAYS), clock)
        self._invitations = SignedValues(secret_key, "invite", timedelta(days=INVITED_DAYS), clock)

    def make(self, account_id: str) -> str:
        """A link that activates an account for `VALID_DAYS`; its last segment is the token."""
        return f"{self._base}/hr/activate/{self._activations.segment(account_id)}/"

    def make_reset(self, account_id: str, epoch: int) -> str:
        """A link that resets a password once, within `RESET_MINUTES`; the token stands behind `#reset=`.

        There no server and no log sees it.
        """
        return f"{self._base}/#reset={self._resets.segment(f'{account_id}:{epoch}')}"

    def make_invitation(self, account_id: str, epoch: int) -> str:
        """As `make_reset`, for the first password of an account; good for `INVITED_DAYS`."""
        return f"{self._base}/#reset={self._invitations.segment(f'{account_id}:{epoch}')}"

    def make_join(self, invitation_id: str, serial: int) -> str:
        """As `make_reset`, into a company; the invitation says how long it is good."""
        return f"{self._base}/#join={self._joins.segment(f'{invitation_id}:{serial}')}"

    def read_join(self, token: str) -> tuple[str, int] | None:
        """The invitation and the serial of such a token; None where it is forged or old, or no token."""
        if (value := self._joins.read_segment(token)) is None:
            return None
        invitation_id, _, serial = value.partition(":")
        return invitation_id, int(serial)

    def read_reset(self, token: str) -> ResetLink | None:
        """What the token of such a link says; None where it is forged or expired, or no token."""
        value = self._resets.read_segment(token)
        if value is None:
            value = self._invitations.read_segment(token)
        if value is None:
            return None
        account_id, _, epoch = value.partition(":")
        return ResetLink(account_id, int(epoch))

    def read(self, token: str) -> str | None:
        """The id of the account that a token activates; None where it is forged or expired, or no token."""
        return self._activations.read_segment(token)


def local_url(address: str, port: int) -> str:
    """How this machine reaches a server that listens there, for where no public URL is set."""
    ip = ipaddress.ip_address(address)
    if ip.is_unspecified:  # it listens on every address, so it does on loopback
        ip = ipaddress.ip_address("127.0.0.1" if ip.version == 4 else "::1")
    return f"http://{ip}:{port}" if ip.version == 4 else f"http://[{ip}]:{port}"


def mail_domain(public_url: str) -> str:
    """The domain of a URL as mail spells it: a name in ASCII, an IP address in brackets."""
    host = urlsplit(public_url).hostname or "localhost"
    try:
        ip = ipaddress.ip_address(host)
    except ValueError:
        return host.encode("idna").decode("ascii")
    return f"[{ip}]" if ip.version == 4 else f"[IPv6:{ip}]"
