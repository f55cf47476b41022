"""What a company keeps of people, as another one keeps it into which it goes."""

from datetime import UTC, datetime, timedelta

from bson import ObjectId

from store.ids import candidate_record_id, favourite_id
from store.notes.moved_records import moved

COMPANY, INTO, MEMBER, RESUME, FEED, OTHER = (ObjectId() for _ in range(6))
NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


def at(hours):
    return NOON + timedelta(hours=hours)


def note(hours, **fields):
    return {"id": ObjectId(), "at": at(hours), **fields}


def record(company, **fields):
    id_ = ObjectId(candidate_record_id(str(company), str(RESUME)))
    return {"_id": id_, "company": company, "resume": RESUME, **fields}


def alone(*records, there=()):
    """The one record that comes of some, without what names it."""
    (found,) = moved(records, INTO, {one["_id"]: one for one in there}).values()
    assert found | record(INTO) == found
    return {name: value for name, value in found.items() if name not in record(INTO)}


def test_a_trace_stays_one():
    assert alone(record(COMPANY, ended=[FEED])) == {"ended": [FEED]}


def test_of_two_records_the_notes_stand_in_the_order_of_time_and_the_latest_mark_says_how_things_stand():
    first, last = note(1, name="已联系", good=True, by=MEMBER), note(3, name="约面试", good=True, by=MEMBER)
    middle = note(2, name="没接", good=False, by=OTHER, remind_on="2026-03-09")
    ours = record(COMPANY, marks=[first, last], unlocked_at=at(1), to_teach=[FEED], clicks=2, mark="约面试")
    theirs = record(
        INTO,
        marks=[middle],
        comments=[note(0, content="好", by=OTHER)],
        unlocked_at=at(0),
        to_teach=[FEED, OTHER],
        clicks=3,
        mark="没接",
        remind_on="2026-03-09",
        remind_of=OTHER,
        marked_under=RESUME,
    )
    found = alone(ours, there=[theirs])
    assert found["marks"] == [first, middle, last]
    assert [one["content"] for one in found["comments"]] == ["好"]
    assert (found["unlocked_at"], found["to_teach"], found["clicks"]) == (at(0), [FEED, OTHER], 5)
    standing = {name: value for name, value in found.items() if name.startswith(("mark", "remind"))}
    del standing["marks"]
    assert standing == {"mark": "约面试", "marked_at": at(3), "marked_by": MEMBER, "marked_of": MEMBER}


def test_notes_of_whoever_made_the_company_say_so_and_a_claim_is_over():
    claim = {"claim": {"by": MEMBER}, "claim_of": COMPANY, "claim_until": at(9)}
    found = alone(record(COMPANY, marks=[note(0, name="没接", good=False)], **claim))
    assert found["marks"][0]["by"] == COMPANY
    assert not found.keys() & claim.keys()


def test_favourites_stay_each_members_own_also_that_of_whoever_made_the_company():
    watch = {"watched": True, "watch_feed": FEED, "watched_at": NOON}
    founders = record(COMPANY, unlocked_at=NOON, watcher=COMPANY, **watch)
    members = {
        **record(COMPANY, watcher=MEMBER, watch_under=OTHER, **watch),
        "_id": ObjectId(favourite_id(str(COMPANY), str(RESUME), str(MEMBER))),
    }
    found = moved([founders, members], INTO)
    assert found.pop(record(INTO)["_id"]) == record(INTO, unlocked_at=NOON)
    assert {id_: one["watcher"] for id_, one in found.items()} == {
        ObjectId(favourite_id(str(INTO), str(RESUME), str(user))): user for user in (COMPANY, MEMBER)
    }
    assert all(one | watch == one and "watch_under" not in one for one in found.values())
