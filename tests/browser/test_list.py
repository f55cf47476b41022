"""A feed's list under a finger: pages without end, the way back, filters, swiping, pulling."""

from __future__ import annotations

import re

import pytest
from playwright.async_api import expect

from tests.support import eventually, make_possible, python_resume


@pytest.fixture
def feed(hr, io_loop):
    """A feed with 23 results, which is three pages."""
    people = [python_resume(address="北京海淀" if number % 8 else "上海浦东") for number in range(23)]
    feed_id, _ = io_loop.run_sync(lambda: hr.feed_with(*people), timeout=120)
    return feed_id


async def test_the_list_has_no_end_and_the_way_back_from_a_resume_leads_to_the_same_place(hr, feed, windows):
    window = await windows.open_as(hr, f"/feeds/{feed}")
    await window.sees(".listed", 10)
    for count in (20, 23):
        await window.at(".listed").last.scroll_into_view_if_needed()
        await window.sees(".listed", count)
    await expect(window.at(".van-list")).to_contain_text("没有更多了")
    resumes = await window.page.eval_on_selector_all(".listed", "all => all.map(one => one.dataset.row)")
    assert len(set(resumes)) == 23
    target = window.at(".listed").nth(14)
    # Not under the bars at the top, from where a click would scroll it away first.
    await target.evaluate("card => card.scrollIntoView({ block: 'center' })")
    top = (await target.bounding_box())["y"]
    await target.locator(".main").click()
    await window.sees(".docked", 1)
    await window.button("返回").click()
    await window.sees(".listed", 23)

    async def is_where_it_was():
        return abs((await target.bounding_box())["y"] - top) < 1

    await eventually(is_where_it_was, what="the place in the list")
    await expect(target.locator(".result")).not_to_have_class(re.compile("unread"))


@pytest.mark.long
async def test_filters_narrow_the_list_and_can_be_taken_off(hr, feed, windows):
    window = await windows.open_as(hr, f"/feeds/{feed}")
    await window.sees(".listed", 10)
    await window.button(re.compile("^筛选")).click()
    await window.button("上海", within="form.more").click()
    await window.at("form.more [type=submit]").click()
    await window.sees(".result", 3)
    await expect(window.at(".counts [role=status]")).to_have_text("筛出 3 份，共 23 份")
    await window.at(".result .main").first.click()
    await window.sees(".docked", 1)
    await window.button("返回").click()
    # The list is shown before the server knows that it was read.
    await expect(window.at(".result").first).not_to_have_class(re.compile("unread"))
    await window.button("未读").click()
    await window.sees(".result", 2)
    await window.button(re.compile("^筛选")).click()
    await window.page.get_by_label("最低，千元").fill("90")
    await window.button("没有符合的").click()
    await expect(window.at(".empty")).to_contain_text("没有符合筛选的简历")
    await window.button("去掉筛选", within=".empty").click()
    await window.sees(".listed", 10)
    await window.button(re.compile("^筛选")).click()
    await window.button("扩展匹配").click()
    await window.button("没有符合的").click()
    await expect(window.at(".empty")).to_contain_text("没有符合筛选的简历")
    await window.button("去掉：扩展匹配").click()
    await window.page.get_by_label("排序").select_option("最合适")
    await window.sees(".listed", 10)
    scores = await window.page.eval_on_selector_all(".ring text", "all => all.map(one => +one.textContent)")
    assert scores == sorted(scores, reverse=True)


async def test_the_list_shows_strong_matches_and_leads_to_the_others(server, hr, windows):
    feed, ids = await hr.feed_with(*(python_resume(number) for number in range(3)))
    await make_possible(server.stores, feed, ids[:1])
    window = await windows.open_as(hr, f"/feeds/{feed}")
    await window.sees(".result", 2)
    await expect(window.at(".counts [role=status]")).to_have_text("共 2 份 · 未读 2")
    await window.button(re.compile("可能合适.1")).click()
    await window.sees(".result", 1)
    await expect(window.at(".result .tier")).to_have_text("可能合适")
    await window.button(re.compile("全部.3")).click()
    await window.sees(".result", 3)
    await window.sees(".result .tier", 1)
    await window.page.get_by_label("排序").select_option("最新")
    await window.sees(".result", 3)
    await window.at(f'[data-resume="{ids[1]}"] .acts').get_by_role("button", name="不合适").click()
    await window.button("不说原因").click()
    await expect(window.button(re.compile("强匹配.1"))).to_have_attribute("aria-pressed", "false")
    await window.button(re.compile("强匹配.1")).click()
    await window.sees(".result", 1)
    # What is worth reading no more leaves the badge and the list at once.
    await make_possible(server.stores, feed, ids[2:])
    await expect(window.at(".empty")).to_contain_text("没有强匹配，还有 2 份可能合适")
    await window.shows_unread(0)
    await window.button("看看这些").click()
    await window.sees(".result", 2)
    await window.go("/")
    await expect(window.at(".feed")).to_contain_text("另有 2 份可能合适")


async def test_a_filter_that_could_not_be_asked_leaves_nothing_of_the_list_before(hr, feed, windows):
    window = await windows.open_as(hr, f"/feeds/{feed}")
    await window.sees(".listed", 10)
    async with window.answered("**/feed_list/**"):
        await window.button(re.compile("^筛选")).click()
        await window.button("上海", within="form.more").click()
        await window.at("form.more [type=submit]").click()
        await expect(window.at(".empty")).to_contain_text("没能取到简历")
        await window.sees(".result", 0)
    await window.button("再试一次").click()
    await window.sees(".result", 3)
    window.forgive_lost_connections()


async def test_a_swipe_uncovers_favourite_and_delete_and_a_pull_reads_the_list_anew(hr, feed, windows):
    window = await windows.open_as(hr, f"/feeds/{feed}")
    await window.sees(".listed", 10)
    first = window.at(".result").first
    box = await first.bounding_box()
    y = box["y"] + 30
    await window.drag((330, y), (120, y))
    await window.at(".swiped .keep").first.click()
    await window.says("已收藏")
    await window.drag((330, y), (120, y))
    await window.at(".swiped .drop").first.click()
    await window.button("不说原因").wait_for()
    # What is said meanwhile is not said over the buttons of the sheet.
    assert (await window.at(".place").bounding_box())["y"] < 100
    await window.button("不说原因").click()
    await window.says("已移出")
    await expect(window.at(".counts")).to_contain_text("共 22 份")

    asked = len([url for url in window.requests if "/feed_list/" in url])
    await window.drag((180, 200), (180, 480))

    await eventually(
        lambda: len([url for url in window.requests if "/feed_list/" in url]) > asked,
        what="reading the list again",
    )
    await window.sees(".listed", 10)


async def _is(read, wanted):
    return await read() == wanted


@pytest.mark.long
async def test_what_is_done_with_several_at_once_is_undone_at_once(hr, feed, windows):
    window = await windows.open_as(hr, f"/feeds/{feed}")
    await window.sees(".listed", 10)
    boxes = window.page.get_by_role("checkbox", name=re.compile("^选择："))
    # A range, by the shift key.
    await window.at(".listed").nth(1).click(modifiers=["Shift"])
    await boxes.nth(4).click(modifiers=["Shift"])
    await boxes.nth(2).click()
    chosen = window.at(".many [role=status]")
    await expect(chosen).to_have_text("已选 3 位")
    ids = [await window.at(".listed").nth(at).get_attribute("data-row") for at in (1, 3, 4)]
    async with window.page.expect_download() as saving:
        await window.button("导出").click()
    table = (await (await saving.value).path()).read_text("utf-8-sig")
    assert [one in table for one in ids] == [True] * 3
    assert len(table.splitlines()) == 4

    async def notes():
        """What is said of those in the list, in the list and out of it."""
        items = [*await hr.results(feed), *await hr.results(feed, removed=1)]
        return [row["content"] for item in items for row in item["comment_log"]]

    async def are_noted(count):
        await eventually(lambda: _is(notes, ["不合适：跳槽频繁"] * count), what=f"{count} notes")

    await window.button("不合适", within=".many").click()
    await window.button("跳槽频繁").click()
    await window.says("已移出 3 位")
    await expect(window.at(".many")).to_have_count(0)
    await are_noted(3)
    await expect(window.at(".counts")).to_contain_text("共 20 份")
    assert len(await hr.results(feed)) == 20
    await window.button("撤销").click()
    await expect(window.at(".counts")).to_contain_text("共 23 份")
    assert len(await hr.results(feed)) == 23
    await are_noted(0)
    await window.button("不合适", within=".listed").first.click()
    await window.button("跳槽频繁").click()
    await are_noted(1)
    await window.button("撤销").click()
    await are_noted(0)
    await expect(window.at(".counts")).to_contain_text("共 23 份")

    # A finger that rests on somebody begins, and Back ends it.
    await window.at(".listed").nth(1).dispatch_event("pointerdown", {"pointerType": "touch", "bubbles": True})
    await expect(chosen).to_have_text("已选 1 位")
    await window.page.go_back()
    await expect(window.at(".many")).to_have_count(0)
    await window.button("多选").click()
    await boxes.nth(0).press("Space")
    await window.button("收藏", within=".many").click()
    await window.says("已收藏 1 位")
    await expect(window.at(".listed .on")).to_have_count(1)


async def test_marks_of_many_leave_the_badge_and_are_taken_back_at_once(hr, windows):
    feed_id, _ = await hr.feed_with(*(python_resume() for _ in range(3)))
    window = await windows.open_as(hr, f"/feeds/{feed_id}")
    await window.is_live()
    await window.at(".listed").nth(0).click(modifiers=["Shift"])
    await window.page.get_by_role("checkbox", name=re.compile("^选择：")).nth(1).click()
    await expect(window.at(".many [role=status]")).to_have_text("已选 2 位")
    await window.button("标记", within=".many").click()
    await window.button(re.compile("^没接$"), within="[role=dialog]").click()
    await window.says("没接：已标记 2 位")
    await expect(window.at(".begin")).to_have_text("开始处理 1")
    assert len(await hr.results(feed_id, work="contacted")) == 2
    await window.button("撤销").click()

    async def is_undone():
        return not await hr.results(feed_id, work="contacted")

    await eventually(is_undone, what="the marks to be taken back")
    assert len(await hr.results(feed_id, work="undecided")) == 2


async def test_what_is_done_with_several_offline_waits_and_goes_out_in_order(hr, windows):
    feed_id, _ = await hr.feed_with(*(python_resume() for _ in range(3)))
    window = await windows.open_as(hr, f"/feeds/{feed_id}")
    boxes = window.page.get_by_role("checkbox", name=re.compile("^选择："))

    async def choose_two():
        await window.at(".listed").nth(0).click(modifiers=["Shift"])
        await boxes.nth(1).click()

    await choose_two()
    await window.button("标记", within=".many").click()
    await window.button(
        re.compile("^没接$"), within="[role=dialog]"
    ).wait_for()  # the sheet is a file of its own
    window.forgive_lost_connections()
    await window.page.context.set_offline(True)
    await window.button(re.compile("^没接$"), within="[role=dialog]").click()
    await expect(window.at(".listed").get_by_text("没接，待发送")).to_have_count(2)
    await choose_two()
    await window.button("不合适", within=".many").click()
    await window.button("跳槽频繁").click()
    removals = window.at(".listed").get_by_text("移出列表，待发送")
    await expect(removals).to_have_count(2)
    await expect(window.at(".banner")).to_contain_text("4 条记录待发送")
    await window.button("撤销").click()
    await expect(removals).to_have_count(0)
    await choose_two()
    await window.button("不合适", within=".many").click()
    await window.button("学历偏低").click()
    await expect(removals).to_have_count(2)
    assert len(await hr.results(feed_id)) == 3
    await window.page.context.set_offline(False)
    await window.sees(".listed", 1)
    removed = await hr.results(feed_id, removed=1)
    assert [one["feedback"] for one in removed] == [["degree_low"]] * 2
    assert [[row["mark_name"] for row in one["mark_log"]] for one in removed] == [["没接"]] * 2


async def test_what_is_said_at_the_end_of_a_list_covers_nothing_of_it(hr, feed, windows):
    window = await windows.open_as(hr, f"/feeds/{feed}", width=320)
    for count in (10, 20, 23):
        await window.sees(".listed", count)
        await window.at(".listed").last.scroll_into_view_if_needed()
    end = window.at(".van-list__finished-text")
    await expect(end).to_have_text("没有更多了")
    await window.page.evaluate("scrollTo(0, document.documentElement.scrollHeight)")
    await window.button("收藏", within=".listed").last.dispatch_event("click")
    await expect(window.at(".snack")).to_have_text("已收藏")
    text, said = await end.bounding_box(), await window.at(".snack").bounding_box()
    assert text["y"] + text["height"] <= said["y"]
