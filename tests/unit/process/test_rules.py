"""The rules of texts are read from the disk, if they were built from what there is now."""

import msgspec
import pytest

from config.data import load_lexicon
from config.demo.feeds import DEMO_FEEDS
from config.demo.resumes import demo_resumes
from engine.matching.feed_spec import FeedSpec
from process import rules
from process.rules import make_analyzer

SPEC = FeedSpec(title=DEMO_FEEDS[0]["title"], job_desc=DEMO_FEEDS[0]["job_desc"])


def said(analyzer):
    return analyzer.version, analyzer.feed(SPEC), [analyzer.resume(body) for body in demo_resumes(5)]


@pytest.fixture
def built(monkeypatch):
    """How often a part of the lexicon was read to build them: of all of it they take seconds."""
    whole = load_lexicon()
    some = msgspec.structs.replace(whole, skills=whole.skills[:30], titles=whole.titles[:30])
    times = []
    monkeypatch.setattr(rules, "load_lexicon", lambda: times.append(1) or some)
    return times


def test_what_is_kept_says_what_was_built_and_is_built_anew_from_other_sources_or_where_cut_off(
    built, monkeypatch, tmp_path
):
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(tmp_path))
    kept = tmp_path / "analyzer.pickle"
    first = said(make_analyzer())
    assert said(make_analyzer()) == first
    assert len(built) == 1
    whole = kept.read_bytes()
    for spoilt in (b"?" + whole[1:], whole[:9_999]):
        kept.write_bytes(spoilt)
        assert said(make_analyzer()) == first
        assert kept.read_bytes()[:32] == whole[:32]
        assert kept.stat().st_size > 9_999
        assert [*tmp_path.iterdir()] == [kept]
    assert len(built) == 3


def test_where_nothing_can_be_written_it_is_built(built, monkeypatch):
    monkeypatch.setenv("NUMBA_CACHE_DIR", "/dev/null/nowhere")
    assert make_analyzer().version
    assert len(built) == 1
