"""Marked people in the store: those of the release before, many, what was taken back, and who is erased."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from bson import ObjectId

from store.errors import NotFound
from store.ids import candidate_record_id
from store.migrations.late_marks import list_marked
from store.notes.note_changes import TAKEN_BACK_FOR
from store.persons.person_notes import Traits
from tests.support import Hr, python_resume

USER, OTHER, FEED = (str(ObjectId()) for _ in range(3))
TODAY = date(2026, 3, 2)


@pytest.fixture
def resumes(server, io_loop):
    async def ingest():
        return (await Hr(server.port).ingest(*(python_resume(number) for number in range(3))))["ids"]

    return io_loop.run_sync(ingest)


@pytest.mark.gen_test
async def test_marks_of_the_release_before_get_ids_that_stay_and_are_listed(server, resumes):
    stores = server.stores
    at = datetime(2026, 1, 2, tzinfo=UTC)
    marks = [
        {"name": name, "good": True, "feed": ObjectId(FEED), "at": at}
        for name in ("已联系", "没接", "约面试")
    ]
    key = {"_id": ObjectId(candidate_record_id(USER, resumes[0]))}
    ids = {"user": ObjectId(USER), "resume": ObjectId(resumes[0])}
    await stores._database.dossiers.insert_one({**key, **ids, "marks": marks})
    for _ in range(2):
        await list_marked(stores._database)
        assert await stores.marked.page(USER, "约面试", skip=0, limit=9) == [resumes[0]]
    first, second, third = (await stores.person_records.find_for(USER, resumes))[resumes[0]].marks
    assert len({first.id, second.id, third.id}) == 3
    await stores.note_changes.change(USER, [resumes[0]], "marks", second.id, {"name": "改过"})
    kept = (await stores.person_records.find_for(USER, resumes))[resumes[0]].marks
    assert [(one.id, one.name) for one in kept] == [
        (first.id, "已联系"), (second.id, "改过"), (third.id, "约面试"),
    ]  # fmt: skip
    for id_ in (third.id, second.id):
        await stores.note_changes.change(USER, [resumes[0]], "marks", id_, taken_back=True)
    assert await stores.marked.page(USER, "已联系", skip=0, limit=9) == [resumes[0]]


@pytest.mark.gen_test
async def test_many_marked_people_are_paged_without_reading_all_and_counted_rightly(noted, rows_found):
    dossiers = noted._database.dossiers
    now = datetime.now(UTC)
    rows = []
    for number in range(2_000):
        day = (TODAY + timedelta(days=number % 400 - 200)).isoformat()
        reminder = {"remind_of": ObjectId(USER), "remind_on": day} if number % 10 == 0 else {}
        rows.append(
            {
                "user": ObjectId(USER),
                "resume": ObjectId(),
                "mark": ("已联系", "没接")[number % 2],
                "marked_at": now - timedelta(minutes=187 * number),
                "marked_of": ObjectId(USER),
                **reminder,
            }
        )
    for start in range(0, len(rows), 200):
        await dossiers.insert_many(rows[start : start + 200])
    marked, ids = noted.marked, [str(row["resume"]) for row in rows]
    assert await marked.page(USER, "", skip=0, limit=10) == ids[:10]
    assert await marked.page(USER, "没接", skip=20, limit=10) == ids[41:61:2]
    due = await marked.reminders(USER, "", TODAY, skip=0, limit=10)
    assert 30 < rows_found.together["dossiers"] < 1_000, "it reads more than it shows"
    by_id = {str(row["resume"]): row["remind_on"] for row in rows if "remind_on" in row}
    days = [by_id[one] for one in due]
    assert days == sorted(days, reverse=True)
    assert days[0] == TODAY.isoformat()
    assert await marked.reminders(USER, "", TODAY, skip=0, limit=10, few=True) == due
    everybody = await marked.reminders(USER, "", TODAY, skip=0, limit=300)
    assert len(everybody) == 200
    assert await marked.reminders(USER, "", TODAY, skip=0, limit=300, few=True) == everybody
    counts = await marked.counts(USER, TODAY)
    assert counts.by_mark == {"已联系": 1000, "没接": 1000}
    assert counts.due == sum(one <= TODAY.isoformat() for one in by_id.values())
    assert counts.due + counts.later == 200
    assert await marked.page(OTHER, "", skip=0, limit=10) == []


@pytest.mark.gen_test
async def test_what_was_taken_back_is_masked_with_the_person_and_ends_after_a_day(server, resumes):
    stores, resume = server.stores, resumes[0]
    record = await stores.candidate_records.comment(USER, resume, "也联系了 139 0000 1234")
    note = record.comments[0].id
    await stores.note_changes.change(USER, [resume], "comments", note, taken_back=True)
    masked = await stores.people._notes.mask(Traits(["p:13900001234"], []))
    assert masked.notes == 1
    await stores.note_changes.change(USER, [resume], "comments", note, taken_back=False)
    kept = (await stores.candidate_records.find_for(USER, [resume]))[resume]
    assert [one.content for one in kept.comments] == ["也联系了 ***"]
    await stores.note_changes.change(USER, [resume], "comments", note, taken_back=True)
    now = datetime.now(UTC)
    assert await stores.note_changes.end(now + timedelta(seconds=1) - TAKEN_BACK_FOR) == 0
    assert await stores.note_changes.end(now + timedelta(seconds=1)) == 1
    with pytest.raises(NotFound):
        await stores.note_changes.change(USER, [resume], "comments", note, taken_back=False)
