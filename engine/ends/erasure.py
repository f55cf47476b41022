"""Keeps what was erased erased, people and accounts: finishes what was cut off, and clears what came late.

What a recruiter decided of two resumes and was cut off is finished too.

The order of deletions, and why a second look is needed, is told in `store.ends.erasures` and
`store.ends.deletions`. Here is the task that looks again.
"""

from __future__ import annotations

from store.ends.deletions import Deletions
from store.ends.erasures import Erasures
from store.persons.people import People
from store.persons.persons import Persons
from store.retry import work_until_cancelled

# Seconds between two looks. An erasure of a resume that was interrupted is finished within so long, one of a
# person somewhat later; each look costs six small queries.
_EVERY_S = 5.0


class EraseAgain:
    """One process's finisher of erasures. Belongs to one event loop; `run` is its only task."""

    def __init__(self, erasures: Erasures, people: People, deletions: Deletions, persons: Persons) -> None:
        self._erasures = erasures
        self._people = people
        self._deletions = deletions
        self._persons = persons

    async def run(self) -> None:
        """Look every few seconds until cancelled; MongoDB's absence is waited out."""
        await work_until_cancelled(self._step, what="erasure", idle_s=_EVERY_S)

    async def _step(self) -> bool:
        await self._people.finish_erasures()
        await self._erasures.finish_recent()
        await self._deletions.finish_recent()
        await self._persons.finish_decisions()
        return False
