"""Writes of what must agree, outside of transactions."""

import pytest
from bson import ObjectId

from tests.untied import ALONE, untied

ID = ObjectId()
WRITES = {
    "results.insert": {"insert": "results", "documents": [{"_id": ID}]},
    "counters.update(seq,unread)": {
        "update": "counters",
        "updates": [{"q": {"_id": ID}, "u": {"$inc": {f"unread.{ID}": 1, "seq": 1}}, "upsert": True}],
    },
    "candidate_records.update(others,read)": {
        "update": "candidate_records",
        "updates": [{"q": {"_id": ID}, "u": [{"$set": {"read": True}}, {"$unset": ["others"]}]}],
    },
    "person_decisions.delete(_id)": {
        "delete": "person_decisions",
        "deletes": [{"q": {"_id": ID}, "limit": 1}],
    },
    "persons.update(n)": {"findAndModify": "persons", "query": {"_id": ID}, "update": {"$inc": {"n": 1}}},
}


@pytest.mark.parametrize("line", WRITES)
def test_a_write_is_named_unless_it_is_part_of_a_transaction(line):
    command = WRITES[line]
    name = next(iter(command))
    assert untied(name, command) == [line]
    assert line not in ALONE
    assert untied(name, command | {"lsid": {}, "txnNumber": 1, "autocommit": False}) == []


@pytest.mark.parametrize(
    "command", [{}, {"find": "results"}, {"insert": "feeds", "documents": []}, {"saslStart": 1}]
)
def test_reads_and_other_collections_are_nothing(command):
    assert untied(next(iter(command), "saslStart"), command) == []
