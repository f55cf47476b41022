"""Pending feedback and the clicks of a feed are found among the results that were ever clicked on."""

from bson import ObjectId

from tests.integration.results.test_scores import scored

USER = str(ObjectId())
ONE, OTHER = str(ObjectId()), str(ObjectId())


async def listed(stores):
    """Two feeds with the same four resumes; gives the resumes."""
    resumes = [str(ObjectId()) for _ in range(4)]
    rows = [scored(feed=feed, company=USER, resume=resume) for feed in (ONE, OTHER) for resume in resumes]
    await stores.results.save(rows)
    return resumes


async def learn(stores, feed):
    await stores.feedback.finish(await stores.feedback.begin(USER, feed))


async def acts(stores, feed):
    return [(click.resume, click.act, click.reasons) for click in await stores.feedback.clicks(USER, feed)]


async def test_a_click_is_pending_in_its_own_feed_until_that_has_learned(stores):
    first, second, *_ = await listed(stores)
    assert list(await stores.feedback.due(10)) == []
    await stores.results.mark_read(USER, ONE, first)
    await stores.results.set_deleted(USER, OTHER, second, deleted=True)
    assert list(await stores.feedback.due(10)) == sorted([ONE, OTHER])
    assert len((await stores.feedback.begin(USER, ONE)).results) == 1
    await learn(stores, ONE)
    assert list(await stores.feedback.due(10)) == [OTHER]
    assert not (await stores.feedback.begin(USER, ONE)).is_needed
    assert await acts(stores, ONE) == [(first, "read", [])]


async def test_a_click_during_a_round_stays_pending(stores):
    first, *_ = await listed(stores)
    await stores.results.mark_read(USER, ONE, first)
    round_ = await stores.feedback.begin(USER, ONE)
    await stores.results.set_deleted(USER, ONE, first, deleted=True)
    await stores.feedback.finish(round_)
    assert list(await stores.feedback.due(10)) == [ONE]


async def test_the_newest_clicks_that_stand_come_first(stores):
    first, second, third, fourth = await listed(stores)
    await stores.results.mark_read(USER, ONE, first)
    await stores.results.set_deleted(USER, ONE, second, deleted=True, reasons=["area"])
    await stores.results.mark_read(USER, ONE, third)
    await stores.results.set_deleted(USER, ONE, fourth, deleted=True)
    await stores.results.set_deleted(USER, ONE, fourth, deleted=False)  # it was not read: nothing stands
    assert await acts(stores, ONE) == [
        (third, "read", []),
        (second, "deleted", ["area"]),
        (first, "read", []),
    ]
    assert await acts(stores, OTHER) == []
