"""Speed of matching the other way round, for `bench.match`: one feed against 100,000 stored resumes.

Ours goes from a form as a recruiter wrote it to the best fifty resumes with their reasons, whose profiles it
decodes from stored bytes; the total is known then too.

Also measured: the search alone, and what one resume more costs.
"""

from __future__ import annotations

import gc
import hashlib
import statistics
import time
from collections.abc import Sequence

from bench.match.contest import Contest, each, rates
from bench.match.data import DATA, Market, texts_of
from engine.matching.analysis.analyzer import Analyzer
from engine.matching.feed_query import FeedQuery
from engine.matching.feed_spec import FeedSpec
from engine.matching.resume_profile import ResumeProfile
from engine.matching.score.index import warm
from engine.matching.score.reasons import Match, match_of
from engine.matching.score.resume_index import ResumeIndex
from engine.matching.score.resume_search import ResumeSearch
from process.rules import make_analyzer
from runtime.garbage import keep_for_good

BEST = 50
"""Matches that a search returns."""
FEEDS = 300
"""Forms that are searched for in turn."""
OURS = "best 50 with reasons"


def id_of(number: int) -> str:
    """The id of a resume; ids of the store look as random."""
    return hashlib.sha256(str(number).encode()).hexdigest()[:24]


class Ours:
    """The index with the stored profiles beside it, without the store."""

    def __init__(self, analyzer: Analyzer) -> None:
        self._analyzer = analyzer
        self.index = ResumeIndex()
        self._stored: dict[str, bytes] = {}

    def put(self, number: int, profile: ResumeProfile) -> float:
        """Store and index a resume; returns the seconds that the index took."""
        resume_id = id_of(number)
        self._stored[resume_id] = profile.encode()
        began = time.process_time()
        self.index.put(resume_id, profile, rev=1, arrived_at=number)
        return time.process_time() - began

    def search(self, query: FeedQuery) -> ResumeSearch:
        """A search that is done."""
        search = self.index.search(query)
        while not search.is_done:
            search.step()
        return search

    def best(self, forms: Sequence[FeedSpec]) -> list[tuple[int, list[Match]]]:
        """From forms to totals and the best resumes in words."""
        answers = []
        for form in forms:
            query = self._analyzer.feed(form)
            search = self.search(query)
            best = [
                match_of(query, ResumeProfile.decode(self._stored[found.resume_id]), found.breakdown)
                for found in search.best(BEST)
            ]
            answers.append((search.count, best))
        return answers


def measure(size: int, rounds: int) -> None:
    """Run everything and print it."""
    analyzer = make_analyzer()
    market = Market(analyzer, texts_of(DATA))
    forms = list(market.forms(FEEDS))
    queries = [analyzer.feed(form) for form in forms]
    warm()
    keep_for_good()
    ours, puts = Ours(analyzer), []
    for number, profile in enumerate(market.profiles(size)):
        puts.append(ours.put(number, profile))
    print(f"\n{size:,} resumes, one feed")
    print(f"  {'matches a feed':<44}{statistics.fmean(ours.search(one).count for one in queries):>12,.1f}")
    print(f"  add one resume: {1e6 * statistics.median(puts):.0f} us, all in {sum(puts):.1f} s")
    gc.collect()
    contest: Contest = {OURS: (ours.best, forms), "the search alone": (each(ours.search), queries)}
    for name, value in rates(contest, rounds).items():
        print(f"  {name:<44}{value:>12,.0f} a second{1e3 / value:>9.2f} ms", flush=True)
