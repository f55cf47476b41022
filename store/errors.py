"""What can go wrong in the stores, as the rest of the system sees it."""

from __future__ import annotations

from datetime import timedelta

from pymongo.errors import (
    ConfigurationError,
    ConnectionFailure,
    ExecutionTimeout,
    InvalidOperation,
    OperationFailure,
)


class NotFound(LookupError):
    """The id does not exist, or belongs to somebody else: the two cannot be told apart."""


class NotAllowed(Exception):
    """It is there, and whoever asks may see it, but not do this."""


class LastOwner(Exception):
    """The company would have no owner left."""


class CompanyFull(Exception):
    """The company has as many members as it may."""


class MergerUnderWay(Exception):
    """A company has part in a merger that is not over."""


class CorporationTaken(Exception):
    """The members of a WeCom corporation may join another company."""


class HasFeeds(Exception):
    """The account has feeds of its own, with which it cannot enter another company."""


class InvitationOver(Exception):
    """An invitation is false, expired, used or taken back."""


class QuotaUsedUp(Exception):
    """The account has as many feeds in service as it may."""


class EmailTaken(Exception):
    """Another account has this e-mail address, whatever its case."""


class IdentityTaken(Exception):
    """A person of WeChat opens another account. Its text is no name of anybody."""


class LastWay(Exception):
    """Nothing else would open the account."""


class SessionOver(Exception):
    """All sessions of the account were ended since the request came in."""


class TicketRefused(Exception):
    """A ticket is false, expired or used."""


class WrongCode(Exception):
    """A hand-over wants another code, or rests after too many wrong ones: for `wait`, else nothing."""

    def __init__(self, wait: timedelta) -> None:
        super().__init__()
        self.wait = wait


class ListFull(Exception):
    """A list holds as much as it may."""


class PersonFull(Exception):
    """A person would have more resumes than one person may."""


class WriteFailed(Exception):
    """A bulk write did not go through. Its text is MongoDB's codes: the driver's error quotes documents."""


class Conflict(Exception):
    """A transaction met another one that wrote the same; nothing of it is done. See `transactions`."""

    def __init__(self) -> None:
        super().__init__("another transaction wrote the same")


class BadUrl(Exception):
    """Nobody can connect by a URL. Its text names the setting, and nothing of what may be a password."""

    def __init__(self, setting: str, error: Exception) -> None:
        super().__init__(
            f"{setting} cannot be used ({type(error).__name__}): look at its port, its options and the files "
            "that it names; user and password have to be percent-encoded"
        )


class NoReplicaSet(Exception):
    """MongoDB has no transactions, as it is a standalone. Its text says how to make it a replica set."""

    def __init__(self, what: str) -> None:
        super().__init__(
            f"{what}, and changes are transactions, which only a replica set has (one member is enough) or a "
            "sharded cluster: start it by `mongod --replSet rs0`, run `mongosh --eval 'rs.initiate()'` once, "
            "and end mongo_url with `?replicaSet=rs0`, or with `?directConnection=true` for that one member"
        )


class OtherRelease(Exception):
    """A later release has changed the database, or an earlier one uses it: this one must not touch it."""


STORE_FAILURES: tuple[type[Exception], ...] = (
    ConnectionFailure,
    ConfigurationError,  # DNS does not know the name of a `mongodb+srv` URL: not yet, or no more for a while
    ExecutionTimeout,
    OperationFailure,  # a full disk, a lost cursor, a write that is not known to be durable
    WriteFailed,
    Conflict,  # for longer than anybody waits
)
"""MongoDB did not answer in time, or said that it could not. A write may have happened or not; a read may be
tried again."""

_REFUSED_CODES = frozenset({13, 18, 8000})  # the last is that of Atlas
"""MongoDB's codes where it does not know the user or the password, or the user may not do this."""


def is_closed(error: BaseException | None) -> bool:
    """Whether a request came to the stores when this process had closed them, as it ends."""
    return isinstance(error, InvalidOperation) and "after close" in str(error)


def in_words(error: Exception) -> str:
    """What a store failure is, for logs and operators; the driver's own text quotes documents."""
    name, code = type(error).__name__, getattr(error, "code", None)
    if code in _REFUSED_CODES:
        return f"{name}, code {code}: it refuses the user or the password of mongo_url"
    if isinstance(error, ConfigurationError):
        return f"{name}: DNS does not tell the hosts of mongo_url"
    return name if code is None else f"{name}, code {code}"
