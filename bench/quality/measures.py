"""How good a ranking is: nDCG@10, P@10, MRR, recall@50, and their averages as lines of text."""

from __future__ import annotations

import math
import statistics
from collections.abc import Iterable, Mapping, Sequence

from bench.quality.data import Judged

Measures = dict[str, float]
Rankings = Mapping[str, Sequence[str]]
"""Feed -> its resumes, best first."""

GOOD = 2
"""Grade at or above which a resume is relevant, for the measures that know only yes and no."""


def measure(ranking: Sequence[str], grades: Mapping[str, int]) -> Measures:
    """The measures of one list against the grades of its feed.

    nDCG@10 has gain 2^grade - 1 and discount log2(place + 1) (Jarvelin and Kekalainen 2002, as in Burges et
    al. 2005). `size` is the length of the list, `wanted` the share of it that has any grade.
    """
    gains = [2 ** grades.get(one, 0) - 1 for one in ranking[:10]]
    best = _discounted(sorted((2**grade - 1 for grade in grades.values()), reverse=True)[:10])
    good = {one for one, grade in grades.items() if grade >= GOOD}
    first = next((place for place, one in enumerate(ranking, 1) if one in good), 0)
    return {
        "nDCG@10": _discounted(gains) / best if best else 0.0,
        "P@10": sum(one in good for one in ranking[:10]) / 10,
        "MRR": 1 / first if first else 0.0,
        "R@50": sum(one in good for one in ranking[:50]) / len(good) if good else 1.0,
        "size": float(len(ranking)),
        "wanted": sum(grades.get(one, 0) > 0 for one in ranking) / len(ranking) if ranking else 1.0,
    }


def measure_all(judged: Judged, rankings: Rankings) -> dict[str, Measures]:
    """The measures of every feed."""
    keys = (feed["feed_key"] for feed in judged.feeds)
    return {key: measure(rankings.get(key, ()), judged.grades.get(key, {})) for key in keys}


def mean(rows: Iterable[Measures], name: str = "nDCG@10") -> float:
    """The average of one measure."""
    return statistics.fmean(row[name] for row in rows)


def line(title: str, rows: Iterable[Measures]) -> str:
    """One line of averages; empty when there is nothing to average."""
    rows = list(rows)
    if not rows:
        return ""
    means = "  ".join(f"{name} {mean(rows, name):6.3f}" for name in rows[0])
    return f"{title:<42}{len(rows):3}  {means}"


def groups(judged: Judged, results: Mapping[str, Measures], *, roles: bool) -> list[str]:
    """Lines for all feeds, for clear and vague titles, for terse feeds, and for each role."""
    chosen = {
        "all": judged.feeds,
        "  clear title": [feed for feed in judged.feeds if not feed["vague"]],
        "  vague title": [feed for feed in judged.feeds if feed["vague"]],
        "  terse": [feed for feed in judged.feeds if feed["terse"]],
    }
    for role in sorted({feed["role"] for feed in judged.feeds}) if roles else ():
        chosen["    " + role] = [feed for feed in judged.feeds if feed["role"] == role]
    lines = (line(name, (results[feed["feed_key"]] for feed in feeds)) for name, feeds in chosen.items())
    return list(filter(None, lines))


def _discounted(gains: Sequence[float]) -> float:
    return sum(gain / math.log2(place + 1) for place, gain in enumerate(gains, 1))
