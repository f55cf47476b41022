"""What the tests of pure packages share."""

from __future__ import annotations

import copy

import pytest

from engine.matching.analysis.analyzer import Analyzer
from engine.matching.learned.relations import NOTHING_LEARNED


@pytest.fixture(scope="module")
def analyzer(analyzer: Analyzer) -> Analyzer:
    """The rules with nothing learned, whatever a server of this process has adopted."""
    own = copy.copy(analyzer)
    own.adopt(NOTHING_LEARNED)
    return own
