"""The open page and the world: badges, a second window, a server that restarts, a network that goes."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import pytest
from playwright.async_api import expect

from tests.integration.processes import urls
from tests.support import PYTHON_FEED, Hr, eventually, nurse_resume, python_resume


async def test_a_resume_ingested_elsewhere_moves_the_badge_of_an_open_page_without_a_touch(hr, windows):
    await hr.submit(**PYTHON_FEED)
    window = await windows.open_as(hr)
    await window.sees(".feed", 1)
    await window.sees(".feed .badge", 0)

    def asked():
        return [
            url for url in window.requests if "/assets/" not in url
        ]  # parts of the page come when they come

    before = asked()
    await hr.ingest(python_resume(), nurse_resume())
    await window.shows(".feed .badge", "1")
    await window.shows_unread(1)
    await hr.ingest(python_resume(), python_resume())
    await window.shows(".feed .badge", "3")
    await window.shows_unread(3)
    assert asked() == before, "the badge came by the socket, not by asking"


async def test_the_first_load_of_a_phone_is_small_and_a_second_one_asks_for_no_file_again(hr, windows):
    await hr.submit(**PYTHON_FEED)
    window = await windows.open_as(hr)
    await window.sees(".feed", 1)
    # What is read ahead begins a second and a half after the page's script is there.
    loaded = """(() => {
      const all = performance.getEntriesByType("resource").filter(one => one.name.includes("/assets/"));
      const begun = Math.max(...all.filter(one => one.name.includes("/index-")).map(one => one.responseEnd));
      return all.filter(one => one.startTime < begun + 1_500).reduce((sum, one) => sum + one.transferSize, 0);
    })()"""
    assert 0 < await window.page.evaluate(loaded) < 115_000
    await window.page.reload()
    await window.sees(".feed", 1)
    assert await window.page.evaluate(loaded) == 0


async def test_reading_and_deleting_lower_the_badge_undo_raises_it_and_a_second_window_agrees(hr, windows):
    feed_id = await hr.submit(**(PYTHON_FEED | {"keywords": "python,golang"}))
    await hr.scored(*(python_resume(number) for number in range(3)))
    desk = await windows.open_as(hr, f"/feeds/{feed_id}", width=1200)
    phone = await windows.open_as(hr, f"/feeds/{feed_id}")

    async def both_show(count: int) -> None:
        for window in (desk, phone):
            await window.shows_unread(count)
            await window.sees(".result.unread", count)
        assert await hr.unread(feed_id) == count

    await both_show(3)
    first = desk.at(".result").first
    await expect(first).to_contain_text("年Python开发工程师")
    await first.locator(".main").click()
    await expect(desk.at("mark").first).to_have_text("Python")
    await desk.shows_unread(2)
    await both_show(2)

    await desk.button("不合适", within=".result.unread").first.click()
    await desk.button("薪资偏高").click()
    await desk.button("撤销").focus()  # which keeps it there
    await both_show(1)
    for window in (desk, phone):
        await window.sees(".result", 2)
    assert len(await hr.results(feed_id)) == 2

    await desk.button("撤销").click()
    await desk.sees(".result", 3)
    await phone.button("1 份新简历").click()
    await both_show(2)
    assert len(await hr.results(feed_id)) == 3


@pytest.mark.faults
async def test_what_arrives_in_an_open_list_is_offered_and_not_pushed_under_the_thumb(hr, windows):
    feed_id, _ = await hr.feed_with(python_resume())
    window = await windows.open_as(hr, f"/feeds/{feed_id}")
    await window.sees(".result", 1)
    await hr.ingest(python_resume(), python_resume())
    await window.button("2 份新简历").wait_for()
    await window.shows(".counts [role=status]", "共 3 份 · 未读 3")
    await window.sees(".result", 1)
    await window.button("2 份新简历").click()
    await window.sees(".result", 3)
    await window.shows(".counts [role=status]", "共 3 份 · 未读 3")
    await window.sees(".fresh", 0)
    # Under a filter that hides it, and behind better ones, the newest is what is shown first.
    await window.button(re.compile("^筛选")).click()
    await window.button("北京", within="form.more").click()
    # What comes while the list loads is in it already, or hidden.
    # The sheet asks for a count of them too, of a size of 1.
    async with window.page.expect_response(re.compile("/feed_list/.*current_area=.*size=10\\b")):
        await window.at("form.more [type=submit]").click()
    await window.sees(".result", 3)
    await hr.ingest({**python_resume(), "address": "上海", "self_evaluation": ""})
    await window.button("1 份新简历").click()
    await window.sees(".result", 4)
    await window.shows(".counts [role=status]", "共 4 份 · 未读 4")
    await expect(window.at(".result").first).to_contain_text("上海")
    # Who goes and comes anew has nothing to ask for.
    await window.go("/")
    await window.sees(".feed", 1)
    await hr.ingest(python_resume())
    await window.shows(".feed .badge", "5")
    await window.at(".feed .main").click()
    await window.sees(".result", 5)
    # An empty list has nothing under the thumb.
    other = await hr.submit(title="护士")
    await window.go(f"/feeds/{other}")
    await expect(window.at(".empty")).to_contain_text("还没有匹配的简历")
    await hr.ingest(nurse_resume())
    await window.sees(".result", 1)


@pytest.mark.long
async def test_offline_is_said_and_what_came_meanwhile_is_there_when_the_network_is_back(hr, windows):
    feed_id, _ = await hr.feed_with(python_resume())
    window = await windows.open_as(hr, f"/feeds/{feed_id}")
    await window.sees(".result", 1)
    await window.page.wait_for_function(
        "() => performance.getEntriesByType('resource').some(one => /OutcomeSheet.*js/.test(one.name))"
    )
    window.forgive_lost_connections()
    await window.page.context.set_offline(True)
    await expect(window.at(".banner")).to_contain_text("没有网络")
    # In a page that is scrolled too, the way back is not under it.
    await window.page.set_viewport_size({"width": 375, "height": 300})
    await window.page.evaluate("scrollTo(0, 200)")
    bottom = "document.querySelector('.banner').getBoundingClientRect().bottom"
    top = "document.querySelector('.back').getBoundingClientRect().top"
    assert await window.page.evaluate(f"scrollY > 100 && {top} >= {bottom} - 1")
    await hr.scored(python_resume(), python_resume())
    await window.button("不合适", within=".result").first.click()
    await window.button("不说原因").click()
    await expect(window.at(".banner")).to_contain_text("没有网络，1 条记录待发送")
    await window.sees(".result", 0)
    await window.button("撤销").click()
    await window.sees(".result", 1)
    await window.page.context.set_offline(False)
    await window.is_live()
    await window.shows_unread(3)
    # The list stays under the thumb: what came is offered above it.
    await window.sees(".result", 1)
    await window.button("2 份新简历").click()
    await window.sees(".result", 3)
    await expect(window.at(".banner")).to_have_text("")


@pytest.mark.long
async def test_pages_that_could_not_be_read_are_there_when_the_network_is_back(hr, windows):
    feed_id, _ = await hr.feed_with(python_resume())
    resume_id = (await hr.results(feed_id))[0]["resume"]["id"]
    await hr.post(f"/resumes/add_watch/{resume_id}", feed_id=feed_id)
    pages = {
        f"/feeds/{feed_id}/statistics": "canvas",
        f"/feeds/{feed_id}/edit": ".count",
        f"/feeds/{feed_id}/resumes/{resume_id}": ".docked",
    }
    for path, shown in pages.items():
        window = await windows.open_as(hr, path)
        await window.at(shown).first.wait_for()
        await window.go("/me")
        await window.at(".face").wait_for()
        window.forgive_lost_connections()
        await window.page.context.set_offline(True)
        await window.go(path)
        await window.button("再试一次").wait_for()
        await window.page.context.set_offline(False)
        await window.at(shown).first.wait_for()
        await window.sees(".empty", 0)
        await window.is_live()

    window = await windows.open_as(hr, "/favourites")
    await window.sees(".favourite", 1)
    window.forgive_lost_connections()
    await window.page.context.set_offline(True)
    await window.page.get_by_label("搜索词").fill("没有这个词")
    await window.page.get_by_text("没能取到收藏").wait_for()
    await window.page.context.set_offline(False)
    await expect(window.at(".empty")).to_contain_text("收藏里没有找到")


async def test_a_page_that_wakes_reads_everything_anew(hr, windows):
    await hr.submit(**PYTHON_FEED)
    window = await windows.open_as(hr)
    await window.sees(".feed", 1)
    before = len(window.requests)
    await window.page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")

    await eventually(
        lambda: [url for url in window.requests[before:] if "/special_feed/page" in url],
        what="reading the feeds again",
    )


async def test_a_session_that_ended_leads_to_the_login_and_from_there_back(hr, windows):
    feed_id = await hr.submit(**PYTHON_FEED)
    window = await windows.open_as(hr, f"/feeds/{feed_id}")
    assert (await hr.post("/hr/logout/")).status == "ok"
    await expect(window.at(".notice")).to_contain_text("登录已失效")
    await window.log_in(hr.email, "a wrong password")
    await expect(window.at(".wrong")).to_have_text("用户名或密码错误")
    await window.log_in(hr.email)
    await window.shows("h1", "Python开发")
    assert feed_id in window.page.url


async def test_who_logs_out_is_not_told_that_the_session_ended(hr, windows):
    window = await windows.open_as(hr, "/me")
    await window.page.evaluate("localStorage.setItem('talentfeed.calls', '[]')")
    await window.button("退出登录").click()
    async with window.page.expect_response("**/hr/logout/"):
        await window.page.get_by_role("button", name="退出", exact=True).click()
    await window.page.get_by_label("密码").wait_for()
    await window.sees(".notice", 0)
    assert window.page.url.endswith("#/login")
    assert await window.page.evaluate("localStorage.getItem('talentfeed.calls')") is None
    assert (await hr.get("/special_feed/page/")).http == 401


@pytest.mark.faults
async def test_the_page_survives_a_restart_of_its_server_and_shows_what_came_meanwhile(
    hr, settings, start, windows
):
    process = await start(**urls(settings)).ready()
    here = Hr.logged_in(process.port, hr.email, {"user": hr.user, "token": hr.token})
    feed_id = await hr.submit(**PYTHON_FEED)
    await hr.ingest(python_resume())
    window = await windows.open_as(here)
    await window.shows(".feed .badge", "1")
    window.forgive_lost_connections()
    assert process.stop() == 0
    await expect(window.at(".banner")).to_contain_text("正在重新连接")
    await window.shows(".feed .badge", "1")

    await hr.scored(python_resume(), python_resume())
    await start(port=process.port, **urls(settings)).ready()
    # After a start that took long, the page waits for up to 30 s until it tries again.
    await window.is_live(within_ms=60_000)
    await window.shows(".feed .badge", "3")
    await window.shows_unread(3)
    assert await here.unread(feed_id) == 3
    await window.at(".feed .main").click()
    await window.sees(".result", 3)


@pytest.mark.usefixtures("within_a_day")
async def test_what_came_yesterday_is_not_under_today_when_the_page_stayed_open_over_the_night(hr, windows):
    feed_id, _ = await hr.feed_with(python_resume())
    window = await windows.open_as(hr, f"/feeds/{feed_id}")
    await window.shows(".listed >> xpath=.. >> h2", "今天")
    await window.page.clock.set_fixed_time(datetime.now(UTC) + timedelta(days=1))
    await window.page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    await window.shows(".listed >> xpath=.. >> h2", "昨天")
