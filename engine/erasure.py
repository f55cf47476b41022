"""Keeps erased people erased: clears what was written about them late, and finishes interrupted erasures.

The order of deletions, and why a second look is needed, is told in `store.erasures`. Here are the hint to
those whose lists changed, and the task that looks again.
"""

from __future__ import annotations

from collections.abc import Sequence

from store.erasures import Erasures, Lists
from store.events import Event, Events
from store.retry import work_until_cancelled

# Seconds between two looks. An erasure that was interrupted is finished within so long; each look costs two
# small queries.
_EVERY_S = 5.0


async def clear(erasures: Erasures, events: Events, resume_ids: Sequence[str]) -> None:
    """Take back what the caller has just written about resumes that were erased meanwhile.

    Args:
        erasures: The erasures.
        events: Where to tell whose lists changed.
        resume_ids: Those that are gone, or at another revision than the caller wrote about.
    """
    await _tell(events, await erasures.clear(resume_ids))


class EraseAgain:
    """One process's finisher of erasures. Belongs to one event loop; `run` is its only task."""

    def __init__(self, erasures: Erasures, events: Events) -> None:
        self._erasures = erasures
        self._events = events

    async def run(self) -> None:
        """Look every few seconds until cancelled; MongoDB's absence is waited out."""
        await work_until_cancelled(self._step, what="erasure", idle_s=_EVERY_S)

    async def _step(self) -> bool:
        await _tell(self._events, await self._erasures.finish_recent())
        return False


async def _tell(events: Events, lists: Lists) -> None:
    await events.publish(*(Event("unread", user=user, feed=feed) for user, feed in sorted(lists)))
