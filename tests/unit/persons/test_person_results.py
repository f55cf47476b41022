"""Of a person's results in a list one is listed; what was done to each is kept, whatever the order."""

from datetime import UTC, datetime, timedelta

from bson import ObjectId
from hypothesis import given
from hypothesis import strategies as st

from store.persons.person_results import arrange
from store.results.result_documents import UNDER

START = datetime(2026, 1, 1, tzinfo=UTC)
USER, FEED = ObjectId(), ObjectId()


def result(number, *, read=False, deleted=False, judged=None, clicked=False):
    """A result as scoring and clicks leave it; `judged` in hours."""
    id_ = ObjectId(f"{number:024x}")
    return {
        "_id": id_,
        "company": USER,
        "feed": FEED,
        "resume": id_,
        "arrived_at": START + timedelta(hours=number),
        "pub_time": START + timedelta(hours=number),
        "read": read,
        "deleted": deleted,
        "reasons": [f"reason {number}"] if deleted else [],
        **({"judged_at": START + timedelta(hours=judged)} if judged else {}),
        **({"clicked": [FEED], "clicks": 1} if clicked else {}),
    }


def after(documents, leaving=()):
    """The documents once what has to change is changed."""
    stored = {one["_id"]: dict(one) for one in documents}
    for move in arrange(documents, leaving):
        one = stored[move.before["_id"]]
        one.update(move.change.get("$set", {}))
        for name in move.gone:
            one.pop(name, None)
    return list(stored.values())


def test_a_person_is_deleted_with_the_reasons_of_the_last_click_and_restored_by_a_later_one():
    deleted = [result(1, deleted=True, judged=5), result(2, deleted=True, judged=4), result(3)]
    (*_, top) = after(deleted)
    assert (top["deleted"], top["reasons"], top["own_deleted"], top["own_reasons"]) == (
        True, ["reason 1"], False, [],
    )  # fmt: skip
    (*_, top) = after([*deleted[:2], result(3, judged=6)])
    assert top["deleted"] is False


def test_what_was_done_to_one_that_goes_stays_with_the_person():
    old, new = after([result(1), result(2, read=True, deleted=True, judged=3)])
    heir, leaving = after([old, new], leaving=[new["_id"]])
    assert (heir["read"], heir["deleted"], heir["reasons"]) == (True, True, ["reason 2"])
    assert not heir.keys() & {"under", "others", "own_deleted"}
    assert "others" not in leaving
    # One that stood under it is let go, and stays under it until it is deleted.
    old, new = after([result(1, read=True), result(2)])
    leaving, top = after([old, new], leaving=[old["_id"]])
    assert (leaving["deleted"], top["read"], "others" in top) == (UNDER, True, False)


RESULTS = st.lists(
    st.builds(dict, read=st.booleans(), deleted=st.booleans(), judged=st.none() | st.integers(1, 9)),
    min_size=1,
    max_size=5,
)


@given(RESULTS, st.randoms(use_true_random=False))
def test_the_end_is_the_same_whatever_came_first(drawn, rng):
    documents = [result(number, **one) for number, one in enumerate(drawn)]

    def shown(rows):
        return {row["_id"]: (row["read"], row["deleted"], row["reasons"], row.get("others")) for row in rows}

    wanted = shown(after(documents))
    come = []
    for one in rng.sample(documents, len(documents)):
        come = after([*come, one])
        assert arrange(come) == []
        assert sum("under" not in row for row in come) == 1
    assert shown(come) == wanted
