"""A list as somebody works through it: many results, resumes beside it, coming back to the page."""

from __future__ import annotations

import re

import pytest
from playwright.async_api import expect

from tests.support import PYTHON_FEED, eventually, python_resume

RESULTS = 150
NODES = 3_000
"""As many as a slow phone lays out in the time of a tap, texts and comments included. The cards of all
results would be three times as many."""


async def count_nodes(window):
    cdp = await window.page.context.new_cdp_session(window.page)
    await cdp.send("HeapProfiler.enable")
    await cdp.send("HeapProfiler.collectGarbage")
    return (await cdp.send("Memory.getDOMCounters"))["nodes"]


async def filled(hr, count):
    feed = await hr.submit(**PYTHON_FEED)
    for start in range(0, count, 100):
        await hr.ingest(*(python_resume() for _ in range(min(100, count - start))))
    await hr.all_scored()

    async def are_counted():
        return await hr.unread(feed) == count

    # A page that is opened between two counts reads them again by itself.
    await eventually(are_counted, what="the counts")
    return feed


async def load_all(window, count):
    listed = window.at(".listed")

    async def has_all():
        await window.page.evaluate("scrollTo(0, document.documentElement.scrollHeight)")
        if await window.at(".van-list__error-text").is_visible():  # a busy machine answered too late
            await window.at(".van-list__error-text").click()
        return await listed.count() == count

    await eventually(has_all, what=f"{count} results", within_s=90)


def lists_asked(window):
    return [url for url in window.requests if "/feed_list/" in url]


@pytest.mark.long
async def test_many_results_are_few_nodes_and_stay_where_they_are(hr, windows):
    feed = await filled(hr, RESULTS)
    window = await windows.open_as(hr, f"/feeds/{feed}")
    await window.sees(".listed", 10)
    assert len(lists_asked(window)) == 1, "the list that was asked for early is asked for again"
    await load_all(window, RESULTS)

    async def are_few():
        return await count_nodes(window) <= NODES

    await eventually(are_few, what=f"{NODES} nodes")
    height = await window.page.evaluate("document.documentElement.scrollHeight")

    # A place in the middle, a resume of it, and back: the same card at the same place, not one like it.
    await window.page.evaluate("scrollTo(0, document.documentElement.scrollHeight / 2)")
    row = window.at(".listed").nth(RESULTS // 2)
    await row.scroll_into_view_if_needed()
    await row.locator(".result").evaluate("card => { card.isTheSame = true }")
    top = await window.page.evaluate("scrollY")
    await row.locator(".main").click()
    await window.sees(".docked", 1)
    assert await window.page.evaluate("scrollY") == 0
    await window.page.go_back()
    await expect(row.locator(".result")).to_be_in_viewport()
    assert await window.page.evaluate("scrollY") == top
    assert await row.locator(".result").evaluate("card => card.isTheSame")
    assert await window.page.evaluate("document.documentElement.scrollHeight") == height
    await expect(row.locator(".main")).to_be_focused()

    # Whoever comes back to the page asks for counts, not for a long list.
    asked = len(lists_asked(window))
    # While they are on their way, nothing else that has changed is looked for.
    async with window.page.expect_response("**/feed_list/*size=1"):
        await window.page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    # In another window one is deleted, and another read: rows near the screen are read again, no others.
    gone, seen = [
        await window.at(".listed").nth(at).get_attribute("data-row")
        for at in (RESULTS // 2 - 2, RESULTS // 2 + 1)
    ]
    await hr.post("/feed/modify_feed_result", feed_id=feed, resume_id=gone, reco_index=-150)
    await hr.post(f"/feed/get/{feed}/{seen}")
    await window.sees(f'[data-row="{gone}"]', 0)
    await expect(window.at(f'[data-resume="{seen}"]')).not_to_have_class(re.compile("unread"))
    await expect(window.at(".counts")).to_contain_text(f"共 {RESULTS - 1} 份 · 未读 {RESULTS - 3}")
    await window.sees(".fresh", 0)
    sizes = [int(re.search(r"size=(\d+)", url)[1]) for url in lists_asked(window)[asked:]]
    assert sizes[0] == 1
    assert max(sizes) <= 50
    assert len(sizes) <= 8
    assert await window.at(".listed").count() == RESULTS - 1
    # On a busy machine requests of one account wait for each other; one that waits too long is asked again.
    window.forgive("429")


@pytest.mark.long
async def test_a_wide_window_has_the_list_and_the_resume_side_by_side(hr, windows):
    feed = await filled(hr, 23)
    window = await windows.open_as(hr, f"/feeds/{feed}", width=1000)
    pane = window.at(".pane")
    await expect(pane).to_contain_text("选一份简历")
    await load_all(window, 23)
    row = window.at(".listed").nth(12)
    await row.scroll_into_view_if_needed()
    top = await window.page.evaluate("scrollY")
    assert top > 0
    await row.locator(".main").click()
    await expect(pane.locator(".docked")).to_be_in_viewport()
    await expect(row.locator(".result")).to_be_in_viewport()
    assert await window.page.evaluate("scrollY") == top
    await expect(row).to_have_class(re.compile("chosen"))
    await expect(row.locator(".result")).not_to_have_class(re.compile("unread"))
    # What is fixed in the resume is at the foot of its pane, and keys scroll the resume.
    bar = await pane.locator(".docked").bounding_box()
    left = (await pane.bounding_box())["x"]
    assert bar["x"] >= left
    assert bar["y"] + bar["height"] == pytest.approx(760, abs=1)
    await expect(pane).to_be_focused()
    # Another one takes its place, in the history too: back leads to the list alone.
    first = page_of(window)
    await window.at(".listed").nth(13).locator(".main").click()
    await expect(window.at(".listed").nth(13)).to_have_class(re.compile("chosen"))
    assert page_of(window) != first
    await window.page.go_back()
    await expect(pane).to_contain_text("选一份简历")
    assert await window.page.evaluate("scrollY") == pytest.approx(top, abs=300)
    await window.page.go_forward()
    await expect(pane.locator(".docked")).to_be_visible()

    # Narrower, the resume is alone; wider again, the list is where it was. A reload changes nothing.
    top = await window.page.evaluate("scrollY")
    await window.page.set_viewport_size({"width": 375, "height": 760})
    await window.sees(".list", 0)
    await expect(pane.locator(".docked")).to_be_visible()
    await window.page.set_viewport_size({"width": 1000, "height": 760})
    await window.sees(".list", 1)
    assert await window.page.evaluate("scrollY") == top
    await window.page.reload()
    await expect(pane.locator(".docked")).to_be_visible()
    await window.sees(".listed", 10)
    # On a phone the link opens the resume alone, and back leads to the list.
    phone = await windows.open_as(hr, page_of(window))
    await phone.sees(".docked", 1)
    await phone.sees(".list", 0)
    await phone.button("返回").click()
    await phone.sees(".listed", 10)

    # What is removed from the list is not left beside it.
    chosen = window.at(f'[data-resume="{page_of(window).split("/")[-1]}"]')
    await window.page.set_viewport_size({"width": 1300, "height": 760})
    await load_all(window, 23)
    await chosen.scroll_into_view_if_needed()
    await chosen.get_by_role("button", name="不合适").click()
    await window.button("不说原因").click()
    await expect(pane).to_contain_text("选一份简历")
    # With so much room the main pages are at hand at the side, where nothing lies over the list.
    links = await window.at(".van-tabbar").bounding_box()
    assert links["x"] == 0
    assert links["width"] < 100 < 400 < links["height"]
    assert (await window.at(".list").bounding_box())["x"] >= links["width"]
    await window.at(".van-tabbar").get_by_text("收藏").click()
    await expect(window.page).to_have_title(re.compile("收藏"))


def page_of(window):
    """The page of the client that a window shows."""
    return window.page.url.partition("#")[2]
