"""How mailboxes that are read are doing: one document each, which the reader writes and servers show.

What is left to read stands in the mailbox itself, by marks on its mails. Here is what a mailbox cannot hold:
whether its reader lives, what became of the files so far, and which mails were begun and not finished. The
last find a mail over which readers end. They are counts by the number of a mail; nothing here is of a person.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import UTC, datetime
from typing import Any, Literal

import msgspec

from store.documents import read_as
from store.mongo import Database

LEFT = ("failed", "too_large")
"""Outcomes of mails that nothing was taken from; each counts once."""
State = Literal["reading", "failing", "stopped"]


class MailboxState(msgspec.Struct, frozen=True, kw_only=True):
    """A mailbox as its reader saw it last.

    Attributes:
        name: Server and folder.
        state: `stopped` where its reader was told to end.
        looked_at: When its server was last asked for mails, and answered.
        waiting: Mails that waited then.
        outcomes: What became of files of mails so far, by outcome.
    """

    name: str = ""
    state: State = "stopped"
    failure: str = ""
    looked_at: datetime | None = None
    waiting: int = 0
    outcomes: dict[str, int] = {}


class Mailboxes:
    """The collection `mailboxes`; a document's id is `Address.key`."""

    def __init__(self, database: Database) -> None:
        self._mailboxes = database.mailboxes

    async def looked(self, key: str, name: str, waiting: Collection[str]) -> dict[str, int]:
        """Note that the server was asked, and answered; the name is what the mailbox is called for people.

        Returns:
            How often each of the mails that wait was begun and not finished; those that never were are left
            out.
        """
        document = await self._mailboxes.find_one({"_id": key}, {"begun": 1}) or {}
        begun: dict[str, int] = document.get("begun", {})
        change: dict[str, Any] = {
            "$set": {
                "name": name,
                "state": "reading",
                "failure": "",
                "looked_at": datetime.now(UTC),
                "waiting": len(waiting),
            }
        }
        # Somebody else has marked or moved them, or we died between the mark and its note.
        if gone := begun.keys() - set(waiting):
            change["$unset"] = {f"begun.{mail}": "" for mail in gone}
        await self._mailboxes.update_one({"_id": key}, change, upsert=True)
        return {mail: times for mail, times in begun.items() if mail not in gone and times > 0}

    async def ends(self, key: str, name: str, state: State, failure: str = "") -> None:
        """Note that the mailbox is not read for now."""
        change = {"$set": {"name": name, "state": state, "failure": failure}}
        await self._mailboxes.update_one({"_id": key}, change, upsert=True)

    async def begin(self, key: str, mail: str) -> None:
        """Count an attempt with a mail, before it."""
        await self._mailboxes.update_one({"_id": key}, {"$inc": {f"begun.{mail}": 1}}, upsert=True)

    async def withdraw(self, key: str, mail: str) -> None:
        """Take one attempt back: it was ended by something that is not the mail's fault.

        Nothing where the mail was finished: who is stopped cannot always know that it was.
        """
        which = {"_id": key, f"begun.{mail}": {"$gt": 0}}
        await self._mailboxes.update_one(which, {"$inc": {f"begun.{mail}": -1}})

    async def finish(self, key: str, mail: str, outcomes: Mapping[str, int]) -> None:
        """Note what became of a mail that is marked by now."""
        change: dict[str, Any] = {"$unset": {f"begun.{mail}": ""}}
        if outcomes:
            change["$inc"] = {f"outcomes.{name}": count for name, count in outcomes.items()}
        await self._mailboxes.update_one({"_id": key}, change)

    async def all(self) -> list[MailboxState]:
        """Every mailbox that was ever read, in the order of their names."""
        documents = await self._mailboxes.find({}, {"begun": 0}).to_list(None)
        return sorted((read_as(MailboxState, one) for one in documents), key=lambda one: one.name)
