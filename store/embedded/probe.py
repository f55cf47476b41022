"""Asks a MongoDB of ours for a document, and gives it its user.

A process whose storage has failed, on a full disk say, may still take connections and answer `ping`. So the
probe reads.
"""

from __future__ import annotations

import contextlib

from store.embedded.wire import AUTHENTICATION_FAILED, USER_EXISTS, Connection, Refused

USER = "talentfeed"
"""The one user of the embedded MongoDB; everything may be done with it."""

_ROLES = [{"role": "root", "db": "admin"}]


def fails(port: int, timeout_s: float, password: str) -> bool:
    """Whether a MongoDB on this machine answers a read with an error.

    One that gives no answer in time may only be busy, so silence is no failure.
    """
    try:
        with contextlib.suppress(OSError), Connection(port, timeout_s) as connection:
            connection.log_in(USER, password)
            # Of a collection that nobody has.
            connection.ask({"find": "probe", "limit": 1, "$db": "probe"})
    except Refused:
        return True
    return False


def knows_user(port: int, timeout_s: float, password: str) -> bool | None:
    """Whether our user can log in with this password; None where that cannot be told yet."""
    try:
        with Connection(port, timeout_s) as connection:
            connection.log_in(USER, password)
    except OSError:
        return None
    except Refused as refused:
        return False if refused.code == AUTHENTICATION_FAILED else None
    return True


def make_user(port: int, timeout_s: float, password: str) -> bool:
    """Make our user, or give it this password, in a MongoDB that asks for none; False: try again.

    Being idempotent, it bears that this process is killed at any point.
    """
    try:
        with Connection(port, timeout_s) as connection:
            try:
                connection.ask({"createUser": USER, "pwd": password, "roles": _ROLES, "$db": "admin"})
            except Refused as refused:
                if refused.code != USER_EXISTS:
                    raise
                connection.ask({"updateUser": USER, "pwd": password, "roles": _ROLES, "$db": "admin"})
    except (OSError, Refused):
        return False
    return True
