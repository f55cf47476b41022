"""What a setting takes: a function a kind of value, from the text to the value.

Each raises `SettingError`. Its text says what is taken, and never quotes what may be a part of a password.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

from runtime.roles import ROLES, ProcessRole

FORWARDED_HEADERS = ("X-Real-Ip", "X-Forwarded-For")
"""The headers in which a proxy may name a client's address."""
_LONGEST_NAME = 38
"""Characters of a database's name. MongoDB itself takes 63 bytes, hosted MongoDB (Atlas) only so many."""
_LONGEST_FOLDER, _LONGEST_SOURCE = 200, 200
"""Characters of a mailbox's folder, and of a source, which `intake.record` bounds too."""
_SHORTEST_SECRET = 16
"""Characters of a secret. A shorter one could be guessed by whoever can ask often; those made here have
43."""
_CLOCK = r"(?:[01][0-9]|2[0-3]):[0-5][0-9]"
_HOURS = re.compile(f"{_CLOCK}-{_CLOCK}")
_TIMES = re.compile(f"(?:{_CLOCK}(?:,{_CLOCK}){{0,5}})?")


class SettingError(ValueError):
    """A setting cannot be used; the text names it and says what it takes."""


def whole(low: int, high: int) -> Callable[[str], int]:
    """A whole number from `low` to `high`."""

    def parse(text: str) -> int:
        try:
            value = int(text)
        except ValueError:
            raise SettingError(f"takes a whole number, not {text!r}") from None
        if not low <= value <= high:
            raise SettingError(f"takes {low} to {high}, not {value}")
        return value

    return parse


def roles(text: str) -> frozenset[ProcessRole]:
    """What a process does: some of `ROLES` with commas between them."""
    names = {name.strip() for name in text.split(",")}
    if unknown := names - set(ROLES):
        raise SettingError(f"takes {', '.join(ROLES)} or both, not {sorted(unknown)[0]!r}")
    return frozenset(role for role in ROLES if role in names)


def truth(text: str) -> bool:
    """True or false."""
    if text.lower() in {"1", "true", "yes", "on"}:
        return True
    if text.lower() in {"0", "false", "no", "off"}:
        return False
    raise SettingError(f"takes true or false, not {text!r}")


def url(*schemes: str) -> Callable[[str], str]:
    """A URL with one of some schemes and a host."""

    def parse(text: str) -> str:
        try:
            parts = urlsplit(text)
            # A replica set's URL names several hosts, so it has no one port.
            host = parts.netloc if "mongodb" in parts.scheme else parts.port != 0 and parts.hostname
            if host and schemes[0] in {"http", "smtp", "imaps"}:
                # Mail and browsers will spell the host this way. A host that cannot be spelled so is refused
                # now, not when the first letter is sent.
                host.encode("idna")
        except ValueError:
            # Its own text is dropped, as it may quote a part of a password.
            raise SettingError("is not a URL: its host or port cannot be read") from None
        if parts.scheme not in schemes or not host:
            raise SettingError(f"takes a URL that begins {' or '.join(s + '://' for s in schemes)}")
        return text

    return parse


def redis_url(text: str) -> str:
    """One Redis; a URL of a cluster is told what to use in its place."""
    if "+cluster://" in text:
        raise SettingError(
            "takes no cluster: use one Redis, as redis://HOST:PORT; a managed one where it must not fail"
        )
    url("redis", "rediss")(text)
    # The client takes another path for the first database.
    if (path := urlsplit(text).path.strip("/")) and not (path.isascii() and path.isdigit()):
        raise SettingError("takes the number of a database behind the host and port, or nothing")
    return text


def smtp_url(text: str) -> str:
    """A mail server, with the sender's address where it is not the user."""
    parts = urlsplit(url("smtp", "smtps")(text))
    query = parse_qsl(parts.query, keep_blank_values=True)
    if parts.path.strip("/") or parts.fragment or (query and [name for name, _ in query] != ["from"]):
        raise SettingError("takes nothing behind the host and port but ?from=ADDRESS")
    if parts.password and not parts.username:
        raise SettingError("takes a password only with a user")
    if query and not re.fullmatch(r"[!-;=?-~]+@[!-;=?A-~]+", query[0][1]):
        raise SettingError("takes an e-mail address as from, percent-encoded")
    return text


def imap_url(text: str) -> str:
    """A mailbox's server, with user and password."""
    parts = urlsplit(url("imaps", "imap")(text))
    if parts.path.strip("/") or parts.query or parts.fragment:
        raise SettingError("takes nothing behind the host and port; imap_folder names the folder")
    if not parts.username or not parts.password:
        raise SettingError(
            "takes user and password before the host, percent-encoded: imaps://USER:PASSWORD@HOST"
        )
    return text


def folder(text: str) -> str:
    """The name of a mailbox's folder."""
    if not text.isprintable() or len(text) > _LONGEST_FOLDER:
        raise SettingError("takes the name of a folder, at most 200 characters")
    return text


def source(text: str) -> str:
    """The name of a source."""
    if not text.isprintable() or text != text.strip() or len(text) > _LONGEST_SOURCE:
        raise SettingError("takes the name of a source, at most 200 characters")
    return text


def address(text: str) -> str:
    """An IP address, or `localhost`."""
    if text == "localhost":
        return "127.0.0.1"
    try:
        return str(ipaddress.ip_address(text))
    except ValueError:
        raise SettingError(f"takes an IP address, not {text!r}") from None


def addresses(text: str) -> tuple[str, ...]:
    """IP addresses with commas between them."""
    return tuple(address(part.strip()) for part in text.split(",") if part.strip())


_NETWORKS = {
    "private": (
        "127.0.0.0/8",
        "::1/128",
        "10.0.0.0/8",
        "172.16.0.0/12",
        "192.168.0.0/16",
        "169.254.0.0/16",
        "fc00::/7",
        "fe80::/10",
    ),
    "all": ("0.0.0.0/0", "::/0"),
    "none": (),
}
"""Words for networks: those that no address of the internet is in, all, and none."""


def networks(text: str) -> tuple[str, ...]:
    """IP addresses and networks with commas between them, or words for some."""
    found: list[str] = []
    for part in filter(None, map(str.strip, text.split(","))):
        if part.lower() in _NETWORKS:
            found += _NETWORKS[part.lower()]
            continue
        try:
            found.append(str(ipaddress.ip_network(part)))
        except ValueError:
            raise SettingError(
                f"takes private, all, none, or networks such as 10.1.0.0/16, not {part!r}"
            ) from None
    return tuple(found)


def forwarded_header(text: str) -> str:
    """One of `FORWARDED_HEADERS`, in any case."""
    for header in FORWARDED_HEADERS:
        if text.lower() == header.lower():
            return header
    raise SettingError(f"takes {' or '.join(FORWARDED_HEADERS)}, not {text!r}")


def name(text: str) -> str:
    """The name of a database."""
    if (
        not text
        or len(text) > _LONGEST_NAME
        or not text.replace("_", "").replace("-", "").isalnum()
        or not text.isascii()
    ):
        raise SettingError("takes 1 to 38 Latin letters, digits, - or _")
    return text


def path(text: str) -> Path:
    """A path."""
    if "\0" in text:
        raise SettingError("takes a path without NUL")
    return Path(text)


def secret(text: str) -> str:
    """A secret that an HTTP header can carry as it stands."""
    if len(text) < _SHORTEST_SECRET or not text.isascii() or not text.isprintable() or " " in text:
        raise SettingError("takes at least 16 printable ASCII characters without spaces")
    return text


def hours(text: str) -> str:
    """From one time of the day until another; the same twice for none."""
    if not _HOURS.fullmatch(text):
        raise SettingError(f"takes times such as 22:00-08:00, not {text!r}")
    return text


def times(text: str) -> str:
    """At most six times of the day; none where it is empty."""
    if not _TIMES.fullmatch(text):
        raise SettingError(f"takes times such as 09:00,14:00, at most six, not {text!r}")
    return text
