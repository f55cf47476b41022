"""Every page of the router: axe, targets, large letters, an old kernel. A new page is walked by itself."""

from __future__ import annotations

import pytest

from tests.browser.walk import cut_texts, faults_of, pages_of, small_targets
from tests.support import PYTHON_FEED, python_resume


@pytest.mark.long
async def test_every_page_is_for_everybody(hr, windows):
    """As an old kernel shows it; with letters of WeChat's largest size."""
    feed_id = await hr.submit(**(PYTHON_FEED | {"keywords": "python,golang"}))
    await hr.scored(*(python_resume() for _ in range(3)))
    resume_id = (await hr.results(feed_id))[0]["resume"]["id"]
    of_feed = {"feed_id": feed_id}
    await hr.post(f"/resumes/add_watch/{resume_id}", **of_feed)
    await hr.post(f"/resumes/mark/{resume_id}", {**of_feed, "mark_name": "已联系", "good_result": True})
    await hr.post(f"/resumes/download/{resume_id}", of_feed)
    names = {"feedId": feed_id, "resumeId": resume_id}
    gate = await windows.open(hr.port, is_old=True)
    window = await windows.open_as(hr, is_old=True)
    walked, faults = [], []
    for one in (gate, window):
        async for route, _ in pages_of(one, names, is_logged_in=one is window):
            walked.append(route)
            found = [*await faults_of(one), *await small_targets(one)]
            faults += [(route, fault) for fault in [*found, *await cut_texts(one)]]
    assert {"/login", "/register", "/", "/me", "/feeds/:feedId", "/feeds/:feedId/edit"} <= set(walked)
    assert not faults, "\n".join(f"{route}: {fault}" for route, fault in faults)
