"""The suppression list: phones and e-mails of people who were erased, and must not come back by another way.

    await suppressions.add(["p:13800001111"], "林晚照", resume_ids)    # with their erasure
    await suppressions.find({resume_id: Bearer("林晚照", reach)})      # {resume_id: "p:13800001111"}

An entry stands for a phone or an e-mail, and has the names of the erased people who used it: somebody of
another name who uses the same number, an agency's or a family's, is not kept out. A resume that says no name
may be of any of them, and is; so is one that hides all but the surname (`林女士`), of that surname.

The list holds keyed hashes alone. Whoever has the database cannot try phones on it, as the key is
`secret_key`, which is not in the database. Each entry names the resumes that were erased with it, whose ids
are hashes too.

Each process keeps the list in memory, since every uploaded resume is looked up in it. Before each look it
reads what was added since, so an entry counts in every process as soon as it is stored. A hit is looked up in
the store once more, as entries are also removed, and by name.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
from pymongo import UpdateOne

from store.bulk import bulk
from store.by_ids import find_by_ids
from store.mongo import Database, time_of
from store.parts import in_parts
from store.persons.reach import is_full_name

_OVERLAP = timedelta(seconds=10)
"""How far back behind the latest entry to look for others. MongoDB's clock sets the time of an entry, which
may become visible after a later one."""

_PAGE = 500
"""Entries that are read in one go."""

_LONG_AGO = datetime(1970, 1, 2, tzinfo=UTC)


class Bearer(msgspec.Struct, frozen=True):
    """Who says some phones and e-mails: a name, as names are compared (`folded_name`)."""

    name: str
    reach: Sequence[str]


class Suppressions:
    """The collection `suppressions`. Belongs to one event loop.

    Without the key, by which they are hashed, nothing is found, and nothing can be added.
    """

    def __init__(self, database: Database, key: str = "") -> None:
        self._database = database
        self._entries = database.suppressions
        self._key = hashlib.sha256(b"suppression list\0" + key.encode()).digest() if key else b""
        self._known: set[str] = set()
        self._loaded = False
        self._latest = _LONG_AGO

    async def add(self, reach: Iterable[str], name: str, resume_ids: Sequence[str]) -> None:
        """Put phones and e-mails of somebody on the list; on return no process takes a resume of theirs.

        They are spelled as in `store.persons.reach`, and the name as names are compared; "" refuses everybody
        with one of these. The resumes are erased with it.

        Raises:
            ValueError: There is no key.
        """
        whose = [self._hash(one) for one in _erased_as(name)]
        writes = [
            UpdateOne(
                {"_id": id_},
                {
                    "$addToSet": {"resumes": {"$each": list(resume_ids)}, "whose": {"$each": whose}},
                    "$set": {"part": int(id_[:8], 16) >> 1},
                    "$currentDate": {"changed_at": True},
                },
                upsert=True,
            )
            for one in reach
            for id_ in [self._hash(one)]
        ]
        await bulk(self._entries, writes)

    async def find(self, bearers: Mapping[str, Bearer]) -> dict[str, str]:
        """Which of some contacts are on the list: of each that is, one of its phones or e-mails that is."""
        if not self._key:
            return {}
        await self._refresh()
        hits = [
            (key, one, id_)
            for key, bearer in bearers.items()
            for one in bearer.reach
            if (id_ := self._hash(one)) in self._known
        ]
        found = await find_by_ids(self._entries, [id_ for _, _, id_ in hits], {"whose": 1})
        whose = {entry["_id"]: {*entry.get("whose", ())} for entry in found}
        self._known.difference_update({id_ for _, _, id_ in hits} - whose.keys())
        return {
            key: one
            for key, one, id_ in hits
            if id_ in whose
            and (
                not (name := bearers[key].name)
                or not whose[id_].isdisjoint(self._hash(asked) for asked in _refused_as(name))
            )
        }

    async def lift(self, reach: Iterable[str]) -> int:
        """Take phones and e-mails off the list; returns how many there were."""
        ids = [self._hash(one) for one in reach]
        return int((await self._entries.delete_many({"_id": {"$in": ids}})).deleted_count)

    async def lift_resume(self, resume_id: str) -> None:
        """Take those off the list that stand there for this resume alone."""
        which = {"resumes": resume_id}
        for entry in await self._entries.find(which, {"resumes": 1}).to_list(None):
            if entry["resumes"] == [resume_id]:
                await self._entries.delete_one({"_id": entry["_id"], "resumes": [resume_id]})
            else:
                await self._entries.update_one({"_id": entry["_id"]}, {"$pull": {"resumes": resume_id}})

    async def _refresh(self) -> None:
        """Take over what was added since the last time; the first time, everything."""
        since = self._latest
        if not self._loaded:
            since = await time_of(self._database)  # a part that was read may get another entry meanwhile
            async for entries in in_parts(self._entries, {}, _PAGE, {"changed_at": 1}):
                self._take(entries)
            self._loaded = True
        which = {"changed_at": {"$gte": since - _OVERLAP}}
        self._take(await self._entries.find(which, {"changed_at": 1}).to_list(None))

    def _take(self, entries: Sequence[Mapping[str, Any]]) -> None:
        for entry in entries:
            self._known.add(str(entry["_id"]))
            self._latest = max(self._latest, entry["changed_at"])

    def _hash(self, text: str) -> str:
        """The keyed hash of a phone or an e-mail, or of a name."""
        if not self._key:
            raise ValueError("the suppression list has no key")
        return hmac.new(self._key, text.encode("utf-8", "surrogatepass"), "sha256").hexdigest()


def _erased_as(name: str) -> list[str]:
    """What is kept of an erased name: whom it refuses in full, and whom where one of the two is hidden."""
    if not name:
        return [""]
    return [name if is_full_name(name) else f"{name[0]}*", f"{name[0]}?"]


def _refused_as(name: str) -> list[str]:
    """What of `_erased_as` refuses a name: itself, nobody's name, and one surname where a name is hidden."""
    return ["", name, f"{name[0]}*"] if is_full_name(name) else ["", f"{name[0]}?"]
