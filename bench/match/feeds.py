"""Speed of matching, for `bench.match`: resumes a second against 1,000, 10,000 and 100,000 live feeds.

Ours goes from raw records, whose text is not yet cut into words, to matches that are ready to be saved, in
batches as in the worker. Beside it stand the analysis and the tokenizer alone, which bound anybody who reads
the text. Everything runs on one core.

The other direction, one feed against stored resumes, is `bench.match.resumes`.
"""

from __future__ import annotations

import gc
import itertools
import statistics
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any, TypeVar

import msgspec

from bench.match.contest import Contest, each, rates
from bench.match.data import DATA, Market, texts_of
from engine.indexes.active_feeds import FeedKey
from engine.indexes.profiles import stored_profile
from engine.indexes.rows import row_of
from engine.matching.analysis.analyzer import Analyzer
from engine.matching.resume_profile import ResumeProfile
from engine.matching.score.index import FeedIndex, warm
from engine.matching.score.search import Search
from engine.matching.text.normalise import normalise
from process.rules import make_analyzer
from runtime.garbage import keep_for_good
from store.resumes.resume_values import StoredResume

T = TypeVar("T")
Table = dict[str, dict[int, float]]

RESUMES = 1_000
NOW = datetime.now(UTC)
OURS = "analysed and searched"
USER = f"{1:024x}"


class Ours:
    """The engine as the worker uses it, without the stores: a batch is analysed, then searched for."""

    def __init__(self, analyzer: Analyzer) -> None:
        self._analyzer = analyzer
        self.index = FeedIndex()

    def _search(self, profile: ResumeProfile) -> Search:
        search = self.index.search(profile)
        while not search.is_done:
            search.step()
        return search

    def searched(self, raws: Sequence[bytes]) -> list[int]:
        """From raw records to how many feeds each matches."""
        profiles = [self._analyzer.resume(msgspec.json.decode(raw)) for raw in raws]
        return [sum(len(part.slots) for part in self._search(profile).scored) for profile in profiles]

    def saved_ready(self, raws: Sequence[bytes]) -> list[list[Any]]:
        """From raw records to what is saved: every match with its reasons."""
        analysed = []
        for raw in raws:
            body = msgspec.json.decode(raw)
            profile = self._analyzer.resume(body)
            resume = StoredResume(
                id=USER,
                rev=1,
                body=body,
                arrived_at=NOW,
                pending=True,
                send_to=[],
                partner_for=[],
            )
            analysed.append((stored_profile(resume, profile, self._analyzer.version), profile))
        return [
            [
                row_of(FeedKey(feed_id, USER, 1), b"", stored, profile, match)
                for feed_id, match in self._search(profile).worded()
            ]
            for stored, profile in analysed
        ]


def measure(sizes: Sequence[int], rounds: int) -> None:
    """Run everything and print the tables."""
    analyzer = make_analyzer()
    market = Market(analyzer, texts_of(DATA))
    records = list(market.resumes(RESUMES))
    raws = [msgspec.json.encode(body) for body, _ in records]
    texts = [normalise(text) for _, text in records]
    tokenizer = analyzer._readers.lexicon.tokenizer
    bounds: Contest = {
        "tokenizer alone": (each(tokenizer.cut), texts),
        "analysis alone": (each(lambda raw: analyzer.resume(msgspec.json.decode(raw))), raws),
    }
    print(f"{len(records)} resumes of {statistics.fmean(map(len, texts)):.0f} characters; resumes a second")
    longest = max(_milliseconds(analyzer.resume, body) for body, _ in market.resumes(len(market.texts)))
    print(f"  longest analysis of any: {longest:.1f} ms")
    warm()
    keep_for_good()
    table: Table = {}
    for size in sizes:
        ours = Ours(analyzer)
        for feed_id, query in market.feeds(size):
            ours.index.put(feed_id, query)
        matches = statistics.fmean(map(len, ours.saved_ready(raws[:100])))
        print(f"{size:,} feeds, {matches:,.1f} matches a resume", flush=True)
        contest: Contest = {OURS: (ours.searched, raws), "all matches saved-ready": (ours.saved_ready, raws)}
        gc.collect()
        for name, value in rates(contest | bounds, rounds).items():
            table.setdefault(name, {})[size] = value
    print("\n" + f"{'resumes a second':<44}" + "".join(f"{size:>12,}" for size in sizes))
    for name, row in table.items():
        print(f"{name:<44}" + "".join(f"{row[size]:>12,.0f}" for size in sizes))
    for few, many in itertools.pairwise(sizes):
        print(f"time a resume, {few:,} -> {many:,} feeds: {table[OURS][few] / table[OURS][many]:.2f}x")


def _milliseconds(work: Callable[[T], Any], item: T) -> float:
    """The time of one call, the better of two."""
    times = []
    for _ in range(2):
        began = time.perf_counter()
        work(item)
        times.append(1e3 * (time.perf_counter() - began))
    return min(times)
