"""A feed's charts: drawn, and said in numbers for whoever cannot see them."""

from __future__ import annotations

import re

import pytest
from playwright.async_api import expect

from tests.support import PYTHON_FEED, python_resume


@pytest.mark.long
async def test_the_charts_show_what_the_endpoint_counts(hr, windows):
    feed_id = await hr.submit(**(PYTHON_FEED | {"keywords": "python,golang"}))
    await hr.scored(*(python_resume() for _ in range(3)))
    window = await windows.open_as(hr, f"/feeds/{feed_id}")
    await window.sees(".result", 3)
    assert not any("StatisticsView" in url for url in window.requests), "charts are no part of the first load"
    await window.page.get_by_role("link", name="统计").click()
    await window.sees("canvas", 4)
    data = (await hr.get(f"/special_feed/statistics/{feed_id}"))["data"]
    for caption, rows in {
        "每天新到的简历": [row["count"] for row in data["arrivals"]],
        "各分数段的简历": [row["count"] for row in data["scores"]],
        "多少份简历有这个词": [row["count"] for row in data["terms"]],
        "多少份简历没有这个词": [row["count"] for row in data["missing"]],
    }.items():
        table = window.page.get_by_role("table", name=caption)
        assert [int(text) for text in await table.locator("td").all_inner_texts()] == rows, caption
    # A chart is painted with the next frame after it is there.
    await window.page.wait_for_function(
        "() => [...document.querySelectorAll('canvas')].every(one => one.getContext('2d')"
        ".getImageData(0, 0, one.width, one.height).data.some(value => value))"
    )
    await window.button("7 天").click()
    await expect(window.page.get_by_role("table", name="每天新到的简历").locator("td")).to_have_count(7)
    async with window.page.expect_download() as started:
        await window.button("导出").click()
    assert (await started.value).suggested_filename == "Python开发.csv"


@pytest.mark.long
async def test_each_number_of_the_funnel_has_its_people_a_tap_away(hr, windows):
    feed_id, _ = await hr.feed_with(*(python_resume() for _ in range(4)))
    first, *others = await hr.results(feed_id)
    await hr.post(f"/feed/get/{feed_id}/{first['resume']['id']}")
    await hr.get(
        "/feed/modify_feed_result", feed_id=feed_id, resume_id=first["resume"]["id"], reco_index=-150
    )
    for number, item in enumerate(others):
        for name in ("已联系", "约面试", "已发Offer")[: number + 1]:
            assert (await hr.mark(feed_id, item["resume"]["id"], name)).status == "ok"
        await hr.post(f"/feed/get/{feed_id}/{item['resume']['id']}")
    window = await windows.open_as(hr, "/marked")
    await window.page.get_by_role("link", name="漏斗").click()
    steps = window.at(".steps li")
    await expect(steps.locator(".count")).to_have_text(["4 位", "3 位", "2 位", "1 位", "0 位"])
    await window.button(re.compile("^看过")).click()
    await window.sees(".found", 4)
    await window.button(re.compile("^面试")).click()
    await window.sees(".found", 2)
    await window.button("本周").click()
    await expect(steps.locator(".count")).to_have_text(["4 位", "3 位", "2 位", "1 位", "0 位"])
    await window.sees(".found", 2)
    await window.button(re.compile("^看过")).click()
    await window.sees(".found", 4)
    await window.button(re.compile("^面试")).click()
    await window.sees(".found", 2)
    await window.at(".found .main").last.click()
    await window.sees(".docked", 1)
    await window.page.go_back()
    await window.sees(".found", 2)
    await window.button("上周").click()
    await expect(steps.locator(".count")).to_have_text(["0 位"] * 5)
    await window.sees(".found", 0)
    await window.go("/funnel?step=looked&week=0")
    await window.sees(".found", 4)
    async with window.answered("**/feed_list/**"):
        await window.page.reload()
        await window.sees("[aria-busy=true]", 0)
        await window.sees(".found", 0)
    window.forgive_lost_connections()
    await window.button(re.compile("^看过")).click()
    await window.sees(".found", 4)
    await window.button(re.compile("^面试")).click()
    await window.page.get_by_label("职位").select_option("Python开发")
    await window.button("全部时间").click()
    await window.sees(".found", 2)
