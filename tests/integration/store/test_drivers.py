"""Motor and PyMongo's own client serve alike; `TALENTFEED_MONGO_DRIVER` says which one connects."""

import gc

import pytest
from bson import ObjectId
from motor.motor_asyncio import AsyncIOMotorClient
from pymongo import AsyncMongoClient

from store import mongo
from store.errors import STORE_FAILURES
from store.feeds.feed_documents import FeedForm
from store.mongo import Aggregation
from store.paging import pages
from store.stores import Stores

CLIENTS = {"motor": AsyncIOMotorClient, "pymongo": AsyncMongoClient}

# A monitor of PyMongo's client that is just connecting when the client is closed leaves its socket to the
# collector, together with the loop of its test. Here, where it is known, it is let go.
pytestmark = pytest.mark.filterwarnings(
    r"ignore:Exception ignored in. <socket.socket fd=\d+, family=2, type=1, proto=6,:"
    "pytest.PytestUnraisableExceptionWarning"
)


@pytest.fixture(autouse=True)
def collected():
    """What a test has left is collected before the next one begins, of which it would be said otherwise."""
    yield
    gc.collect()


@pytest.fixture(params=CLIENTS)
def driver(request, monkeypatch):
    monkeypatch.setenv("TALENTFEED_MONGO_DRIVER", request.param)
    return request.param


@pytest.mark.gen_test
async def test_the_environment_says_which_one_connects(driver, settings):
    client = mongo.connect(settings.mongo_url)
    assert isinstance(client, CLIENTS[driver])
    assert isinstance(client[settings.mongo_db].one, mongo.collection_class())
    await mongo.close(client)


@pytest.mark.gen_test
async def test_an_aggregation_is_read_in_pages_one_by_one_or_not_at_all(driver, settings):
    client = mongo.connect(settings.mongo_url)
    numbers = client[settings.mongo_db].numbers
    await numbers.insert_many([{"_id": number} for number in range(25)])
    stages = [{"$match": {"_id": {"$gte": 5}}}, {"$sort": {"_id": 1}}]
    assert [len(page) async for page in pages(Aggregation(numbers, stages), 8)] == [8, 8, 4]
    assert [one["_id"] async for one in Aggregation(numbers, stages)] == list(range(5, 25))
    assert len(await Aggregation(numbers, stages).to_list()) == 20
    unread = Aggregation(numbers, [{"$match": "no stage at all"}])
    await unread.close()
    with pytest.raises(STORE_FAILURES):
        await unread.to_list()
    await client.drop_database(settings.mongo_db)
    await mongo.close(client)


@pytest.mark.gen_test
async def test_what_is_stored_by_one_is_read_by_the_other(settings, monkeypatch):
    user = str(ObjectId())
    found = []
    for name in CLIENTS:
        monkeypatch.setenv("TALENTFEED_MONGO_DRIVER", name)
        stores = Stores(settings.mongo_url, settings.mongo_db, settings.redis_url)
        if not found:
            await stores.prepare()
            feed = await stores.feeds.create(user, FeedForm(title="出纳"), quota=5, service_days=1, vip=False)
        found.append(await stores.feeds.get(user, feed.id))
        await stores.close()
    assert found[0] == found[1]
    assert found[0].start_time.tzinfo is not None


@pytest.mark.faults
@pytest.mark.gen_test
async def test_a_store_that_is_away_fails_the_same_way(in_time, driver):
    client = mongo.connect("mongodb://127.0.0.1:1", patience_s=0.2)
    with pytest.raises(STORE_FAILURES):
        await client.nothing.nothing.find_one({})
    await mongo.close(client)
