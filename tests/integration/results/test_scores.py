"""Writing scores: whatever comes late or twice, states stay and the newest revision wins."""

import pytest
from bson import ObjectId
from msgspec.structs import replace

from store.ids import result_id
from store.results.result_documents import Reason
from store.results.result_filter import ResultFilter
from tests.support import each, scored_result


@pytest.fixture
def results(server):
    return server.stores.results


def scored(**changes):
    """At a revision that there is an older one of."""
    return scored_result(**{"feed_rev": 2, "resume_rev": 2, **changes})


async def only(results, one):
    (result,) = await results.page(
        one.company, one.feed, ResultFilter(tier="all"), order="score", skip=0, limit=10
    )
    return result


@pytest.mark.parametrize("older", [{"feed_rev": 1}, {"resume_rev": 1}])
async def test_a_score_of_an_older_revision_is_dropped(results, older):
    one = scored()
    await results.save([one])
    await results.save([replace(one, score=10.0, **older)])
    assert (await only(results, one)).score == 50.0


async def test_a_new_score_touches_no_state_and_no_day(results):
    one = scored()
    await results.save([one])
    await results.mark_read(one.company, one.feed, one.resume)
    before = await only(results, one)
    await results.save([replace(one, score=60.0, feed_rev=3)])
    after = await only(results, one)
    assert (after.score, after.read, after.pub_time, after.id) == (60.0, True, before.pub_time, before.id)
    await results.set_deleted(one.company, one.feed, one.resume, deleted=True)
    await results.save([replace(one, score=70.0, feed_rev=4)])
    assert (
        await results.page(one.company, one.feed, ResultFilter(tier="all"), order="score", skip=0, limit=10)
        == []
    )


async def test_only_unread_results_of_an_older_form_are_dropped(results):
    feed, user = str(ObjectId()), str(ObjectId())
    unread, read, deleted, current = (scored(feed=feed, company=user) for _ in range(4))
    await results.save([unread, read, deleted, replace(current, feed_rev=3)])
    await results.mark_read(user, feed, read.resume)
    await results.set_deleted(user, feed, deleted.resume, deleted=True)
    assert [dropped async for dropped in results.drop_outdated(user, feed, 3)] == [1]
    documents = await results._results.find({"company": ObjectId(user), "feed": ObjectId(feed)}).to_list(None)
    left = {str(document["resume"]) for document in documents}
    assert left == {read.resume, deleted.resume, current.resume}


async def stored(results, one):
    return await results._results.find_one(
        {"_id": ObjectId(result_id(one.feed, one.resume)), "company": ObjectId(one.company)}
    )


async def test_what_a_new_revision_leaves_as_it_is_only_takes_the_revision(results):
    one = scored(keywords=["python"], why=[Reason("skill", "python", "python", 50.0)])
    await results.save([one])
    await results.mark_read(one.company, one.feed, one.resume)
    before = await stored(results, one)
    assert await results.keep_unchanged([replace(one, feed_rev=3)]) == []
    after = await stored(results, one)
    assert after["calc_time"] > before["calc_time"]
    assert after == before | {"feed_rev": 3, "calc_time": after["calc_time"]}


@each(
    "change",
    [
        {"score": 40.0},
        {"fit": 0.25},
        {"strong": False},
        {"title_match": False},
        {"why": [Reason("skill", "python", "python", 49.0), Reason("city", "北京", "北京", 1.0)]},
        {"missing": ["go"]},
        {"keywords": ["java"]},
        {"tags": ["211"]},
        {"send": True},
        {"partner": True},
        {"address": "上海"},
        {"salary_low": 1},
        {"salary_high": 2},
        {"resume_rev": 3},
    ],
)
async def test_whatever_a_new_revision_changes_is_still_to_be_saved(results, change):
    one, same, new = (scored() for _ in range(3))
    await results.save([one, same])
    changed, same, new = (replace(row, feed_rev=3) for row in (replace(one, **change), same, new))
    assert await results.keep_unchanged([same, changed, new]) == [changed, new]
    assert await results.save([changed, new]) == [new]
    assert all([(await only(results, row)).feed_rev == 3 for row in (changed, same, new)])
    assert await results.keep_unchanged([same, changed, new]) == []


@pytest.mark.parametrize("newer", [{"feed_rev": 4}, {"resume_rev": 3}])
async def test_a_newer_revision_is_not_touched_by_keeping(results, newer):
    one = scored(feed_rev=3)
    await results.save([replace(one, **newer)])
    before = await stored(results, one)
    assert await results.keep_unchanged([one]) == [one]
    assert await stored(results, one) == before
