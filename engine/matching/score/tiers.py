"""What is worth reading: the likelihood that a match fits, and where each breadth of a feed cuts it.

    probability(0)        # 0.5
    CUTS["balanced"]      # from this logit on a match is strong, below it merely possible

Likelihoods are logits, in whole thousandths, so that they add up and compare alike on every machine; a
probability is made of one only to be shown. The map from points to logits is `rules.fit_logit`.
"""

from __future__ import annotations

import math
from collections.abc import Mapping

from engine.matching.score.rules import FIT_SLOPE

CUTS: Mapping[str, int] = {"strict": 372, "balanced": -644, "broad": -1_140}
"""By breadth of a feed, the logit from which on a match is strong, in thousandths. Learned with the map, see
ADR 39: of roles that it was not learned from, at least 92, 82 and 75 of 100 strong ones fit."""
REVISION = "df179be41637"
"""Of the map and the cuts together: a digest that `bench.quality.calibrate` writes with them."""


def probability(logit: int) -> float:
    """The probability of a logit in thousandths, 0..1, with 3 decimals."""
    return round(1 / (1 + math.exp(-logit / 1_000)), 3)


def shifted(logit: int, points: int) -> int:
    """A logit after what feedback gave or took, in hundredths of a point."""
    return logit + FIT_SLOPE * points // 1_000
