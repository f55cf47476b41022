"""The reads of all companies of a process, many in one round trip."""

from __future__ import annotations

from store.data_loader import DataLoader
from store.feeds.feed_documents import FeedState
from store.feeds.feeds import Feeds
from store.results.counter_documents import Counts
from store.results.result_counters import ResultCounters


class DataLoaders:
    """What channels read by. A value was always read after it was asked for, so it is newer than its hint."""

    def __init__(self, feeds: Feeds, counts: ResultCounters) -> None:
        self.feeds_of: DataLoader[tuple[str, str], list[FeedState]] = DataLoader(feeds.states_for)
        """By company and account."""
        self.feeds: DataLoader[tuple[str, str, str], FeedState] = DataLoader(feeds.states)
        """By company, account and feed."""
        self.counts: DataLoader[str, Counts] = DataLoader(counts.read)
        """The numbers of results, by company."""
        self.read_counts = counts.read
        """The same for who asks for many together, and need not wait for a read that is under way."""
