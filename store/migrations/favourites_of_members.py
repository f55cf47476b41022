"""Change 5: favourites say whose they are. Until now each company had one member, whose id it has."""

from __future__ import annotations

from bson import ObjectId
from pymongo import UpdateOne

from store.bulk import bulk
from store.mongo import Database, drop_index
from store.paging import pages
from store.parts import in_parts

_PAGE = 100


async def favourites_of_members(database: Database) -> None:
    """Make the change."""
    records = database.candidate_records
    fields = {"company": 1, "watched_at": 1, "watcher": 1}
    companies = set[ObjectId]()
    async for feeds in in_parts(database.feeds, {}, _PAGE, {"company": 1}):
        for company in {feed["company"] for feed in feeds} - companies:
            companies.add(company)
            async for page in pages(records.find({"company": company}, fields), _PAGE):
                writes = [
                    UpdateOne({"_id": row["_id"], "company": company}, {"$set": {"watcher": company}})
                    for row in page
                    if "watched_at" in row and "watcher" not in row
                ]
                await bulk(records, writes)
    await drop_index(records, "favourites")
