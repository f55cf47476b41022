"""The page for everybody: axe finds no fault on any page, keys do what fingers do, dark is dark."""

from __future__ import annotations

import re
from datetime import UTC, datetime

import pytest
from playwright.async_api import expect

from runtime.clock import clock_text
from tests.browser.walk import faults_of
from tests.support import PYTHON_FEED, eventually, python_resume

_RING = """() => {
  const one = document.activeElement, {outlineStyle, outlineWidth} = getComputedStyle(one);
  return [one.outerHTML.slice(0, 80), outlineStyle, outlineWidth];
}"""
"""What has the focus, and the line around it."""

_CONTRAST = """() => {
  const one = document.activeElement, style = getComputedStyle(one);
  const parts = color => [...color.match(/[\\d.]+/g).map(Number), 1].slice(0, 4);
  const over = (top, below) => top.slice(0, 3).map((part, i) => part * top[3] + below[i] * (1 - top[3]));
  const layers = [];
  // The line is around what has it, or within where it is drawn inwards.
  let place = parseFloat(style.outlineOffset) < 0 ? one : one.parentElement;
  for (; place; place = place.parentElement) layers.unshift(parts(getComputedStyle(place).backgroundColor));
  const ground = layers.reduce((below, layer) => over(layer, below), [255, 255, 255]);
  const light = color => [0.2126, 0.7152, 0.0722].reduce((sum, weight, i) => {
    const part = color[i] / 255;
    return sum + weight * (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4);
  }, 0);
  const [high, low] = [over(parts(style.outlineColor), ground), ground].map(light).sort((a, b) => b - a);
  return [one.outerHTML.slice(0, 80), style.outlineStyle, (high + 0.05) / (low + 0.05)];
}"""
"""What has the focus, the kind of line around it, and its contrast with what is behind it (WCAG 2.2)."""


@pytest.mark.long
async def test_axe_finds_no_fault_in_any_sheet(hr, windows):
    """In an old kernel. The pages are walked in test_walk.py."""
    feed_id = await hr.submit(**(PYTHON_FEED | {"keywords": "python,golang"}))
    await hr.scored(*(python_resume() for _ in range(3)))
    resume_id = (await hr.results(feed_id))[0]["resume"]["id"]
    faults: dict[str, list[str]] = {}
    gate = await windows.open(hr.port, path="/#/register", is_old=True)
    await gate.button("《用户协议》").click()
    await gate.at(".legal").wait_for()
    faults["terms"] = await faults_of(gate)

    window = await windows.open_as(hr, f"/feeds/{feed_id}/resumes/{resume_id}", is_old=True)
    for sheet in ("标记", "备注", "不合适"):
        await window.button(sheet, within=".docked").click()
        await window.sees("[role=dialog]", 1)
        faults[sheet] = await faults_of(window)
        await window.page.go_back()
        await window.sees("[role=dialog]", 0)
    today = clock_text(datetime.now(UTC))[:10]
    assert (await hr.mark(feed_id, resume_id, "约面试", remind_on=today)).status == "ok"
    for path, sheets in {
        "/": ("Python开发的更多操作",),
        f"/feeds/{feed_id}/edit": ("粘贴职位描述，自动填写", "不对？", "全部城市", "预览"),
        "/marked": (re.compile("改期$"),),
        f"/feeds/{feed_id}/queue": ("标记", "不合适"),
    }.items():
        await window.go(path)
        for sheet in sheets:
            await window.button(sheet).first.click()
            await window.sees("[role=dialog]", 1)
            faults[str(sheet)] = await faults_of(window)
            await window.page.go_back()
            await window.sees("[role=dialog]", 0)
    await window.go("/")
    await window.button("Python开发的更多操作").click()
    await window.button("删除").click()
    await window.at(".van-dialog").wait_for()
    faults["a question"] = await faults_of(window)
    await window.button("取消", within=".van-dialog").click()
    await window.sees(".van-dialog", 0)
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
    await window.button("不说原因").click()
    await window.says("已移出")
    faults["undo"] = await faults_of(window)
    assert [(place, fault) for place, found in faults.items() for fault in found] == []


@pytest.mark.long
async def test_axe_finds_no_fault_in_any_state_of_the_notices(hr, windows):
    window = await windows.open_as(hr, "/me/notices")
    page, faults = window.page, dict[str, list[str]]()
    await window.button("发一条测试消息").click()
    await expect(window.at(".tested")).to_contain_text("没有可用的提醒方式")
    faults["nothing serves"] = await faults_of(window)
    await page.get_by_label("机器人地址").fill("no key")
    await page.get_by_label("立即提醒").fill("1000")
    await window.button("保存").click()
    await expect(window.at(".van-field__error-message")).not_to_have_count(0)
    faults["what is wrong"] = await faults_of(window)
    await page.get_by_label("机器人地址").fill("12345678-1234-1234-1234-123456789abc")
    await page.get_by_label("立即提醒").fill("80")
    await window.button("保存").click()
    await window.says("提醒设置已保存")
    faults["a key"] = await faults_of(window)
    await window.button("更换").click()
    faults["another key"] = await faults_of(window)
    await window.button("不更换").click()
    await window.button("移除").click()
    faults["no key any more"] = await faults_of(window)

    async def failed(route):
        answer = await route.fetch()
        said = await answer.json()
        for channel in said["channels"]:
            channel |= {"state": "failed", "reason": "微信说这个机器人已被移除"}
        await route.fulfill(response=answer, json=said)

    await page.route("**/hr/notices/", failed)
    await page.reload()
    await expect(window.at(".wrong").first).to_contain_text("已被移除")
    faults["failed"] = await faults_of(window)
    await page.route("**/hr/notices/", lambda route: route.abort())
    window.forgive_lost_connections()
    await page.reload()
    await window.button("再试一次").wait_for()
    faults["not read"] = await faults_of(window)
    assert [(place, fault) for place, found in faults.items() for fault in found] == []


@pytest.mark.long
@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_the_line_around_what_has_the_focus_stands_out_on_every_page(hr, windows, scheme):
    feed_id, _ = await hr.feed_with(*(python_resume() for _ in range(2)))
    window = await windows.open_as(hr, scheme=scheme)
    seen = set()
    for path, there in {
        "/": ".feed",
        f"/feeds/{feed_id}": ".result",
        f"/feeds/{feed_id}/queue": ".docked",
        f"/feeds/{feed_id}/edit": "form",
        "/marked": ".empty",
        "/me/notices": "form",
        "/me": "main",
    }.items():
        await window.go(path)
        await window.at(there).first.wait_for()
        for _ in range(20):
            await window.page.keyboard.press("Tab")
            what, line, contrast = await window.page.evaluate(_CONTRAST)
            # A new page has the focus itself, which no key gives it.
            if not what.startswith(("<body", "<main")):
                assert line == "solid", (path, what)
                assert contrast >= 3, (path, what, contrast)
                seen.add(what)
    assert len(seen) > 40


@pytest.mark.long
async def test_everything_can_be_done_with_keys(hr, windows):
    feed_id, _ = await hr.feed_with(*(python_resume() for _ in range(2)))
    window = await windows.open_as(hr, width=1200)
    page = window.page

    async def press_on(locator, key="Enter"):
        await locator.focus()
        await expect(locator).to_be_focused()
        await page.keyboard.press(key)

    await window.sees(".feed", 1)
    rings = []
    for _ in range(10):
        await page.keyboard.press("Tab")
        rings.append(await page.evaluate(_RING))
    assert {ring[1:] for ring in map(tuple, rings)} == {("solid", "2px")}, rings
    # The letter of an icon's font is no part of a name.
    await expect(page.get_by_role("button", name="新建", exact=True)).to_have_count(1)
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
    await window.sees(".result", 1)
    await press_on(window.button("撤销"))
    await window.sees(".result", 2)
    await press_on(window.at(".result .main").first)
    await window.sees(".docked", 1)
    # Beside the list: keys scroll the resume now.
    await expect(window.at(".pane")).to_be_focused()
    await press_on(window.button("标记"))
    await press_on(window.button("已联系"))
    await expect(window.at(".notes")).to_contain_text("已联系")
    assert len(await hr.results(feed_id)) == 2


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


@pytest.mark.long
async def test_nothing_is_wider_than_the_phone(hr, windows):
    feed_id = await hr.submit(**PYTHON_FEED)
    long = "很长的职位名称" * 8 + "Python" * 12
    await hr.scored(
        python_resume(works=[{"position_title": long, "compnay_name": long, "job_desc": "Python" * 80}])
    )
    window = await windows.open_as(hr, width=320)
    resume_id = (await hr.results(feed_id))[0]["resume"]["id"]
    for path, shown in {
        "/": ".feed",
        f"/feeds/{feed_id}": ".result",
        f"/feeds/{feed_id}/resumes/{resume_id}": ".docked",
        f"/feeds/{feed_id}/edit": ".count",
        f"/feeds/{feed_id}/statistics": "canvas",
        "/me/profile": "[aria-label=公司领域]",
        "/me/sessions": ".session",
    }.items():
        await window.go(path)
        await window.at(shown).first.wait_for()
        assert await window.page.evaluate("document.documentElement.scrollWidth") <= 320, path
