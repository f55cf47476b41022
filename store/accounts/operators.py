"""Operators: who may use the desk under `/admin/`. Recruiters' accounts are none, and the other way round.

    operator = await operators.create("ops@example.com", password_hash, "admin")
    token = await sessions.create(operator)
    await sessions.find(token)                         # the operator, or None

A session ends with the day's work: it is good for an hour after its last use, and never longer than half a
day. Only the SHA-256 of a token is kept. A session holds while its operator is not disabled, and in the epoch
in which it began; a new password begins another one.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Literal

import msgspec
from bson import ObjectId
from pymongo.errors import DuplicateKeyError

from store.accounts.accounts import fold_email
from store.accounts.sessions import token_hash
from store.by_ids import find_by_ids
from store.documents import read_as
from store.errors import EmailTaken
from store.mongo import Database

Role = Literal["viewer", "admin"]
"""A viewer sees how the system does, and nothing of people's contacts; an admin changes things."""

LONGEST = timedelta(hours=12)
"""How long after its sign-in a session is good, however it is used: a working day and its evening."""
IDLE = timedelta(hours=1)
"""How long after its last use: a screen that somebody left is shut before the cleaners come. Shorter, and who
waits for an import of thousands of rows over lunch would find it stopped."""
_NOTED_EVERY = timedelta(minutes=1)
"""A use is written down at most so often. By so much may a session end too early."""


class Operator(msgspec.Struct, frozen=True, kw_only=True):
    """One operator.

    Attributes:
        epoch: How often all sessions were ended at once.
    """

    id: str
    email: str
    password_hash: str
    role: Role
    disabled: bool = False
    epoch: int = 0
    created_at: datetime


class SignedIn(msgspec.Struct, frozen=True, kw_only=True):
    """An operator's session that holds.

    Attributes:
        key: The hash of its token.
        expires_at: When it ends though it is used.
    """

    operator: Operator
    key: str
    expires_at: datetime


class Operators:
    """The collection `operators`."""

    def __init__(self, database: Database) -> None:
        self._operators = database.operators

    async def create(self, email: str, password_hash: str, role: Role) -> Operator:
        """Add an operator.

        Raises:
            EmailTaken: There is one with this address.
        """
        document = {
            "_id": ObjectId(),
            "email": fold_email(email),
            "password_hash": password_hash,
            "role": role,
            "created_at": datetime.now(UTC),
        }
        try:
            await self._operators.insert_one(document)
        except DuplicateKeyError:
            raise EmailTaken(email) from None
        return _operator(document)

    async def find_by_email(self, email: str) -> Operator | None:
        """Find an operator by the address, in any case."""
        document = await self._operators.find_one({"email": fold_email(email)})
        return _operator(document) if document else None

    async def list(self) -> list[Operator]:
        """All of them, by address."""
        documents = await self._operators.find({}).to_list(None)
        return sorted(map(_operator, documents), key=lambda one: one.email)

    async def names(self, ids: set[str]) -> dict[str, str]:
        """The addresses of some operators, by id."""
        found = await find_by_ids(self._operators, [ObjectId(one) for one in ids], {"email": 1})
        return {str(document["_id"]): document["email"] for document in found}

    async def set_role(self, operator: Operator, role: Role) -> None:
        """Give an operator another role, from the next request on."""
        await self._operators.update_one({"_id": ObjectId(operator.id)}, {"$set": {"role": role}})

    async def set_disabled(self, operator: Operator, *, disabled: bool) -> None:
        """Shut an operator out, which ends the sessions for good, or let them in again."""
        change: dict[str, Any] = {"$set": {"disabled": disabled}}
        if disabled:
            change["$inc"] = {"epoch": 1}
        await self._operators.update_one({"_id": ObjectId(operator.id)}, change)

    async def set_password(self, operator: Operator, password_hash: str) -> bool:
        """Set a new password, which ends all sessions.

        Returns:
            False where the operator was changed since they were read.
        """
        epoch = operator.epoch or None  # the first has no field
        as_read = {"_id": ObjectId(operator.id), "password_hash": operator.password_hash, "epoch": epoch}
        change = {"$set": {"password_hash": password_hash}, "$inc": {"epoch": 1}}
        return bool((await self._operators.update_one(as_read, change)).matched_count)


class OperatorSessions:
    """The collection `operator_sessions`. A sign-in removes old ones; `mongo.INDEXES` says why."""

    def __init__(self, database: Database) -> None:
        self._operators = database.operators
        self._sessions = database.operator_sessions

    async def create(self, operator: Operator) -> tuple[str, datetime]:
        """Open a session; returns its token, which is not stored, and when it ends at the latest.

        It does not hold where sessions were ended since the operator was read, when the password was checked.
        """
        token, now = secrets.token_urlsafe(32), datetime.now(UTC)
        await self._sessions.insert_one(
            {
                "_id": token_hash(token),
                "operator": ObjectId(operator.id),
                "epoch": operator.epoch,
                "created_at": now,
                "used_at": now,
            }
        )
        return token, now + LONGEST

    async def find(self, token: str, *, is_use: bool = True) -> SignedIn | None:
        """The session of a token; None where none holds. A use makes it good for another hour."""
        key, now = token_hash(token), datetime.now(UTC)
        session = await self._sessions.find_one({"_id": key})
        if session is None or session["created_at"] <= now - LONGEST or session["used_at"] <= now - IDLE:
            return None
        document = await self._operators.find_one({"_id": session["operator"]})
        if document is None:
            return None
        operator = _operator(document)
        if operator.disabled or operator.epoch != session["epoch"]:
            return None
        if is_use and session["used_at"] < now - _NOTED_EVERY:
            await self._sessions.update_one({"_id": key}, {"$set": {"used_at": now}})
        return SignedIn(operator=operator, key=key, expires_at=session["created_at"] + LONGEST)

    async def move(self, key: str, epoch: int) -> None:
        """Take a session over to another epoch of its operator."""
        await self._sessions.update_one({"_id": key}, {"$set": {"epoch": epoch}})

    async def end(self, key: str) -> None:
        """End a session; ending it twice is harmless."""
        await self._sessions.delete_one({"_id": key})


def _operator(document: Mapping[str, Any]) -> Operator:
    return read_as(Operator, document)
