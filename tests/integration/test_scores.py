"""Writing scores: whatever comes late or twice, states stay and the newest revision wins."""

from datetime import UTC, datetime

import pytest
from bson import ObjectId
from msgspec.structs import replace

from store.result_documents import ScoredResult
from store.result_filter import ResultFilter


@pytest.fixture
def results(server):
    return server.stores.results


def scored(**changes):
    result = ScoredResult(
        feed=str(ObjectId()),
        user=str(ObjectId()),
        resume=str(ObjectId()),
        feed_rev=2,
        resume_rev=2,
        arrived_at=datetime.now(UTC),
        score=50.0,
        title_match=True,
        why=[],
        missing=[],
        keywords=[],
        tags=[],
        send=False,
        partner=False,
        address="",
        salary_low=0,
        salary_high=1_000_000,
    )
    return replace(result, **changes)


async def only(results, one):
    (result,) = await results.page(one.feed, ResultFilter(), by_score=True, skip=0, limit=10)
    return result


@pytest.mark.gen_test
async def test_a_result_is_new_once(results):
    one = scored()
    assert await results.save([one]) == [one]
    assert await results.save([one]) == []


@pytest.mark.gen_test
@pytest.mark.parametrize("older", [{"feed_rev": 1}, {"resume_rev": 1}])
async def test_a_score_of_an_older_revision_is_dropped(results, older):
    one = scored()
    await results.save([one])
    await results.save([replace(one, score=10.0, **older)])
    assert (await only(results, one)).score == 50.0


@pytest.mark.gen_test
async def test_a_new_score_touches_no_state_and_no_day(results):
    one = scored()
    await results.save([one])
    await results.mark_read(one.user, one.feed, one.resume)
    before = await only(results, one)
    await results.save([replace(one, score=60.0, feed_rev=3)])
    after = await only(results, one)
    assert (after.score, after.read, after.pub_time, after.id) == (60.0, True, before.pub_time, before.id)
    await results.set_deleted(one.user, one.feed, one.resume, deleted=True)
    await results.save([replace(one, score=70.0, feed_rev=4)])
    assert await results.page(one.feed, ResultFilter(), by_score=True, skip=0, limit=10) == []


@pytest.mark.gen_test
async def test_only_unread_results_of_an_older_form_are_dropped(results):
    feed, user = str(ObjectId()), str(ObjectId())
    unread, read, deleted, current = (scored(feed=feed, user=user) for _ in range(4))
    await results.save([unread, read, deleted, replace(current, feed_rev=3)])
    await results.mark_read(user, feed, read.resume)
    await results.set_deleted(user, feed, deleted.resume, deleted=True)
    assert [dropped async for dropped in results.drop_outdated(feed, 3)] == [1]
    documents = await results._results.find({"feed": ObjectId(feed)}).to_list(None)
    left = {str(document["resume"]) for document in documents}
    assert left == {read.resume, deleted.resume, current.resume}
