"""What counts as equal between two runs, and how a difference is told."""

from datetime import UTC, datetime

import pytest
from bson import ObjectId

from bench.harness.outcome import Outcome, compare, plain

FEED, RESUME = "6b0000000000000000000001", "6b0000000000000000000002"
KEY = ("hr@example.com, feed 0, 1", RESUME)


def outcome(**changes):
    given = {
        "results": {KEY: {"score": 51.0, "why": ["Python"]}},
        "counters": {KEY[0]: {"unread": 1}},
        "records": {"candidate_records": ["a", "b", "b"]},
    }
    return Outcome(**(given | changes))


def test_what_is_equal_has_no_differences():
    assert not any(compare(outcome(), outcome()).values())


@pytest.mark.parametrize(
    ("changes", "kind", "line"),
    [
        ({"results": {}}, "results", f"{KEY}: only in the first"),
        (
            {"results": {KEY: {"score": 52.0, "why": ["Python"]}}},
            "results",
            f"{KEY}: score: ...51.0 and ...52.0",
        ),
        ({"counters": {KEY[0]: {"unread": 2}}}, "numbers", f"{KEY[0]}: unread: ...1 and ...2"),
        (
            {"records": {"candidate_records": ["a", "b"]}},
            "records",
            "candidate_records: only in the first: b",
        ),
    ],
)
def test_a_difference_is_found_and_told(changes, kind, line):
    found = compare(outcome(), outcome(**changes))
    assert found.pop(kind) == [line]
    assert not any(found.values())


def test_ids_times_and_turns_of_a_run_are_no_difference_and_scores_are():
    def document(score):
        return {
            "_id": ObjectId(),
            "feed": ObjectId(FEED),
            "resume": ObjectId(RESUME),
            "arrived_at": datetime.now(UTC),
            "feed_rev": id(score),
            "score": score,
            "unread": {FEED: 1},
        }

    one, same, other = [plain(document(score), {FEED: "feed 1"}) for score in (1.0, 1.0, 2.0)]
    assert one == same != other
    assert one["feed"] == "feed 1"
    assert one["unread"] == {"feed 1": 1}
    assert one["resume"] == RESUME
