"""Learn what tells that a recruiter calls a match fitting: the map from evidence to likelihood, and its cuts.

    python -m bench.quality.calibrate            prints what it learns, and how it does on roles not seen
    python -m bench.quality.calibrate --write    also writes the constants into `rules` and `tiers`

Run it after a change of the lexicon, of the analysis or of a rule, as the evidence means something else then.
It takes two minutes. Only the constants are kept; they hold no text of the judged data. `docs/matching.md`
and ADR 39 explain the map.

Evidence comes from the lexicon as it is, and from draws with two fifths taken out, so that the map also knows
how far evidence goes for work that nobody listed; each with nothing learned, and with what resumes of other
companies teach (see `learned`): likeness to what the same postings taught would be believed too much.
"""

from __future__ import annotations

import argparse
import hashlib
import re
import sys
from collections.abc import Collection, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize

from bench.quality.data import DATA, Judged, missing, read, spec_of
from bench.quality.learned import halves, learn, without_some
from bench.quality.lists import NOTHING, Learned, Texts
from bench.quality.measures import GOOD
from config.data import load_lexicon
from engine.matching.analysis.analyzer import Analyzer
from engine.matching.score import rules, tiers
from engine.matching.score.breakdown import breakdown_of, evidence_of, nearness, seen_likeness, stated_by
from engine.matching.score.rules import FULL, UNSAID, Evidence

SEEDS = range(10, 13)
"""Of the draws with a part of the lexicon taken out that are learned from."""
FOLDS = 8
"""Roles are dealt into so many parts; each is judged by what the others teach."""
RIDGE = 1e-3
"""Weight of the squared coefficients, of evidence scaled to unit variance: they shall not follow chance."""
PROMISED = {"strict": 0.92, "balanced": 0.82, "broad": 0.75}
"""By breadth, the least precision on roles that were not learned from, with the whole lexicon. Where the
lexicon lacks an occupation it is less, see `docs/matching.md`."""

CONSTANTS = {
    "FIT_SLOPE": 100,
    "FIT_UNREAD": -100,
    "FIT_NEAR": 1_000,
    "FIT_NEAR_PLACED": -1_000,
    "FIT_OTHER_TITLES": -1_000,
    "FIT_OTHER_DUTIES": -1_000,
    "FIT_LIKE": 1_000,
    "FIT_UNLIKE": -1_000,
}
"""The constants of `rules`, in the order of `_columns`, and what a coefficient is multiplied with to become
one. A negative factor stands for evidence against a pair: all constants are 0 or more."""
RULES, TIERS = Path(rules.__file__), Path(tiers.__file__)

Floats = NDArray[np.float64]


class Samples(NamedTuple):
    """Pairs that are listed.

    Attributes:
        evidence: A row a pair, see `_columns`.
        good: 1 where the grade is `GOOD` or better, else 0.
        fold: The part that its feed's role is in.
        weight: How much it counts.
        is_whole: Whether it comes from the whole lexicon.
        fitting: Pairs of the whole lexicon that fit, listed or not.
    """

    evidence: Floats
    good: Floats
    fold: NDArray[np.int64]
    weight: Floats
    is_whole: NDArray[np.bool_]
    fitting: int


def samples_of(judged: Judged) -> Samples:
    """All pairs, by every lexicon that is learned from."""
    data = load_lexicon()
    folds = {
        role: number % FOLDS for number, role in enumerate(sorted({one["role"] for one in judged.feeds}))
    }
    rows, fitting = [], 0
    for seed in (None, *SEEDS):
        analyzer = Analyzer.from_data(data if seed is None else without_some(data, seed))
        texts = Texts.of(judged, analyzer)
        for learned, stored in _views(judged, texts):
            weight = 1.0 if seed is None else 1 / len(SEEDS)
            for feed, grade, evidence in _listed(judged, texts, analyzer, learned, stored):
                rows.append((_columns(evidence), grade >= GOOD, folds[feed["role"]], weight, seed is None))
            if seed is None:
                fitting += sum(
                    grade >= GOOD
                    for grades in judged.grades.values()
                    for resume, grade in grades.items()
                    if resume in stored
                )
    columns, good, fold, weights, whole = zip(*rows, strict=True)
    return Samples(
        np.array(columns), np.array(good, float), np.array(fold), np.array(weights), np.array(whole), fitting
    )


def _views(judged: Judged, texts: Texts) -> Iterator[tuple[Learned, Collection[str]]]:
    """What may have been learned, and the resumes to judge by: always those of other companies."""
    yield NOTHING, texts.profiles.keys()
    for teachers, stored in halves(judged.resumes):
        yield learn(texts.profiles[one] for one in sorted(teachers)), stored


def _listed(
    judged: Judged, texts: Texts, analyzer: Analyzer, learned: Learned, stored: Collection[str]
) -> Iterator[tuple[dict[str, Any], int, Evidence]]:
    places = {resume: learned.topics.locate(profile) for resume, profile in texts.profiles.items()}
    for feed in judged.feeds:
        query = analyzer.feed(spec_of(feed["submit"]), *learned)
        grades = judged.grades.get(feed["feed_key"], {})
        for resume in sorted(stored):
            profile = texts.profiles[resume]
            breakdown = breakdown_of(query, profile, places[resume])
            if breakdown is not None:
                near = nearness(query, profile)
                like = seen_likeness(query, places[resume])
                evidence = evidence_of(query, stated_by(profile), near, breakdown.points, like)
                yield feed, grades.get(resume, 0), evidence


def _columns(evidence: Evidence) -> tuple[float, ...]:
    """Evidence as the map takes it, in wholes, in the order of `CONSTANTS`."""
    points = evidence.points / FULL
    return (
        points,
        points if evidence.is_unread else 0.0,
        evidence.nearest / FULL,
        evidence.nearest / FULL if evidence.likeness != UNSAID else 0.0,
        evidence.other_titles / FULL,
        evidence.other_duties / FULL,
        max(evidence.likeness, 0) / FULL,
        float(evidence.likeness != UNSAID),
    )


def fit(samples: Samples, taken: NDArray[np.bool_]) -> Floats:
    """The constant and the coefficients of a logistic regression of some samples.

    Coefficients keep the signs that `CONSTANTS` gives them, so that the likelihood rises with every point.
    """
    rows, good, weight = samples.evidence[taken], samples.good[taken], samples.weight[taken]
    middle, spread = rows.mean(axis=0), rows.std(axis=0) + 1e-9
    scaled, sign, weight = (rows - middle) / spread, 2 * good - 1, weight / weight.sum()

    def loss(values: Floats) -> tuple[float, Floats]:
        logits = values[0] + scaled @ values[1:]
        wrong = weight * (1 / (1 + np.exp(-logits)) - good)
        ridge = RIDGE * float(values[1:] @ values[1:])
        gradient = np.concatenate([[wrong.sum()], scaled.T @ wrong + 2 * RIDGE * values[1:]])
        return float(weight @ np.logaddexp(0, -logits * sign)) + ridge, gradient

    bounds = [(None, None), *((0, None) if factor > 0 else (None, 0) for factor in CONSTANTS.values())]
    found = minimize(loss, np.zeros(len(bounds)), jac=True, method="L-BFGS-B", bounds=bounds).x
    coefficients = found[1:] / spread
    return np.concatenate([[found[0] - float(coefficients @ middle)], coefficients])


def constants_of(found: Floats) -> dict[str, int]:
    """The constants of `rules` that coefficients become, whole numbers."""
    named = zip(CONSTANTS.items(), found[1:].tolist(), strict=True)
    return {"FIT_BASE": round(1_000 * float(found[0]))} | {
        name: round(factor * value) for (name, factor), value in named
    }


def unseen(samples: Samples) -> Floats:
    """The logits of all samples, each by what the other roles teach."""
    logits = np.zeros(len(samples.good))
    for fold in range(FOLDS):
        held = samples.fold == fold
        found = fit(samples, ~held)
        logits[held] = found[0] + samples.evidence[held] @ found[1:]
    return logits


def cut_for(logits: Floats, good: Floats, precision: float) -> int:
    """The lowest logit, in thousandths, at or above which this share of the pairs is good."""
    order = np.argsort(-logits, kind="stable")
    hits = np.cumsum(good[order]) / np.arange(1, len(order) + 1)
    enough = np.flatnonzero(hits >= precision)
    return int(np.floor(1_000 * logits[order[enough[-1] if len(enough) else 0]]))


def revision_of(constants: dict[str, int], cuts: dict[str, int]) -> str:
    """A digest of the map and its cuts."""
    return hashlib.sha256(repr((sorted(constants.items()), sorted(cuts.items()))).encode()).hexdigest()[:12]


def written(text: str, values: Mapping[str, str]) -> str:
    """A file's text with other values of constants.

    Raises:
        ValueError: One of them does not stand there exactly once.
    """
    for name, value in values.items():
        text, count = re.subn(rf"(?m)^({name}(?:: .*)? = ).*$", rf"\g<1>{value}", text)
        if count != 1:
            raise ValueError(f"{name} stands there {count} times")
    return text


def main(argv: Sequence[str] | None = None) -> int:
    """Entry point; 0 also when there is nothing to learn from."""
    parser = argparse.ArgumentParser(prog="bench.quality.calibrate")
    parser.add_argument("--write", action="store_true", help="write the constants into the rules")
    options = parser.parse_args(argv)
    lacking = missing(DATA)
    if lacking:
        print(f"no judgements to learn from: {DATA} lacks {', '.join(lacking)}")
        return 0
    judged = read(DATA)
    samples = samples_of(judged)
    logits = unseen(samples)
    mine, good = logits[samples.is_whole], samples.good[samples.is_whole]
    cuts = {name: cut_for(mine, good, share) for name, share in PROMISED.items()}
    constants = constants_of(fit(samples, np.ones(len(samples.good), bool)))
    revision = revision_of(constants, cuts)
    print(f"{len(samples.good):,} pairs; roles that were not learned from, whole lexicon:")
    for name, cut in cuts.items():
        strong = mine >= cut / 1_000
        recall = good[strong].sum() / samples.fitting
        print(f"  {name:<10} from {cut:6,}  precision {good[strong].mean():.3f}  recall {recall:.3f}")
    shown = {name: f"{value:_}" for name, value in constants.items()}
    cuts_shown = ", ".join(f'"{name}": {cut:_}' for name, cut in cuts.items())
    tiers_shown = {"CUTS": f"{{{cuts_shown}}}", "REVISION": f'"{revision}"'}
    print(*(f"{name} = {value}" for name, value in (shown | tiers_shown).items()), sep="\n")
    if options.write:
        for path, values in ((RULES, shown), (TIERS, tiers_shown)):
            path.write_text(written(path.read_text("utf-8"), values), "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
