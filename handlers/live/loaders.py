"""The reads of all accounts of a process, many in one round trip."""

from __future__ import annotations

from store.data_loader import DataLoader
from store.feed_documents import FeedState
from store.feeds import Feeds
from store.results import Results


class DataLoaders:
    """What channels read by. A value was always read after it was asked for, so it is newer than its hint."""

    def __init__(self, feeds: Feeds, results: Results) -> None:
        self.feeds_of: DataLoader[str, list[FeedState]] = DataLoader(feeds.states_for)
        """By account."""
        self.feeds: DataLoader[str, FeedState] = DataLoader(feeds.states)
        """By feed."""
        self.counts: DataLoader[str, int] = DataLoader(results.unread_counts)
        """By feed."""
