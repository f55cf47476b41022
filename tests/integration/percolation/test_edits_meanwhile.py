"""Who edits a feed again and again holds no resume up: its newer form has a backfill of its own."""

import itertools

from store.feeds.feed_documents import FeedForm
from tests.integration.engines import pending
from tests.integration.gates import beside
from tests.support import python_resume


async def test_a_resume_is_scored_though_its_feed_is_edited_each_time(engine, stores, monkeypatch):
    await engine.load()
    feed = await engine.submit()
    await engine.score_feeds()
    (id_,) = await engine.arrive(python_resume())
    save, numbers = stores.profiles.save, itertools.count()

    async def edited_meanwhile(profiles, **how):
        await save(profiles, **how)
        form = FeedForm(title="Python开发", job_desc=f"第{next(numbers)}稿")
        await beside(stores.feeds.update(feed.company, feed.id, form))

    monkeypatch.setattr(stores.profiles, "save", edited_meanwhile)
    await engine.percolator.score(await stores.resumes.load([id_]))
    assert await pending(stores) == []
    await engine.score_feeds()
    assert [*await engine.listed(feed)] == [id_]
    assert await engine.calced([feed]) == [True]
