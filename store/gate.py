"""A gate that writers pass beside each other, and that an erasure shuts for a moment.

    async with database.transaction():
        there = await gate.spared(resume_ids)    # whoever writes about resumes that it does not write
        ...
        await gate.enter()                       # last, so that an erasure need not wait
    async with database.transaction():
        await gate.shut()                        # whoever erases
        ...

Two transactions of which each only reads what the other writes both go through: a result could be written of
somebody who is being erased, a resume be taken in of whom was put on the suppression list a moment ago. So
whoever passes writes one of some documents, and whoever shuts writes all of them: of the two one is done
again, and sees what the other did.
"""

from __future__ import annotations

import random
from collections.abc import Collection

from store.bulk import insert_or
from store.by_ids import find_by_ids, object_ids
from store.mongo import Database

_PLACES = 128
"""Documents. With fewer, those that pass at the same time would meet each other; with more an erasure takes
longer. Five at a time meet in one of thirteen cases."""


class Gate:
    """The collection `gate`."""

    def __init__(self, database: Database) -> None:
        self._places = database.gate
        self._resumes = database.resumes

    async def prepare(self) -> None:
        """Make what is missing of it."""
        await insert_or(self._places, [{"_id": place, "n": 0} for place in range(_PLACES)], lambda _: None)

    async def enter(self) -> None:
        """Pass, at the end of a transaction: what is written in it is written before or after an erasure."""
        await self._places.update_one({"_id": random.randrange(_PLACES)}, {"$inc": {"n": 1}})

    async def spared(self, resume_ids: Collection[str]) -> set[str]:
        """Those of some resumes that are there, for whoever writes about these and passes."""
        found = await find_by_ids(self._resumes, object_ids(resume_ids), {"_id": 1})
        return {str(row["_id"]) for row in found}

    async def shut(self) -> None:
        """Let nobody pass from the beginning of this transaction to its end."""
        await self._places.update_many({}, {"$inc": {"n": 1}})
