"""The leave-out test: the lists where the lexicon lacks much of what the feeds ask for.

The judged roles are all in the lexicon, so they say nothing of a role that nobody listed for it. Here a
random part of its occupations and skills is taken out, a few times with fixed seeds. A feed whose title names
an occupation by the whole lexicon, and none by what is left, stands for such a role; the others say what the
gap costs those around it.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import replace

from bench.quality.data import Judged, spec_of
from bench.quality.learned import learn
from bench.quality.lists import NOTHING, Texts, lists_of
from bench.quality.pooled import Pooled
from bench.quality.tiers import HEAD
from config.data import LexiconData
from engine.matching.analysis.analyzer import Analyzer

SHARE = 0.4
"""Part of the occupations, and of the skills, that is taken out."""
SEEDS = range(5)
"""Of the draws that are measured. The calibration learns from others, see `bench.quality.calibrate`."""


def without_some(data: LexiconData, seed: int) -> LexiconData:
    """The lexicon without `SHARE` of its occupations and skills.

    A seed always takes the same ones, whatever else the lexicon has, so that two lexicons can be compared.
    """
    titles = tuple(row for row in data.titles if _stays(seed, row.title))
    skills = tuple(row for row in data.skills if _stays(seed, row.term))
    return replace(data, titles=titles, skills=skills)


def _stays(seed: int, name: str) -> bool:
    digest = hashlib.sha256(f"{seed}/{name}".encode()).digest()
    return int.from_bytes(digest[:8], "big") >= SHARE * 2**64


def unknown_feeds(judged: Judged, whole: Analyzer, left: Analyzer) -> Iterator[str]:
    """The feeds whose title names an occupation, but none that is left."""
    for feed in judged.feeds:
        spec = spec_of(feed["submit"])
        if whole.feed(spec).known and not left.feed(spec).known:
            yield feed["feed_key"]


def left_out_lines(judged: Judged, data: LexiconData, whole: Analyzer) -> list[str]:
    """The measures of the draws, with nothing learned and with what `learn` gives; about a minute."""
    pooled: dict[str, Pooled] = defaultdict(Pooled)
    draws = []
    for seed in SEEDS:
        analyzer = Analyzer.from_data(without_some(data, seed))
        texts = Texts.of(judged, analyzer)
        unknown = set(unknown_feeds(judged, whole, analyzer))
        for name, learned in (
            ("nothing learned", NOTHING),
            ("learned", learn(texts.profiles.values())),
        ):
            lists = lists_of(texts, analyzer, learned)
            pooled[f"unknown feeds, {name}"].add(f"draw {seed}", judged, lists, unknown)
            pooled[f"all feeds, {name}"].add(f"draw {seed}", judged, lists)
        draw = Pooled()
        draw.add("", judged, lists, unknown)
        draws.append(draw.line(f"  draw {seed}, unknown feeds, {name}"))
    orders = [one.line(name) for name, one in pooled.items()]
    tiers = [one.tier_line(f"strong, {name}") for name, one in pooled.items()]
    return [
        *orders,
        *draws,
        HEAD,
        *tiers,
        "all feeds, learned:",
        *pooled["all feeds, learned"].calibration_lines(),
    ]
