"""How many taps a recruiter's daily acts take: in the queue, with somebody opened from a list, at a desk."""

import pytest
from playwright.async_api import expect

from tests.browser.test_queue import NO_PHONE, come_back, taps, with_people
from tests.support import eventually

CALLED, INVITED, REJECTED = 2, 5, 2


async def counted(window, expected, act):
    """Do something; it takes so many taps."""
    before = await taps(window)
    await act(window)
    assert await taps(window) - before == expected, act.__name__


async def is_called(window):
    await call(window)
    await window.button("已联系").click()


async def call(window):
    await window.button("解锁并拨打").click()
    await eventually(lambda: window.page.evaluate("window.__dialled.splice(0).length"), what="the call")
    await come_back(window)


async def is_invited(window):
    await call(window)
    await window.button("约面试").click()
    await window.button("约明天 14:00").click()
    await window.button("复制邀请").click()
    await window.says("邀请已复制")
    await window.button("完成").click()


async def is_rejected(window):
    await window.button("不合适", within=".docked").click()
    await window.button("薪资偏高").click()


async def is_rejected_in_the_list(window):
    await window.button("不合适", within=".result.unread").click()
    await window.button("薪资偏高").click()


async def marks(hr, feed_id):
    items = [*await hr.results(feed_id), *await hr.results(feed_id, removed=1)]
    return sorted(row["mark_name"] for item in items for row in item["mark_log"])


@pytest.mark.long
@pytest.mark.usefixtures("within_a_day")
async def test_in_the_queue(hr, windows):
    feed_id = await with_people(hr, 3)
    window = await windows.open_as(hr, f"/feeds/{feed_id}/queue")
    await window.page.evaluate(NO_PHONE)
    for number, (expected, act) in enumerate(
        [(CALLED, is_called), (INVITED, is_invited), (REJECTED, is_rejected)]
    ):
        await expect(window.at(".progress")).to_contain_text(f"{number + 1} / 3")
        await counted(window, expected, act)
    await expect(window.at(".empty")).to_contain_text("都看完了")
    await eventually(lambda: _are(hr, feed_id, ["已联系", "约面试"]), what="the marks")


async def _are(hr, feed_id, names):
    return await marks(hr, feed_id) == names and len(await hr.results(feed_id)) == len(names)


@pytest.mark.long
@pytest.mark.usefixtures("within_a_day")
async def test_in_a_list(hr, windows):
    feed_id = await with_people(hr, 4)
    window = await windows.open_as(hr, f"/feeds/{feed_id}")
    await window.page.evaluate(NO_PHONE)
    await window.sees(".result", 4)
    for number, (expected, act) in enumerate([(CALLED, is_called), (INVITED, is_invited)]):
        await window.at(".result .main").nth(number).click()
        await counted(window, expected, act)
        await window.button("返回").click()
        await window.sees(".result", 4)
    await window.at(".result.unread .main").first.click()
    await counted(window, REJECTED, is_rejected)
    await window.sees(".result", 3)
    await window.says("已移出")
    await counted(window, REJECTED, is_rejected_in_the_list)
    await window.sees(".result", 2)
    await eventually(lambda: _are(hr, feed_id, ["已联系", "约面试"]), what="the marks")


async def test_at_a_desk_where_the_number_is_dialled_by_hand(hr, windows):
    feed_id = await with_people(hr, 3)
    window = await windows.open_as(hr, f"/feeds/{feed_id}/queue", width=1200)
    await window.page.evaluate(NO_PHONE)
    rows = window.at("[aria-label=这次要看的人] li")
    await expect(rows).to_have_count(3)
    await expect(rows.first.locator("button")).to_have_attribute("aria-current", "true")
    before = await taps(window)
    await window.button("显示电话").click()
    await expect(window.at(".docked .number")).to_contain_text("1390000")
    await expect(window.at(".docked .number")).to_be_in_viewport()
    await window.button("已联系").click()
    assert await taps(window) - before == CALLED
    await expect(rows.first).to_contain_text("已联系")
    await rows.nth(2).click()
    await expect(window.at(".progress")).to_contain_text("3 / 3")
    await window.page.keyboard.press("x")
    await window.button("薪资偏高").click()
    await expect(rows.nth(2)).to_contain_text("不合适")
    await expect(window.at(".empty")).to_contain_text("看了 3 位")
    await expect(rows.nth(1)).to_contain_text("待定")
    await window.page.keyboard.press("k")
    await expect(rows.nth(2).locator("button")).to_have_attribute("aria-current", "true")
    assert await window.page.evaluate("window.__dialled") == []
