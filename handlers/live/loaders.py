"""The reads of all accounts of a process, many in one round trip."""

from __future__ import annotations

from store.data_loader import DataLoader
from store.feeds.feed_documents import FeedState
from store.feeds.feeds import Feeds
from store.results.counter_documents import Counts
from store.results.result_counts import ResultCounts


class DataLoaders:
    """What channels read by. A value was always read after it was asked for, so it is newer than its hint."""

    def __init__(self, feeds: Feeds, counts: ResultCounts) -> None:
        self.feeds_of: DataLoader[str, list[FeedState]] = DataLoader(feeds.states_for)
        """By account."""
        self.feeds: DataLoader[tuple[str, str], FeedState] = DataLoader(feeds.states)
        """By feed."""
        self.stored_counts = counts.find
        """By account, many in one read; those that have to be counted are left out."""
        self._stored: DataLoader[str, Counts] = DataLoader(counts.find)
        # One at a time, and nobody whose numbers are stored waits for it.
        self._counted: DataLoader[str, Counts] = DataLoader(counts.read, most=1)

    async def counts_of(self, user_id: str) -> Counts:
        """The numbers of results of an account's feeds."""
        found = await self._stored.get([user_id]) or await self._counted.get([user_id])
        return found[user_id]
