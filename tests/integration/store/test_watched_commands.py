"""What our processes ask of MongoDB is listened to, so that no command that breaks a rule goes unseen."""

import subprocess
import sys
from pathlib import Path

import pytest
from bson import ObjectId

from store import mongo
from store.mongo import whole
from tests.integration.processes import ROOT, environment
from tests.rules import FILE


@pytest.fixture
def noted(tmp_path, monkeypatch):
    """Where commands of clients that are made from now on are noted, apart from those of the session."""
    file = tmp_path / "broken"
    file.touch()
    monkeypatch.setenv(FILE, str(file))
    return file


async def test_a_command_without_its_key_its_transaction_or_its_index_is_noted(noted, settings):
    client = mongo.connect(settings.mongo_url)
    results = client[settings.mongo_db].results
    one = {"_id": ObjectId(), "company": ObjectId(), "feed": ObjectId()}
    async with await client.start_session() as session, session.start_transaction():
        await results.insert_one(one, session=session)
        await results.update_one(one, {"$set": {"read": True}}, session=session)
        await results.update_one(one, {"$unset": {"read": ""}}, session=session)
    assert await results.find_one({"_id": one["_id"], "company": one["company"]}) == one
    assert noted.read_text() == ""
    await results.find_one({"_id": one["_id"]})
    await results.update_many({"read": True}, {"$set": {"read": False}})
    assert noted.read_text().splitlines() == [
        "of all shards: results.find(_id)",
        "of all shards: results.update_many(read)",
        "in no transaction: results.update(read)",
        "without an index: results.update(read)",
    ]
    await client.drop_database(settings.mongo_db)
    client.close()


async def test_what_is_asked_of_all_on_purpose_is_not_noted(noted, settings):
    client = mongo.connect(settings.mongo_url)
    database = client[settings.mongo_db]
    await database.results.find({"resume": ObjectId()}).to_list(None)
    results = whole(database).results
    await results.insert_one({"_id": 1})
    await results.update_one({"_id": 1}, {"$set": {"read": True}})
    assert await results.find({}).to_list(None) == [{"_id": 1, "read": True}]
    assert await results.aggregate([{"$match": {"read": True}}]).to_list(None)
    assert noted.read_text() == ""
    await client.drop_database(settings.mongo_db)
    client.close()


def test_processes_of_their_own_note_theirs(noted, settings, tmp_path):
    code = f"""
import asyncio
from store import mongo

async def main():
    await mongo.connect({settings.mongo_url!r})[{settings.mongo_db!r}].feeds.find_one({{"rev": 1}})

asyncio.run(main())
"""
    script = tmp_path / "script.py"
    script.write_text(code)
    command = [sys.executable, "-m", "tests.rules", str(script)]
    subprocess.run(command, cwd=ROOT, env=environment(Path("data")), check=True)
    assert noted.read_text().splitlines() == [
        "of all shards: feeds.find(rev)",
        "without an index: feeds.find(rev) limit",
    ]
