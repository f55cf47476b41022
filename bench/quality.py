"""Matching quality against graded judgements, offline: no server, no store.

Usage::

    python -m bench.quality --data ../shared/data/matching-dev

Reads `feeds.jsonl.gz`, `resumes.jsonl.gz`, `resumes_meta.tsv.gz` and `qrels.tsv.gz` of the folder and prints
nDCG@10 (gain 2^grade - 1; Jarvelin and Kekalainen 2002), P@10, MRR and recall@50 (grades 2 and 3 count), per
role, with vague feed titles apart, and what the lists hold.
"""

from __future__ import annotations

import argparse
import gzip
import json
import math
import statistics
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from config.data import load_lexicon
from engine.analyzer import Analyzer
from engine.feedspec import FeedSpec
from engine.index import FeedIndex
from engine.profile import ResumeProfile
from engine.score import Match

FILES = ("feeds.jsonl.gz", "resumes.jsonl.gz", "resumes_meta.tsv.gz", "qrels.tsv.gz")
Measures = dict[str, float]
Lists = dict[str, list[tuple[str, Match]]]


def load_analyzer() -> Analyzer:
    """The analyzer of the project's own lexicon."""
    return Analyzer.from_data(load_lexicon())


def lines(path: Path) -> list[str]:
    """The lines of a gzipped text file."""
    with gzip.open(path, "rt", encoding="utf-8") as file:
        return [line.rstrip("\n") for line in file]


def split(value: Any) -> tuple[str, ...]:
    """A list field of `submit_feed`, which may be a list or text with commas."""
    if isinstance(value, str):
        value = value.replace("，", ",").replace("、", ",").split(",")
    return tuple(item.strip() for item in value or () if isinstance(item, str) and item.strip())


def spec_of(submit: Mapping[str, Any]) -> FeedSpec:
    """A feed from the body of `submit_feed`."""
    return FeedSpec(
        title=submit["title"],
        job_desc=submit.get("job_desc") or "",
        keywords=split(submit.get("keywords")),
        skill_required=submit.get("skill_required") or "",
        salary_min=submit.get("salary_min") or 0,
        salary_max=submit.get("salary_max") or 1_000_000,
        talent_level=split(submit.get("talent_level")),
        expect_area=split(submit.get("expect_area")),
    )


def measure(ranking: Sequence[str], grades: Mapping[str, int]) -> Measures:
    """The measures of one ranked list against its judgements."""
    gains = [2 ** grades.get(one, 0) - 1 for one in ranking[:10]]
    ideal = sorted((2**grade - 1 for grade in grades.values()), reverse=True)[:10]
    best = sum(gain / math.log2(place + 2) for place, gain in enumerate(ideal))
    good = {one for one, grade in grades.items() if grade >= 2}
    first = next((place for place, one in enumerate(ranking, 1) if one in good), 0)
    wanted = sum(grades.get(one, 0) >= 1 for one in ranking)
    return {
        "nDCG@10": sum(gain / math.log2(place + 2) for place, gain in enumerate(gains)) / best
        if best
        else 0.0,
        "P@10": sum(one in good for one in ranking[:10]) / 10,
        "MRR": 1 / first if first else 0.0,
        "R@50": sum(one in good for one in ranking[:50]) / len(good) if good else 1.0,
        "size": float(len(ranking)),
        "wanted": wanted / len(ranking) if ranking else 1.0,
        "found": wanted / len(grades) if grades else 1.0,
    }


def rank(index: FeedIndex, profiles: Mapping[str, ResumeProfile]) -> Lists:
    """Every feed's list, best first, ties by resume."""
    lists: Lists = defaultdict(list)
    for resume_id, profile in profiles.items():
        for feed_id, match in index.matches(profile):
            lists[feed_id].append((resume_id, match))
    for found in lists.values():
        found.sort(key=lambda item: (-item[1].score, item[0]))
    return lists


def report(title: str, rows: Iterable[Measures]) -> None:
    """Print one line of averages."""
    rows = list(rows)
    if not rows:
        return
    means = {name: statistics.fmean(row[name] for row in rows) for name in rows[0]}
    print(f"{title:24} {len(rows):3}  " + "  ".join(f"{name} {value:6.3f}" for name, value in means.items()))


def run(data: Path, analyzer: Analyzer, verbose: bool) -> None:
    """Analyse, match and print."""
    feeds = [json.loads(line) for line in lines(data / FILES[0])]
    resumes = [json.loads(line) for line in lines(data / FILES[1])]
    kinds = {row[0]: row[1:] for row in (line.split("\t") for line in lines(data / FILES[2])[1:])}
    qrels: dict[str, dict[str, int]] = defaultdict(dict)
    for line in lines(data / FILES[3]):
        feed_id, resume_id, grade = line.split("\t")
        if grade.isdigit():
            qrels[feed_id][resume_id] = int(grade)
    index = FeedIndex()
    started = time.perf_counter()
    for feed in feeds:
        index.put(feed["feed_key"], analyzer.feed(spec_of(feed["submit"])))
    analysed = time.perf_counter()
    profiles = {resume["source_id"]: analyzer.resume(resume) for resume in resumes}
    ranked = time.perf_counter()
    lists = rank(index, profiles)
    done = time.perf_counter()
    pairs = sum(len(index.candidates(profile)) for profile in profiles.values())
    results = {
        feed["feed_key"]: measure([one for one, _ in lists[feed["feed_key"]]], qrels[feed["feed_key"]])
        for feed in feeds
    }

    report("all", results.values())
    groups: list[tuple[str, Callable[[Mapping[str, Any]], bool]]] = [
        ("clear title", lambda feed: not feed["vague"]),
        ("vague title", lambda feed: feed["vague"]),
        ("terse", lambda feed: feed["terse"]),
    ]
    for name, holds in groups:
        report(name, (results[feed["feed_key"]] for feed in feeds if holds(feed)))
    if verbose:
        for role in sorted({feed["role"] for feed in feeds}):
            report("  " + role, (results[feed["feed_key"]] for feed in feeds if feed["role"] == role))
    wrong: Counter[str] = Counter()
    for feed_id, found in lists.items():
        for resume_id, _ in found[:10]:
            if qrels[feed_id].get(resume_id, 0) == 0 and resume_id in kinds:
                wrong[kinds[resume_id][2]] += 1
    print("grade 0 in the first ten, by kind:", dict(wrong.most_common()))
    size = statistics.fmean(len(profile.encode()) for profile in profiles.values())
    print(
        f"feed {1000 * (analysed - started) / len(feeds):.2f} ms, "
        f"resume {1000 * (ranked - analysed) / len(resumes):.3f} ms, "
        f"pair {1e6 * (done - ranked) / max(pairs, 1):.1f} us, {pairs} candidates, profile {size:.0f} bytes"
    )


def main(argv: Sequence[str] | None = None) -> int:
    """Entry point; 0 also when there is nothing to measure."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--data", type=Path, default=Path("../shared/data/matching-dev"))
    parser.add_argument("--verbose", action="store_true", help="also print each role")
    options = parser.parse_args(argv)
    missing = [name for name in FILES if not (options.data / name).is_file()]
    if missing:
        print(f"no judgements to measure with: {options.data} lacks {', '.join(missing)}")
        return 0
    run(options.data, load_analyzer(), options.verbose)
    return 0


if __name__ == "__main__":
    sys.exit(main())
