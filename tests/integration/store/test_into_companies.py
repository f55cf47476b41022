"""Documents of release 1.0.0 become a company's, whatever kills the change in between."""

import itertools

import pytest
from bson import ObjectId
from pymongo import ASCENDING

from store import mongo
from store.migrations.into_companies import into_companies
from tests.integration.gates import Killed
from tests.integration.stored import new_account, new_feed
from tests.support import alone, python_resume, scored_result

DELETED = ObjectId()
RENAMED = ("feeds", "results", "candidate_records", "person_decisions")
WRITES = {"bulk_write", "update_many", "drop_index"}
FORMER = {
    "feeds": [("slot", ["user", "slot"]), ("client_id", ["user", "client_id"]), ("user", ["user"])],
    "results": [("feed_page", ["user", "feed"]), ("feed_tier", ["user", "feed", "deleted"])],
    "candidate_records": [("user", ["user"])],
    "person_decisions": [("user", ["user"])],
}


def dying_after(database, writes):
    """A database whose process dies at the write after so many."""
    return Mortal(database, itertools.chain(range(writes), itertools.repeat(None)))


class Mortal:
    """A database, or a collection of one, whose process dies at a write."""

    def __init__(self, real, lives):
        self._real, self._lives = real, lives

    def __getattr__(self, name):
        found = getattr(self._real, name)
        if name in WRITES:
            return self._dying(found)
        return found if callable(found) and not hasattr(found, "find") else Mortal(found, self._lives)

    def __getitem__(self, name):
        return Mortal(self._real[name], self._lives)

    def _dying(self, write):
        async def done(*args, **kwargs):
            if next(self._lives) is None:
                raise Killed
            return await write(*args, **kwargs)

        return done


async def become_of_1_0_0(database):
    """Give all that is stored the shape that release 1.0.0 gave it."""
    for name in RENAMED:
        for index in mongo.INDEXES[name]:
            if "company" in index.document["key"]:
                await mongo.drop_index(database[name], index.document["name"])
        await database[name].update_many({}, {"$rename": {"company": "user"}, "$unset": {"owner": ""}})
    for name, indexes in FORMER.items():
        for index, keys in indexes:
            sparse = {"partialFilterExpression": {keys[-1]: {"$exists": True}}}
            unique = {"unique": True, **sparse} if index in {"slot", "client_id"} else {}
            await database[name].create_index([(key, ASCENDING) for key in keys], name=index, **unique)
    await database.accounts.update_many({}, {"$unset": {"company_id": "", "role": ""}})
    await database.companies.delete_many({})
    await database.deletions.update_one({"_id": DELETED}, {"$set": {"done": False}}, upsert=True)


async def everything(database):
    names = (*RENAMED, "accounts", "companies", "counters")
    return {name: await database[name].find({}).sort("_id", 1).to_list(None) for name in names}


async def a_recruiter(stores, number):
    account = await new_account(stores, number)
    feeds = [await new_feed(stores, account.id, client_id=name) for name in ("a", "b")]
    await stores.results.save(
        [scored_result(feed=feed.id, company=account.id) for feed in feeds for _ in range(3)]
    )
    return alone(account.id), feeds


@pytest.mark.long
async def test_whatever_write_it_dies_at_all_is_the_companys_in_the_end(stores):
    database = stores._database
    (who, (feed, other)), (gone, _) = await a_recruiter(stores, 1), await a_recruiter(stores, 2)
    body = python_resume()
    resume = str(ObjectId())
    await database.resumes.insert_one({"_id": ObjectId(resume), "body": body})
    await stores.person_records.watch(who, resume, feed.id)
    await stores.person_records.mark(who, resume, feed.id, "已面试", True)
    await stores.persons.part(who.company, resume, str(ObjectId()))
    await stores.feeds.delete(who.company, other.id)
    await stores.deletions.delete(gone.user)
    await database.candidate_records.update_many({}, {"$unset": {"watcher": "", "marked_by": ""}})  # of later
    await database.companies.update_many({}, {"$unset": {"seq": ""}})
    now = await everything(database)
    assert [len(now[name]) for name in (*RENAMED, "companies")] == [4, 6, 1, 1, 1]
    for deaths in itertools.count():
        await become_of_1_0_0(database)
        try:
            await into_companies(dying_after(database, deaths))
        except Killed:
            await into_companies(database)
            assert await everything(database) == now
            continue
        break
    assert deaths > 10
    assert await everything(database) == now
    await into_companies(database)
    assert "deletions" not in await database.list_collection_names()
    assert await stores.jobs.find("deletion", [str(DELETED)])
    await mongo.ensure_indexes(database)
    for name in RENAMED:
        found = {key for index in await database[name].list_indexes().to_list(None) for key in index["key"]}
        assert "user" not in found
    assert (await stores.feeds.get(who.company, feed.id)).owner == who.user
    assert (await stores.accounts.get(who.user)).company_id == who.company
