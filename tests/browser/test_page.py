"""The page at `/`, driven in Chromium against a server of its own."""

from __future__ import annotations

import pytest
from playwright.async_api import expect

from tests.support import PASSWORD, PYTHON_FEED, Api, Hr, nurse_resume, python_resume


@pytest.mark.gen_test(timeout=60)
async def test_a_resume_ingested_elsewhere_moves_the_badge_of_an_open_page_without_a_touch(start, windows):
    process = await start().ready()
    hr = await Hr.register(process.port)
    await hr.submit(**PYTHON_FEED)
    window = await windows.open_as(hr)
    await window.sees(".feed", 1)
    await window.sees(".badge", 0)
    before = list(window.requests)
    await hr.ingest(python_resume(), nurse_resume())
    await window.shows(".feed .badge", "1")
    await window.shows("#total", "1")
    await hr.ingest(python_resume(), python_resume())
    await window.shows(".feed .badge", "3")
    await window.shows("#total", "3")
    assert (await window.page.title()).startswith("(3) ")
    assert window.requests == before, "the badge came by the socket, not by asking"
    assert window.faults == []


@pytest.mark.gen_test(timeout=60)
async def test_reading_and_deleting_lower_the_badge_undo_raises_it_and_a_second_page_agrees(start, windows):
    process = await start().ready()
    hr = await Hr.register(process.port)
    feed_id = await hr.submit(**(PYTHON_FEED | {"keywords": "python,golang"}))
    await hr.ingest(*(python_resume(number) for number in range(3)))
    desk, phone = await windows.open_as(hr), await windows.open_as(hr, width=375)

    async def both_show(count: int) -> None:
        for window in (desk, phone):
            await window.shows("#total", str(count))
            await window.shows(".feed .badge", str(count))
        assert await hr.unread(feed_id) == count

    await both_show(3)
    await desk.page.click(".feed")
    await desk.sees(".result.new", 3)
    first = desk.at(".result").first
    await expect(first.locator(".ring")).not_to_have_text("0")
    await expect(first.locator(".missing")).to_contain_text("golang")
    assert set(await first.locator(".ev em").all_inner_texts()) >= {"职位", "技能"}

    await first.click()
    await both_show(2)
    await desk.sees("#viewer .job", 2)
    await desk.page.click("#viewer [data-close]")
    await desk.sees(".result.new", 2)

    await desk.at(".result.new").first.get_by_text("不合适").click()
    await desk.page.get_by_text("薪资偏高").click()
    await both_show(1)
    await desk.sees(".result", 2)
    assert len(await hr.results(feed_id)) == 2

    await desk.page.get_by_text("撤销").click()
    await both_show(2)
    await desk.sees(".result", 3)
    await desk.shows("#list-count", "共 3 份 · 未读 2")
    assert len(await hr.results(feed_id)) == 3
    assert desk.faults + phone.faults == []


@pytest.mark.gen_test(timeout=60)
async def test_the_page_survives_a_restart_of_its_server_and_shows_what_came_meanwhile(start, windows):
    other = await start().ready()
    process = await start().ready()
    hr = await Hr.register(process.port)
    feed_id = await hr.submit(**PYTHON_FEED)
    await hr.ingest(python_resume())
    window = await windows.open_as(hr)
    await window.shows("#total", "1")
    window.server_is_down = True
    assert process.stop() == 0
    await window.sees("#banner", 1)
    await window.shows("#total", "1")

    api = Api(other.port)
    await api.ingest(python_resume(), python_resume())
    await api.all_scored()
    port = process.port
    process = start("--port", str(port))
    process.port = port
    await process.ready()
    await window.is_live(within_ms=30_000)
    window.server_is_down = False
    await window.sees("#banner", 0)
    await window.shows("#total", "3")
    await window.shows(".feed .badge", "3")
    assert await hr.unread(feed_id) == 3
    await window.page.click(".feed")
    await window.sees(".result", 3)
    assert window.faults == []


@pytest.mark.gen_test(timeout=60)
async def test_a_tour_of_the_page_asks_nobody_else_and_makes_no_script_error(start, windows):
    process = await start().ready()
    api = await Hr.register(process.port)
    await api.ingest(*(python_resume(number) for number in range(12)))
    await api.all_scored()
    window = await windows.open(process.port, width=375)
    page = window.page

    await window.log_in(api.email, "a wrong password")
    await window.shows("#login .wrong", "用户名或密码错误")
    await page.click("#swap")
    for name, value in {
        "user_email": f"tour-{api.email}",
        "password": PASSWORD,
        "company_name": "示例公司",
        "phone": "010-12345678",
    }.items():
        await page.fill(f"#register [name={name}]", value)
    await page.click("#register button.main")
    await window.is_live()

    await page.click("#new-feed")
    await page.click("#feed-form button.main")
    await expect(window.at("#feed-form .wrong")).to_contain_text("职位名称")
    await page.fill("#feed-form [name=title]", "Python开发")
    await page.fill("#feed-form [name=keywords]", "python，mysql")
    await window.at("#cities").get_by_text("北京").click()
    await page.click("#feed-form button.main")
    await window.shows("#list-title", "Python开发")
    await window.sees(".result", 10)
    await expect(window.at(".feed .bar")).to_have_attribute("hidden", "")
    await page.click("#more")
    await window.sees(".result", 12)
    for label in ("职位匹配", "按分数排", "只看未读"):
        await window.at("#tools").get_by_text(label).click()
        await window.sees(".result", 10)
    await window.at("#tools").get_by_text("扩展匹配").click()
    await window.at("#tools").get_by_text("职位匹配").click()
    await window.sees(".empty", 1)

    await page.click("#back")
    await window.at(".feed").get_by_text("编辑").click()
    await page.fill("#feed-form [name=title]", "Python工程师")
    await page.click("#feed-form button.main")
    await window.shows("#list-title", "Python工程师")
    await page.click("#back")
    page.once("dialog", lambda dialog: dialog.accept())
    await window.at(".feed").get_by_text("删除").click()
    await expect(window.at("#feeds")).to_contain_text("还没有定制")
    await page.click("#logout")
    await window.sees("#login", 1)
    assert len(window.requests) > 10
    assert window.faults == []
