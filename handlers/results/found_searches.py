"""What searches found lately, so that the next page of a search does not search again.

A search reads the texts of all resumes that it looks at. Of few it reads them each time, in milliseconds; of
many, what was found is taken again for a minute.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Hashable

import msgspec
from cachetools import TTLCache

MOST = 1_000
"""Resumes that a search looks at, the first of the list. More would take longer than a request may."""
FEW = 100
"""Resumes up to which each search looks anew."""
_KEPT_S = 60.0
"""Seconds for which what was found is taken again."""
_MAX_SEARCHES = 500
"""Searches that are kept; each is at most `MOST` ids."""

Search = tuple[Hashable, ...]
"""The account, and everything by which the search finds something else than another."""


class Found(msgspec.Struct, frozen=True):
    """What a search found.

    Attributes:
        resumes: In the order of the list that was searched.
        looked_at: How many it looked at.
    """

    resumes: list[str]
    looked_at: int


class FoundSearches:
    """The searches of one process. Belongs to one event loop."""

    def __init__(self) -> None:
        self._found: TTLCache[Search, Found] = TTLCache(_MAX_SEARCHES, _KEPT_S)

    async def of(self, search: Search, look: Callable[[], Awaitable[Found]]) -> Found:
        """What a search found within the last minute; else what it finds by looking.

        It is kept where it looked at so many that it should not look again at once.
        """
        found = self._found.get(search)
        if found is None:
            found = await look()
            if found.looked_at > FEW:
                self._found[search] = found
        return found
