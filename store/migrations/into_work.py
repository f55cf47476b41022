"""Change 4: results say where their person stands, by the outcomes that were marked before they did.

What was read is undecided where nothing came of it. Each part is a transaction with its counts, and what says
so already does not change, so that a change that was killed begins anew.
"""

from __future__ import annotations

from bson import ObjectId
from pymongo import UpdateOne

from store.bulk import bulk
from store.ids import result_id
from store.mongo import Database
from store.notes.candidate_records import marks_of
from store.paging import pages
from store.parts import in_parts
from store.persons.persons import Persons
from store.results.result_counters import ResultCounters
from store.results.result_documents import UNDER
from store.results.work import outcome_of

_PAGE = 100


async def into_work(database: Database) -> None:
    """Make the change."""
    lists = Persons(database, ResultCounters(database)).lists
    companies = set[ObjectId]()
    async for feeds in in_parts(database.feeds, {"deleted": False}, _PAGE, {"company": 1}):
        for feed in feeds:
            if feed["company"] not in companies:
                companies.add(feed["company"])
                await _note_outcomes(database, feed["company"])
            for deleted in (UNDER, False, True):
                which = {"company": feed["company"], "feed": feed["_id"], "deleted": deleted}
                fields = {"resume": 1, "read": 1, "outcome": 1}
                async for page in pages(database.results.find(which, fields), _PAGE):
                    touched = {str(row["resume"]) for row in page if row["read"] or "outcome" in row}
                    await lists.settle({(str(feed["company"]), str(feed["_id"])): touched})


async def _note_outcomes(database: Database, company: ObjectId) -> None:
    """Have the results of a company say what came of their resumes, by its marks on these."""
    fields = {"resume": 1, "marks": 1}
    async for page in pages(database.candidate_records.find({"company": company}, fields), _PAGE):
        writes = []
        for record in page:
            marks = marks_of(record)
            for feed in {mark.feed for mark in marks}:
                if outcome := outcome_of(marks, feed):
                    id_ = ObjectId(result_id(feed, str(record["resume"])))
                    change = {"outcome": outcome.work, "outcome_at": outcome.at}
                    which = {"_id": id_, "company": company, "feed": ObjectId(feed)}
                    writes.append(UpdateOne(which, {"$set": change}))
        await bulk(database.results, writes)
