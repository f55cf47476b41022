"""What `make bench-quality` says of tiers, of what was learned, and of a lexicon with gaps."""

from dataclasses import replace

from bench.quality.data import Judged
from bench.quality.learned import SHARE, halves, without_some
from bench.quality.lists import Listed
from bench.quality.tiers import calibration_lines, share_of, tier_line
from config.data import load_lexicon

JUDGED = Judged(
    feeds=[{"feed_key": "f"}, {"feed_key": "g"}],
    resumes=[],
    kinds={},
    grades={"f": {"a": 3, "b": 1}, "g": {"a": 2}},
)
LISTS = {
    "f": [Listed("a", 0.9, True), Listed("b", 0.6, True), Listed("c", 0.3, False)],
    "g": [Listed("b", 0.2, False)],
}


def test_precision_and_recall_are_pooled_and_averaged():
    share = share_of([({"a", "b"}, {"a"}), (set(), {"a", "b", "c"})])
    assert (share.precision, share.recall) == (0.5, 0.25)
    # The second feed lists nobody, so it has no precision.
    assert share.by_feed == (0.5, 0.5)


def test_whoever_is_good_and_not_listed_counts_against_the_recall():
    # Strong: a and b of f; good with grade 2: a of f and a of g; with grade 1: b of f as well.
    line = tier_line("strong", JUDGED, LISTS).split()
    assert line == ["strong", "1.0", "0.500", "0.500", "0.500", "0.500", "1.000", "1.000", "0.667", "0.500"]


def test_calibration_compares_what_was_predicted_with_what_is_so():
    lines = [line.split() for line in calibration_lines(JUDGED, LISTS)]
    assert ["0.9", "..", "1.0", "1", "0.900", "1.000"] in lines
    assert ["0.6", "..", "0.7", "1", "0.600", "0.000"] in lines
    # |.9 - 1| + .6 + .3 + .2, over four pairs
    assert lines[-1][-1] == "0.300"


def test_what_is_learned_from_shares_no_company_and_no_sentence_with_what_is_judged():
    def resume(number, *companies, text):
        works = [{"compnay_name": company, "job_desc": text} for company in companies]
        return {"source_id": str(number), "works": works}

    resumes = [
        resume(number, f"company {number % 40}", text=f"a sentence that stands in posting {number}")
        for number in range(80)
    ]
    resumes += [resume(100 + n, f"company {n}", f"company {n + 1}", text=f"{n}") for n in range(30)]
    resumes += [resume(200 + n, f"company {n}", text="a sentence that everybody copies") for n in range(3)]
    by_id = {one["source_id"]: one for one in resumes}
    seen = set()
    for teachers, judged in halves(resumes):
        assert teachers
        assert judged
        told = [
            {work["compnay_name"] for one in part for work in by_id[one]["works"]}
            for part in (teachers, judged)
        ]
        assert told[0].isdisjoint(told[1])
        copied = {"200", "201", "202"}
        assert not (teachers & copied and judged & copied)
        seen |= judged
    # A resume of companies of both halves is judged nowhere.
    assert any(str(100 + n) not in seen for n in range(30))


def test_a_draw_takes_two_fifths_and_always_the_same():
    data = load_lexicon()
    left, again, other = (without_some(data, seed) for seed in (1, 1, 2))
    assert left.titles == again.titles != other.titles
    assert left.skills == again.skills
    # The same ones of a lexicon that has grown.
    grown = without_some(replace(data, titles=(*data.titles[:50], *data.titles[100:])), 1)
    assert set(grown.titles) == set(left.titles) - set(data.titles[50:100])
    for kept, whole in ((left.titles, data.titles), (left.skills, data.skills)):
        assert abs(len(kept) / len(whole) - (1 - SHARE)) < 0.08
