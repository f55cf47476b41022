"""The stream of work: it spreads resumes over processes, and hands over what one has left."""

from bson import ObjectId

from store.redis.queue import WorkQueue
from store.redis.redis_client import Redis, connect


async def test_the_stream_spreads_resumes_and_hands_over_what_a_process_left(store_urls):
    prefix = f"test-{ObjectId()}"
    redis, reader = Redis(store_urls["redis"]), connect(store_urls["redis"], blocking=True)
    one, other = (WorkQueue(redis, reader, prefix, name) for name in ("one", "other"))
    assert await one.take(10) == []  # makes the group
    ids = [str(ObjectId()) for _ in range(20)]
    assert await one.add(ids)
    taken = await one.take(12)
    rest = await other.take(12)
    assert [resume for _, resume in taken + rest] == ids
    await other.done(rest)
    assert [resume for _, resume in await other.take_over(0.0)] == [resume for _, resume in taken]
    assert await one.behind() == 12
    await one.leave()
    await reader.aclose()
    await redis.close()
