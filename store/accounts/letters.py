"""The letters that are due to accounts: of activation, invitation, a password's reset, a second registration.

A letter that has to be sent is two fields of its account: when the next process may send it, and how often
that was tried. So it outlives the process that took the request. Claiming a letter makes it due again later,
which is lease and back-off in one.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Literal

import msgspec
from bson import ObjectId

from store.mongo import Database

ACTIVATION_WAITS = (
    timedelta(minutes=1),
    timedelta(minutes=5),
    timedelta(minutes=30),
    timedelta(hours=2),
    *[timedelta(hours=6)] * 11,
)
"""After each try to send a letter, how long until the next one. The first is longer than any try lasts, as
nobody else may take up a letter that is just being sent. Together they are three days, within which a mail
server mostly comes back; then the letter is given up."""

RESET_WAITS = (timedelta(minutes=1), timedelta(minutes=5), timedelta(minutes=10))
"""The same of the letters with a link that resets a password. Whoever waits for it for longer asks again."""

Kind = Literal["activation", "invitation", "reset", "registered"]


_EARLIEST = datetime(2020, 1, 1, tzinfo=UTC)
"""Before any letter was due."""


class Letter(msgspec.Struct, frozen=True, kw_only=True):
    """A letter that is to be sent now.

    Attributes:
        account: The account's id.
        to: Its address.
        epoch: The account's, which a link that sets a password is bound to.
    """

    kind: Kind
    account: str
    to: str
    epoch: int


class _Form(msgspec.Struct, frozen=True):
    """How a kind of letter stands in an account.

    Attributes:
        due: The field with the time.
        tries: The field with the number of tries.
        where: What must hold of an account for the letter to be sent.
        waits: After each try, how long until the next one.
    """

    due: str
    tries: str
    where: Mapping[str, Any]
    waits: Sequence[timedelta]

    @property
    def none(self) -> dict[str, Any]:
        """The change after which no such letter is due."""
        return {"$unset": {self.due: "", self.tries: ""}}


_FORMS: Mapping[Kind, _Form] = {
    "activation": _Form("mail_due", "mail_tries", {"active": False}, ACTIVATION_WAITS),
    "invitation": _Form(
        "invite_due", "invite_tries", {"password_hash": None, "disabled": {"$ne": True}}, ACTIVATION_WAITS
    ),
    "reset": _Form("reset_due", "reset_tries", {"disabled": {"$ne": True}}, RESET_WAITS),
    "registered": _Form("registered_due", "registered_tries", {"disabled": {"$ne": True}}, RESET_WAITS),
}
NO_ACTIVATION_LETTER = _FORMS["activation"].none
"""The change of an account after which its activation letter is no longer due."""


def invitation_due(now: datetime) -> dict[str, Any]:
    """The fields of a new account whose invitation is to be sent."""
    form = _FORMS["invitation"]
    return {form.due: now, form.tries: 0}


class Letters:
    """What is due, in the collection `accounts`."""

    def __init__(self, database: Database) -> None:
        self._accounts = database.accounts

    async def claim(self) -> Letter | None:
        """Take a letter that is due, or None; nobody else gets it before its next wait is over.

        Whoever takes it sends it and calls `sent`. A process that dies in between, or whose try fails, leaves
        it to the next try. After the last wait there is none.
        """
        for kind, form in _FORMS.items():
            if letter := await self._claim(kind, form):
                return letter
        return None

    async def _claim(self, kind: Kind, form: _Form) -> Letter | None:
        while True:
            now = datetime.now(UTC)
            which = {**form.where, form.due: {"$lte": now}}
            due = await self._accounts.find_one(which, sort=[(form.due, 1)])
            if due is None:
                return None
            tries = due[form.tries]
            is_last = tries >= len(form.waits)
            later = {} if is_last else {form.due: now + form.waits[tries], form.tries: tries + 1}
            outcome = await self._accounts.update_one(
                {"_id": due["_id"], form.due: due[form.due], form.tries: tries},
                form.none if is_last else {"$set": later},
            )
            if outcome.modified_count:
                return Letter(kind=kind, account=str(due["_id"]), to=due["email"], epoch=due.get("epoch", 0))
            # Another process was first, or the letter is not wanted any more: look for another one.

    async def sent(self, letter: Letter) -> None:
        """Note that a letter was handed over: nobody sends it again."""
        await self._accounts.update_one({"_id": ObjectId(letter.account)}, _FORMS[letter.kind].none)

    async def count_due(self) -> int:
        """How many letters wait to be sent, now or again."""
        counts = [
            await self._accounts.count_documents({**form.where, form.due: {"$gte": _EARLIEST}})
            for form in _FORMS.values()
        ]
        return sum(map(int, counts))

    async def ask(self, user_id: str, kind: Kind) -> None:
        """Make a letter due now, with all its tries ahead; nothing where the account may not have it."""
        form = _FORMS[kind]
        await self._accounts.update_one(
            {"_id": ObjectId(user_id), **form.where}, {"$set": {form.due: datetime.now(UTC), form.tries: 0}}
        )
