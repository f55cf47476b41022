"""What can go wrong in the stores, as the rest of the system sees it."""

from __future__ import annotations

from pymongo.errors import ConnectionFailure, ExecutionTimeout, OperationFailure


class NotFound(LookupError):
    """The id does not exist, or belongs to somebody else: the two cannot be told apart."""


class QuotaUsedUp(Exception):
    """The account has as many live feeds as it may."""


class EmailTaken(Exception):
    """Another account has this e-mail address, whatever its case."""


class ListFull(Exception):
    """A list holds as much as it may."""


class WriteFailed(Exception):
    """A bulk write did not go through. Says the codes alone: the driver's own error quotes documents."""


class NewerDatabase(Exception):
    """A later release has changed the database: this one must not touch it."""


# MongoDB did not answer in time or at all; nothing is known about the write, reads are worth a retry.
STORE_FAILURES: tuple[type[Exception], ...] = (
    ConnectionFailure,
    ExecutionTimeout,
    OperationFailure,  # a full disk, a lost cursor, a write that is not known to be durable
    WriteFailed,
)
