"""Letters: the jobs of sending an account one, of activation, invitation, a reset, a second registration."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

import msgspec
from bson import ObjectId

from store.jobs.jobs import Job, Jobs
from store.mongo import Database

Kind = Literal["activation", "invitation", "reset", "registered"]

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
        job: The work of sending it.
        account: The account's id.
        to: Its address.
        epoch: The account's, which a link that sets a password is bound to.
    """

    job: Job
    kind: Kind
    account: str
    to: str
    epoch: int


class Letters:
    """Which letters are due, and to whom."""

    def __init__(self, database: Database, jobs: Jobs) -> None:
        self._accounts = database.accounts
        self.jobs = jobs

    async def ask(self, user_id: str, kind: Kind) -> None:
        """Have a letter sent now; it is not, where the account may not have it by then."""
        await self.jobs.ask(kind, user_id)

    async def claim(self) -> Letter | None:
        """Take a letter that is due, or None. Whoever takes it sends it, and ends its job."""
        for kind, may_have in _MAY_HAVE.items():
            while jobs := await self.jobs.claim(kind):
                (job,) = jobs
                who = {"_id": ObjectId(job.key), **may_have}
                if account := await self._accounts.find_one(who, {"email": 1, "epoch": 1}):
                    epoch = account.get("epoch", 0)
                    return Letter(job=job, kind=kind, account=job.key, to=account["email"], epoch=epoch)
                await self.jobs.done(job)
        return None
