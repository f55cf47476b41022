"""How much of the lists is worth reading: precision and recall by tier, and how true the probabilities are.

Precision and recall are pooled over all pairs, which is what a recruiter with many feeds meets and the
headline, and averaged over the feeds, where a feed with few candidates counts as much as one with many. The
pooled recall counts against all good pairs there are, listed or not.
"""

from __future__ import annotations

import statistics
from collections.abc import Callable, Collection, Iterator, Sequence
from typing import NamedTuple

from bench.quality.data import Judged
from bench.quality.lists import Listed, Lists
from bench.quality.measures import GOOD

NEAR = 1
"""The least grade: a neighbouring role, or an older job, that some recruiters would look at."""
DECILES = 10
HEAD = f"{'pooled, and averaged over feeds':<42}{'a feed':>7}" + "".join(
    f"{name:>14}" for name in ("P >= 2", "R >= 2", "P >= 1", "R >= 1")
)


class Share(NamedTuple):
    """Precision and recall of some lists for one least grade.

    Attributes:
        precision, recall: Over all pairs.
        by_feed: The averages of both over the feeds; a feed that lists nobody has no precision, and one that
            nobody fits no recall.
    """

    precision: float
    recall: float
    by_feed: tuple[float, float]


def share_of(found: Sequence[tuple[Collection[str], Collection[str]]]) -> Share:
    """Precision and recall.

    Args:
        found: For each feed, who is listed, and who is good.
    """
    counts = [(len(set(good).intersection(listed)), len(listed), len(good)) for listed, good in found]
    hits, listed, good = (sum(column) for column in zip(*counts, strict=True))
    return Share(
        hits / listed if listed else 1.0,
        hits / good if good else 1.0,
        (_mean(hit / of for hit, of, _ in counts if of), _mean(hit / of for hit, _, of in counts if of)),
    )


def tier_lines(judged: Judged, lists: Lists) -> list[str]:
    """The head, a line for the strong ones and one for all that are listed."""
    return [HEAD, tier_line("strong", judged, lists), tier_line("all listed", judged, lists, lambda _: True)]


def tier_line(
    name: str, judged: Judged, lists: Lists, takes: Callable[[Listed], bool] = lambda row: row.is_strong
) -> str:
    """One line: how many a feed, precision and recall of grade 2 or better, and of any grade.

    Args:
        name: What the line says of itself.
        judged: The grades.
        lists: The lists.
        takes: Whether a row counts as listed.
    """
    listed = {key: {row.resume for row in rows if takes(row)} for key, rows in lists.items()}
    keys = [feed["feed_key"] for feed in judged.feeds]
    columns = []
    for least in (GOOD, NEAR):
        found = []
        for key in keys:
            grades = judged.grades.get(key, {})
            good = {one for one, grade in grades.items() if grade >= least}
            found.append((listed.get(key, set()), good))
        share = share_of(found)
        columns += [(share.precision, share.by_feed[0]), (share.recall, share.by_feed[1])]
    size = _mean(len(listed.get(key, ())) for key in keys)
    return f"{name:<42}{size:7.1f}" + "".join(f"   {pooled:.3f} {each:.3f}" for pooled, each in columns)


def calibration_lines(judged: Judged, lists: Lists) -> list[str]:
    """For each tenth of the probability: how many pairs, what was predicted, what is so."""
    tenths: list[list[tuple[float, bool]]] = [[] for _ in range(DECILES)]
    for key, rows in lists.items():
        grades = judged.grades.get(key, {})
        for row in rows:
            tenth = min(int(DECILES * row.fit), DECILES - 1)
            tenths[tenth].append((row.fit, grades.get(row.resume, 0) >= GOOD))
    lines = [f"{'probability':<14}{'pairs':>8}{'predicted':>11}{'observed':>10}"]
    off, count = 0.0, 0
    for tenth, pairs in enumerate(tenths):
        name = f"{tenth / DECILES:.1f} .. {(tenth + 1) / DECILES:.1f}"
        if pairs:
            predicted, observed = (statistics.fmean(column) for column in zip(*pairs, strict=True))
            lines.append(f"{name:<14}{len(pairs):>8,}{predicted:>11.3f}{observed:>10.3f}")
            off += len(pairs) * abs(predicted - observed)
            count += len(pairs)
    if count:
        lines.append(f"expected error of calibration: {off / count:.3f}")
    return lines


def _mean(values: Iterator[float] | Sequence[float]) -> float:
    found = list(values)
    return statistics.fmean(found) if found else 1.0
