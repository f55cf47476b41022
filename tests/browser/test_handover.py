"""People are handed over from a list, and judged by a manager without an account on a page of its own."""

import re

import pytest
from playwright.async_api import expect

from tests.api.company.team import colleague, share
from tests.browser.walk import faults_of
from tests.support import PYTHON_FEED, python_resume


async def handed(window):
    """The link that the sheet has made."""
    return await window.at(".made").text_content()


@pytest.mark.long
async def test_people_go_to_a_manager_by_link_and_their_verdicts_come_back(hr, windows):
    feed_id, ids = await hr.feed_with(*(python_resume() for _ in range(2)))
    window = await windows.open_as(hr, f"/feeds/{feed_id}/resumes/{ids[0]}")
    await window.button("转给…").click()
    assert await faults_of(window) == []
    sheet = window.page.get_by_role("dialog")
    await sheet.get_by_label("转给谁").fill("王总")
    await sheet.get_by_label("附言").fill("重点看项目")
    await sheet.get_by_label("验证码").fill("240815")
    await window.button("生成链接").click()
    link = await handed(window)
    await window.button("关闭").click()

    path = link.removeprefix(f"http://127.0.0.1:{hr.port}")
    boss = await windows.open(hr.port, path=path, width=320, scheme="dark")
    await boss.page.get_by_label("6 位数字").fill("000000")
    await boss.button("打开").click()
    await expect(boss.at("[role=alert]")).to_have_text("验证码不对")
    assert await faults_of(boss) == []
    await boss.page.get_by_label("6 位数字").fill("240815")
    await boss.page.keyboard.press("Enter")
    await expect(boss.at("h1")).to_have_text(PYTHON_FEED["title"])
    await expect(boss.at("main")).to_contain_text("重点看项目")
    await expect(boss.at("[role=status]").first).to_have_text("已给意见 0 / 1")
    assert await faults_of(boss) == []
    await boss.page.keyboard.press("Tab")  # from the heading to the resume, and on to the buttons
    await boss.page.keyboard.press("Enter")
    await expect(boss.at("details")).to_have_attribute("open", "")
    await boss.button(re.compile("^不合适")).click()
    await boss.button("薪资偏高").click()
    await boss.page.get_by_label(re.compile("想说的话$")).fill("太贵")
    await boss.page.keyboard.press("Tab")
    await expect(boss.at("article [role=status]")).to_have_text("已保存：不合适")
    await expect(boss.at("[role=status]").first).to_have_text("意见都给了，谢谢。还可以改。")
    assert await faults_of(boss) == []
    assert await boss.page.evaluate("innerWidth >= document.documentElement.scrollWidth")
    # Nothing of the app is loaded, and the link is nowhere but behind `#` and in the path of a POST.
    loaded = [url for url in boss.requests if "/assets/" in url]
    assert [url for url in loaded if re.search(r"/(index|first|sdk)", url)] == []
    assert [url for url in boss.requests if path.split("=")[1] in url and "/review/" not in url] == [
        url for url in boss.requests if url.endswith(path)
    ]

    await window.go(f"/feeds/{feed_id}/handovers")
    await expect(window.at("article")).to_contain_text(re.compile("王总 .* 打开"))
    await expect(window.at("article")).to_contain_text(re.compile("不合适.*薪资偏高 · 太贵"))
    await expect(window.at("article")).to_contain_text("意见齐了")
    await window.at("article").get_by_role("link", name="看这位").click()
    await expect(window.at("main")).to_contain_text("王总：不合适，薪资偏高。太贵")
    await window.go(f"/feeds/{feed_id}")
    await expect(window.at(".result").filter(has_text="王总：不合适，薪资偏高")).to_have_count(1)
    await window.go(f"/feeds/{feed_id}/handovers")
    await window.button("撤回").click()
    await window.button("撤回", within=".van-dialog").click()
    await window.says("已撤回")
    await boss.page.reload()
    await expect(boss.at("h1")).to_have_text("链接已失效")


async def test_several_of_a_list_are_handed_over_and_a_lost_network_is_told_of(hr, windows):
    feed_id, _ = await hr.feed_with(*(python_resume() for _ in range(2)))
    window = await windows.open_as(hr, f"/feeds/{feed_id}", width=800)
    await window.at("article").first.click(modifiers=["Shift"])
    await window.button("全选").click()
    await window.button("转给…").click()
    await window.page.get_by_label("转给谁").fill("王总")
    await window.button("生成链接").click()
    path = (await handed(window)).removeprefix(f"http://127.0.0.1:{hr.port}")

    boss = await windows.open(hr.port, path=path)
    await boss.sees("article", 2)
    boss.forgive_lost_connections()
    await boss.page.context.set_offline(True)
    first = boss.at("article").first
    await first.get_by_role("button", name=re.compile("^想见")).click()
    await expect(first.get_by_role("status")).to_contain_text("没有保存：连不上服务器")
    await boss.page.context.set_offline(False)
    await first.get_by_role("button", name="再试一次").click()
    await expect(first.get_by_role("status")).to_have_text("已保存：想见")
    await boss.page.reload()
    await expect(boss.at("[aria-pressed=true]")).to_have_text("想见")
    await expect(boss.at("[role=status]").first).to_have_text("已给意见 1 / 2")


@pytest.mark.long
async def test_a_verdict_shows_at_once_on_the_open_resume_of_a_colleague(hr, windows):
    feed_id, (person,) = await hr.feed_with(python_resume())
    lan = await colleague(hr)
    await share(hr, feed_id, {lan: "work"})
    handed_over = {"feed_id": feed_id, "resume_ids": [person], "to": "王总"}
    path = "/#review=" + (await hr.post("/handover/", handed_over))["url"].partition("#review=")[2]
    boss = await windows.open(hr.port, path=path)

    shown = await windows.open_as(lan, f"/feeds/{feed_id}/resumes/{person}")
    in_list = await windows.open_as(hr, f"/feeds/{feed_id}")
    await in_list.sees("article", 1)
    links = await windows.open_as(hr, f"/feeds/{feed_id}/handovers")
    await links.sees("article", 1)
    for window in (shown, in_list, links):
        await window.is_live()
    await boss.button(re.compile("^想见")).click()
    await expect(shown.at("main")).to_contain_text("王总：想见。")
    # The frame has it: the person is not asked for again.
    assert len([url for url in shown.requests if "/feed/get/" in url]) == 1
    await expect(links.at("article")).to_contain_text("想见")
    # Whoever is opened from a list is shown as the list has them, before the server answers.
    in_list.forgive_lost_connections()
    await in_list.page.route("**/feed/get/**", lambda route: route.abort())
    await in_list.at("article a").first.click()
    await expect(in_list.at("main")).to_contain_text("王总：想见。")
