"""Where a mailbox is, and how its server is spoken to: one URL."""

from __future__ import annotations

import hashlib
from urllib.parse import unquote, urlsplit

import msgspec


class Address(msgspec.Struct, frozen=True, kw_only=True):
    """One folder of a mailbox.

    Attributes:
        is_tls: TLS from the first byte; else STARTTLS, which only a server of this machine may lack.
    """

    host: str
    port: int
    is_tls: bool
    user: str
    password: str
    folder: str = "INBOX"

    @classmethod
    def of(cls, url: str, folder: str = "INBOX") -> Address:
        """Of `imap[s]://user:password@host[:port]`, which the settings have checked; percent-encoded."""
        parts = urlsplit(url)
        is_tls = parts.scheme == "imaps"
        return cls(
            host=parts.hostname or "localhost",
            port=parts.port or (993 if is_tls else 143),
            is_tls=is_tls,
            user=unquote(parts.username or ""),
            password=unquote(parts.password or ""),
            folder=folder,
        )

    @property
    def key(self) -> str:
        """What the folder is called in the store: 16 hex digits, as the user is somebody's address."""
        return hashlib.sha256(f"{self.user}@{self.host}/{self.folder}".encode()).hexdigest()[:16]

    def __repr__(self) -> str:
        return f"Address({self})"

    def __str__(self) -> str:
        """For logs and people: without user and password."""
        return f"{self.host}:{self.port}/{self.folder}"
