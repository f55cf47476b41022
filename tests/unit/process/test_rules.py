"""The rules of texts are read from the disk, if they were built from what there is now."""

import pytest

from config.demo.feeds import DEMO_FEEDS
from config.demo.resumes import demo_resumes
from engine.matching.feed_spec import FeedSpec
from process.rules import make_analyzer

SPEC = FeedSpec(title=DEMO_FEEDS[0]["title"], job_desc=DEMO_FEEDS[0]["job_desc"])


def said(analyzer):
    return analyzer.version, analyzer.feed(SPEC), [analyzer.resume(body) for body in demo_resumes(5)]


@pytest.fixture
def kept(monkeypatch, tmp_path):
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(tmp_path))
    return tmp_path / "analyzer.pickle"


def test_what_is_kept_says_what_was_built_and_is_built_anew_from_other_sources_or_where_cut_off(
    kept, analyzer
):
    assert said(make_analyzer()) == said(analyzer)
    built = kept.stat().st_ino
    assert said(make_analyzer()) == said(analyzer)
    assert kept.stat().st_ino == built
    whole = kept.read_bytes()
    for spoilt in (b"?" + whole[1:], whole[:9_999]):
        kept.write_bytes(spoilt)
        assert make_analyzer().version == analyzer.version
        assert kept.read_bytes()[:32] == whole[:32]
        assert kept.stat().st_size > 9_999
        assert [*kept.parent.iterdir()] == [kept]


def test_where_nothing_can_be_written_it_is_built(monkeypatch, analyzer):
    monkeypatch.setenv("NUMBA_CACHE_DIR", "/dev/null/nowhere")
    assert make_analyzer().version == analyzer.version
