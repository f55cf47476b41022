"""Several measurements as one: each feed of each of them is a feed of its own.

pooled = Pooled()
pooled.add("draw 1", judged, lists)
pooled.add("draw 2", judged, other_lists)
print(pooled.line("both draws"), pooled.tier_line("both draws"))
"""

from __future__ import annotations

from collections.abc import Collection

from bench.quality.data import Judged
from bench.quality.lists import Listed, Lists, rankings_of
from bench.quality.measures import line, measure_all
from bench.quality.tiers import calibration_lines, tier_line


class Pooled:
    """Judgements and lists, gathered."""

    def __init__(self) -> None:
        self._judged = Judged([], [], {}, {})
        self._lists: dict[str, list[Listed]] = {}

    def add(self, name: str, judged: Judged, lists: Lists, feeds: Collection[str] | None = None) -> None:
        """Add one measurement.

        Args:
            name: What tells its feeds from those of the others.
            judged: The judgements.
            lists: The lists.
            feeds: The keys of those feeds that count; None for all.
        """
        for feed in judged.feeds:
            key = feed["feed_key"]
            if feeds is None or key in feeds:
                mine = f"{name}/{key}"
                self._judged.feeds.append({**feed, "feed_key": mine})
                self._judged.grades[mine] = judged.grades.get(key, {})
                self._lists[mine] = list(lists.get(key, ()))

    def line(self, title: str) -> str:
        """The measures of the order, averaged over the feeds."""
        return line(title, measure_all(self._judged, rankings_of(self._lists)).values())

    def tier_line(self, title: str) -> str:
        """Precision and recall of the strong ones."""
        return tier_line(title, self._judged, self._lists)

    def calibration_lines(self) -> list[str]:
        """What was predicted, and what is so."""
        return calibration_lines(self._judged, self._lists)
