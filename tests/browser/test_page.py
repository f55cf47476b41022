"""The page at `/`, driven in Chromium against a server of its own."""

from __future__ import annotations

import pytest
from playwright.async_api import expect

from tests.support import PYTHON_FEED, Hr, nurse_resume, python_resume


@pytest.mark.gen_test(timeout=60)
async def test_a_resume_ingested_elsewhere_moves_the_badge_of_an_open_page_without_a_touch(start, windows):
    process = await start().ready()
    hr = await Hr.register(process.port)
    await hr.submit(**PYTHON_FEED)
    window = await windows.open_as(hr)
    await window.sees(".feed", 1)
    await window.sees(".feed .badge", 0)
    before = list(window.requests)
    await hr.ingest(python_resume(), nurse_resume())
    await window.shows(".feed .badge", "1")
    await window.shows_unread(1)
    await hr.ingest(python_resume(), python_resume())
    await window.shows(".feed .badge", "3")
    await window.shows_unread(3)
    assert window.requests == before, "the badge came by the socket, not by asking"
    assert window.faults == []


@pytest.mark.gen_test(timeout=60)
async def test_reading_and_deleting_lower_the_badge_undo_raises_it_and_a_second_window_agrees(start, windows):
    process = await start().ready()
    hr = await Hr.register(process.port)
    feed_id = await hr.submit(**(PYTHON_FEED | {"keywords": "python,golang"}))
    await hr.ingest(*(python_resume(number) for number in range(3)))
    desk, phone = await windows.open_as(hr, width=1200), await windows.open_as(hr)

    async def both_show(count: int) -> None:
        for window in (desk, phone):
            await window.shows_unread(count)
        assert await hr.unread(feed_id) == count

    await both_show(3)
    await desk.at(".feed .main").click()
    await phone.at(".feed .main").click()
    await desk.sees(".result.unread", 3)
    first = desk.at(".result").first
    await expect(first).to_contain_text("未提到：golang")
    await expect(first).to_contain_text("职位 Python开发")

    await first.locator(".main").click()
    await both_show(2)
    await expect(desk.at("mark").first).to_have_text("Python")
    await desk.button("返回").click()
    await desk.sees(".result.unread", 2)
    await phone.sees(".result.unread", 2)

    await desk.button("不合适", within=".result.unread").first.click()
    await desk.button("薪资偏高").click()
    await desk.button("移出列表").click()
    await both_show(1)
    await desk.sees(".result", 2)
    assert len(await hr.results(feed_id)) == 2

    await desk.button("撤销").click()
    await both_show(2)
    await desk.sees(".result", 3)
    assert len(await hr.results(feed_id)) == 3
    assert desk.faults + phone.faults == []
