"""Letters: the jobs of sending one, of activation, invitation, a reset, a second registration, joining."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from typing import Any, Literal, cast, get_args

import msgspec
from bson import ObjectId

from store.accounts.invitations import Invitations
from store.errors import InvitationOver
from store.jobs.jobs import Job, Jobs
from store.mongo import Database

Kind = Literal["activation", "invitation", "reset", "registered", "join"]
KINDS: tuple[Kind, ...] = get_args(Kind)

_MAY_HAVE: Mapping[Kind, Mapping[str, Any]] = {
    "activation": {"active": False},
    "invitation": {"password_hash": None, "disabled": {"$ne": True}},
    "reset": {"disabled": {"$ne": True}},
    "registered": {"disabled": {"$ne": True}},
}
"""What must hold of an account for a letter to be sent."""


class Letter(msgspec.Struct, frozen=True, kw_only=True):
    """A letter that is to be sent now.

    Attributes:
        account: The account's id; of `join` that of the invitation.
        epoch: The account's, which a link that sets a password is bound to; the serial of the invitation.
    """

    kind: Kind
    account: str
    to: str
    epoch: int


class Letters:
    """Which letters are due, and to whom."""

    def __init__(self, database: Database, jobs: Jobs) -> None:
        self._accounts = database.accounts
        self._invitations = Invitations(database, jobs)
        self._jobs = jobs

    async def ask(self, user_id: str, kind: Kind) -> None:
        """Have a letter sent now; it is not, where the account may not have it by then."""
        await self._jobs.ask(kind, user_id)

    async def letter_of(self, job: Job) -> Letter | None:
        """What is sent to an account; None where it may not have it, or not any more."""
        kind = cast("Kind", job.kind)
        if kind == "join":
            with suppress(InvitationOver):
                one = await self._invitations.read(job.key)
                return Letter(kind=kind, account=one.id, to=one.email, epoch=one.serial)
            return None
        who = {"_id": ObjectId(job.key), **_MAY_HAVE[kind]}
        if account := await self._accounts.find_one(who, {"email": 1, "epoch": 1}):
            return Letter(kind=kind, account=job.key, to=account["email"], epoch=account.get("epoch", 0))
        return None
