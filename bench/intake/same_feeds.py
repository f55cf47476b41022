"""Whether a resume that comes as a file lands in the strong tier of the same feeds as one that comes as JSON.

    rows = same_feeds(pairs, Path("../shared/data/matching-dev"))

The feeds are one for each trade and level of the demo, and the judged ones where they are at hand.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from bench.harness.table import Row, at_least
from bench.intake.measures import Tally
from bench.quality.data import missing, read, spec_of
from bench.quality.lists import load_analyzer
from config.demo.occupations import LEVELS, occupations
from engine.matching.feed_spec import FeedSpec
from engine.matching.score.index import FeedIndex

_AIM = 0.95

Record = Mapping[str, Any]


def same_feeds(pairs: Iterable[tuple[Record, Record]], data: Path) -> Row:
    """F1 over all pairs of a resume and a feed that is strong for it.

    Args:
        pairs: Each resume as JSON, and as it was read; empty where it was refused.
        data: A folder of judged feeds.
    """
    analyzer, index = load_analyzer(), FeedIndex()
    specs = _specs(data)
    for key, spec in specs.items():
        index.put(key, analyzer.feed(spec))
    today = datetime.now(UTC).date()

    def strong(record: Record) -> set[str]:
        return {key for key, match in index.matches(analyzer.resume(record, today)) if match.is_strong}

    tally = Tally()
    for true, found in pairs:
        wanted, got = strong(true), strong(found) if found else set()
        tally.add(Tally(len(wanted & got), len(got - wanted), len(wanted - got)))
    name = f"the same of {len(specs)} feeds strong, of {tally.right + tally.missed}"
    return at_least(_AIM, Row(measure=name, figure=tally.f1, unit="F1"))


def _specs(data: Path) -> dict[str, FeedSpec]:
    """The feeds by name."""
    specs = {
        f"{trade.name}/{level}": _spec(trade, level) for trade in occupations().values() for level in LEVELS
    }
    if not missing(data):
        specs |= {feed["feed_key"]: spec_of(feed["submit"]) for feed in read(data).feeds}
    return specs


def _spec(trade: Any, level: str) -> FeedSpec:
    return spec_of(
        {
            "title": trade.titles[level][0],
            "keywords": list(trade.skills[:8]),
            "skill_required": f"熟悉{'、'.join(trade.skills[:4])}",
            "job_desc": "\n".join(trade.duties[level][:4]),
        }
    )
