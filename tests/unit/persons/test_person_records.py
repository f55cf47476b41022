"""What is kept of a person is the same in whatever order it was noted, on whichever of their resumes."""

from datetime import UTC, datetime, timedelta

from bson import ObjectId
from hypothesis import given
from hypothesis import strategies as st

from store.notes.candidate_records import CandidateRecord, Comment, Mark, Watch
from store.persons.person_records import merged
from store.results.listed_once import FAVOURITES, arrange

USER, FEED = "a" * 24, "f" * 24
BEGIN = datetime(2026, 1, 1, tzinfo=UTC)
moments = st.integers(0, 20).map(lambda hours: BEGIN + timedelta(hours=hours))
resumes = st.integers(1, 5).map(lambda number: f"{number:024x}")


@st.composite
def records(draw):
    resume = draw(resumes)
    return CandidateRecord(
        company=USER,
        resume=resume,
        watch=draw(st.none() | moments.map(lambda at: Watch(FEED, at))),
        unlocked_at=draw(st.none() | moments),
        marks=sorted(
            draw(st.lists(moments.map(lambda at: Mark("x", True, FEED, at)), max_size=4)), key=lambda m: m.at
        ),
        comments=[Comment("x", at, resume) for at in sorted(draw(st.lists(moments, max_size=4)))],
    )


persons = st.lists(records(), min_size=1, max_size=5, unique_by=lambda record: record.resume)


@given(persons, st.randoms())
def test_records_are_merged_the_same_in_whatever_order(some, random):
    same = [record.resume for record in some[1 : len(some) // 2 + 1]]
    one = merged(some[0].resume, some, same)
    shuffled = random.sample(some, len(some))
    assert merged(some[0].resume, shuffled, same) == one
    assert [mark.at for mark in one.marks] == sorted(mark.at for record in some for mark in record.marks)
    assert [row.at for row in one.comments] == sorted(row.at for record in some for row in record.comments)
    times = [record.unlocked_at for record in some[: len(same) + 1] if record.unlocked_at]
    assert one.unlocked_at == min(times, default=None)
    assert (one.watch is None) == all(record.watch is None for record in some)
    # A part that is merged already counts as its parts do.
    half = merged(some[0].resume, some[: len(some) // 2 + 1])
    assert merged(some[0].resume, [half, *some[len(some) // 2 + 1 :]]).watch == one.watch


def stored(record):
    return {
        "_id": ObjectId(record.resume),
        "company": ObjectId("0" * 24),
        "resume": ObjectId(record.resume),
        "watched_at": record.watch.at if record.watch else BEGIN,
        "watch_feed": ObjectId(FEED),
        "watched": True,
    }


def follow(documents, changes):
    """Apply what `arrange` gives, as the store would."""
    by_id = {one["_id"]: dict(one) for one in documents}
    for change in changes:
        document = by_id[change._filter["_id"]]
        assert all(document.get(name) == value for name, value in change._filter.items())
        document |= change._doc["$set"]
        for name in change._doc["$unset"]:
            document.pop(name, None)
    return list(by_id.values())


@given(persons, st.randoms(), st.integers(0, 5))
def test_favourites_of_one_person_are_one_and_come_back_apart(some, random, cut):
    documents = [stored(record) for record in some]
    together = follow(documents, arrange(documents, FAVOURITES))
    assert sum("watched" in one for one in together) == 1
    assert arrange(together, FAVOURITES) == []
    shuffled = random.sample(together, len(together))
    assert arrange(shuffled, FAVOURITES) == []
    # Whichever were put together first, the outcome is the same.
    first = follow(documents[:cut], arrange(documents[:cut], FAVOURITES)) + documents[cut:]
    key = lambda one: one["_id"]  # noqa: E731
    assert sorted(follow(first, arrange(first, FAVOURITES)), key=key) == sorted(together, key=key)
    apart = [row for one in together for row in follow([one], arrange([one], FAVOURITES))]
    assert sorted(apart, key=key) == sorted(documents, key=key)
