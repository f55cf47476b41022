"""Two colleagues in one feed: each sees whom the other is with, and calls nobody who is being called."""

import re

import pytest
from playwright.async_api import expect

from tests.api.company.team import colleague, share
from tests.support import PYTHON_FEED, python_resume

CALL = re.compile("拨打|显示电话")


@pytest.mark.gen_test
async def test_who_is_looked_at_or_called_is_shown_passed_over_and_not_called_twice(hr, windows):
    feed = await hr.submit(**PYTHON_FEED)
    ids = (await hr.ingest(*(python_resume() for _ in range(2))))["ids"]
    await hr.all_scored()
    lan = await colleague(hr)
    await share(hr, feed, {lan: "work"})
    mine = await windows.open_as(hr, f"/feeds/{feed}")
    card = mine.at(f"[data-resume='{ids[0]}']")
    await expect(card).to_be_visible()
    await mine.is_live()
    theirs = await windows.open_as(lan, f"/feeds/{feed}/resumes/{ids[0]}")
    name = lan.email.partition("@")[0]
    await expect(card).to_contain_text(f"{name}正在查看")

    # The queue has the other one alone, and whoever opens the first sees who is there.
    await mine.go(f"/feeds/{feed}/queue")
    await expect(mine.at("main")).to_contain_text("1 / 1")
    await mine.go(f"/feeds/{feed}/resumes/{ids[0]}")
    await expect(mine.at("[aria-label=概要]")).to_contain_text(f"{name}正在查看")
    await theirs.button(CALL, within=".docked").click()
    await expect(mine.at("[aria-label=概要]")).to_contain_text(f"{name}正在联系")
    await mine.button(CALL, within=".docked").click()
    await mine.says(f"{name}正在联系，已告诉对方你也想联系")
    (item,) = [row for row in await hr.results(feed) if row["resume"]["id"] == ids[0]]
    assert item["claim"]["kind"] == "call"

    await lan.post(f"/resumes/release/{ids[0]}", {})
    await expect(mine.at("[aria-label=概要]")).not_to_contain_text(name)
