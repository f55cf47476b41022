"""A slow network: what was asked for is answered after the recruiter has gone on."""

from __future__ import annotations

import asyncio
import re

import pytest
from playwright.async_api import expect

from tests.api.company.team import colleague
from tests.browser.test_queue import opened, with_people
from tests.support import eventually, python_resume


class Slow:
    """Holds answers to some requests back: the server has done what they asked, and nobody knows."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self._go_on = asyncio.Event()

    async def hold(self, window, pattern, *, most=99):
        async def held(route):
            self.asked.append(route.request.url)
            if len(self.asked) > most:
                await route.continue_()
                return
            answer = await route.fetch()
            await self._go_on.wait()
            await route.fulfill(response=answer)

        await window.page.route(pattern, held)

    async def reached(self):
        await eventually(self._is_asked, what="the request")

    async def _is_asked(self):
        return bool(self.asked)

    def go_on(self):
        self._go_on.set()


@pytest.fixture
def slow():
    return Slow()


@pytest.fixture
def feed(hr, io_loop):
    feed_id, _ = io_loop.run_sync(lambda: hr.feed_with(*(python_resume() for _ in range(3))), timeout=120)
    return feed_id


async def test_nothing_can_be_typed_into_a_form_that_is_on_its_way(hr, windows, slow):
    """It would be lost with the form, which is gone once it is saved."""
    window = await windows.open_as(hr, "/feeds/new")
    title = window.page.get_by_label("职位名称")
    await title.fill("Python开发")
    await window.at("summary").click()
    await slow.hold(window, "**/special_feed/submit_feed/")
    await window.button("保存").click()
    await slow.reached()
    await expect(title).to_be_disabled()
    await expect(window.button("宽松")).to_be_disabled()
    slow.go_on()
    await window.shows("h1", "Python开发")


async def test_who_has_left_the_form_on_its_way_is_not_led_to_the_list(hr, windows, slow):
    window = await windows.open_as(hr, "/")
    await window.button("新建第一个职位").click()
    await window.page.get_by_label("职位名称").fill("Python开发")
    await slow.hold(window, "**/special_feed/submit_feed/")
    await window.button("保存").click()
    await slow.reached()
    await window.button("返回").click()
    await window.button("放弃").click()
    # The server has the feed, and tells of it by the socket: how long none is shown is chance.
    await expect(window.page).to_have_url(re.compile("#/$"))
    slow.go_on()
    await window.says("已保存")
    await window.shows(".feed h2", "Python开发")
    await expect(window.page).to_have_url(re.compile("#/$"))


async def test_nobody_is_called_whom_the_page_does_not_show_any_more(hr, windows, slow):
    feed_id = await with_people(hr, 2)
    window = await opened(hr, windows, f"/feeds/{feed_id}/queue")
    await slow.hold(window, "**/resumes/download/**")
    await window.button("解锁并拨打").click()
    await slow.reached()
    await window.button("下一位").click()
    await expect(window.at(".progress")).to_contain_text("2 / 2")
    slow.go_on()
    await window.says("已解锁")
    await window.page.evaluate("dispatchEvent(new Event('focus'))")
    assert await window.page.evaluate("window.__dialled") == []
    await expect(window.at("[role=dialog]").filter(visible=True)).to_have_count(0)


@pytest.mark.long
async def test_two_taps_on_the_star_leave_page_and_server_of_one_mind(hr, feed, windows, slow):
    window = await windows.open_as(hr, f"/feeds/{feed}")
    await window.at(".result .main").first.click()
    await window.sees(".docked", 1)

    asked = []

    async def first_is_late(route):
        asked.append(route.request.url)
        if "add_watch" in route.request.url:
            await asyncio.sleep(0.7)
        await route.continue_()

    await window.page.route("**/resumes/*_watch/**", first_is_late)
    star = window.button("收藏", within=".docked")
    await star.click()
    await star.click()
    await window.page.wait_for_timeout(1_500)

    async def are_of_one_mind():
        # On a busy machine the second may be under way yet.
        is_on = await star.get_attribute("aria-pressed") == "true"
        follow = await hr.get("/resume/follow/list/")
        return (follow["total_count"] == 1) is is_on

    await eventually(are_of_one_mind, what=f"one mind after {asked}")


async def test_a_member_who_is_opened_before_the_list_is_read_again_has_the_new_role(hr, windows, slow):
    await colleague(hr)
    window = await windows.open_as(hr, "/me/team")
    manage = window.button(re.compile("^管理colleague"))
    await expect(manage).to_be_visible()
    await slow.hold(window, "**/company/")
    for role in ("所有者", "招聘人员"):
        await manage.click()
        await window.button(role, within="[role=dialog]").click()
        await window.says(f"现在是{role}")
        await window.is_without_layers()
    slow.go_on()
    await expect(window.at("[aria-label=成员] li").filter(has_text="colleague")).to_contain_text("招聘人员")


async def test_who_a_feed_is_shared_with_is_known_before_the_feeds_are_read_again(hr, feed, windows, slow):
    """What is saved then takes nobody out of the feed who was put into it just before."""
    await colleague(hr)
    window = await windows.open_as(hr, "/")
    menu = window.button("Python开发的更多操作")
    await expect(menu).to_be_visible()
    await slow.hold(window, "**/special_feed/page/")
    await menu.click()
    await window.button("共享").click()
    await window.button("只看", within="[role=dialog]").click()
    await window.button("保存", within="[role=dialog]").click()
    await window.says("已共享给 1 位同事")
    await window.is_without_layers()
    await menu.click()
    await window.button("共享").click()
    chosen = window.button("只看", within="[role=dialog]")
    await expect(chosen).to_have_attribute("aria-pressed", "true")
    slow.go_on()


async def test_statistics_are_of_the_days_that_are_chosen(hr, feed, windows, slow):
    window = await windows.open_as(hr, f"/feeds/{feed}/statistics")
    table = window.page.get_by_role("table", name="每天新到的简历").locator("td")
    await expect(table).to_have_count(30)
    await slow.hold(window, "**/special_feed/statistics/**days=90**")
    await window.button("90 天").click()
    await slow.reached()
    await window.button("7 天").click()
    await expect(table).to_have_count(7)
    slow.go_on()
    await window.page.wait_for_timeout(500)
    await expect(table).to_have_count(7)


async def test_what_is_typed_while_a_test_message_is_sent_stays(hr, windows, slow):
    window = await windows.open_as(hr, "/me/notices")
    await window.page.get_by_label("第 1 次汇总").wait_for()
    await slow.hold(window, "**/hr/notices/test/")
    await window.button("发一条测试消息").click()
    await slow.reached()
    await window.page.get_by_label("第 1 次汇总").fill("10:00")
    slow.go_on()
    await expect(window.at(".tested")).to_contain_text("保存后才能发测试消息")
    await window.page.wait_for_timeout(500)
    await expect(window.page.get_by_label("第 1 次汇总")).to_have_value("10:00")
    await window.button("保存").click()
    await window.says("提醒设置已保存")
    assert (await hr.get("/hr/notices/"))["digests"] == "10:00,14:00"


async def test_an_undo_that_did_not_get_through_is_sent_again_also_of_several(hr, feed, windows):
    window = await windows.open_as(hr, f"/feeds/{feed}")
    await window.button("不合适", within=".result >> nth=0").click()
    await window.button("不说原因").click()
    await window.says("已移出")
    await eventually(lambda: _has_results(hr, feed, 2), what="the removal")
    window.forgive_lost_connections()
    async with window.answered("**/feed/modify_feed_result**"):
        await window.button("撤销").click()
        await window.sees(".result", 3)
        await window.shows(".banner", "1 条记录待发送，连上后会按顺序发出")
    await eventually(lambda: _has_results(hr, feed, 3), what="the undo")

    await window.at(".listed").first.click(modifiers=["Shift"])
    await window.button("不合适", within=".many").click()
    await window.button("不说原因").click()
    await eventually(lambda: _has_results(hr, feed, 2), what="the removal of several")
    async with window.answered("**/special_feed/results/**"):
        await window.button("撤销").click()
        await window.shows(".banner", "1 条记录待发送，连上后会按顺序发出")
    await window.sees(".result", 3)
    assert len(await hr.results(feed)) == 3


async def _has_results(hr, feed, count):
    return len(await hr.results(feed)) == count


async def test_a_pull_that_failed_does_not_say_that_all_is_new(hr, feed, windows):
    window = await windows.open_as(hr, f"/feeds/{feed}")
    await window.sees(".result", 3)
    await window.page.evaluate(
        "new MutationObserver(() => { window.__saidNew ||= document.body.innerText.includes('已是最新') })"
        ".observe(document.body, { subtree: true, childList: true, characterData: true })"
    )
    window.forgive_lost_connections()
    async with window.answered("**/feed_list/**"):
        await window.drag((180, 250), (180, 530))
        await window.says("连不上服务器")
        await window.page.wait_for_timeout(700)
        assert not await window.page.evaluate("window.__saidNew")
    await window.drag((180, 250), (180, 530))
    await eventually(lambda: window.page.evaluate("window.__saidNew"), what="the word for success")


async def test_what_is_not_known_is_not_counted_as_nothing(hr, feed, windows):
    window = await windows.open(hr.port, path="/healthz", hr=hr)
    window.forgive_lost_connections()
    cells = window.at(".van-cell").filter(has_text=re.compile("^(职位|未读简历)"))
    async with window.answered("**/special_feed/page/"):
        await window.page.goto(f"http://127.0.0.1:{hr.port}/#/me")
        await expect(cells.first).to_be_visible()
        assert not re.search(r"\d", " ".join(await cells.all_inner_texts()))
    await window.page.reload()
    await expect(cells.first).to_contain_text("1 个")


@pytest.mark.long
async def test_a_contact_that_was_unlocked_is_not_hidden_by_what_was_read_before(hr, windows):
    """Each place is opened by a first look at somebody whom nobody has read yet."""
    feed_id = await with_people(hr, 2)
    for path in (f"/feeds/{feed_id}", f"/feeds/{feed_id}/queue"):
        window = await windows.open_as(hr, "/")
        await window.at(".feed").wait_for()
        slow = Slow()
        await slow.hold(window, "**/feed/get/**", most=1)
        await window.go(path)
        if not path.endswith("queue"):
            await window.at(".result .main").first.click()
            await slow.reached()
        await window.button("解锁并复制").click()
        await slow.reached()
        await expect(window.at(".contact a[href^='tel:']")).to_be_visible()
        slow.go_on()
        await window.page.wait_for_timeout(1_000)
        await expect(window.at(".contact a[href^='tel:']")).to_be_visible()
