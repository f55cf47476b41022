"""Commands that name their shard key, those that do not, and what operators are told of the keys."""

import re
from pathlib import Path

from bson import ObjectId

from store.mongo import INDEXES
from tests.keyless import ASKING_ALL, SHARD_KEYS, keyless
from tests.support import each

ROOT = Path(__file__).resolve().parents[3]
ID, COMPANY, FEED = ObjectId(), ObjectId(), ObjectId()
ONE = {"_id": ID, "company": COMPANY, "feed": FEED}


def update(query, **more):
    return {"update": "results", "updates": [{"q": query, "u": {"$set": {"read": True}}, **more}]}


def delete(query, limit):
    return {"delete": "results", "deletes": [{"q": query, "limit": limit}]}


def aggregate(*stages):
    return {"aggregate": "results", "pipeline": list(stages), "cursor": {}}


KEYED = {
    "another collection": {"find": "accounts", "filter": {}},
    "a password": {},
    "a find by company": {"find": "results", "filter": {"company": COMPANY, "deleted": False}},
    "a find by several companies": {"find": "results", "filter": {"_id": ID, "company": {"$in": [COMPANY]}}},
    "a find by what is within $and": {
        "find": "results",
        "filter": {"$and": [{"read": True}, {"company": COMPANY}]},
    },
    "a find by id": {"find": "resumes", "filter": {"_id": {"$in": [ID]}}},
    "a second stage": aggregate({"$match": {"_id": ID}}, {"$match": {"company": {"$eq": COMPANY}}}),
    "a count": {"count": "results", "query": {"company": COMPANY}},
    "an update of one": update(ONE),
    "an update of many": update({"company": COMPANY}, multi=True),
    "an upsert": {"update": "feedback", "updates": [{"q": {"_id": FEED}, "u": {}, "upsert": True}]},
    "a deletion of one": delete(ONE, 1),
    "a deletion of many": delete({"company": {"$in": [COMPANY]}}, 0),
    "an insert": {"insert": "results", "documents": [ONE]},
    "find and modify": {"findAndModify": "feeds", "query": {"_id": ID, "company": COMPANY}, "upsert": True},
}
KEYLESS = {
    "results.find()": {"find": "results", "filter": {}},
    "results.find(_id)": {"find": "results", "filter": {"_id": ID}},
    "results.find(company)": {"find": "results", "filter": {"company": {"$gt": COMPANY}}},
    "results.find(feed)": {"find": "results", "filter": {"feed": FEED}},
    "results.find($or)": {"find": "results", "filter": {"$or": [{"company": COMPANY}, {"read": True}]}},
    "results.aggregate(feed)": aggregate(
        {"$match": {"feed": FEED}}, {"$group": {"_id": None}}, {"$match": ONE}
    ),
    "results.aggregate()": aggregate({"$group": {"_id": "$company"}}, {"$match": {"company": COMPANY}}),
    "results.count()": {"count": "results"},
    "results.distinct(read)": {"distinct": "results", "key": "feed", "query": {"read": True}},
    "results.update_one(_id)": update({"_id": ID}),
    "results.update_one(_id,company)": update({"_id": ID, "company": COMPANY}),
    "results.update_one(company,feed)": update({"company": COMPANY, "feed": {"$in": [FEED]}}),
    "results.update_many(feed)": update({"feed": FEED}, multi=True),
    "results.upsert(_id)": update({"_id": ID}, upsert=True),
    "results.delete_one(_id)": delete({"_id": ID}, 1),
    "results.delete_many(resume)": delete({"resume": ID}, 0),
    "results.insert(_id,company)": {"insert": "results", "documents": [ONE, {"_id": ID, "company": COMPANY}]},
    "feeds.find_and_modify(_id)": {"findAndModify": "feeds", "query": {"_id": ID}},
}


@each("name", KEYED)
def test_a_command_with_its_key_asks_the_shard_that_has_it(name):
    command = KEYED[name]
    assert keyless(next(iter(command), "saslStart"), command) == []


@each("line", KEYLESS)
def test_a_command_without_its_key_is_named(line):
    command = KEYLESS[line]
    assert keyless(next(iter(command)), command) == [line]


def test_each_write_of_several_is_looked_at():
    command = {"update": "results", "updates": [{"q": ONE}, {"q": {"_id": ID}}, {"q": {"read": True}}]}
    assert keyless("update", command) == ["results.update_one(_id)", "results.update_one(read)"]


@each("name", SHARD_KEYS)
def test_every_shard_key_has_its_index_and_every_unique_index_begins_with_it(name):
    key = SHARD_KEYS[name]
    indexes = [index.document for index in INDEXES.get(name, [])]
    begins = [index for index in indexes if tuple(index["key"])[: len(key)] == key]
    serving = [one for one in begins if not (one.get("sparse") or one.get("partialFilterExpression"))]
    assert serving or key == ("_id",)  # of which every collection has one
    assert [index["name"] for index in indexes if index.get("unique") and index not in begins] == []


@each("line", ASKING_ALL)
def test_what_asks_all_is_said_of_a_sharded_collection_with_a_reason(line):
    collection, what, fields = re.fullmatch(r"(\w+)\.(\w+)\((.*)\)", line).groups()
    assert collection in SHARD_KEYS
    assert what
    assert fields.split(",") == sorted(fields.split(","))
    assert ASKING_ALL[line].endswith(".")


def test_operators_are_told_each_key():
    text = (ROOT / "docs" / "operations.md").read_text("utf-8")
    told = dict(re.findall(r'sh\.shardCollection\("talentfeed\.(\w+)", \{(.+?)\}\)', text))
    assert told == {name: ", ".join(f"{field}: 1" for field in key) for name, key in SHARD_KEYS.items()}
