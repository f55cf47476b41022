"""How many results of a long list pass a filter: counted for as long as a request may wait, else estimated.

The embedded store counts 30,000 results in several seconds, as it reads each. A count that had to stop is
kept for a minute, and whoever asks for the same goes on with it. So a second page, or a second look, has the
true number.
"""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable, Hashable, Sequence

from cachetools import TLRUCache

from runtime.slices import Rests
from store.results.list_windows import Window

_KEPT_S = 60.0
"""Seconds for which a count that had to stop is gone on with, and given again once it is whole."""
_MAX_COUNTS = 500
"""Counts that are kept; each has the windows of its list."""


class _Count:
    """A count under way."""

    def __init__(self, windows: Sequence[Window]) -> None:
        self.left = [*reversed(windows)]
        self.windows = len(windows)
        self.counted = 0
        self.found = 0
        self.until = time.monotonic() + _KEPT_S

    def estimate(self, most: int) -> int:
        """How many it will have found, if the windows that are left hold as many as the others."""
        likely = self.found * self.windows / max(self.counted, 1)
        return max(self.found, min(round(likely), most))


class FilterCounts:
    """The counts of one process that had to stop. Belongs to one event loop."""

    def __init__(self) -> None:
        self._stopped: TLRUCache[Hashable, _Count] = TLRUCache(_MAX_COUNTS, lambda _, count, __: count.until)

    async def count(
        self,
        key: Hashable,
        windows: Sequence[Window],
        count_in: Callable[[Window], Awaitable[int]],
        *,
        most: int,
        within_s: float | None,
    ) -> int:
        """Count the results of all windows.

        Args:
            key: What is counted.
            windows: Which together hold the list.
            count_in: Counts those of a window.
            most: How many the list has about; no estimate is higher.
            within_s: Seconds after which the rest is estimated; None for never. One window is always counted.
        """
        stopped = self._stopped.get(key) if within_s is not None else None
        count = stopped or _Count(windows)
        ends, rests = None if within_s is None else time.monotonic() + within_s, Rests()
        while count.left:
            window = count.left.pop()
            try:
                count.found += await count_in(window)
            except BaseException:
                count.left.append(window)
                self._stopped[key] = count
                raise
            count.counted += 1
            if count.left and ends is not None and time.monotonic() >= ends:
                self._stopped[key] = count
                return count.estimate(most)
            if count.left:
                await rests.rest()
        # Somebody else may still count the last window.
        return count.found if count.counted == count.windows else count.estimate(most)
