"""Matching quality against graded judgements, beside baselines measured in the same run.

    python -m bench.quality --verbose            offline: analyse and score in this process, a few seconds
    python -m bench.quality --api --baselines    the same lists over the real API, and what others reach

`docs/matching.md` explains what is printed.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Sequence
from pathlib import Path

from bench.quality_data import DATA, Judged, missing, read, spec_of
from bench.quality_measures import Rankings, groups, line, mean, measure_all
from config.data import load_lexicon
from engine.matching.analysis.analyzer import Analyzer
from engine.matching.lexicon.places import Places
from engine.matching.score.index import FeedIndex

AGREEMENT = 0.005
"""Difference in nDCG@10 that ties may make: the API breaks them by arrival, this program by id."""


def load_analyzer() -> Analyzer:
    """The analyzer of the project's own lexicon."""
    return Analyzer.from_data(load_lexicon())


def rank(judged: Judged, analyzer: Analyzer) -> Rankings:
    """Every feed's list, best first, ties by resume."""
    index = FeedIndex()
    for feed in judged.feeds:
        index.put(feed["feed_key"], analyzer.feed(spec_of(feed["submit"])))
    found: dict[str, list[tuple[float, str]]] = defaultdict(list)
    for resume in judged.resumes:
        for feed_key, match in index.matches(analyzer.resume(resume)):
            found[feed_key].append((-match.score, resume["source_id"]))
    return {feed_key: [one for _, one in sorted(items)] for feed_key, items in found.items()}


def strangers(judged: Judged, rankings: Rankings) -> dict[str, int]:
    """How often each kind of resume stands among the first ten of a feed that it has no grade for."""
    wrong: Counter[str] = Counter()
    for feed_key, ranking in rankings.items():
        grades = judged.grades.get(feed_key, {})
        wrong.update(judged.kinds[one] for one in ranking[:10] if not grades.get(one))
    return dict(wrong.most_common())


def run(options: argparse.Namespace) -> int:
    """Measure and print; 1 when the API and this process disagree."""
    judged = read(options.data)
    began = time.perf_counter()
    rankings = rank(judged, load_analyzer())
    seconds = time.perf_counter() - began
    results = measure_all(judged, rankings)
    print(f"{len(judged.feeds)} feeds, {len(judged.resumes)} resumes, in this process: {seconds:.1f} s")
    print(*groups(judged, results, roles=options.verbose), sep="\n")
    print("without a grade in the first ten, by kind:", strangers(judged, rankings))
    agrees = True
    if options.api:
        from bench.quality_api import api_rankings

        over_api = measure_all(judged, asyncio.run(api_rankings(judged)))
        print("\nover the API")
        print(*groups(judged, over_api, roles=False), sep="\n")
        agrees = abs(mean(over_api.values()) - mean(results.values())) <= AGREEMENT
        print("both agree" if agrees else "THEY DISAGREE")
    if options.baselines:
        from bench.quality_baselines import baselines

        print("\nbaselines")
        words = load_lexicon()
        places = Places(words.cities, words.regions, words.abroad)
        for name, ranking in baselines(judged, places).items():
            print(line(name, measure_all(judged, ranking).values()))
    return 0 if agrees else 1


def main(argv: Sequence[str] | None = None) -> int:
    """Entry point; 0 also when there is nothing to measure."""
    parser = argparse.ArgumentParser(prog="bench.quality")
    parser.add_argument("--data", type=Path, default=DATA)
    parser.add_argument("--verbose", action="store_true", help="also print each role")
    parser.add_argument("--api", action="store_true", help="also measure the lists of a real server")
    parser.add_argument("--baselines", action="store_true", help="also measure BM25 and LSA (needs SciPy)")
    options = parser.parse_args(argv)
    lacking = missing(options.data)
    if lacking:
        print(f"no judgements to measure with: {options.data} lacks {', '.join(lacking)}")
        return 0
    return run(options)


if __name__ == "__main__":
    sys.exit(main())
