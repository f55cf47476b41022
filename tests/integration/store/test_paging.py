"""Whole collections are read a page at a time, and nothing of them is left out."""

import pytest
from bson import ObjectId

import store.feeds.feeds
import store.paging
import store.resumes.profiles
from store.paging import pages
from tests.integration.stored import incoming, new_feed, new_profile


@pytest.fixture
def collection(stores):
    return stores._database.numbers


def an_id(number):
    return ObjectId(f"{number:024x}")


async def numbers(collection, *some):
    await collection.insert_many([{"_id": an_id(number), "n": number} for number in some])


@pytest.mark.parametrize(("count", "lengths"), [(0, []), (9, [9]), (10, [10]), (11, [10, 1]), (20, [10, 10])])
async def test_every_document_is_given_once_in_the_order_of_the_cursor_and_no_page_is_empty(
    collection, count, lengths
):
    if count:
        await numbers(collection, *range(count, 0, -1))
    found = [page async for page in pages(collection.find({}).sort("n", 1), 10)]
    assert [len(page) for page in found] == lengths
    assert [document["n"] for page in found for document in page] == [*range(1, count + 1)]


async def test_whoever_leaves_early_leaves_no_cursor_open(collection):
    await numbers(collection, *range(1, 31))
    cursor = collection.find({})
    reading = pages(cursor, 10)
    async for page in reading:
        assert len(page) == 10
        break
    assert cursor.alive
    await reading.aclose()
    assert not cursor.alive


async def test_what_is_removed_meanwhile_leaves_no_gap_in_the_rest(collection):
    await numbers(collection, *range(1, 31))
    found = []
    async for page in pages(collection.find({}), 10):
        found += [document["n"] for document in page]
        await collection.delete_many({"n": {"$lte": found[-1]}})
    assert found == list(range(1, 31))


async def test_all_active_feeds_are_read_over_several_pages(stores, monkeypatch):
    monkeypatch.setattr(store.feeds.feeds, "_PAGE", 3)
    made = [await new_feed(stores) for _ in range(8)]
    await stores.feeds.delete(made[4].company, made[4].id)
    left = [feed.id for feed in made if feed is not made[4]]
    assert sorted([feed.id async for feed in stores.feeds.all_active()]) == sorted(left)


async def test_the_key_terms_of_all_profiles_are_read_over_several_pages(stores, monkeypatch):
    monkeypatch.setattr(store.resumes.profiles, "_PAGE", 3)
    profiles = [
        new_profile(data=f"o:{number}".encode(), version="old" if number == 5 else "new")
        for number in range(8)
    ]
    await stores.profiles.save(profiles)
    parts = [part async for part in stores.profiles.all_data("new")]
    assert max(len(part) for part in parts) <= 3 < len(parts) * 3
    found = sorted(data.decode() for part in parts for data in part)
    assert found == [f"o:{number}" for number in range(8) if number != 5]


async def test_the_ids_of_all_resumes_come_in_parts_that_one_query_can_name(stores):
    resumes = [incoming({"source_id": str(number)}) for number in range(250)]
    await stores.resumes.save(resumes)
    parts = [part async for part in stores.resumes.ids_in_parts()]
    assert [len(part) for part in parts] == [100, 100, 50]
    assert {id_ for part in parts for id_ in part} == {resume.id for resume in resumes}
