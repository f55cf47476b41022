"""What searches in favourites found lately, so that the next page of a search does not search again.

A search reads the texts of all favourites that it looks at. Whoever has few is searched for each time, in
milliseconds; of many, what was found is taken again for a minute.
"""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Sequence

from handlers.favourite_search import SearchField

MOST = 1_000
"""Favourites that a search looks at, the newest. More would take longer than a request may."""
FEW = 100
"""Favourites up to which each search looks anew."""
_KEPT_S = 60.0
"""Seconds for which what was found is taken again."""
_MAX_SEARCHES = 500
"""Searches that are kept; each is at most `MOST` ids."""

Search = tuple[str, SearchField, tuple[str, ...]]
"""The account, the field and the words."""


class FoundFavourites:
    """The searches of one process. Belongs to one event loop."""

    def __init__(self) -> None:
        self._found: OrderedDict[Search, tuple[float, list[str]]] = OrderedDict()

    def find(self, search: Search) -> list[str] | None:
        """The resumes that a search found within the last minute, newest favourite first; else None."""
        until, resumes = self._found.get(search, (0.0, []))
        return resumes if time.monotonic() < until else None

    def keep(self, search: Search, resumes: Sequence[str]) -> None:
        """Note what a search found."""
        self._found[search] = time.monotonic() + _KEPT_S, list(resumes)
        self._found.move_to_end(search)
        if len(self._found) > _MAX_SEARCHES:
            self._found.popitem(last=False)
