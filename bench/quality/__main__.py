"""Matching quality against graded judgements.

    python -m bench.quality --verbose            offline: analyse and score in this process, a few seconds
    python -m bench.quality --api                the same lists over the real API, before and after `learn`
    python -m bench.quality --learned            and with what is learned from these resumes

`docs/matching.md` explains what is printed.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
import time
from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime

from bench.quality.api import api_lists
from bench.quality.data import DATA, Judged, missing, read
from bench.quality.learned import learn
from bench.quality.lists import NOTHING, Lists, Texts, lists_of, rankings_of
from bench.quality.measures import Rankings, groups, mean, measure_all
from bench.quality.tiers import HEAD, calibration_lines, tier_line, tier_lines
from engine.matching.analysis.analyzer import Analyzer
from engine.matching.score.tiers import CUTS
from process.rules import make_analyzer

AGREEMENT = 0.005
"""Difference in nDCG@10 that ties may make: the API breaks them by arrival, this program by id."""


def strangers(judged: Judged, rankings: Rankings) -> dict[str, int]:
    """How often each kind of resume stands among the first ten of a feed that it has no grade for."""
    wrong: Counter[str] = Counter()
    for feed_key, ranking in rankings.items():
        grades = judged.grades.get(feed_key, {})
        wrong.update(judged.kinds[one] for one in ranking[:10] if not grades.get(one))
    return dict(wrong.most_common())


def run(options: argparse.Namespace) -> int:
    """Measure and print; 1 when the API and this process disagree."""
    judged = read(DATA)
    began = time.perf_counter()
    analyzer = make_analyzer()
    texts = Texts.of(judged, analyzer, datetime.now(UTC).date())  # as if they came today, as over the API
    lists = lists_of(texts, analyzer)
    seconds = time.perf_counter() - began
    print(f"{len(judged.feeds)} feeds, {len(judged.resumes)} resumes, in this process: {seconds:.1f} s")
    _print_lists(judged, lists, roles=options.verbose)
    print("without a grade in the first ten, by kind:", strangers(judged, rankings_of(lists)))
    print("\nstrong by breadth", HEAD, sep="\n")
    for breadth in CUTS:
        print(tier_line(breadth, judged, lists_of(texts, analyzer, breadth=breadth)))
    agrees = not options.api or asyncio.run(_agree(judged, texts, analyzer))
    if options.learned:
        print("\nlearned from these very resumes, as in use", flush=True)
        _print_lists(judged, lists_of(texts, analyzer, learn(texts.profiles.values())), roles=False)
    return 0 if agrees else 1


def _print_lists(judged: Judged, lists: Lists, *, roles: bool) -> None:
    print(*groups(judged, measure_all(judged, rankings_of(lists)), roles=roles), sep="\n")
    print(*tier_lines(judged, lists), *calibration_lines(judged, lists), sep="\n")


async def _agree(judged: Judged, texts: Texts, analyzer: Analyzer) -> bool:
    """Measure the same lists over the API, before and after `learn`, and say whether both agree."""
    agreed: list[bool] = []
    async for over_api in api_lists(judged):
        name, learned = (
            ("learned", learn(texts.profiles.values())) if agreed else ("nothing learned", NOTHING)
        )
        print(f"\nover the API, {name}")
        _print_lists(judged, over_api, roles=False)
        lists = lists_of(texts, analyzer, learned)
        here, there = (mean(measure_all(judged, rankings_of(one)).values()) for one in (lists, over_api))
        same_order = abs(here - there) <= AGREEMENT
        same_tiers = _tiers(lists) == _tiers(over_api)
        agreement = (
            "both agree" if same_order and same_tiers else f"THEY DISAGREE: {same_order=}, {same_tiers=}"
        )
        print(agreement, flush=True)
        agreed.append(same_order and same_tiers)
    return all(agreed)


def _tiers(lists: Lists) -> dict[tuple[str, str], tuple[float, bool]]:
    return {(key, row.resume): (row.fit, row.is_strong) for key, rows in lists.items() for row in rows}


def main(argv: Sequence[str] | None = None) -> int:
    """Entry point; 0 also when there is nothing to measure."""
    parser = argparse.ArgumentParser(prog="bench.quality")
    parser.add_argument("--verbose", action="store_true", help="also print each role")
    parser.add_argument("--api", action="store_true", help="also measure the lists of a real server")
    parser.add_argument("--learned", action="store_true", help="also measure what is learned")
    options = parser.parse_args(argv)
    lacking = missing(DATA)
    if lacking:
        print(f"no judgements to measure with: {DATA} lacks {', '.join(lacking)}")
        return 0
    return run(options)


if __name__ == "__main__":
    sys.exit(main())
