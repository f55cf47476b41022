"""One write gives each of many documents its own values; many writes are several commands."""

from datetime import UTC, datetime

from bson import ObjectId
from pymongo import InsertOne, UpdateOne

from store import bulk as module
from store.bulk import add_to_each, bulk, bulk_matched, insert_or, set_each

NOW = datetime(2026, 1, 2, tzinfo=UTC)


async def filled(stores, *documents):
    collection = stores._database.things
    ids = [ObjectId() for _ in documents]
    await collection.insert_many([{"_id": id_, **one} for id_, one in zip(ids, documents, strict=True)])

    async def stored():
        rows = {row.pop("_id"): row async for row in collection.find({})}
        return [rows[id_] for id_ in ids]

    return collection, ids, stored


async def test_each_document_gets_its_own_values_as_they_are(stores):
    things, (a, b, c), stored = await filled(stores, {"x": 1, "n": 1}, {"n": 1}, {"n": 2})
    values = {
        a: {"x": "$n", "some": [], "at": NOW, "n": 2},
        b: {"x": None, "some": ["$x", a], "at": NOW, "n": 2},
        c: {"x": False, "some": [], "at": NOW, "n": 2},
    }
    assert await bulk_matched(things, [set_each(values, where={"n": 1})]) == 2
    assert await stored() == [values[a], values[b], {"n": 2}]


async def test_what_none_has_afterwards_goes_with_the_same_write(stores):
    things, (a, b), stored = await filled(stores, {"x": 1, "y": 2}, {"x": 1})
    assert await bulk_matched(things, [set_each({a: {"z": 1}, b: {"z": 2}}, without={"x", "y"})]) == 2
    assert await stored() == [{"z": 1}, {"z": 2}]


async def test_each_list_gets_its_own_value_once(stores):
    things, (a, b, c, d), stored = await filled(
        stores, {}, {"some": [2, 1]}, {"some": [1]}, {"some": [1, 2, 3]}
    )
    has_room = {"some.2": {"$exists": False}}
    write = add_to_each("some", {a: 1, b: 2, c: 3, d: 4}, where=has_room)
    for _ in range(2):
        assert await bulk_matched(things, [write]) == 3
    assert await stored() == [{"some": [1]}, {"some": [2, 1]}, {"some": [1, 3]}, {"some": [1, 2, 3]}]


class Noted:
    """A collection, and how many writes each command has."""

    def __init__(self, collection):
        self._collection, self.sizes = collection, []

    async def bulk_write(self, writes, **options):
        self.sizes.append(len(writes))
        return await self._collection.bulk_write(writes, **options)


async def test_many_writes_are_several_commands_and_the_taken_keys_are_told_of_all(stores, monkeypatch):
    monkeypatch.setattr(module, "_AT_ONCE", 3)
    noted = Noted(stores._database.bulk)
    await bulk(noted, [InsertOne({"_id": number, "times": 1}) for number in (1, 4, 6)])
    assert await bulk(noted, [InsertOne({"_id": number}) for number in range(8)]) == {1, 4, 6}
    assert noted.sizes == [3, 3, 3, 2]
    more = [{"_id": number} for number in (6, 10, 11, 12, 1)]
    assert await insert_or(noted, more, lambda at: UpdateOne(more[at], {"$inc": {"times": 1}})) == {1, 2, 3}
    writes = [UpdateOne({"_id": number}, {"$inc": {"times": 1}}) for number in (99, 1, 2, 98, 6)]
    assert await bulk_matched(noted, writes) == 3
    assert max(noted.sizes) == 3
    found = await stores._database.bulk.find({"times": {"$gt": 1}}).to_list(None)
    assert {one["_id"]: one["times"] for one in found} == {1: 3, 6: 3}
    assert await bulk(noted, []) == set()
