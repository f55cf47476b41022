"""What is met beside the main way: other windows, false addresses, no network, WeChat's browser."""

from __future__ import annotations

import pytest
from playwright.async_api import expect

from tests.api.results.test_export import table
from tests.api.scene import log_in_again
from tests.support import PYTHON_FEED, Api, eventually, python_resume

WECHAT = "Mozilla/5.0 (iPhone; CPU iPhone OS 16_0 like Mac OS X) MicroMessenger/8.0.40"


@pytest.mark.long
async def test_a_logout_takes_the_undo_with_it_and_another_login_does_not_mix(hr, other_hr, windows):
    await hr.submit(**PYTHON_FEED)
    await hr.scored(python_resume())
    await other_hr.submit(title="护士")
    window = await windows.open_as(hr)
    second = await windows.beside(window)
    await second.is_live()
    await window.at(".feed .main").click()
    await window.button("不合适", within=".result").click()
    await window.button("不说原因").click()
    await expect(window.button("撤销")).to_be_visible()
    await window.go("/me")
    await window.button("退出登录").click()
    await window.button("退出", within=".van-dialog").click()
    await window.page.get_by_label("密码").wait_for()
    await window.sees(".snack", 0)
    await expect(second.at(".notice")).to_contain_text("已在其他窗口退出登录")
    # Whoever logs in in one window is in the other one too.
    await window.log_in(other_hr.email)
    await expect(second.at(".feed h2")).to_have_text("护士")
    await second.at(".feed .main").click()
    # A third account in one of them begins anew in the other.
    again = await log_in_again(hr)
    stored = f'{{"user":"{hr.user}","token":"{again.token}","username":"{hr.email}"}}'
    await window.page.evaluate("text => localStorage.setItem('talentfeed.session', text)", stored)
    await expect(second.at(".feed h2")).to_have_text(PYTHON_FEED["title"])
    await second.is_live()


async def test_addresses_that_are_none_say_so_and_lead_on(hr, windows):
    window = await windows.open_as(hr, "/nowhere/at-all")
    await expect(window.at("main")).to_contain_text("没有这个页面")
    await window.button("回到我的职位").click()
    await expect(window.at("main")).to_contain_text("还没有职位")
    answer = await window.page.goto(f"http://127.0.0.1:{hr.port}/nowhere")
    assert answer.status == 404
    await window.page.get_by_role("link", name="回到 TalentFeed").click()
    await expect(window.at("main")).to_contain_text("还没有职位")
    assert (await Api(hr.port).get("/nowhere")).json == {"status": "not_found", "msg": "内容不存在"}
    await window.page.goto(f"http://127.0.0.1:{hr.port}/terms")
    await expect(window.at(".legal")).to_contain_text("只用来排列先后")
    window.forgive("404")


async def test_a_page_that_was_never_loaded_is_said_and_opened_later(hr, windows):
    window = await windows.open_as(hr)
    window.forgive_lost_connections()
    await window.page.context.set_offline(True)
    await window.page.get_by_role("tab", name="我的").click()
    await window.says("没有网络，这一页还没有下载")
    await window.button("再试一次").focus()  # which keeps it there
    await window.sees(".feed, .page header", 1)
    await window.page.context.set_offline(False)
    await window.button("再试一次").click()
    await expect(window.at(".face")).to_be_visible()
    window.forgive("/assets/")


async def test_wechat_which_saves_nothing_gets_a_link_to_the_export(hr, windows):
    feed_id, _ = await hr.feed_with(python_resume())
    window = await windows.open(hr.port, path=f"/#/feeds/{feed_id}/statistics", hr=hr, agent=WECHAT)
    await window.button("导出").click()
    link = await window.at(".link").inner_text()
    await window.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    await window.button("复制链接").click()
    await window.says("链接已复制")

    async def copied():
        return await window.page.evaluate("navigator.clipboard.readText()") == link

    await eventually(copied)
    assert len(table(await Api(hr.port).get(link.partition(f":{hr.port}")[2]))) == 1
    await window.button("打开，再点右上角").click()
    await expect(window.at("h1")).to_have_text("请在浏览器里打开")
