"""Asks a MongoDB of ours for a document, and gives it its user.

A process whose storage has failed, on a full disk say, may still take connections and answer `ping`. So the
probe reads.
"""

from __future__ import annotations

import socket
from typing import Any

USER = "talentfeed"
"""The one user of the embedded MongoDB; everything may be done with it."""

_ROLES = [{"role": "root", "db": "admin"}]
_DONE, _AUTHENTICATION_FAILED, _USER_EXISTS = 0, 18, 51003  # MongoDB's codes


def fails(port: int, timeout_s: float, password: str) -> bool:
    """Whether a MongoDB on this machine answers a read with an error.

    One that gives no answer in time may only be busy, so silence is no failure.
    """
    # Of a collection that nobody has.
    return _ask(port, timeout_s, {"find": "probe", "limit": 1}, password) not in (_DONE, None)


def knows_user(port: int, timeout_s: float, password: str) -> bool | None:
    """Whether our user can log in with this password; None where that cannot be told yet."""
    code = _ask(port, timeout_s, {"ping": 1}, password)
    return code == _DONE if code in (_DONE, _AUTHENTICATION_FAILED) else None


def make_user(port: int, timeout_s: float, password: str) -> bool:
    """Make our user, or give it this password, in a MongoDB that asks for none; False: try again.

    Being idempotent, it bears that this process is killed at any point.
    """
    code = _ask(port, timeout_s, {"createUser": USER, "pwd": password, "roles": _ROLES})
    if code == _USER_EXISTS:
        code = _ask(port, timeout_s, {"updateUser": USER, "pwd": password, "roles": _ROLES})
    return code == _DONE


def forget(port: int, timeout_s: float, password: str) -> None:
    """Have it drop what it has kept of writes for members that would replicate it, of which there is none.

    It may be what was said of a person who is erased. A silence is made up for by the next time.
    """
    _ask(port, timeout_s, {"secantusAdmin.pruneOplog": 1}, password)


def _ask(port: int, timeout_s: float, command: dict[str, Any], password: str | None = None) -> int | None:
    """Ask a MongoDB on this machine, by a connection of its own.

    Returns:
        The code of its answer, `_DONE` or that of an error; None where it gives none.
    """
    # Imported here, when the stores have been started: it takes a quarter of a second, and every start of a
    # server waits for the supervisor.
    from bson.errors import BSONError
    from pymongo import MongoClient
    from pymongo.errors import OperationFailure, PyMongoError

    options: dict[str, Any] = dict.fromkeys(
        ("serverSelectionTimeoutMS", "connectTimeoutMS", "socketTimeoutMS"), round(timeout_s * 1000)
    )
    if password is not None:
        options |= {"username": USER, "password": password, "authMechanism": "SCRAM-SHA-256"}
    client: MongoClient[dict[str, Any]]
    try:
        # The driver would try again for as long as it may wait, half a second apart.
        socket.create_connection(("127.0.0.1", port), timeout_s).close()
        with MongoClient("127.0.0.1", port, directConnection=True, **options) as client:
            client.admin.command(command)
    except OperationFailure as failure:
        return failure.code or -1
    except (OSError, PyMongoError, BSONError):  # silence, or what is no MongoDB
        return None
    return _DONE
