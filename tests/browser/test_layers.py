"""Sheets and dialogs in the history: Back closes them and stays, and leads on from the page afterwards."""

from __future__ import annotations

import pytest
from playwright.async_api import expect

from tests.support import PYTHON_FEED, python_resume


@pytest.mark.long
async def test_back_closes_a_sheet_and_then_leads_on_and_nothing_opens_again(hr, windows):
    feed_id, _ = await hr.feed_with(python_resume())
    window = await windows.open_as(hr)
    page = window.page
    await window.at(".feed .main").click()
    await window.at(".result .main").click()
    await window.sees(".docked", 1)
    here = page.url

    await window.button("备注").click()
    await window.page.get_by_placeholder("候选人看不到，公司里的同事看得到").fill("周三再打")
    await page.go_back()
    await window.sees("[role=dialog]", 0)
    assert page.url == here
    await expect(window.button("备注")).to_be_focused()
    await page.go_forward()
    await window.sees("[role=dialog]", 0)
    await window.button("备注").click()
    await expect(window.page.get_by_placeholder("候选人看不到，公司里的同事看得到")).to_have_value("周三再打")
    # Closed in another way, a sheet leaves nothing behind that Back would have to pass.
    await page.keyboard.press("Escape")
    await window.sees("[role=dialog]", 0)
    await window.button("标记").click()
    await window.button("关闭").click()
    await window.sees("[role=dialog]", 0)
    await window.is_without_layers()
    await page.go_back()
    await window.sees(".result", 1)
    # What a sheet does may lead away: the sheet's entry does not stand in between.
    await window.at(".result .main").click()
    await window.button("不合适").click()
    await window.button("不说原因").click()
    await window.says("已移出")
    await expect(window.at(".counts")).to_be_visible()
    await page.go_back()
    await window.sees(".feed", 1)

    await window.button(f"{PYTHON_FEED['title']}的更多操作").click()
    await window.button("删除").click()
    await window.button("取消").wait_for()
    await page.go_back()
    await expect(window.button("取消")).to_be_hidden()
    await window.sees(".feed", 1)
    # A page that was loaded again under an open sheet has no sheet, and no entry of one.
    await page.goto(f"http://127.0.0.1:{hr.port}/#/feeds/{feed_id}")
    await window.button("筛选", within=".filters").click()
    await window.at("form.more").wait_for()
    await page.reload()
    await window.at(".counts").wait_for()
    await window.is_without_layers()
    await page.go_back()
    await window.sees(".feed", 1)


@pytest.mark.long
@pytest.mark.parametrize("takes_ms", [300, 1_500])
async def test_a_sheet_that_opens_while_the_browser_still_goes_back_for_another_stays_open(
    hr, windows, takes_ms
):
    await hr.submit(**PYTHON_FEED)
    window = await windows.open_as(hr)
    page = window.page
    menu = window.button(f"{PYTHON_FEED['title']}的更多操作")
    await menu.click()
    await window.sees("[role=dialog]", 1)
    # As slow as a browser is on a busy machine.
    await page.evaluate(
        """(takes_ms) => {
          const go = history.go.bind(history);
          history.go = (steps) => setTimeout(() => go(steps), takes_ms);
          window.__moves = 0;
          addEventListener("popstate", () => window.__moves++);
        }""",
        takes_ms,
    )
    await page.keyboard.press("Escape")
    await window.sees("[role=dialog]", 0)
    await menu.click()
    await page.wait_for_function("() => window.__moves === 1")
    await window.button("暂停", within=".sheet").click()
    await window.says("已暂停")
    # The browser goes back for this one too, and then leads on from the page.
    await page.wait_for_function("() => window.__moves === 2")
    await menu.click()
    await window.sees("[role=dialog]", 1)
    await page.go_back()
    await window.sees("[role=dialog]", 0)
    await window.sees(".feed", 1)
