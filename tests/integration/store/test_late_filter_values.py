"""What may never be scored again gets what lists are filtered by from what the release before stored."""

from datetime import UTC, datetime, timedelta

import msgspec
import pytest
from bson import ObjectId

from engine.matching.resume_profile import ResumeProfile
from store.migrations import late_filter_values
from store.migrations.late_filter_values import give_filter_values
from store.migrations.migrations import MIGRATIONS
from store.results.result_documents import UNDER, new_document, result_from
from store.shards.parts import part_of
from tests.support import scored_result

VALUES = ("degree", "years", "schools", "hunting")
NOW = datetime.now(UTC)


async def feed(database, *, expired=False, deleted=False):
    id_ = ObjectId()
    expires_at = NOW + timedelta(days=-1 if expired else 1)
    await database.feeds.insert_one(
        {"_id": id_, "part": part_of(id_), "expires_at": expires_at, "deleted": deleted}
    )
    return id_


async def former(database, feed_id, **changes):
    """A result as the release before stored it, with its resume and its profile, which lacks a field."""
    one = scored_result(feed=str(feed_id))
    document = {name: value for name, value in new_document(one, NOW).items() if name not in VALUES}
    await database.results.insert_one({**document, **changes})
    resume = ObjectId(one.resume)
    await database.resumes.insert_one(
        {"_id": resume, "body": {"job_target": {"job_hunting_state": "离职-随时到岗"}}}
    )
    array = msgspec.msgpack.decode(ResumeProfile(months=70, degree=5, classes=("985",)).encode())[:-1]
    await database.profiles.insert_one({"_id": resume, "data": msgspec.msgpack.encode(array)})
    return document["_id"]


@pytest.mark.gen_test
async def test_clicked_ones_and_those_of_feeds_out_of_service_get_them(stores, monkeypatch):
    database = stores._database
    monkeypatch.setattr(late_filter_values, "_PART", 2)
    live, over, gone = (
        await feed(database),
        await feed(database, expired=True),
        await feed(database, deleted=True),
    )
    clicked = [await former(database, live, read=True, clicked=[live]) for _ in range(5)]
    waiting = await former(database, live)  # it is scored again
    of_over = [await former(database, over, deleted=deleted) for deleted in (False, True, UNDER)]
    of_gone = await former(database, gone, clicked=[gone])
    new = await former(database, live, clicked=[live], degree=3, years=1, schools=[], hunting="open")
    before = {row["_id"]: row async for row in database.results.find({})}
    for _ in range(2):
        await give_filter_values(database)
        after = {row["_id"]: row async for row in database.results.find({})}
        for id_ in (*clicked, *of_over):
            assert [after[id_][name] for name in VALUES] == [5, 5, ["985"], "left"]
            assert {**after[id_], **before[id_]} == after[id_]
            assert result_from(after[id_]).years == 5
        assert all(after[id_] == before[id_] for id_ in (waiting, of_gone, new))


@pytest.mark.gen_test
async def test_one_that_was_killed_is_made_to_its_end(stores, monkeypatch):
    database = stores._database
    monkeypatch.setattr(late_filter_values, "_PART", 2)
    live = await feed(database)
    ids = [await former(database, live, clicked=[live]) for _ in range(5)]
    write, written = late_filter_values.bulk_matched, []

    async def killed_in_the_second_part(*args):
        written.append(args)
        if len(written) == 2:
            raise KeyError
        return await write(*args)

    with monkeypatch.context() as patch:
        patch.setattr(late_filter_values, "bulk_matched", killed_in_the_second_part)
        with pytest.raises(KeyError):
            await give_filter_values(database)
    await give_filter_values(database)
    rows = [row async for row in database.results.find({})]
    assert len(rows) == len(ids)
    assert all(row["degree"] == 5 for row in rows)


def test_it_is_one_of_the_changes():
    assert [change.__name__ for change in MIGRATIONS].count("_filter_values_of_kept_results") == 1
