"""Evidence and quality on real postings, where the data lies beside the project; it is read, never copied."""

import unicodedata

import pytest

from bench.quality.data import DATA, missing, read, spec_of
from bench.quality.measures import mean, measure_all
from engine.matching.score.match import score
from process.rules import make_analyzer
from tests.unit.matching.score.test_evidence import TEXT_ROWS

pytestmark = pytest.mark.skipif(bool(missing(DATA)), reason=f"no judged data in {DATA}")
TARGET = 0.87
"""nDCG@10 that the matching must reach on this data."""


@pytest.fixture(scope="module")
def judged():
    return read(DATA)


@pytest.fixture(scope="module")
def matches(judged):
    """(feed, resume, match) of every pair that matches."""
    analyzer = make_analyzer()
    feeds = [(feed["feed_key"], analyzer.feed(spec_of(feed["submit"]))) for feed in judged.feeds]
    found = []
    for resume in judged.resumes:
        profile = analyzer.resume(resume)
        pairs = ((key, score(query, profile)) for key, query in feeds)
        found += [(key, resume, match) for key, match in pairs if match is not None]
    return found


def squeezed(value):
    """All text of a record, without white space, in one case and width."""
    if isinstance(value, dict):
        return "\n".join(map(squeezed, value.values()))
    if isinstance(value, list):
        return "\n".join(map(squeezed, value))
    return "".join(unicodedata.normalize("NFKC", value).casefold().split()) if isinstance(value, str) else ""


def test_what_text_rows_show_stands_in_the_real_resume(matches):
    wrong = []
    for key, resume, match in matches:
        told = squeezed(resume)
        shown = [word for row in match.why if row.field in TEXT_ROWS for word in row.matched.split()]
        assert shown, key
        wrong += [(key, resume["source_id"], word) for word in shown if squeezed(word) not in told]
    assert len(matches) > 1_000
    assert wrong == []


def test_the_rows_of_every_real_pair_add_up_to_its_score(matches):
    assert all(
        round(sum(row.points for row in match.why), 2) == match.score and 10 <= match.score <= 100
        for _, _, match in matches
    )


def test_the_lists_are_as_good_as_they_must_be(judged, matches):
    lists = {}
    for key, resume, match in matches:
        lists.setdefault(key, []).append((-match.score, resume["source_id"]))
    rankings = {key: [one for _, one in sorted(items)] for key, items in lists.items()}
    assert mean(measure_all(judged, rankings).values()) >= TARGET
