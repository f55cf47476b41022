r"""One connection to a mailbox: which mails wait, what one says, marking it, and waiting for the next.

    with contextlib.closing(Connection.open(address, tls)) as connection:
        for uid in connection.waiting():
            data = connection.fetch(uid)
            ...
            connection.mark(uid, failed=False)
        connection.wait(300)

It blocks: it belongs to one thread. `abort` alone may be called from another, and ends whatever it waits for.

A mail that was taken carries the keyword `$TalentFeed`, one that was given up `$TalentFeedFailed` beside it.
Where the server lets nobody make up keywords, `\Flagged` says the same; what was taken is `\Seen` too, and
what was given up stays unread, so that somebody sees it. `\Seen` alone says nothing: whoever looks into the
mailbox must not take a mail from us.
"""

from __future__ import annotations

import contextlib
import socket
import ssl
import time
from collections.abc import Iterator
from typing import Any, Literal

from imapclient import IMAPClient, SocketTimeout
from imapclient.exceptions import IMAPClientError, LoginError

from intake.files.outcome import MAX_MAIL_BYTES
from intake.mailbox.address import Address
from runtime.hosts import is_this_machine

Failure = Literal["no_answer", "no_tls", "login", "folder", "refused"]
"""Why a mailbox cannot be read: the server is away, its certificate or TLS is not as it must be, it does not
take the password, it lacks the folder, or it says no to something else."""

CONNECT_S = 10.0
ANSWER_S = 60.0
"""How long a connection, and any one piece of an answer, may take. A mail comes in pieces of 1 MiB."""

_PIECE_BYTES = 1024 * 1024
_LOOK_S = 1.0
"""How long waiting looks at the socket at a time, so that it hears of the end of its own time."""

TAKEN, FAILED = "$TalentFeed", "$TalentFeedFailed"
_SEEN, _FLAGGED, _ANY_KEYWORD = b"\\Seen", b"\\Flagged", b"\\*"


class MailboxError(Exception):
    """A mailbox cannot be read; `failure` says why. The text is for operators, and may quote the server."""

    def __init__(self, failure: Failure, said: str = "") -> None:
        super().__init__(f"{failure}: {said}" if said else failure)
        self.failure = failure
        self.said = said


class TooLarge(Exception):
    """A mail is longer than `MAX_MAIL_BYTES`."""


class NotGiven(Exception):
    """The server lists a mail and its size, and does not give what it says."""


class Connection:
    """A folder that was opened for reading and marking.

    Attributes:
        uid_validity: Until it changes, a uid means the same mail.
        has_idle: Whether the server tells by itself that a mail has come.
        has_keywords: Whether it lets us mark mails by keywords of our own.
    """

    def __init__(
        self, client: IMAPClient, selected: dict[bytes, Any], done_folder: str | None = None
    ) -> None:
        self._client = client
        self._done_folder = done_folder
        self.uid_validity = int(selected.get(b"UIDVALIDITY", 0))
        self.has_idle = client.has_capability("IDLE")
        flags = selected.get(b"PERMANENTFLAGS", ())
        self.has_keywords = _ANY_KEYWORD in flags or TAKEN.encode() in flags
        self.is_closed = False

    @classmethod
    def open(cls, address: Address, tls: ssl.SSLContext, done_folder: str | None = None) -> Connection:
        """Connect, log in, and open the folder; the one for what was taken is made where it is missing.

        Raises:
            MailboxError: It does not come to that.
        """
        client = _connect(address, tls)
        try:
            if not address.is_tls:
                _start_tls(client, address, tls)
            _log_in(client, address)
            with _told("folder"):
                selected = client.select_folder(address.folder)
            if selected.get(b"READ-ONLY"):
                raise MailboxError("folder", "the folder can only be read, so no mail can be marked")
            if done_folder is not None:
                with _told("folder"):
                    if not client.folder_exists(done_folder):
                        client.create_folder(done_folder)
            with _told():
                return cls(client, selected, done_folder)
        except BaseException:
            with contextlib.suppress(OSError, IMAPClientError):
                client.shutdown()
            raise

    def close(self) -> None:
        """End the connection, politely where it was not cut."""
        with contextlib.suppress(OSError, IMAPClientError):
            if not self.is_closed:
                self.is_closed = True
                self._client.logout()
                return
        with contextlib.suppress(OSError, IMAPClientError):
            self._client.shutdown()

    def abort(self) -> None:
        """Cut the connection, from any thread: whatever waits for it fails at once."""
        self.is_closed = True
        with contextlib.suppress(OSError):
            # The socket below TLS: to say goodbye would mean to wait.
            socket.socket.shutdown(self._client.socket(), socket.SHUT_RDWR)

    def waiting(self) -> list[int]:
        """The uids of mails without our mark, the oldest first."""
        with _told():
            found = self._client.search(["UNKEYWORD", TAKEN] if self.has_keywords else ["UNFLAGGED"])
        return sorted(found)

    def fetch(self, uid: int) -> bytes | None:
        """A mail as it came, without its being read for that; None where it is gone.

        Raises:
            TooLarge: It is longer than what is fetched.
            NotGiven: It is there, but the server does not give all of it.
        """
        with _told():
            size = self._one(uid, "RFC822.SIZE")
            if size is None:
                return None
            if size > MAX_MAIL_BYTES:
                raise TooLarge
            pieces: list[bytes] = []
            length = 0
            # Beyond the size that was told too, as some servers count line ends in another way.
            while length <= MAX_MAIL_BYTES:
                piece = self._one(uid, f"BODY.PEEK[]<{length}.{_PIECE_BYTES}>", f"BODY[]<{length}>") or b""
                if not piece and length < max(size, 1):
                    if self._one(uid, "RFC822.SIZE") is None:
                        return None
                    raise NotGiven
                pieces.append(piece)
                length += len(piece)
                # Behind the end some servers answer in ways of their own.
                if len(piece) < _PIECE_BYTES or length == size:
                    return b"".join(pieces)
            raise TooLarge

    def _one(self, uid: int, what: str, named: str = "") -> Any:
        """One thing about one mail; None where there is no such mail."""
        return self._client.fetch([uid], [what]).get(uid, {}).get((named or what).encode())

    def mark(self, uid: int, *, failed: bool) -> None:
        """Say in the mailbox that a mail is done with; one that was taken moves to the folder for these."""
        with _told():
            if self.has_keywords:
                self._client.remove_flags([uid], [FAILED], silent=True)
                flags = self._client.add_flags([uid], [TAKEN, FAILED] if failed else [TAKEN])
                # Some servers promise keywords and keep none. A mail that looks unmarked would come for ever.
                self.has_keywords = uid not in flags or TAKEN.encode() in flags[uid]
            if not self.has_keywords:
                self._client.add_flags([uid], [_FLAGGED] if failed else [_FLAGGED, _SEEN], silent=True)
            if self._done_folder is not None and not failed:
                self._move(uid, self._done_folder)

    def _move(self, uid: int, folder: str) -> None:
        if self._client.has_capability("MOVE"):
            self._client.move([uid], folder)
            return
        self._client.copy([uid], folder)
        self._client.delete_messages([uid], silent=True)
        # Without this a mail stays as deleted: a plain EXPUNGE would remove what others have deleted too.
        if self._client.has_capability("UIDPLUS"):
            self._client.uid_expunge([uid])

    def wait(self, seconds: float) -> None:
        """Wait until a mail comes, or for so long. A server without IDLE is left in peace meanwhile."""
        ends = time.monotonic() + seconds
        if not self.has_idle:
            while (left := ends - time.monotonic()) > 0 and not self.is_closed:
                time.sleep(min(left, _LOOK_S))
            with _told():
                self._client.noop()
            return
        with _told():
            self._client.idle()
            while (left := ends - time.monotonic()) > 0 and not self.is_closed:
                asked = time.monotonic()
                told = self._client.idle_check(min(left, _LOOK_S))
                if any(len(one) > 1 and one[1] in {b"EXISTS", b"RECENT"} for one in told):
                    break
                # Nothing, and at once: the connection has ended, which the next words find out.
                if not told and time.monotonic() - asked < min(left, _LOOK_S) / 2:
                    break
            self._client.idle_done()


def _connect(address: Address, tls: ssl.SSLContext) -> IMAPClient:
    with _told():
        client = IMAPClient(
            address.host,
            address.port,
            ssl=address.is_tls,
            ssl_context=tls,
            timeout=SocketTimeout(CONNECT_S, ANSWER_S),
        )
        # Dates are nothing that is asked for here.
        client.normalise_times = False
        return client


def _start_tls(client: IMAPClient, address: Address, tls: ssl.SSLContext) -> None:
    with _told("no_tls"):
        if client.has_capability("STARTTLS"):
            client.starttls(tls)
        elif not is_this_machine(address.host):
            raise MailboxError("no_tls", "the server offers no STARTTLS, and the password would be open")


def _log_in(client: IMAPClient, address: Address) -> None:
    with _told("login"):
        client.login(address.user, address.password)
    # NetEase (163, 126) lets nobody open a folder who has not said what they are.
    with _told():
        if client.has_capability("ID"):
            client.id_({"name": "TalentFeed", "version": "1.0.0", "vendor": "TalentFeed"})


@contextlib.contextmanager
def _told(refused: Failure = "refused") -> Iterator[None]:
    """Turn what a server or the network does into a `MailboxError`; `refused` names a no of the server."""
    try:
        yield
    except ssl.SSLCertVerificationError as error:
        raise MailboxError("no_tls", f"its certificate is not trusted ({error.verify_message})") from None
    except (ssl.SSLEOFError, ssl.SSLZeroReturnError, ssl.SSLSyscallError) as error:
        raise MailboxError("no_answer", type(error).__name__) from None
    except ssl.SSLError as error:
        raise MailboxError("no_tls", error.reason or "") from None
    except LoginError as error:
        raise MailboxError("login", _words(error)) from None
    except IMAPClient.AbortError as error:
        raise MailboxError("no_answer", _words(error)) from None
    except IMAPClientError as error:
        raise MailboxError(refused, _words(error)) from None
    except OSError as error:
        raise MailboxError("no_answer", error.strerror or type(error).__name__) from None
    except (AttributeError, AssertionError, IndexError, KeyError, TypeError, ValueError) as error:
        # What the library does with an answer that is none of IMAP.
        raise MailboxError("no_answer", f"no IMAP ({type(error).__name__})") from None


def _words(error: Exception) -> str:
    """What a server said, in one short line; it may be bytes within a text."""
    return " ".join(str(error).split())[:200]
