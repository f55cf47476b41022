"""Queries that have an index, those that have none, and what each reads of it."""

from pathlib import Path

import pytest
from bson import ObjectId

from store.mongo import INDEXES
from tests.planned import SMALL, plans, shapes, unplanned
from tests.support import each

ID, COMPANY, FEED = ObjectId(), ObjectId(), ObjectId()
LIST = {"company": COMPANY, "feed": FEED, "deleted": False}
PAGE = {"day": -1, "score": -1, "arrived_at": -1, "_id": -1}


def find(collection, query, **more):
    return {"find": collection, "filter": query, **more}


def aggregate(*stages):
    return {"aggregate": "results", "pipeline": list(stages), "cursor": {}}


PLANNED = {
    "by id": find("resumes", {"_id": {"$in": [ID]}, "rev": {"$gt": 1}}),
    "a range of ids": find("results", {"_id": {"$gt": ID}}),
    "what an index begins with": find("results", {"company": COMPANY, "feed": FEED, "read": False}),
    "values, and then a range": find("results", {**LIST, "day": {"$lte": 3}}),
    "a page of a list": find("results", LIST, sort=PAGE, limit=10),
    "the last page first": find("results", LIST, sort=dict.fromkeys(PAGE, 1), limit=10),
    "a page of a whole collection": find("allowances", {}, sort={"ends_at": 1}, limit=10),
    "what is sorted with nothing left out": find("results", LIST, sort={"pub_time": -1}),
    "a sparse index": find("jobs", {"lease": {"$lte": 3}}),
    "a partial index": find("resumes", {"set_aside": True}),
    "a partial index of what is there": find("profiles", {"forced": FEED}),
    "null in an index of all": find("audit", {"chain": None}),
    "what is within $and": find("results", {"$and": [{"resume": ID}, {"read": True}]}),
    "each of two": find("results", {"$or": [{"resume": ID}, LIST]}),
    "the first stage": aggregate({"$match": {"resume": ID}}, {"$match": {"read": True}}),
    "an update": {"update": "results", "updates": [{"q": {"resume": ID}, "u": {}}]},
    "a deletion": {"delete": "sessions", "deletes": [{"q": {"expires_at": {"$lt": 3}}, "limit": 0}]},
    "how many there are": {"count": "results"},
    "an insert": {"insert": "results", "documents": [{"_id": ID}]},
    "a small collection": find("mailboxes", {}),
}
UNPLANNED = {
    "results.find()": find("results", {}),
    "results.find(feed)": find("results", {"feed": FEED}),
    "results.find(resume:other)": find("results", {"resume": {"$ne": ID}}),
    "results.find(company,deleted,feed) sort -fit limit": find("results", LIST, sort={"fit": -1}, limit=10),
    "results.find(company,deleted,feed) sort -day,score limit": find(
        "results", LIST, sort={"day": -1, "score": 1}, limit=10
    ),
    "jobs.find(lease:absent)": find("jobs", {"lease": None}),
    "deletions.find(done)": find("deletions", {"done": True}),
    "profiles.find(forced:absent)": find("profiles", {"forced": {"$exists": False}}),
    "candidate_records.find(watched)": find("candidate_records", {"watched": True}),
    "results.find(read)": find("results", {"$or": [{"resume": ID}, {"read": True}]}),
    "results.aggregate(read)": aggregate({"$match": {"read": True}}, {"$match": {"resume": ID}}),
    "results.aggregate()": aggregate({"$group": {"_id": "$company"}}),
    "results.update(read)": {"update": "results", "updates": [{"q": {"read": True}, "u": {}}]},
    "results.delete(read)": {"delete": "results", "deletes": [{"q": {"read": True}, "limit": 1}]},
    "results.count(read)": {"count": "results", "query": {"read": True}},
    "results.distinct()": {"distinct": "results", "key": "feed"},
    "feeds.find_and_modify(rev) limit": {"findAndModify": "feeds", "query": {"rev": 1}},
}


@each("name", PLANNED)
def test_a_query_that_its_index_begins_with_is_not_noted(name):
    command = PLANNED[name]
    assert unplanned(next(iter(command)), command) == []


@each("line", UNPLANNED)
def test_a_query_without_an_index_is_noted(line):
    command = UNPLANNED[line]
    assert unplanned(next(iter(command)), command) == [line]


@pytest.mark.parametrize(
    ("query", "bounds"),
    [
        ({"company": COMPANY, "feed": FEED, "read": True}, {("company", "feed")}),
        (
            {**LIST, "day": {"$gte": 1}, "score": 3},
            {("company", "feed", "deleted", "day"), ("company", "feed", "deleted")},
        ),
        ({"resume": ID, "company": {"$in": [COMPANY]}}, {("resume", "company"), ("company",)}),
        ({"_id": ID, "clicked": {"$exists": True}}, {("_id",), ("clicked",)}),
    ],
)
def test_what_is_read_ends_with_the_first_range_and_the_first_field_that_is_not_asked_for(query, bounds):
    ((shape, _),) = shapes("find", find("results", query))
    assert {plan.bounds for plan in plans(shape)} == bounds


def test_small_collections_have_no_index_of_their_own_but_for_order():
    text = "".join(path.read_text("utf-8") for path in (Path(__file__).parents[3] / "store").rglob("*.py"))
    for name in SMALL:
        assert name in INDEXES or f"database.{name}" in text
