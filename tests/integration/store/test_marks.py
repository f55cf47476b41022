"""Marked people in the store: those many, what was taken back, and who is erased."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from bson import ObjectId

from store.errors import NotFound
from store.notes.note_changes import TAKEN_BACK_FOR
from store.persons.person_notes import Traits
from tests.support import Hr, alone, python_resume

USER, OTHER, FEED = (str(ObjectId()) for _ in range(3))
TODAY = date(2026, 3, 2)


@pytest.fixture
def resumes(server, io_loop):
    async def ingest():
        return (await Hr(server.port).ingest(*(python_resume(number) for number in range(3))))["ids"]

    return io_loop.run_sync(ingest)


async def test_many_marked_people_are_paged_without_reading_all_and_counted_rightly(noted, rows_found):
    candidate_records = noted._database.candidate_records
    now = datetime.now(UTC)
    rows = []
    for number in range(2_000):
        day = (TODAY + timedelta(days=number % 400 - 200)).isoformat()
        reminder = {"remind_of": ObjectId(USER), "remind_on": day} if number % 10 == 0 else {}
        rows.append(
            {
                "company": ObjectId(USER),
                "resume": ObjectId(),
                "mark": ("已联系", "没接")[number % 2],
                "marked_at": now - timedelta(minutes=187 * number),
                "marked_of": ObjectId(USER),
                **reminder,
            }
        )
    for start in range(0, len(rows), 200):
        await candidate_records.insert_many(rows[start : start + 200])
    marked, ids = noted.marked, [str(row["resume"]) for row in rows]
    assert await marked.page(alone(USER), "", skip=0, limit=10) == ids[:10]
    assert await marked.page(alone(USER), "没接", skip=20, limit=10) == ids[41:61:2]
    due = await marked.reminders(alone(USER), "", TODAY, skip=0, limit=10)
    assert 30 < rows_found.together["candidate_records"] < 1_000, "it reads more than it shows"
    by_id = {str(row["resume"]): row["remind_on"] for row in rows if "remind_on" in row}
    days = [by_id[one] for one in due]
    assert days == sorted(days, reverse=True)
    assert days[0] == TODAY.isoformat()
    assert await marked.reminders(alone(USER), "", TODAY, skip=0, limit=10, few=True) == due
    everybody = await marked.reminders(alone(USER), "", TODAY, skip=0, limit=300)
    assert len(everybody) == 200
    assert await marked.reminders(alone(USER), "", TODAY, skip=0, limit=300, few=True) == everybody
    counts = await marked.counts(alone(USER), TODAY)
    assert counts.by_mark == {"已联系": 1000, "没接": 1000}
    assert counts.due == sum(one <= TODAY.isoformat() for one in by_id.values())
    assert counts.due + counts.later == 200
    assert await marked.page(alone(OTHER), "", skip=0, limit=10) == []


async def test_what_was_taken_back_is_masked_with_the_person_and_ends_after_a_day(server, resumes):
    stores, resume = server.stores, resumes[0]
    record = await stores.person_records.comment(alone(USER), resume, "也联系了 139 0000 1234")
    note = record.comments[0].id
    await stores.person_records.change(alone(USER), resume, "comments", note, {}, taken_back=True)
    masked = await stores.people._notes.mask(Traits(["p:13900001234"], []))
    assert masked.notes == 1
    await stores.person_records.change(alone(USER), resume, "comments", note, {}, taken_back=False)
    kept = (await stores.candidate_records.find_for(USER, [resume]))[resume]
    assert [one.content for one in kept.comments] == ["也联系了 ***"]
    await stores.person_records.change(alone(USER), resume, "comments", note, {}, taken_back=True)
    now = datetime.now(UTC)
    assert await stores.note_changes.end(now + timedelta(seconds=1) - TAKEN_BACK_FOR) == 0
    assert await stores.note_changes.end(now + timedelta(seconds=1)) == 1
    with pytest.raises(NotFound):
        await stores.person_records.change(alone(USER), resume, "comments", note, {}, taken_back=False)
