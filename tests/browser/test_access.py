"""The page for everybody: axe finds no serious fault on any page, keys do what fingers do, dark is dark."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.async_api import expect

from tests.support import PYTHON_FEED, eventually, python_resume

AXE = Path(__file__).resolve().parents[2] / "web" / "node_modules" / "axe-core" / "axe.min.js"
SERIOUS = {"serious", "critical"}


async def faults_of(window):
    """What axe finds, by rule and place. It is let in past the page's policy, as a debugger is."""
    if not await window.page.evaluate("'axe' in window"):
        await window.page.evaluate(AXE.read_text("utf-8") + "; void 0")
    found = await window.page.evaluate("axe.run(document, {resultTypes: ['violations']})")
    # Smaller ones make Safari on iOS zoom in.
    small = await window.page.evaluate(
        "[...document.querySelectorAll('input:not([type=checkbox]), textarea')]"
        ".filter(one => one.offsetParent && parseFloat(getComputedStyle(one).fontSize) < 16)"
        ".map(one => one.outerHTML)"
    )
    return [
        f"{one['id']}: {node['target']} {node['failureSummary']}"
        for one in found["violations"]
        if one["impact"] in SERIOUS
        for node in one["nodes"]
    ] + [f"a field with small letters: {one}" for one in small]


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.gen_test
async def test_axe_finds_no_serious_fault_on_any_page(hr, windows, scheme):
    """In an old kernel too, in one of the two schemes."""
    is_old = scheme == "light"
    feed_id = await hr.submit(**(PYTHON_FEED | {"keywords": "python,golang"}))
    await hr.ingest(*(python_resume() for _ in range(3)))
    await hr.all_scored()
    resume_id = (await hr.results(feed_id))[0]["resume"]["id"]
    await hr.post(f"/resumes/add_watch/{resume_id}", feed_id=feed_id)
    await hr.post(
        f"/resumes/mark/{resume_id}", {"feed_id": feed_id, "mark_name": "已联系", "good_result": True}
    )
    faults: dict[str, list[str]] = {}
    gate = await windows.open(hr.port, scheme=scheme, is_old=is_old)
    await gate.sees("form", 1)
    faults["login"] = await faults_of(gate)
    await gate.go("/register")
    await gate.page.get_by_label("公司名称").wait_for()
    faults["register"] = await faults_of(gate)
    for path, shown in {
        "/forgot": "button >> text=发送重置邮件",
        "/reset=x": "button >> text=设置新密码",
    }.items():
        await gate.go(path)
        await gate.at(shown).wait_for()
        faults[path] = await faults_of(gate)

    window = await windows.open_as(hr, scheme=scheme, is_old=is_old)
    for path, shown in {
        "/": ".feed",
        f"/feeds/{feed_id}": ".result",
        f"/feeds/{feed_id}/resumes/{resume_id}": ".notes",
        f"/feeds/{feed_id}/statistics": "canvas",
        f"/feeds/{feed_id}/edit": ".count",
        "/favourites": ".favourite",
        "/me": ".face",
        "/me/profile": "[aria-label=公司领域]",
        "/me/password": "[name=old_password]",
        "/me/sessions": ".session",
        "/me/ways": ".way",
        "/me/notices": ".channel",
    }.items():
        await window.go(path)
        await window.at(shown).first.wait_for()
        faults[path] = await faults_of(window)
    await window.go(f"/feeds/{feed_id}")
    await window.button(re.compile("^筛选")).click()
    await window.button("看 3 份").wait_for()
    await window.page.get_by_label("其他城市或地区").fill("sh")
    await window.button("上海").last.wait_for()
    faults["filters"] = await faults_of(window)
    await window.page.keyboard.press("Escape")
    await expect(window.at("form.more")).to_be_hidden()
    await window.go(f"/feeds/{feed_id}?degree=college&search=python")
    await window.button("去掉：大专以上").wait_for()
    await window.at(".result").first.wait_for()
    faults["a filtered list"] = await faults_of(window)
    await window.button("去掉筛选").click()
    await window.button("不合适", within=".result").first.click()
    await window.button("不说原因").wait_for()
    faults["reasons"] = await faults_of(window)
    await window.button("移出列表").click()
    await window.says("已移出")
    faults["undo"] = await faults_of(window)
    assert [(place, fault) for place, found in faults.items() for fault in found] == []
    assert window.faults + gate.faults == []


@pytest.mark.gen_test
async def test_everything_can_be_done_with_keys(hr, windows):
    feed_id = await hr.submit(**PYTHON_FEED)
    await hr.ingest(*(python_resume() for _ in range(2)))
    await hr.all_scored()
    window = await windows.open_as(hr, width=1200)
    page = window.page

    async def press_on(locator, key="Enter"):
        await locator.focus()
        await expect(locator).to_be_focused()
        await page.keyboard.press(key)

    await window.sees(".feed", 1)
    await press_on(window.at(".feed .main"))
    await window.sees(".result", 2)
    await press_on(window.button(re.compile("^筛选")))
    await press_on(window.button("北京", within="form.more"), "Space")
    await press_on(window.button("看 2 份"))
    await expect(window.button("筛选 · 1")).to_be_focused()
    await expect(window.at(".counts")).to_contain_text("筛出 2 份")
    await press_on(window.button("收藏", within=".result").first, "Space")
    await window.says("已收藏")
    await press_on(window.button("不合适", within=".result").first)
    await press_on(window.button("地区不符"), "Space")
    await press_on(window.button("移出列表"))
    await window.sees(".result", 1)
    await press_on(window.button("撤销"))
    await window.sees(".result", 2)
    await press_on(window.at(".result .main").first)
    await window.sees(".actions", 1)
    await expect(page.locator("main")).to_be_focused()
    await press_on(window.button("标记"))
    await press_on(window.button("已联系"))
    await expect(window.at(".notes")).to_contain_text("已联系")
    assert len(await hr.results(feed_id)) == 2
    assert window.faults == []


@pytest.mark.gen_test
async def test_dark_follows_the_device_and_the_choice_that_is_remembered(hr, windows):
    window = await windows.open_as(hr, "/me", scheme="dark")

    async def ground():
        return await window.page.evaluate("getComputedStyle(document.body).backgroundColor")

    async def is_dark():
        return sum(int(part) for part in (await ground())[4:-1].split(",")) < 120

    assert await is_dark()
    await window.button("浅色").click()

    async def is_light():
        return not await is_dark()

    await eventually(is_light)
    await window.page.reload()
    await window.at(".face").wait_for()
    assert await is_light()
    await window.button("跟随系统").click()
    await eventually(is_dark)
    assert window.faults == []


@pytest.mark.gen_test
async def test_nothing_is_wider_than_the_phone(hr, windows):
    feed_id = await hr.submit(**PYTHON_FEED)
    long = "很长的职位名称" * 8 + "Python" * 12
    await hr.ingest(
        python_resume(works=[{"position_title": long, "compnay_name": long, "job_desc": "Python" * 80}])
    )
    await hr.all_scored()
    window = await windows.open_as(hr, width=320)
    resume_id = (await hr.results(feed_id))[0]["resume"]["id"]
    for path, shown in {
        "/": ".feed",
        f"/feeds/{feed_id}": ".result",
        f"/feeds/{feed_id}/resumes/{resume_id}": ".actions",
        f"/feeds/{feed_id}/edit": ".count",
        f"/feeds/{feed_id}/statistics": "canvas",
        "/me/profile": "[aria-label=公司领域]",
        "/me/sessions": ".session",
    }.items():
        await window.go(path)
        await window.at(shown).first.wait_for()
        assert await window.page.evaluate("document.documentElement.scrollWidth") <= 320, path
    assert window.faults == []
