"""Coming in by WeChat on the page, whose browser is led through a double of WeChat and back."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from playwright.async_api import expect

from tests.browser.test_team import problems
from tests.browser.walk import faults_of
from tests.support import PASSWORD, PYTHON_FEED

WECHAT = "Mozilla/5.0 (Linux; Android 14) Chrome/120 Mobile MicroMessenger/8.0.50 NetType/WIFI"
WECOM = f"{WECHAT} wxwork/4.1.30"


@pytest.fixture
def settings(settings, wechat):
    return replace(settings, **wechat.settings())


@pytest.fixture(autouse=True)
def way_through_wechat(windows, wechat):
    """The page leads through it."""
    windows.ports.add(wechat.port)


@pytest.mark.long
async def test_a_phone_is_bound_by_one_login_comes_in_by_one_tap_and_is_unbound(hr, windows, wechat):
    wechat.visitor = {"openid": "somebody", "unionid": "somebody everywhere"}
    # The link of a notice opens its list, by a password and by one tap.
    feed_id = await hr.submit(**PYTHON_FEED)
    window = await windows.open(hr.port, path=f"/#/feeds/{feed_id}", agent=WECHAT)
    await window.button("微信一键登录").click()
    await expect(window.at(".notice")).to_contain_text("还没有绑定账号")
    assert "ticket" not in window.page.url
    await window.log_in(hr.email, "wrong wrong")
    await expect(window.at(".wrong")).to_have_text("用户名或密码错误")
    await window.log_in(hr.email, PASSWORD)
    await expect(window.page).to_have_url(re.compile(f"#/feeds/{feed_id}$"))

    again = await windows.open(hr.port, path=f"/#/feeds/{feed_id}", agent=WECHAT)
    await again.button("微信一键登录").click()
    await again.is_live()
    await expect(again.page).to_have_url(re.compile(f"#/feeds/{feed_id}$"))
    await expect(again.at("h1")).to_have_text(PYTHON_FEED["title"])
    assert "exchange" not in again.page.url
    await again.go("/me")
    await again.button("登录方式").click()
    await expect(again.at("[data-app=mp]")).to_contain_text("绑定")
    await again.button("解绑", within="[data-app=mp]").click()
    await again.button("解绑", within=".van-dialog").click()
    await again.says("已解绑")
    # And bound again from here, without a password.
    await again.button("绑定", within="[data-app=mp]").click()
    await expect(again.button("解绑", within="[data-app=mp]")).to_be_visible()
    await expect(again.page).to_have_url(re.compile("#/me/ways$"))


async def test_somebody_new_registers_without_a_password_and_keeps_the_last_way(server, windows, wechat):
    wechat.visitor = {"userid": "zhangsan"}
    window = await windows.open(server.port, agent=WECOM)
    await window.button("企业微信一键登录").click()
    await window.button("没有账号？注册一个").click()
    await expect(window.page.get_by_role("heading", name="注册 TalentFeed")).to_be_visible()
    for label, text in (("邮箱", "new@example.com"), ("公司名称", "示例公司"), ("联系电话", "010-12345678")):
        await window.page.get_by_label(label).fill(text)
    await window.page.get_by_label("我已阅读并同意").check()
    await window.button("注册").click()
    await window.is_live()
    await window.go("/me/ways")
    await expect(window.at(".way").first).to_contain_text("还没有密码")
    await window.button("解绑", within="[data-app=wecom]").click()
    await window.button("解绑", within=".van-dialog").click()
    await window.says("唯一的登录方式")


@pytest.mark.long
async def test_a_colleague_of_the_corporation_is_offered_the_company_and_joins_it(hr, windows, wechat):
    owner = await windows.open_as(hr, "/me/team", width=320)
    switch = owner.page.get_by_role("switch", name="企业微信同事可直接加入")
    await switch.click()
    await owner.says("请先在“登录方式”里绑定你的企业微信")
    await expect(switch).not_to_be_checked()
    await hr.post("/hr/wechat/bind/", {"app": "wecom", "code": wechat.code(userid="wang")})
    await switch.press("Enter")
    await owner.says("同一企业的成员现在可以加入")
    await expect(switch).to_be_checked()
    assert await problems(owner) == []

    wechat.visitor = {"userid": "zhangsan"}
    window = await windows.open(hr.port, agent=WECOM, width=320)
    await window.button("企业微信一键登录").click()
    await expect(window.at(".notice")).to_contain_text("你的企业已在使用：示例公司")
    assert await problems(window) == []
    await window.button("注册并加入").click()
    await window.button("不加入，另建公司").click()
    await expect(window.page.get_by_label("公司名称")).to_be_visible()
    await window.page.go_back()
    await window.button("企业微信一键登录").click()
    await window.button("注册并加入").press("Enter")
    await expect(window.page.get_by_label("公司名称")).to_have_count(0)
    assert await problems(window) == []
    await window.page.get_by_label("邮箱").fill("zhang@example.com")
    await window.page.get_by_label("联系电话").fill("010-12345678")
    await window.page.get_by_label("我已阅读并同意").check()
    await window.button("注册").click()
    await window.is_live()
    await window.go("/me/team")
    await expect(window.at("[aria-label=成员] li")).to_have_count(2)
    await expect(window.page.get_by_role("switch")).to_have_count(0)
    await owner.go("/me/team/audit")
    await expect(owner.at(".line").first).to_contain_text("zhang 加入了公司")


async def test_a_link_of_somebody_else_logs_nobody_in_and_binds_nothing(hr, windows, wechat, server):
    async def exchange():
        tickets = server.stores.wechat_tickets
        identity = await server.services.wechat.identity_of("mp", wechat.code("an attacker"))
        return await tickets.make_exchange(identity)

    window = await windows.open(hr.port, path=f"/#exchange={await exchange()}&next=/me", hr=hr)
    await expect(window.page).to_have_url(re.compile("#/me$"))
    assert (await hr.get("/hr/wechat/ways/"))["data"][1]["bound"] is False
    stranger = await windows.open(hr.port, path=f"/#exchange={await exchange()}&next=//evil.example")
    await expect(stranger.button("继续登录")).to_be_visible()
    await expect(stranger.at(".notice")).to_contain_text("如果不是，请关闭本页")
    await stranger.button("继续登录").click()
    await expect(stranger.page).to_have_url(re.compile("#/login$"))
    # In another browser there is no one-tap login.
    assert await stranger.button("微信一键登录").count() == 0


async def test_a_snapshot_is_told_to_open_the_full_service(server, windows, wechat):
    wechat.visitor = {"openid": "nobody", "is_snapshotuser": 1}
    window = await windows.open(server.port, agent=WECHAT)
    await window.button("微信一键登录").click()
    await expect(window.at(".wrong")).to_contain_text("使用完整服务")
    await window.button("返回").click()
    await expect(window.button("微信一键登录")).to_be_visible()


@pytest.mark.long
@pytest.mark.usefixtures("within_a_day")
async def test_notices_are_set_up_on_the_page_and_a_test_message_comes(hr, windows, wechat):
    key = "0123abcd-4567-89ab-cdef-0123456789ab"
    wechat.robots.add(key)
    window = await windows.open_as(hr, "/me")
    await window.button("提醒").click()
    robot, typed = window.at("[data-kind=robot]"), window.page.get_by_label("机器人地址")
    await expect(robot).to_contain_text("未填写群机器人地址")
    await expect(window.at("[data-kind=mini]")).to_contain_text("未绑定微信小程序")
    await expect(robot.get_by_role("switch")).to_have_attribute("aria-checked", "false")
    assert await faults_of(window) == []
    # What is wrong stands at its field, and nothing is saved.
    await typed.fill("no key")
    await window.page.get_by_label("立即提醒").fill("101")
    await window.page.get_by_label("免打扰到").fill("07:30")
    await window.button("保存").click()
    await window.sees(".van-field__error-message", 2)
    assert (await hr.get("/hr/notices/"))["quiet"] == "22:00-08:00"
    await typed.fill(f"https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key={key}")
    await expect(typed).to_have_value(key)
    await window.page.get_by_label("第 1 次汇总").fill("10:00")
    await window.button("不在 14:00 汇总").click()
    await window.page.get_by_label("立即提醒").fill("85")
    await window.button("返回").click()
    await window.button("取消", within=".van-dialog").click()
    await window.button("保存").click()
    await window.says("提醒设置已保存")
    kept = await hr.get("/hr/notices/")
    assert (kept["quiet"], kept["digests"], kept["at_once_score"]) == ("22:00-07:30", "10:00", 85)
    await expect(window.at("[data-key]")).to_contain_text("已填写")
    await expect(robot.get_by_role("switch")).to_have_attribute("aria-checked", "true")
    assert key not in await window.page.content()

    send = window.button("发一条测试消息")
    await send.click()
    await expect(window.at(".tested")).to_contain_text("已通过企业微信群机器人发出")
    assert [who for who, _ in wechat.inbox] == ["robot"]
    # The robot is taken out of its group.
    wechat.robots.clear()
    await send.click()
    await expect(window.at(".tested")).to_contain_text("没有可用的提醒方式")
    await expect(robot).to_contain_text("已停用：群机器人已失效")
    # It is there again, and a tap turns it on; then WeChat is away.
    await window.page.get_by_role("switch", name="企业微信群机器人").click()
    await expect(send).to_be_disabled()
    await window.button("保存").click()
    await expect(robot).to_contain_text("可用")
    wechat.http = 500
    await send.click()
    await expect(window.at(".tested.wrong")).not_to_be_empty()
    await expect(send).to_be_enabled()
    wechat.http = 200
    wechat.robots.add(key)
    await send.click()
    await expect(window.at(".tested")).to_contain_text("已通过企业微信群机器人发出")
    await window.button("移除").click()
    await window.button("保存").click()
    await expect(robot).to_contain_text("未填写群机器人地址")
    window.forgive("503")
