"""The queue: from a notice to the tenth person, how a call went, and what happens when something fails."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime, timedelta
from functools import partial

import pytest
from playwright.async_api import expect

from runtime.clock import SHANGHAI
from tests.support import INGEST_TOKEN, eventually, python_resume

NO_PHONE = """
window.__dialled = [];
window.__taps = 0;
addEventListener("click", () => window.__taps++, true);
// A browser without a phone refuses the link; what it was asked to dial is noted instead.
navigation.addEventListener("navigate", (event) => {
  if (!event.destination.url.startsWith("tel:")) return;
  event.preventDefault();
  window.__dialled.push(event.destination.url);
});
"""
"""Counts taps, and notes what is dialled."""


def day(ahead):
    return (datetime.now(UTC).astimezone(SHANGHAI).date() + timedelta(days=ahead)).isoformat()


def caller(number):
    return python_resume(name=f"候选人{number}", phone=f"1390000{number:04}", email="", qq="")


async def with_people(hr, count):
    feed_id, _ = await hr.feed_with(*(caller(number) for number in range(count)))
    return feed_id


async def opened(hr, windows, path):
    """The queue, as a notice's link opens it."""
    window = await windows.open_as(hr, "/me")
    await window.page.evaluate(NO_PHONE)
    await window.go(path)
    await window.button("解锁并拨打").or_(window.at(".empty")).first.wait_for()
    return window


async def come_back(window):
    """From the phone to the page."""
    await window.page.evaluate("dispatchEvent(new Event('focus'))")


async def taps(window):
    return await window.page.evaluate("window.__taps")


async def marks_of(hr, feed_id):
    items = await hr.results(feed_id)
    return sorted(row["mark_name"] for item in items for row in item["mark_log"])


@pytest.mark.long
@pytest.mark.usefixtures("within_a_day")
async def test_ten_people_are_called_and_marked_from_a_notices_link(hr, windows):
    """With how many taps is counted in test_taps.py."""
    feed_id = await with_people(hr, 10)
    window = await opened(hr, windows, f"/feeds/{feed_id}/queue")
    dialled = set()
    for number in range(10):
        await expect(window.at(".progress")).to_contain_text(f"{number + 1} / 10")
        await window.button("解锁并拨打").click()
        await expect(window.at(".contact a[href^='tel:']")).to_be_visible()
        await eventually(lambda: window.page.evaluate("window.__dialled.length"), what="the call")
        dialled |= set(await window.page.evaluate("window.__dialled.splice(0)"))
        await come_back(window)
        await expect(window.at("[role=dialog]").filter(visible=True)).to_contain_text("刚才的电话怎么样？")
        if number % 3 == 1:
            await window.button("约面试").click()
            await window.button("约明天 14:00").click()
            await window.button("完成").click()
        else:
            await window.button(("没接", "", "已联系")[number % 3]).first.click()
    await expect(window.at(".empty")).to_contain_text("都看完了")
    await expect(window.at(".empty")).to_contain_text("看了 10 位 · 打了 10 位 · 约了 3 位")
    assert len(dialled) == 10

    async def are_marked():
        return await marks_of(hr, feed_id) == ["已联系"] * 3 + ["没接"] * 4 + ["约面试"] * 3

    await eventually(are_marked, what="the marks")
    marked = await hr.get("/resumes/marked/", mark_name="约面试")
    assert {row["remind_at"] for row in marked["data"]} == {f"{day(1)} 14:00"}
    await window.shows_unread(0)
    # The last is taken back from the end.
    await window.button("撤销：没接").click()
    await expect(window.at(".progress")).to_contain_text("10 / 10")
    await eventually(lambda: _has_marks(hr, feed_id, 9), what="the mark to go")


async def _has_marks(hr, feed_id, count):
    return len(await marks_of(hr, feed_id)) == count


@pytest.mark.long
async def test_who_does_not_fit_goes_with_a_reason_by_keys_and_what_arrives_joins_the_end(hr, windows):
    feed_id = await with_people(hr, 3)
    window = await opened(hr, windows, f"/feeds/{feed_id}/queue")
    first = await window.at(".head h2").inner_text()
    await window.page.keyboard.press("x")
    await window.button("薪资偏高").click()
    await window.says("已移出：")
    await expect(window.at(".progress")).to_contain_text("2 / 3")
    await window.page.keyboard.press("f")
    await window.says("已收藏")
    await window.page.keyboard.press("k")
    await expect(window.at(".progress")).to_contain_text("1 / 3")
    await expect(window.at(".head h2")).to_have_text(first)
    await window.page.keyboard.press("j")
    await hr.scored(caller(7))
    await expect(window.at(".progress")).to_contain_text("2 / 4")
    await window.page.keyboard.press("?")
    await expect(window.at("[role=dialog]").filter(visible=True)).to_contain_text("快捷键")
    await window.page.keyboard.press("Escape")
    await expect(window.at("[role=dialog]").filter(visible=True)).to_have_count(0)
    await window.page.keyboard.press("j")
    # A finger does what the key does.
    await window.drag((300, 400), (60, 410))
    await expect(window.at(".progress")).to_contain_text("4 / 4")
    await window.button("下一位").click()
    await expect(window.at(".empty")).to_contain_text("看了 4 位 · 移出 1 位")

    async def is_learned():
        # The page goes on before the server knows of it.
        removed = (await hr.read(f"/special_feed/statistics/{feed_id}"))["data"]
        return "salary_high" in json.dumps(removed)

    await eventually(is_learned, what="the reason")


@pytest.mark.long
async def test_nobody_is_read_by_opening_and_who_is_left_undecided_is_the_second_half(hr, windows):
    feed_id = await with_people(hr, 3)
    window = await opened(hr, windows, f"/feeds/{feed_id}/queue")
    await window.shows_unread(3)
    await window.go("/me")
    await expect(window.at(".face")).to_be_visible()
    await window.shows_unread(3)
    await window.go(f"/feeds/{feed_id}/queue")
    await window.button("标记").click()
    await window.button("已联系").click()
    await window.button("下一位").click()
    await window.button("下一位").click()
    await window.shows_unread(0)
    await expect(window.at(".empty")).to_contain_text("新的看完了，还有 2 位待定")
    await window.button("接着看待定的").click()
    await expect(window.at(".progress")).to_contain_text("1 / 2")
    await window.button("标记").click()
    await window.button("对方不考虑").click()
    await window.button("下一位").click()
    await expect(window.at(".empty")).to_contain_text("还有 1 位待定")
    answer = await hr.read(f"/special_feed/feed_list/{feed_id}", tier="all", work="undecided")
    assert len(answer["data"]) == 1
    await window.button("再看一遍待定的").click()
    await window.button("标记").click()
    await window.button("加了微信").click()
    await expect(window.at(".empty")).to_contain_text("都看完了")


@pytest.mark.long
async def test_what_was_done_offline_waits_goes_out_in_order_after_a_reload_and_is_done_once(hr, windows):
    feed_id = await with_people(hr, 3)
    window = await opened(hr, windows, f"/feeds/{feed_id}/queue")
    await window.button("解锁并复制").click()
    await window.says("已解锁")
    window.forgive_lost_connections()
    is_lost = [True]

    async def lose(route):
        """The server does the first, and its answer is lost; then it cannot be reached at all."""
        if is_lost and "/resumes/mark/" in route.request.url:
            is_lost.pop()
            await route.fetch()
        await route.abort()

    writes = re.compile("/resumes/mark/|/resumes/comment/|/modify_feed_result")
    async with window.answered(writes, lose):
        await window.button("标记").click()
        await window.button("没接", within="[role=dialog]").first.click()
        await window.button("备注", within="nav").click()
        await window.page.get_by_label("备注", exact=True).fill("周三再看")
        await window.button("保存备注").click()
        await expect(window.at(".waiting")).to_contain_text("周三再看")
        await window.button("不合适", within="nav").click()
        await window.button("跳槽频繁").click()
        await expect(window.at(".progress")).to_contain_text("3 / 3")
        # Two outcomes of one person are two, in their order.
        await window.button("上一位").click()
        await window.button("上一位").click()
        await window.button("标记").click()
        await window.button("已联系").click()
        await expect(window.at(".banner")).to_contain_text("条记录待发送")
    await window.page.reload()

    async def are_known():
        items = [*await hr.results(feed_id), *await hr.results(feed_id, removed=1)]
        marks = [[row["mark_name"] for row in item["mark_log"]] for item in items if item["mark_log"]]
        notes = [[row["content"] for row in item["comment_log"]] for item in items if item["comment_log"]]
        return marks == [["没接", "已联系"]] and notes == [["周三再看", "不合适：跳槽频繁"]]

    await eventually(are_known, what="all of it, each once")
    await expect(window.at(".banner")).not_to_contain_text("待发送")
    assert len(await hr.results(feed_id)) == 2


async def test_the_next_person_opens_at_the_top_where_the_network_is_lost(hr, windows):
    """The line that says so comes above, and moves what is shown."""
    feed_id = await with_people(hr, 2)
    window = await opened(hr, windows, f"/feeds/{feed_id}/queue")
    await window.page.set_viewport_size({"width": 375, "height": 400})
    await window.page.evaluate("scrollTo(0, 300)")
    await window.button("不合适", within="nav").click()
    await window.button("跳槽频繁").wait_for()  # the sheet is a file of its own
    window.forgive_lost_connections()
    await window.page.context.set_offline(True)
    await window.button("跳槽频繁").click()
    await expect(window.at(".progress")).to_contain_text("2 / 2")
    await expect(window.at(".banner")).to_contain_text("条记录待发送")
    assert await window.page.evaluate("scrollY") == 0


async def test_a_swipe_is_the_queues_and_not_the_browsers(hr, windows):
    """Chromium goes back in the history where a page lets it have a swipe."""
    feed_id = await with_people(hr, 2)
    window = await opened(hr, windows, f"/feeds/{feed_id}/queue")
    assert await window.at("html").evaluate("one => getComputedStyle(one).overscrollBehaviorX") == "none"
    await window.drag((300, 300), (20, 300))
    await expect(window.at(".progress")).to_contain_text("2 / 2")
    await window.drag((60, 300), (370, 300))
    await expect(window.at(".progress")).to_contain_text("1 / 2")
    assert window.page.url.endswith(f"/feeds/{feed_id}/queue")


@pytest.mark.long
async def test_more_than_a_page_of_people_may_arrive_while_the_queue_is_over(hr, windows):
    feed_id = await with_people(hr, 1)
    window = await opened(hr, windows, f"/feeds/{feed_id}/queue")
    await window.button("下一位").click()
    await expect(window.at(".empty")).to_contain_text("还有 1 位待定")
    await hr.scored(*(python_resume(name=f"后来{n}", phone=f"1370000{n:04}", email="") for n in range(30)))
    await window.shows_unread(30)
    await window.button("位新的，接着看").click()
    await expect(window.at(".progress")).to_contain_text("2 / 31")


@pytest.mark.long
async def test_corrections_and_favourites_wait_offline_and_go_out_in_order(hr, windows):
    feed_id = await with_people(hr, 1)
    (item,) = await hr.results(feed_id)
    resume = item["resume"]["id"]
    for content in ("周三下午", "问过薪资"):
        await hr.post(f"/resumes/comment/{resume}", {"content": content})
    await hr.mark(feed_id, resume, "已联系")
    window = await windows.open_as(hr, f"/feeds/{feed_id}/resumes/{resume}")
    await window.button("周三下午").click()
    await window.page.get_by_label("备注", exact=True).wait_for()  # the sheet is a file of its own
    window.forgive_lost_connections()
    await window.page.context.set_offline(True)
    await window.page.get_by_label("备注", exact=True).fill("周四上午")
    await window.button("保存修改").click()
    await window.button("问过薪资").click()
    await window.button("撤销这条备注").click()
    await window.button("已联系").click()
    await window.button("加了微信", within="[role=dialog]").click()
    for is_on in (True, False, True):
        await window.button("收藏").click()
        await window.says("已收藏" if is_on else "已取消收藏")
    newest_first = ("^收藏", "取消收藏", "^收藏", "改为加了微信", "撤销备注", "周四上午")
    await expect(window.at(".waiting")).to_have_text([re.compile(words) for words in newest_first])
    await expect(window.at(".banner")).to_contain_text("6 条记录待发送")
    await window.page.context.set_offline(False)
    await expect(window.at(".waiting")).to_have_count(0)
    (item,) = await hr.results(feed_id)
    assert [row["content"] for row in item["comment_log"]] == ["周四上午"]
    assert [row["mark_name"] for row in item["mark_log"]] == ["加了微信"]
    assert item["favStatus"]


@pytest.mark.long
async def test_who_is_undecided_is_counted_in_every_window(hr, windows):
    feed_id = await with_people(hr, 2)
    window = await windows.open_as(hr, "/")
    other = await windows.open_as(hr, f"/feeds/{feed_id}/queue", width=1200)
    await other.button("下一位").click()
    await expect(window.at(".feed")).to_contain_text("待定")
    await other.button("下一位").click()
    await expect(window.at(".feed")).to_contain_text("待定 2")
    await other.button("接着看待定的").click()
    await other.button("标记").click()
    await other.button("加了微信", within="[role=dialog]").first.click()
    await expect(window.at(".feed")).to_contain_text("待定 1")


async def test_what_the_server_refuses_is_shown_at_the_person_until_it_is_dropped(hr, windows):
    feed_id = await with_people(hr, 1)
    (item,) = await hr.results(feed_id)
    window = await windows.open_as(hr, f"/feeds/{feed_id}/resumes/{item['resume']['id']}")
    await window.button("标记").wait_for()
    await hr.call(
        "DELETE", f"/resumes/{item['resume']['id']}", headers={"Authorization": f"Bearer {INGEST_TOKEN}"}
    )
    await window.button("标记").click()
    await window.button("加了微信").click()
    await expect(window.at(".waiting .wrong")).to_be_visible()
    await expect(window.at(".banner")).to_contain_text("没能记下“加了微信：")
    await window.page.reload()
    await expect(window.at(".banner")).to_contain_text("没能记下“加了微信：")
    await window.button("不要了", within=".banner").click()
    await expect(window.at(".banner")).not_to_contain_text("没能记下")
    window.forgive("404")


async def test_calls_whose_tabs_were_closed_are_asked_about_in_another_one(hr, windows):
    feed_id = await with_people(hr, 3)
    first = await opened(hr, windows, f"/feeds/{feed_id}/queue")
    second, third = [await windows.beside(first, f"/feeds/{feed_id}/queue") for _ in range(2)]
    for steps, window in enumerate((first, second, third)):
        await window.page.evaluate(NO_PHONE)
        for _ in range(steps):
            await window.button("下一位").click()
        await expect(window.at(".progress")).to_contain_text(f"{steps + 1} / 3")
    for window in (first, second, third):
        await window.button("解锁并拨打").click()
        await eventually(partial(window.page.evaluate, "window.__dialled.length"), what="the call")
    called = re.search("1390000[0-9]{4}", (await third.page.evaluate("window.__dialled"))[0]).group()
    (noted,) = [one for one in await hr.results(feed_id) if one["contact_info"].get("phone") == called]
    for window in (first, second, third):
        await window.page.close()
    # What came of the last one is noted on another device.
    await hr.mark(feed_id, noted["resume"]["id"], "加了微信")
    other = await windows.beside(first, "/me")
    dialog = other.at("[role=dialog]").filter(visible=True)
    asked = []
    for marks in (2, 3):
        await expect(dialog).to_contain_text("刚才的电话怎么样？")
        asked.append(re.search("1390000[0-9]{4}", await dialog.inner_text()).group())
        await other.button("没接，明天再打").click()
        await expect(dialog.filter(has_text=asked[-1])).to_have_count(0)
        await eventually(partial(_has_marks, hr, feed_id, marks), what="the mark")
    assert len({*asked} - {called}) == 2
    await other.go("/marked")
    await expect(other.at(".marked").filter(has_text="没接")).to_have_count(2)
    await other.page.reload()
    await expect(other.at(".marked").filter(has_text="明天")).to_have_count(2)
    await expect(dialog).to_have_count(0)


@pytest.mark.long
@pytest.mark.usefixtures("within_a_day")
async def test_a_comment_is_corrected_and_taken_back_and_marked_people_are_reminded_of(hr, windows):
    feed_id = await with_people(hr, 1)
    (item,) = await hr.results(feed_id)
    resume = item["resume"]["id"]
    await hr.post(f"/resumes/comment/{resume}", {"content": "周三下午"})
    await hr.mark(feed_id, resume, "约面试", remind_on=day(0))
    window = await windows.open_as(hr, "/marked")
    await expect(window.at(".van-tabbar-item").filter(has_text="跟进")).to_contain_text("1")
    await expect(window.at("section").filter(has_text="今天该联系 1 位")).to_contain_text("约面试")
    await window.button("完成").click()
    await expect(window.at(".empty")).to_contain_text("今天该联系 0 位")
    await window.button("约面试 1").click()
    await window.button("设提醒").click()
    await window.button("后天 10:00").click()
    await expect(window.at(".marked")).to_contain_text("后天")
    await window.at(".marked .main").click()
    await window.button("周三下午").click()
    await window.page.get_by_label("备注", exact=True).fill("周四上午")
    await window.page.go_back()  # which closes the sheet, and costs nothing of what was typed
    await window.sees("[role=dialog]", 0)
    await window.button("周三下午").click()
    await expect(window.page.get_by_label("备注", exact=True)).to_have_value("周四上午")
    await window.button("保存修改").click()
    await window.says("备注已改好")
    await expect(window.at(".notes")).to_contain_text("周四上午")
    await window.button("周四上午").click()
    await window.button("撤销这条备注").click()
    await expect(window.at(".notes")).not_to_contain_text("周四上午")
    await window.button("撤销", within=".snack").click()
    await expect(window.at(".notes")).to_contain_text("周四上午")
    (item,) = await hr.results(feed_id)
    assert [(row["content"], row["edited"]) for row in item["comment_log"]] == [("周四上午", True)]
    assert item["mark_log"][0]["remind_at"] == f"{day(2)} 10:00"
