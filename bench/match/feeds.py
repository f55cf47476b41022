"""Speed of matching, for `bench.match`: resumes a second against 1,000, 10,000 and 100,000 live feeds.

Ours goes from raw records, whose text is not yet cut into words, to matches that are ready to be saved, in
batches as in the worker. In the same run and on the same texts it is compared with three search engines,
which are given the words already cut and return their best fifty, and with the tokenizer alone, which is
the bound for anybody who reads the text. Everything runs on one core.

Also measured: what one feed more costs, and the memory of a feed. The other direction, one feed against
stored resumes, is `bench.match.resumes`. How fast ours is against another commit is `bench.match.against`.
"""

from __future__ import annotations

import functools
import gc
import itertools
import statistics
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar

import msgspec
import numpy as np
import rjieba

from bench.match.contest import Contest, rates, resident
from bench.match.data import Market, texts_of
from bench.match.rivals import BEST, RIVALS, each
from engine.indexes.active_feeds import FeedKey
from engine.indexes.profiles import stored_profile
from engine.indexes.rows import row_of
from engine.matching.analysis.analyzer import Analyzer
from engine.matching.feed_query import FeedQuery
from engine.matching.resume_profile import ResumeProfile
from engine.matching.score.index import FeedIndex, warm
from engine.matching.score.search import Scored, Search
from engine.matching.text.normalise import normalise
from engine.matching.text.tokens import WORD_FREQUENCY
from process.setup import make_analyzer
from runtime.garbage import keep_for_good
from store.resumes.profiles import StoredProfile
from store.resumes.resume_values import StoredResume

T = TypeVar("T")
Table = dict[str, dict[int, float]]

RESUMES = 1_000
NOW = datetime.now(UTC)
OURS = "ours, best 50 with scores"
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

    def best(self, raws: Sequence[bytes]) -> list[list[tuple[str, float]]]:
        """From raw records to what the others return: the best feeds and their scores."""
        profiles = [self._analyzer.resume(msgspec.json.decode(raw)) for raw in raws]
        return [best_of(self._search(profile), self.index, BEST) for profile in profiles]

    def saved_ready(self, raws: Sequence[bytes], most: int | None = None) -> list[list[Any]]:
        """From raw records to what is saved: every match with its reasons, or the best ones alone."""
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
                contact={},
            )
            analysed.append((stored_profile(resume, profile, self._analyzer.version), profile))
        return [self._listed(stored, profile, most) for stored, profile in analysed]

    def _listed(self, stored: StoredProfile, profile: ResumeProfile, most: int | None) -> list[Any]:
        search = self._search(profile)
        if most is not None:
            totals = np.concatenate([part.points["total"] for part in search.scored] or [np.empty(0)])
            least = np.partition(totals, -most)[-most] if len(totals) > most else 0
            search.scored = [
                Scored(part.slots[keep], part.points[keep])
                for part in search.scored
                for keep in [part.points["total"] >= least]
            ]
        return [
            row_of(FeedKey(feed_id, USER, 1), b"", stored, profile, match)
            for feed_id, match in search.worded()
        ]


def best_of(search: Search, index: FeedIndex, most: int) -> list[tuple[str, float]]:
    """The feeds with the highest scores and these, best first, ties by id."""
    ids = index._feeds.ids
    ranked = [
        (-total, ids[slot])
        for part in search.scored
        for slot, total in zip(*(column.tolist() for column in _best_columns(part, most)), strict=True)
    ]
    return [(feed_id, -total / 100) for total, feed_id in sorted(ranked)[:most]]


def _best_columns(part: Scored, most: int) -> tuple[Any, Any]:
    slots, totals = part.slots, part.points["total"]
    if len(slots) <= most:
        return slots, totals
    keep = totals >= np.partition(totals, -most)[-most]
    return slots[keep], totals[keep]


def measure(data: Path, sizes: Sequence[int], rounds: int) -> None:
    """Run everything and print the tables."""
    analyzer = make_analyzer()
    market = Market(analyzer, texts_of(data))
    records = list(market.resumes(RESUMES))
    raws = [msgspec.json.encode(body) for body, _ in records]
    texts = [normalise(text) for _, text in records]
    tokenizer = analyzer._readers.lexicon.tokenizer
    cutter = rjieba.Jieba()
    for word in sorted(tokenizer.words):
        cutter.add_word(word, WORD_FREQUENCY, None)
    cut = {text: tokenizer.cut(normalise(text)) for text in market.texts}
    resumes = [cut[text] for _, text in records]
    one: Contest = {
        "tokenizer alone": (each(lambda text: cutter.cut(text, hmm=False)), texts),
        "analysis alone": (each(lambda raw: analyzer.resume(msgspec.json.decode(raw))), raws),
    }
    print(f"{len(records)} resumes of {statistics.fmean(map(len, texts)):.0f} characters; resumes a second")
    longest = max(_milliseconds(analyzer.resume, body) for body, _ in market.resumes(len(market.texts)))
    print(f"  longest analysis of any: {longest:.1f} ms")
    warm()
    keep_for_good()
    table: Table = {}
    for size in sizes:
        print(f"{size:,} feeds", flush=True)
        ours, words = Ours(analyzer), []
        for feed_id, text, query in market.feeds(size):
            ours.index.put(feed_id, query)
            words.append(cut[text])
        matches = statistics.fmean(map(len, ours.saved_ready(raws[:100])))
        print(f"  {'matches a resume':<44}{matches:>12,.1f}")
        contest: Contest = {
            OURS: (ours.best, raws),
            "ours, best 50 saved-ready": (functools.partial(ours.saved_ready, most=BEST), raws),
            "ours, all matches saved-ready": (ours.saved_ready, raws),
        }
        for build in RIVALS:
            contest |= {name: (search, resumes) for name, search in build(words).items()}
        gc.collect()
        for name, value in rates(contest | one, rounds).items():
            table.setdefault(name, {})[size] = value
            print(f"  {name:<44}{value:>12,.0f}", flush=True)
        if size == max(sizes):
            changes(ours.index, [query for _, _, query in market.feeds(500)])
    summary(table, sizes)


def changes(index: FeedIndex, queries: Sequence[FeedQuery]) -> None:
    """What adding, changing and removing one feed costs in a full index, without the analysis of its text."""
    fresh = [(f"{number:024x}", query) for number, query in enumerate(queries, 2**40)]
    works: tuple[tuple[str, Callable[[tuple[str, FeedQuery]], None]], ...] = (
        ("add", lambda item: index.put(*item)),
        ("change", lambda item: index.put(item[0], fresh[0][1])),
        ("remove", lambda item: index.remove(item[0])),
    )
    for name, work in works:
        times = []
        for item in fresh:
            began = time.perf_counter()
            work(item)
            times.append(1e6 * (time.perf_counter() - began))
        print(f"  {name} one feed: {statistics.median(times):.0f} us, at worst {max(times):.0f} us")


def summary(table: Table, sizes: Sequence[int]) -> None:
    """Print the figures as a table, and the ratios that matter."""
    print("\n" + f"{'resumes a second':<44}" + "".join(f"{size:>12,}" for size in sizes))
    for name, row in table.items():
        print(f"{name:<44}" + "".join(f"{row[size]:>12,.0f}" for size in sizes))
    print(f"\n{OURS}, against")
    for name, row in table.items():
        if not name.startswith("ours"):
            ratios = (table[OURS][size] / row[size] for size in sizes)
            print(f"  {name:<42}" + "".join(f"{ratio:>11.2f}x" for ratio in ratios))
    for few, many in itertools.pairwise(sizes):
        print(f"time a resume, {few:,} -> {many:,} feeds: {table[OURS][few] / table[OURS][many]:.2f}x")


def memory(data: Path, size: int) -> None:
    """Print by how many bytes a feed the process grows that indexes them; it must be a process of its own."""
    analyzer = make_analyzer()
    market = Market(analyzer, texts_of(data))
    feeds = list(market.feeds(size))
    keys, index = {}, FeedIndex()
    index.put("warm", feeds[0][2])
    gc.collect()
    before = resident()
    for number, (_, _, query) in enumerate(feeds):
        key = FeedKey(f"{number:024x}", f"{number // 5:024x}", 1)
        keys[key.id] = key
        index.put(key.id, query)
    print(f"memory of {size:,} live feeds: {(resident() - before) / size:,.0f} bytes a feed")
    profiles = [analyzer.resume(body).encode() for body, _ in market.resumes(RESUMES)]
    print(f"a stored profile: {statistics.fmean(map(len, profiles)):,.0f} bytes")


def _milliseconds(work: Callable[[T], Any], item: T) -> float:
    """The time of one call, the better of two."""
    times = []
    for _ in range(2):
        began = time.perf_counter()
        work(item)
        times.append(1e3 * (time.perf_counter() - began))
    return min(times)
